"""政府承诺 that are incentives by another name: nothing is signed until a cleared item stands behind them."""

from datetime import date
from pathlib import Path

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.pipeline import MoveRefused
from crm.workdays import shanghai_day
from projects.commitments import CommitmentRefused, Promise, Verdict, correct, judge, promise
from projects.flag_promises import BENEFIT, promise_flags
from projects.flag_seed import RULES
from projects.flags import check_rule
from projects.incentives import amend, draft, remove
from projects.models import Commitment, FlagRule, Project
from projects.models.clearance import NotReviewed, missing_review
from projects.reviewing import Verdict as Conclusion
from projects.reviewing import conclude, review
from tests import callers, make
from tests.lacking import assert_leads_to_its_field, listed
from tests.racing import Other

PAGE = (Path(__file__).parents[2] / "docs" / "compliance.md").read_text(encoding="utf-8")
TODAY = shanghai_day(make.NOW)
DUE = date(2026, 12, 31)
RETURNED = "按税收地方留成返还50%，十年内不得迁出"
RENT = {
    "kind": "rent",
    "text": "按实际租金的50%补贴两年，每年最高30万元，凡符合条件的企业同等享受。",
    "scope": "all",
    "basis": "杭政办函〔2024〕10号第三条",
    "budget_source": "区产业扶持专项资金",
}
RENT_PROMISED = "前两年给予租金补贴 30 万元"
CLEAR = Conclusion("conforms", "依据公开政策，条件对所有企业相同。")


