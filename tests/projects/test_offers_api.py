"""The records of funds and policies through the API: entered, corrected, refused as on their pages."""

import pytest

from crm.models import AuditEvent
from projects import offers_api
from projects.models import Fund, Policy
from tests import callers, make

pytestmark = pytest.mark.django_db
FUND = {"code": "concept", "name": "拱墅区概念验证基金", "kind": "concept", "status": "preparing"}
POLICY = {"code": "compute", "name": "算力券", "level": "city", "status": "operating"}
V1 = {"If_Match": '"v1"'}


@pytest.fixture
def office(manager):
    return callers.person(manager)


@pytest.fixture
def rung(monkeypatch):
    """What was asked to be matched anew."""
    found = []
    monkeypatch.setattr(offers_api, "ring", lambda task, pk: found.append((task.name, pk)))
    return found


def fund(**more):
    return Fund.objects.create(**{**FUND, **more})


def refused(answer, status, field, words):
    body = answer.json()
    assert (answer.status_code, body["errors"][0]["field"]) == (status, field), body
    assert words in body["detail"]


def test_the_bureau_enters_a_fund_and_corrects_what_it_names(office, fund_user, rung):
    more = {"size_wan": "20000", "managers": [fund_user.username]}
    made = office.post("funds/", {**FUND, **more})
    one = Fund.objects.get()
    assert (made.status_code, made["Location"]) == (201, f"/api/v1/funds/{one.pk}/")
    assert (made["ETag"], made.json()["managers"]) == ('"v1"', ["fund"])
    assert AuditEvent.objects.get(action="add_fund").detail["基金方账号"] == f"空 → {fund_user}"
    answer = office.patch(f"funds/{one.pk}/", {"status": "established"}, **V1)
    body = answer.json()
    assert (answer["ETag"], body["version"], body["status_label"]) == ('"v2"', 2, "已设立")
    assert (body["size_wan"], body["managers"]) == ("20000", ["fund"])
    assert AuditEvent.objects.get(action="change_fund").detail == {
        "object": FUND["name"],
        "状态": "筹建中 → 已设立",
    }
    assert rung == [("projects.tasks.match_fund", one.pk)]


def test_the_bureau_enters_a_policy_and_corrects_what_it_names(office, rung):
    more = {"documents": ["营业执照", "合同"], "window_from": "2026-03-01", "budget_wan": 25000}
    made = office.post("policies/", {**POLICY, **more})
    one = Policy.objects.get()
    assert (made.status_code, made["Location"]) == (201, f"/api/v1/policies/{one.pk}/")
    given = {"documents": ["营业执照"], "window_to": "2026-05-31", "budget_wan": None}
    body = office.patch(f"policies/{one.pk}/", given, **V1).json()
    assert (body["documents"], body["window_from"], body["window_to"]) == (
        ["营业执照"],
        "2026-03-01",
        "2026-05-31",
    )
    assert (body["budget_wan"], body["version"]) == (None, 2)
    assert AuditEvent.objects.get(action="change_policy").detail["申报材料"] == "营业执照、合同 → 营业执照"
    assert rung == [("projects.tasks.match_policy", one.pk)]


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"name": " "}, "name", "请填写基金名称"),
        ({"code": "taken"}, "code", "已经有一只基金用这个代码"),
        ({"code": "Has_Both"}, "code", "代码只能用小写字母、数字"),
        ({"size_wan": "0"}, "size_wan", "规模要大于 0"),
        ({"managers": ["owner"]}, "managers", "只能选在用的基金方账号，没有：owner"),
        ({"slot": 1}, "slot", "没有「slot」这个字段"),
    ],
)
def test_a_fund_that_cannot_be_is_refused_and_nothing_is_written(office, owner, more, field, words):
    fund(code="taken")
    refused(office.post("funds/", {**FUND, **more}), 400, field, words)
    assert Fund.objects.count() == 1
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"name": ""}, "name", "请填写政策名称"),
        ({"budget_wan": 0}, "budget_wan", "每年资金总额要大于 0"),
        ({"window_from": "2026-06-01", "window_to": "2026-05-31"}, "window_to", "不能早于申报开始"),
        ({"documents": ["营" * 11_000] * 2}, "documents", "合计不能超过 20,000 字"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_and_stays(office, rung, more, field, words):
    one = Policy.objects.create(**POLICY)
    refused(office.patch(f"policies/{one.pk}/", more, **V1), 400, field, words)
    one.refresh_from_db()
    assert (one.name, one.version, rung) == (POLICY["name"], 1, [])


def test_the_page_refuses_the_same_code_in_the_same_words(as_, manager):
    answer = as_(manager).post("/funds/new/", {**FUND, "code": "Has_Both"})
    assert answer.status_code == 400
    assert "代码只能用小写字母、数字" in answer.content.decode()


def test_a_correction_names_the_version_it_has_read(office, rung):
    one = fund()
    assert office.patch(f"funds/{one.pk}/", {"name": "甲"}).json()["code"] == "version_required"
    assert office.patch(f"funds/{one.pk}/", {"name": "甲"}, **V1).status_code == 200
    late = office.patch(f"funds/{one.pk}/", {"name": "乙"}, **V1)
    assert (late.status_code, late.json()["code"], late["ETag"]) == (412, "stale_version", '"v2"')
    assert office.get(f"funds/{one.pk}/", If_None_Match='"v2"').status_code == 304
    assert Fund.objects.get().name == "甲"


def test_a_repetition_with_the_same_key_enters_one_record(office):
    first, again = (office.post("policies/", POLICY, Idempotency_Key="p1") for _ in range(2))
    assert (first.status_code, again.status_code, again["Idempotent-Replayed"]) == (201, 201, "true")
    assert Policy.objects.count() == 1


def test_a_fund_with_referrals_under_way_stays_one_that_can_invest(office, owner, rung):
    one = fund(status="operating")
    make.referral(make.project(owner), one, owner)
    answer = office.patch(f"funds/{one.pk}/", {"status": "closed"}, **V1)
    refused(answer, 400, "status", "还有 1 条推荐在进行中")
    assert (Fund.objects.get().status, rung) == ("operating", [])


def test_an_account_that_left_is_dropped_as_on_the_page(office, fund_user, rung):
    one = fund()
    one.managers.add(fund_user)
    fund_user.is_active = False
    fund_user.save()
    body = office.patch(f"funds/{one.pk}/", {"operator": "运河资本"}, **V1).json()
    assert (body["operator"], body["managers"]) == ("运河资本", [])


def test_who_its_accounts_are_only_the_bureau_reads(owner, fund_user):
    one = fund()
    one.managers.add(fund_user)
    readers = [callers.person(owner), callers.person(fund_user), callers.partner(scopes="projects:read")]
    answers = [reader.get(f"funds/{one.pk}/") for reader in readers]
    assert [answer.json()["managers"] for answer in answers] == [None] * 3


def test_a_token_writes_no_record(rung):
    one, caller = fund(), callers.partner(scopes="projects:read projects:read_all leads:write")
    for answer in (caller.post("funds/", FUND), caller.patch(f"funds/{one.pk}/", {"name": "甲"}, **V1)):
        assert (answer.status_code, answer.json()["code"]) == (403, "scope")
    assert Fund.objects.get().name == FUND["name"]
