"""优惠条款, their review and 督办单 over the API: the verbs, the words and the refusals of the pages."""

import json
from datetime import date, timedelta

import pytest

from django.utils import timezone

from crm.workdays import shanghai_day
from projects.models import FairReview, IncentiveItem, ItemReview, SupervisionOrder
from projects.supervising import issue
from tests import callers, make

SOON = shanghai_day(timezone.now()) + timedelta(days=2)  # also when midnight passes meanwhile
FINE = {
    "kind": "compute",
    "text": "按年度合同额最高 30% 给予算力券，单家企业每年不超过 800 万元。",
    "scope": "all",
    "basis": "杭政办函〔2024〕10号第三条",
    "amount_wan": "300",
    "cap_wan": "800",
    "budget_source": "市级算力券专项资金",
}
TAXED = {**FINE, "kind": "other", "text": "前三年按企业对地方经济贡献的 70% 给予扶持。"}
CLEAR = {"conclusion": "conforms", "reason": "依据公开政策，条件对所有企业相同。"}
NUMBERS = {"number": "拱市监公审〔2026〕8号", "legal_number": "拱司合审〔2026〕5号"}


@pytest.fixture
def project(owner):
    return make.project(owner)


def at(project, tail):
    return f"projects/{project.pk}/{tail}/"


def drafted(owner, project, body=FINE):
    made = callers.person(owner).post(at(project, "incentives"), body)
    assert made.status_code == 201, made.content
    return made.json()


def reviewed(reviewer, project, item, **more):
    place = at(project, f"incentives/{item['id']}/review")
    return callers.person(reviewer).post(place, {**CLEAR, "digest": item["digest"], **more})


def uploaded(by, project, file=None, **headers):
    client = callers.person(by).client
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(f"/api/v1/{at(project, 'papers')}", {"file": file or make.paper()}, headers=names)


def test_an_item_is_drafted_with_its_flags_and_amended_against_its_version(owner, project):
    make.known_basis()
    caller = callers.person(owner)
    made = caller.post(at(project, "incentives"), TAXED)
    item = made.json()
    assert (made.status_code, made["ETag"], item["amount_wan"], item["state_label"]) == (
        201,
        '"v1"',
        "300",
        "未审查",
    )
    (flag,) = item["flags"]
    assert (flag["code"], flag["name"]) == ("tax_linked", "税收挂钩")
    assert "经济贡献" in "".join(flag["words"])
    place = at(project, f"incentives/{item['id']}")
    assert caller.patch(place, {"text": FINE["text"]}).status_code == 428
    changed = caller.patch(place, {"text": FINE["text"]}, If_Match='"v1"')
    assert (changed["ETag"], changed.json()["flags"], changed.json()["basis"]) == ('"v2"', [], FINE["basis"])
    stale = caller.patch(place, {"text": "另一稿文字"}, If_Match='"v1"')
    assert (stale.status_code, stale["ETag"]) == (412, '"v2"')
    assert IncentiveItem.objects.get().text == FINE["text"]


def test_the_way_from_a_draft_to_a_concluded_set(owner, reviewer, project):
    item = drafted(owner, project)
    caller, place = callers.person(reviewer), at(project, "fair-review")
    given = {**NUMBERS, "paper": uploaded(reviewer, project).json()["id"]}
    refused = caller.post(place, given)
    assert (refused.status_code, refused.json()["code"]) == (400, "uncleared")
    assert refused.json()["missing"][0]["code"] == "item_unreviewed"
    passed = reviewed(reviewer, project, item)
    assert (passed.status_code, passed.json()["state"]) == (201, "cleared")
    assert passed.json()["reviews"][0]["by_label"] == "审查员"
    assert caller.get(place).json()["missing"][0]["code"] == "fair_review"
    bare = caller.post(place, NUMBERS)
    assert (bare.status_code, bare.json()["code"]) == (400, "paper_required")
    done = caller.post(place, given)
    assert (done.status_code, done.json()["missing"]) == (201, [])
    assert done.json()["conclusions"][0]["paper"] == given["paper"]
    body = json.dumps({"text": FINE["text"] + "按季兑现。"})
    callers.person(owner).send("patch", at(project, f"incentives/{item['id']}"), body, If_Match='"v1"')
    assert caller.get(place).json()["missing"][0]["code"] == "item_changed"