def examples():
    """The rows of the table under 政府承诺."""
    lines = PAGE.split("## 政府承诺")[1].split("\n## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return rows[2:]


@pytest.mark.parametrize("row", examples(), ids=lambda row: row[0][:20])
def test_an_example_of_the_page_is_true(row):
    item, measured, expected = row
    metric, _, measure = measured.partition("，")
    found = promise_flags(item, metric.strip("—"), measure, RULES)
    assert "、".join(flag.name for flag in found) == ("" if expected == "不标记" else expected)


def test_there_are_enough_examples_of_both_kinds():
    free = [row for row in examples() if row[2] == "不标记"]
    assert min(len(free), len(examples()) - len(free)) >= 15
    assert check_rule(BENEFIT) == []


@pytest.fixture
def project(owner):
    """A project in 评审决策 that lacks nothing for its signature."""
    found = make.ready_for_review(make.project(owner), owner)
    found.move_to("review", by=owner, at=make.NOW)
    return make.ready_for_signing(found, owner)


@pytest.fixture
def agreement(project, owner):
    return make.agreement(project, owner)


def promised(agreement, item, **fields):
    return make.commitment(agreement, DUE, side="government", item=item, **fields)


def cleared(project, owner, reviewer, content=RENT):
    item = draft(project, content, by=owner, at=make.NOW)
    review(item, CLEAR, digest=item.digest, by=reviewer, at=make.NOW)
    numbers = {"number": "公审〔2026〕8号", "legal_number": "合审〔2026〕5号"}
    conclude(project, **numbers, paper=make.paper(), by=reviewer, at=make.NOW)
    return item


def asked(project):
    return [one.code for one in missing_review(project, TODAY)]


def stage(project):
    return Project.objects.get(pk=project.pk).stage


def test_a_tax_return_entered_as_a_commitment_stops_the_signature_at_every_door(
    as_, freeze, project, agreement, owner, head
):
    freeze(make.NOW)
    caller = callers.person(owner)
    body = {"agreement": agreement.pk, "side": "government", "item": RETURNED, "due_on": f"{DUE}"}
    made = caller.post(f"projects/{project.pk}/commitments/", body)
    assert made.status_code == 201
    lack = made.json()["lack"]
    assert "税收挂钩" in lack
    assert "限制迁出" in lack
    ((missing),) = missing_review(project, TODAY)
    assert (missing.code, missing.text) == ("promise_unbacked", lack)
    assert caller.get(f"projects/{project.pk}/fair-review/").json()["missing"][0]["detail"] == lack
    page = as_(owner).post(f"/projects/{project.pk}/move/", {"stage": "signed"})
    api = caller.post(f"projects/{project.pk}/move/", {"stage": "signed"})
    assert (page.status_code, api.status_code) == (400, 400)
    assert [one["detail"] for one in api.json()["missing"]] == [lack]
    assert lack in page.content.decode()
    with pytest.raises(NotReviewed, match="任何人都不能强制签约") as refusal:
        project.move_to("signed", by=head, at=make.NOW, forced=True, reason="书记会已定")
    assert [one.text for one in refusal.value.missing] == [lack]
    assert stage(project) == "review"


def test_what_is_missing_leads_to_the_commitments(as_, project, agreement, owner):
    promised(agreement, RETURNED)
    client = as_(owner)
    found = listed(client.post(f"/projects/{project.pk}/move/", {"stage": "signed"}))
    assert list(found) == ["promise_unbacked"]
    assert_leads_to_its_field(client, found["promise_unbacked"])


@pytest.mark.parametrize("item", ["3月底前完成厂房交付", "协助办理环评"])
def test_an_ordinary_promise_of_the_government_is_free(project, agreement, owner, item):
    promised(agreement, item)
    assert asked(project) == []
    project.move_to("signed", by=owner, at=make.NOW)
    assert stage(project) == "signed"


def test_what_the_company_promises_is_not_asked(project, agreement):
    make.commitment(agreement, DUE, item="首个完整年度纳税", target=300, measure="万元")
    assert asked(project) == []


def test_a_cleared_item_behind_it_opens_the_signature(as_, freeze, project, agreement, owner, reviewer):
    freeze(make.NOW)
    item = cleared(project, owner, reviewer)
    row = promised(agreement, RENT_PROMISED)
    assert asked(project) == ["promise_unbacked"]
    client, url = as_(owner), f"/projects/commitments/{row.pk}/edit/"
    form = client.get(url).context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    assert client.post(url, {**values, "incentive": item.pk}).status_code == 302
    assert Commitment.objects.get().incentive == item
    assert asked(project) == []
    project.move_to("signed", by=owner, at=make.NOW)
    assert stage(project) == "signed"


def test_over_the_api_it_is_linked_when_entered_or_later(project, agreement, owner, reviewer):
    item = cleared(project, owner, reviewer)
    caller, place = callers.person(owner), f"projects/{project.pk}/commitments/"
    body = {"agreement": agreement.pk, "side": "government", "item": RENT_PROMISED, "due_on": f"{DUE}"}
    linked = caller.post(place, {**body, "incentive": item.pk}).json()
    assert (linked["incentive"], linked["lack"]) == (item.pk, None)
    bare = caller.post(place, body).json()
    one = f"{place}{bare['id']}/"
    assert caller.get(one).json() == bare
    assert caller.patch(one, {"incentive": item.pk}).status_code == 428
    later = caller.patch(one, {"incentive": item.pk}, If_Match='"v1"')
    assert (later.status_code, later["ETag"], later.json()["incentive"]) == (200, '"v2"', item.pk)
    assert asked(project) == []


@pytest.mark.parametrize(
    "change, code",
    [
        (lambda item, by: amend(item, {**RENT, "formula": "每月兑付"}, by=by, at=make.NOW), "uncleared"),
        (lambda item, by: remove(item, by=by, at=make.NOW), "removed"),
    ],
)
def test_an_item_that_no_longer_stands_backs_nothing(project, agreement, owner, reviewer, change, code):
    item = cleared(project, owner, reviewer)
    promised(agreement, RENT_PROMISED, incentive=item)
    change(item, owner)
    assert f"promise_{code}" in asked(project)
    with pytest.raises(MoveRefused):
        project.move_to("signed", by=owner, at=make.NOW)
    assert stage(project) == "review"


def test_an_item_backs_no_more_than_its_review_saw(project, agreement, owner, reviewer):
    item = cleared(project, owner, reviewer)
    row = promised(agreement, RETURNED, incentive=item)
    ((missing),) = missing_review(project, TODAY)
    assert missing.code == "promise_beyond"
    assert "税收挂钩" in missing.text
    Commitment.objects.filter(pk=row.pk).update(item=RENT_PROMISED)
    assert asked(project) == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"target": 50, "measure": "万元"}, "promise_over"),
        ({"side": "company", "item": "区里给予企业房租补贴 30 万元", "incentive": None}, "promise_misplaced"),
        ({"item": RETURNED, "incentive": None}, "promise_unbacked"),
    ],
)
def test_what_will_stop_the_signature_stops_the_conclusion_in_the_same_words(
    as_, freeze, project, agreement, owner, reviewer, given, code
):
    freeze(make.NOW)
    item = draft(project, {**RENT, "amount_wan": 30, "cap_wan": 30}, by=owner, at=make.NOW)
    review(item, CLEAR, digest=item.digest, by=reviewer, at=make.NOW)
    stated = {"side": "government", "item": RENT_PROMISED, "incentive": item, **given}
    row = make.commitment(agreement, DUE, **stated)
    form = {"number": "公审〔2026〕8号", "legal_number": "合审〔2026〕5号"}
    address = f"/projects/{project.pk}/incentives/conclude/"
    refused = as_(reviewer).post(address, {**form, "paper": make.paper()})
    (lack,) = (one for one in missing_review(project, TODAY) if one.code == code)
    assert refused.status_code == 400
    assert refused.context["form"].non_field_errors() == [lack.text]
    assert (project.fair_reviews.count(), project.papers.count()) == (0, 0)
    Commitment.objects.filter(pk=row.pk).delete()
    assert as_(reviewer).post(address, {**form, "paper": make.paper()}).status_code == 302
    assert asked(project) == []


def test_fund_money_is_no_promise_whatever_stands_behind_it(project, agreement, owner, reviewer):
    item = cleared(project, owner, reviewer)
    promised(agreement, "区科创母基金跟投2000万元", incentive=item)
    ((missing),) = missing_review(project, TODAY)
    assert (missing.code, "基金推荐" in missing.text) == ("promise_fund", True)


def test_a_rule_changed_later_asks_the_item_and_its_promise_alike(project, agreement, owner, reviewer):
    item = cleared(project, owner, reviewer)
    promised(agreement, RENT_PROMISED, incentive=item)
    rule = FlagRule.objects.get(code="uncapped")
    FlagRule.objects.filter(pk=rule.pk).update(patterns=["给予租金补贴"])
    assert asked(project) == ["promise_beyond"]
    FlagRule.objects.filter(pk=rule.pk).update(patterns=["租金 ..8 补贴"])
    assert asked(project) == []


def test_a_waived_promise_and_one_of_an_ended_agreement_are_no_promises(project, agreement, owner, head):
    waived, ended = promised(agreement, RETURNED), make.agreement(project, owner)
    promised(ended, RETURNED)
    make.agreement(project, owner, kind="termination", supersedes=ended)
    assert asked(project) == ["promise_unbacked"]
    judge(waived, Verdict("waived", TODAY, reason="不合规，双方同意取消"), by=head, at=make.NOW)
    assert asked(project) == []


@pytest.mark.parametrize(
    "stated, words",
    [
        ({"side": "company"}, "企业承诺不用关联优惠条款"),
        ({"elsewhere": True}, "请选择本项目的优惠条款"),
    ],
)
def test_only_an_item_of_the_project_backs_a_promise_of_the_government(
    project, agreement, owner, reviewer, stated, words
):
    elsewhere = stated.pop("elsewhere", False)
    item = draft(make.project(owner) if elsewhere else project, RENT, by=owner, at=make.NOW)
    given = {"side": "government", "item": RENT_PROMISED, "due_on": DUE, "incentive": item, **stated}
    with pytest.raises(CommitmentRefused, match=words) as refusal:
        promise(agreement, Promise(**given), by=owner, at=make.NOW)
    assert refusal.value.field == "incentive"
    assert not Commitment.objects.exists()