def test_a_review_of_a_wording_that_changed_meanwhile_is_refused_in_the_words_of_the_page(
    owner, reviewer, project
):
    item = drafted(owner, project)
    place = at(project, f"incentives/{item['id']}")
    callers.person(owner).patch(place, {"cap_wan": "900"}, If_Match='"v1"')
    refused = reviewed(reviewer, project, item)
    assert (refused.status_code, refused.json()["code"]) == (400, "changed")
    assert refused.json()["detail"] == "条款在您审查期间被改过，结论没有写入。请看新的内容后再审。"
    assert not ItemReview.objects.exists()


@pytest.mark.parametrize(
    "more, field",
    [
        ({"reason": " "}, "reason"),
        ({"conclusion": "exception"}, "ground"),
        ({"conclusion": "exception", "ground": "innovation"}, "no_lesser_way"),
        (
            {
                "conclusion": "exception",
                "ground": "innovation",
                "no_lesser_way": "无",
                "ends_on": "2020-01-01",
            },
            "ends_on",
        ),
    ],
)
def test_an_incomplete_verdict_names_the_field(owner, reviewer, project, more, field):
    refused = reviewed(reviewer, project, drafted(owner, project), **more)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == field
    assert not ItemReview.objects.exists()


def test_what_touches_a_prohibition_is_not_cleared_without_the_opinion(owner, reviewer, project):
    item = drafted(owner, project, TAXED)
    refused = reviewed(reviewer, project, item)
    assert (refused.json()["code"], refused.status_code) == ("opinion_required", 400)
    assert "税收挂钩" in refused.json()["detail"]
    opinion = {"opinion_number": "拱市监函〔2026〕3号", "opinion_on": "2026-04-20"}
    bare = reviewed(reviewer, project, item, **opinion)
    assert (bare.status_code, bare.json()["errors"][0]["field"]) == (400, "paper")
    foreign = uploaded(reviewer, make.project(owner))
    assert foreign.status_code == 404
    paper = uploaded(reviewer, project).json()["id"]
    unknown = reviewed(reviewer, project, item, **opinion, paper=paper + 1)
    assert unknown.json()["errors"][0]["code"] == "unknown_code"
    passed = reviewed(reviewer, project, item, **opinion, paper=paper)
    assert passed.json()["reviews"][0]["paper_name"] == "意见.pdf"


def test_a_paper_is_uploaded_once_for_one_key_and_by_reviewers_alone(owner, reviewer, project):
    drafted(owner, project)
    first = uploaded(reviewer, project, Idempotency_Key="paper-1")
    again = uploaded(reviewer, project, Idempotency_Key="paper-1")
    other = uploaded(reviewer, project, file=make.paper(data=b"%PDF-2"), Idempotency_Key="paper-1")
    assert (first.status_code, again.content, other.status_code) == (201, first.content, 422)
    assert uploaded(owner, project).status_code == 403
    wrong = uploaded(reviewer, project, file=make.paper("意见.exe"))
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_paper")
    (listed,) = callers.person(owner).get(at(project, "papers")).json()["results"]
    assert (listed["id"], listed["size"]) == (first.json()["id"], make.paper().size)


def test_nobody_reviews_what_he_drafted_and_drafters_review_nothing(owner, manager, project):
    item = drafted(owner, project)
    for person in (owner, manager):
        refused = reviewed(person, project, item)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert not ItemReview.objects.exists()


def test_removing_keeps_the_item_and_once_is_enough(owner, project):
    item = drafted(owner, project)
    caller, place = callers.person(owner), at(project, f"incentives/{item['id']}/remove")
    assert caller.post(place, If_Match='"v9"').status_code == 412
    first = caller.post(place, Idempotency_Key="rm-1")
    assert first.json()["removed_at"]
    assert caller.post(place, Idempotency_Key="rm-1").content == first.content
    again = caller.post(place)
    assert (again.status_code, again.json()["code"]) == (400, "removed")


def test_one_key_drafts_one_item(owner, project):
    caller = callers.person(owner)
    first = caller.post(at(project, "incentives"), FINE, Idempotency_Key="item-1")
    again = caller.post(at(project, "incentives"), FINE, Idempotency_Key="item-1")
    assert again.content == first.content
    assert IncentiveItem.objects.count() == 1


def test_an_item_of_another_project_or_unit_does_not_exist(owner, outsider, project):
    item, other = drafted(owner, project), make.project(owner)
    assert callers.person(owner).get(at(other, f"incentives/{item['id']}")).status_code == 404
    for tail in ("incentives", f"incentives/{item['id']}", "fair-review"):
        assert callers.person(outsider).get(at(project, tail)).status_code == 404


def test_no_token_reads_what_was_promised_or_demanded(owner, leader, project):
    partner = callers.partner(scopes="leads:write projects:read projects:read_all")
    item = drafted(owner, project)
    for place in (at(project, "incentives"), at(project, "fair-review"), "orders/"):
        refused = partner.get(place)
        assert (refused.status_code, refused.json()["code"]) == (403, "scope")
    assert partner.post(at(project, f"incentives/{item['id']}/remove")).status_code == 403
    assert IncentiveItem.objects.get().removed_at is None


def test_the_list_asks_as_often_for_many_items_as_for_one(
    owner, reviewer, project, django_assert_num_queries
):
    caller = callers.person(owner)
    reviewed(reviewer, project, drafted(owner, project))
    caller.get(at(project, "incentives"))
    for _ in range(8):
        reviewed(reviewer, project, drafted(owner, project, TAXED), conclusion="violates")
        with django_assert_num_queries(10):
            caller.get(at(project, "incentives"))


@pytest.fixture
def order(project, leader):
    return issue(project, demand="请约见董事长。", due_on=SOON, by=leader, at=timezone.now())


def test_an_order_is_read_answered_and_closed(owner, leader, order):
    unit, issuer = callers.person(owner), callers.person(leader)
    early = issuer.post(f"orders/{order.pk}/close/", {"note": "同意。"})
    assert (early.status_code, early.json()["code"]) == (400, "not_answered")
    assert unit.post(f"orders/{order.pk}/reply/", {"reply": " "}).json()["errors"][0]["field"] == "reply"
    replied = unit.post(f"orders/{order.pk}/reply/", {"reply": "已约 5 月 8 日。"})
    assert (replied.status_code, replied.json()["replied_by_label"]) == (200, owner.name)
    stranger = unit.post(f"orders/{order.pk}/close/", {"note": "同意。"})
    assert (stranger.status_code, stranger.json()["detail"]) == (
        403,
        f"督办 {order.number} 只能由{leader}办结。",
    )
    closed = issuer.post(f"orders/{order.pk}/close/", {"note": "同意。"}, Idempotency_Key="close-1")
    again = issuer.post(f"orders/{order.pk}/close/", {"note": "同意。"}, Idempotency_Key="close-1")
    assert closed.json()["closing_note"] == "同意。"
    assert again.content == closed.content
    late = unit.post(f"orders/{order.pk}/reply/", {"reply": "补充。"})
    assert (late.status_code, late.json()["code"]) == (400, "closed")
    assert SupervisionOrder.objects.get().reply == "已约 5 月 8 日。"


def test_orders_are_listed_by_state_and_pulled_by_change(owner, outsider, leader, project, order):
    caller = callers.person(leader)
    past = issue(
        project, demand="请反馈。", due_on=date(2026, 4, 20), by=leader, at=make.NOW - timedelta(days=1)
    )

    def numbers(query=None, by=caller):
        return [row["number"] for row in by.get("orders/", query).json()["results"]]

    assert numbers() == [order.number, past.number]
    assert numbers({"state": "overdue"}) == [past.number]
    callers.person(owner).post(f"orders/{past.pk}/reply/", {"reply": "已办。"})
    assert numbers({"state": "overdue"}) == []
    since = (timezone.now() - timedelta(minutes=1)).isoformat()
    assert numbers({"updated_since": since}) == [order.number, past.number]
    assert numbers({"state": "closed"}) == []
    assert numbers(by=callers.person(outsider)) == []
    assert caller.get("orders/", {"state": "verdict"}).status_code == 400


def test_the_list_of_orders_asks_as_often_for_many(leader, project, order, django_assert_num_queries):
    caller = callers.person(leader)
    caller.get("orders/")
    for _ in range(5):
        issue(project, demand="请反馈。", due_on=SOON, by=leader, at=timezone.now())
        with django_assert_num_queries(5):
            assert caller.get("orders/").status_code == 200


def test_a_concluded_set_leaves_one_conclusion_for_one_key(owner, reviewer, project):
    reviewed(reviewer, project, drafted(owner, project))
    caller, place = callers.person(reviewer), at(project, "fair-review")
    given = {**NUMBERS, "paper": uploaded(reviewer, project).json()["id"]}
    first = caller.post(place, given, Idempotency_Key="fair-1")
    assert caller.post(place, given, Idempotency_Key="fair-1").content == first.content
    assert FairReview.objects.count() == 1