def test_an_item_of_another_project_is_unknown_to_page_and_api(as_, project, agreement, owner):
    item = draft(make.project(owner), RENT, by=owner, at=make.NOW)
    given = {"side": "government", "item": RENT_PROMISED, "due_on": f"{DUE}", "incentive": item.pk}
    page = as_(owner).post(f"{agreement.get_absolute_url()}promise/", given)
    body = {**given, "agreement": agreement.pk}
    api = callers.person(owner).post(f"projects/{project.pk}/commitments/", body)
    assert (page.status_code, api.status_code) == (400, 400)
    assert api.json()["errors"][0]["code"] == "unknown_code"
    assert not Commitment.objects.exists()


def test_after_the_signature_every_page_warns_and_nothing_is_refused(as_, project, agreement, owner):
    project.move_to("signed", by=owner, at=make.NOW)
    client = as_(owner)
    given = {"side": "government", "item": RETURNED, "due_on": f"{DUE}"}
    entered = client.post(f"{agreement.get_absolute_url()}promise/", given, follow=True)
    row = Commitment.objects.get()
    warning = "须录成优惠条款、通过公平竞争审查"
    assert warning in entered.content.decode()
    free = promised(agreement, "协助办理环评")
    for place in (
        "/projects/commitments/",
        row.get_absolute_url(),
        project.get_absolute_url(),
        agreement.get_absolute_url(),
    ):
        assert client.get(place).content.decode().count(warning) == 1, place
    assert warning not in client.get(free.get_absolute_url()).content.decode()


def test_the_sheet_of_a_project_without_items_shows_what_its_promises_lack(as_, project, agreement, owner):
    promised(agreement, RETURNED)
    page = as_(owner).get(f"/projects/{project.pk}/incentives/").content.decode()
    assert 'data-missing="promise_unbacked"' in page


def test_a_partner_reads_neither_the_link_nor_the_warning(project, agreement, owner, reviewer):
    item = cleared(project, owner, reviewer)
    promised(agreement, RETURNED, incentive=item)
    reader = callers.partner(scopes="projects:read_all")
    shown = reader.get(f"projects/{project.pk}/commitments/").json()["results"][0]
    assert (shown["item"], shown["incentive"], shown["lack"]) == (RETURNED, None, None)


def test_the_lists_ask_as_often_for_many_promises_as_for_two(as_, project, agreement, owner, reviewer):
    item, client, spent = cleared(project, owner, reviewer), as_(owner), []
    for number in (2, 20):
        for _ in range(number):
            promised(agreement, RENT_PROMISED, incentive=item)
        for place in ("/projects/commitments/", agreement.get_absolute_url(), project.get_absolute_url()):
            client.get(place)
            with CaptureQueriesContext(connection) as found:
                client.get(place)
            spent.append(len(found))
    assert spent[:3] == spent[3:]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["entered", "reworded", "taken back"])
def test_a_promise_written_during_the_signature_comes_after_it(owner, head, way):
    project = make.ready_for_review(make.project(owner), owner)
    project.move_to("review", by=owner, at=make.NOW)
    agreement = make.agreement(make.ready_for_signing(project, owner), owner)
    row = promised(agreement, "协助办理环评")
    if way == "taken back":
        Commitment.objects.filter(pk=row.pk).update(item=RETURNED)
        row = judge(row, Verdict("waived", TODAY, reason="取消"), by=head, at=make.NOW)
    stated = Promise("government", RETURNED, DUE)
    deeds = {
        "entered": lambda: promise(agreement, stated, by=owner, at=make.NOW),
        "reworded": lambda: correct(row, {"item": RETURNED}, by=owner, at=make.NOW, version=row.version),
        "taken back": lambda: judge(row, Verdict("", reason="恢复"), by=head, at=make.NOW),
    }
    other = Other(lambda: Project.objects.get().move_to("signed", by=owner, at=make.NOW))
    words = '"projects_commitment"'
    with other.before(f"INSERT INTO {words}" if way == "entered" else f"UPDATE {words}"):
        deeds[way]()
    assert isinstance(other.ended(), MoveRefused)
    assert (stage(project), asked(project)) == ("review", ["promise_unbacked"])
