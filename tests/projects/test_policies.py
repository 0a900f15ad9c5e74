"""Policies on the engine of the funds: their time, their estimate, their pages, and their editor."""

import json
from datetime import date, timedelta

import pytest

from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from crm import bell
from crm.models import AuditEvent, Fact, Notification
from crm.workdays import shanghai_day
from projects.edition_forms import PolicyEditionForm
from projects.matching import match, policy_matches_for
from projects.models import CriteriaVersion, Fund, Match, MatchSheet, Policy
from projects.policy_endings import remind_policies
from projects.rejudging import rematch_one
from projects.rematching import rematch
from projects.seeding import load_funds, load_policies
from tests import callers, make

pytestmark = pytest.mark.django_db
TODAY = shanghai_day(make.NOW)
STAFF = {"field": "staff", "op": "lte", "value": 100, "unit": "人", "clause": "员工不超过 100 人"}
RATE = [{"kind": "rate", "rate": 30, "of": "compute_contract", "clause": "第三条"}]


@pytest.fixture(autouse=True)
def _day(freeze):
    freeze(make.NOW)


@pytest.fixture
def project(owner):
    return make.project(owner, name="深圳星海智能有限公司")


def policy(code="p1", status="operating", criteria=STAFF, **version):
    one = Policy.objects.create(code=code, name=f"{code} 办法", level="city", status=status)
    publish(one, criteria, **version)
    return one


def publish(one, criteria=STAFF, number=1, valid_from=date(2026, 1, 1), **version):
    return one.versions.create(
        number=number, criteria=criteria, valid_from=valid_from, published_at=make.NOW, **version
    )


def know(project, at=make.NOW, **values):
    for key, value in values.items():
        Fact.objects.create(
            company=project.company, key=key, value=value, as_of=TODAY, source="officer", created_at=at
        )


def answers(project, at=make.NOW):
    """{code: (verdict, first reason)} of the policies."""
    match(project, at=at)
    return {m.policy.code: (m.verdict, m.result["reasons"][0]) for m in policy_matches_for(project)}


def test_a_policy_answers_only_in_its_time_and_says_why_otherwise(project):
    know(project, staff=80)
    policy("now")
    policy("over", valid_to=date(2026, 4, 19))
    policy("last_day", valid_to=TODAY)
    policy("to_come", valid_from=date(2026, 5, 1))
    policy("drafted", "preparing")
    policy("closed", "closed")
    policy("empty", criteria={})
    assert answers(project) == {
        "now": ("fit", "硬性条件均已满足"),
        "last_day": ("fit", "硬性条件均已满足"),
        "over": ("unfit", "政策已于 2026-04-19 到期"),
        "to_come": ("reserve", "政策 2026-05-01 起生效，现在还不能申报，只列入储备"),
        "drafted": ("reserve", "政策制定中，尚不能申报，只列入储备"),
        "empty": ("incomplete", "尚未设置条件，不能判定为符合"),
    }
    later = answers(project, make.NOW + timedelta(days=20))
    assert later["to_come"][0] == "fit"
    assert later["last_day"] == ("unfit", "政策已于 2026-04-20 到期")


def test_a_renewed_policy_goes_by_the_version_nearest_to_the_day(project):
    know(project, staff=80)
    one = policy(valid_to=date(2026, 3, 31))
    publish(one, {**STAFF, "value": 10}, number=2, valid_from=date(2026, 6, 1))
    assert answers(project)["p1"][0] == "reserve"
    publish(one, {**STAFF, "value": 90}, number=3, valid_from=date(2026, 4, 1), valid_to=date(2026, 5, 31))
    assert answers(project)["p1"][0] == "fit"
    assert policy_matches_for(project).get().version.number == 3


def test_funds_and_policies_share_the_sheets_without_sharing_a_place(project, owner):
    load_funds(at=make.NOW)
    load_policies(at=make.NOW)
    places = [*Fund.objects.values_list("slot", flat=True), *Policy.objects.values_list("slot", flat=True)]
    assert len(places) == len(set(places))
    know(project, staff=80, compute_contract=200, is_dishonest=False)
    match(project, at=make.NOW)
    opened = bytes(MatchSheet.objects.get().verdicts)
    voucher = Policy.objects.get(code="hangzhou-compute-voucher")
    assert opened[voucher.slot : voucher.slot + 1] == b"f"
    MatchSheet.objects.all().delete()
    rematch(make.NOW, 0)
    assert bytes(MatchSheet.objects.get().verdicts) == opened
    publish(voucher, {"field": "compute_contract", "op": "gt", "value": 500, "unit": "万元"}, number=2)
    assert rematch_one(voucher, make.NOW) == 1
    after = bytes(MatchSheet.objects.get().verdicts)
    assert [place for place in places if after[place] != opened[place]] == [voucher.slot]
    match(project, at=make.NOW)
    assert bytes(MatchSheet.objects.get().verdicts) == after


@pytest.mark.parametrize("policies", [3, 40])
def test_matching_costs_the_same_queries_with_policies(project, django_assert_max_num_queries, policies):
    load_funds(at=make.NOW)
    for number in range(policies):
        policy(f"p{number}", tiers=RATE)
    with django_assert_max_num_queries(10):
        match(project, at=make.NOW)
    with django_assert_max_num_queries(10):
        match(project, at=make.NOW + timedelta(days=1))


def test_the_database_refuses_rows_of_neither_and_of_both(project):
    load_funds(at=make.NOW)
    one, fund = policy(), Fund.objects.first()
    row = {"number": 9, "criteria": {}, "valid_from": TODAY, "published_at": make.NOW}
    for wrong in (
        {},
        {"fund": fund, "policy": one},
        {"policy": one, "number": 1},
        {"fund": fund, "cap_wan": 1},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            CriteriaVersion.objects.create(**row | wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Match.objects.create(project=project, verdict="fit", result={}, facts={}, computed_at=make.NOW)
    assert CriteriaVersion.objects.filter(number=9).count() == 0


def test_the_project_shows_estimate_papers_and_what_is_lacking_for_it(as_, owner, project, freeze):
    load_policies(at=make.NOW)
    client, page = as_(owner), project.get_absolute_url()
    first = client.get(page)
    (voucher,) = [m for m in first.context["policy_matches"] if m.policy.code == "hangzhou-compute-voucher"]
    assert [fact["key"] for fact, _ in voucher.to_estimate] == ["size_class", "compute_contract"]
    assert "才能估算" in first.content.decode()
    freeze(make.NOW + timedelta(minutes=5))
    know(project, make.NOW + timedelta(minutes=4), compute_contract=200, is_dishonest=False)
    text = client.get(page).content.decode()
    assert "不超过 60 万元（年度算力合同额 200 万元 × 30%" in text
    assert "仅为估算，不是承诺" in text
    assert "算力服务合同" in text
    assert f'id="policy-{voucher.policy_id}"' in text


def test_the_pages_show_criteria_benefit_and_only_visible_projects(as_, owner, outsider, manager):
    load_policies(at=make.NOW)
    mine = make.project(owner, name="深圳星海智能有限公司")
    match(mine, at=make.NOW)
    listed = as_(owner).get("/policies/")
    assert {
        number for _, group in listed.context["groups"] for one in group for *_, number in one.verdicts
    } == {0, 1}
    assert "示例条件" in listed.content.decode()
    voucher = Policy.objects.get(code="hangzhou-compute-voucher")
    address = voucher.get_absolute_url()
    text = as_(owner).get(address, {"verdict": "incomplete"}).content.decode()
    for words in (
        mine.name,
        "条款：",
        "年度算力合同额 × 30%",
        "单家每年上限 800 万元",
        "2.5 亿元",
        "申报材料",
    ):
        assert words in text, words
    assert "None" not in text
    assert "编辑条件" not in text
    assert mine.name not in as_(outsider).get(address, {"verdict": "incomplete"}).content.decode()
    assert as_(owner).get(address, {"verdict": "maybe"}).status_code == 400
    over = policy("over", valid_to=date(2026, 4, 1))
    text = as_(manager).get(over.get_absolute_url()).content.decode()
    assert "已于 2026-04-01 到期" in text
    assert "编辑条件" in text


def test_the_pages_cost_the_same_for_one_project_and_for_many(as_, owner):
    load_policies(at=make.NOW)
    client, urls = as_(owner), ["/policies/", Policy.objects.first().get_absolute_url()]
    match(make.project(owner), at=make.NOW)
    few = [queries(client, url) for url in urls]
    for _ in range(4):
        match(make.project(owner), at=make.NOW)
    assert [queries(client, url) for url in urls] == few
    assert max(few) <= 14


def queries(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        client.get(url)
    return len(found)


def test_a_version_is_drafted_looked_at_and_published_with_what_it_gives(as_, manager, owner, monkeypatch):
    project = make.project(owner)
    know(project, staff=80, revenue=1000)
    one, rung = policy(criteria={}), []
    monkeypatch.setattr(bell, "ring", lambda name, *args: rung.append((name, *args)))
    client, editor = as_(manager), one.get_criteria_url()
    assert client.post(editor, {"do": "json", "json": json.dumps({"all": [STAFF]})}).status_code == 200
    rule = {"node": ["1:rule"], "1.kind": "hard", "1.field": "staff", "1.was": "staff", "1.op": "lte"}
    rule |= {"1.value": "100", "1.unit": "人", "1.clause": STAFF["clause"]}
    paper = {"source": "办法", "valid_from": f"{TODAY}", "valid_to": "2027-04-19", "benefit": "按营收奖励"}
    gives = {"t1-kind": "rate", "t1-figure": "2", "t1-of": "revenue", "t1-clause": "第五条", "cap_wan": "15"}
    looked = client.post(editor, {**rule, **paper, **gives, "do": "preview"})
    assert looked.context["preview"].changed == 1
    wrong = client.post(editor, {**rule, **paper, **gives, "t1-figure": "0.02", "do": "publish"})
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (400, ["tiers"])
    wrong = client.post(editor, {**rule, **paper, **gives, "valid_to": "2026-04-19", "do": "publish"})
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (400, ["valid_to"])
    assert one.versions.count() == 1
    assert client.post(editor, {**rule, **paper, **gives, "do": "publish"}).status_code == 302
    made = one.versions.get(number=2)
    assert (made.criteria, made.cap_wan, made.valid_to) == ({"all": [STAFF]}, 15, date(2027, 4, 19))
    assert rung == [("projects.tasks.match_policy", one.pk)]
    assert AuditEvent.objects.get(action="publish_criteria").detail["支持内容"] == "按营收奖励"
    match(project, at=make.NOW)
    found = project.matches.get(policy=one)
    assert found.result["estimate"]["amount_wan"] == "15"
    again = client.get(editor)
    assert again.context["form"].tier_forms[0]["figure"].value() == "2"
    version = client.get(made.get_absolute_url()).content.decode()
    assert "上年营业收入 × 2%（第五条）" in version


def test_the_tiers_of_every_starting_policy_pass_through_the_form_unchanged(db):
    for one in load_policies(at=make.NOW):
        newest = one.versions.get()
        form = PolicyEditionForm(PolicyEditionForm.begun(newest, TODAY))
        assert form.is_valid(), form.errors
        assert form.edition().tiers == newest.tiers
        assert form["tiers"].value() == ""


def test_tiers_no_row_can_say_stand_as_json(as_, manager):
    odd = [{**RATE[0], "when": {"field": "round", "op": "eq", "value": "a"}}]
    one = policy(tiers=odd)
    form = as_(manager).get(one.get_criteria_url()).context["form"]
    assert json.loads(form["tiers"].value()) == odd
    assert [tier["kind"].value() for tier in form.tier_forms] == ["", "", ""]


DEEP = "[" * 900 + "]" * 900
SENSELESS = [
    '[{"kind": "rate", "rate": NaN, "of": "revenue", "clause": "一"}]',
    '[{"kind": "fixed", "amount_wan": 1e999, "clause": "一"}]',
    '[{"kind": "fixed", "amount_wan": 1, "clause": "\\u0000"}]',
    '[{"kind": "fixed", "amount_wan": 1, "clause": "\\ud800"}]',
    f'[{{"kind": "fixed", "amount_wan": 1, "clause": "一", "when": {DEEP}}}]',
    '[{"kind": [], "clause": {}}]',
    '[{"kind": "rate", "rate": 3, "of": ["revenue"], "clause": "一"}]',
    "{}",
    "1",
    "[1]",
]


@pytest.mark.parametrize("tiers", SENSELESS)
def test_senseless_tiers_are_refused_at_their_field_and_nothing_is_written(as_, manager, tiers):
    one = policy()
    paper = {"source": "办法", "valid_from": f"{TODAY}", "do": "publish", "tiers": tiers}
    answer = as_(manager).post(one.get_criteria_url(), paper)
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["tiers"])
    assert one.versions.count() == 1


def test_a_policy_is_prolonged_by_a_version_that_changes_nothing_else(as_, manager):
    one = policy(source="办法", valid_to=date(2026, 6, 30))
    client = as_(manager)
    rule = {"node": ["1:rule"], "1.kind": "hard", "1.field": "staff", "1.was": "staff", "1.op": "lte"}
    rule |= {"1.value": "100", "1.unit": "人", "1.clause": STAFF["clause"]}
    paper = {"source": "办法", "valid_from": "2026-07-01", "valid_to": "2027-06-30", "do": "publish"}
    CriteriaVersion.objects.filter(policy=one).update(criteria={"all": [STAFF]})
    assert client.post(one.get_criteria_url(), {**rule, **paper}).status_code == 302
    assert dict(one.versions.values_list("number", "valid_to")) == {
        1: date(2026, 6, 30),
        2: date(2027, 6, 30),
    }


def test_the_edition_of_this_year_is_corrected_and_that_of_the_next_stays(manager, owner):
    one = policy(valid_to=date(2026, 12, 31))
    publish(one, number=2, valid_from=date(2027, 1, 1), valid_to=date(2027, 12, 31))
    body = {"after": 2, "criteria": STAFF | {"value": 150}, "source": "办法", "valid_from": f"{TODAY}"}
    place, person = f"policies/{one.pk}/criteria/", callers.person(manager)
    assert person.post(place, body | {"valid_to": "2026-12-31"}).status_code == 201
    kept = {1: TODAY - timedelta(days=1), 2: date(2027, 12, 31), 3: date(2026, 12, 31)}
    assert dict(one.versions.values_list("number", "valid_to")) == kept
    overlapping = body | {"after": 3, "valid_to": "2027-01-01"}
    assert person.post(place, overlapping).status_code == 201
    assert one.versions.get(number=2).valid_to == TODAY - timedelta(days=1), "superseded before it began"


@pytest.mark.parametrize("role", ["owner", "outsider"])
def test_who_may_not_edit_is_told_and_nothing_is_written(as_, request, role):
    one = policy()
    client = as_(request.getfixturevalue(role))
    assert client.get(one.get_criteria_url()).status_code == 403
    assert client.post(one.get_criteria_url(), {"do": "publish", "source": "x"}).status_code == 403
    assert one.versions.count() == 1


def test_a_fund_manager_finds_no_policy(as_, fund_user):
    one = policy()
    client = as_(fund_user)
    assert client.get(one.get_absolute_url()).status_code == 404
    assert client.get(one.get_criteria_url()).status_code == 404


def test_the_api_lists_policies_and_their_matches_beside_those_of_funds(owner, project):
    load_funds(at=make.NOW)
    load_policies(at=make.NOW)
    know(project, compute_contract=200, is_dishonest=False)
    caller = callers.partner(scopes="projects:read_all")
    rows = caller.get("policies/").json()["results"]
    (voucher,) = [row for row in rows if row["code"] == "hangzhou-compute-voucher"]
    assert (voucher["level_label"], voucher["budget_wan"]) == ("市", "25000")
    assert caller.get(f"policies/{voucher['id']}/").json() == voucher
    assert caller.get("policies/987654/").status_code == 404
    answer = caller.get(f"projects/{project.pk}/matches/").json()
    assert {"runmiao", "qizhen"} < {row["fund"] for row in answer["results"]}
    assert all("policy" not in row for row in answer["results"])
    (found,) = [row for row in answer["policies"] if row["policy"] == "hangzhou-compute-voucher"]
    assert (found["verdict"], found["estimate"]["amount_wan"]) == ("fit", "60")
    assert found["documents"]
    assert all("fund" not in row for row in answer["policies"])
    know(project, at=make.NOW + timedelta(hours=1), is_dishonest=True)
    answer = callers.person(owner).get(f"projects/{project.pk}/matches/").json()
    (found,) = [row for row in answer["policies"] if row["policy"] == "hangzhou-compute-voucher"]
    assert (found["verdict"], found["estimate"]) == ("unfit", None)


def test_a_policy_is_published_through_the_api_by_the_bureau_only(owner, manager):
    one = policy()
    body = {"after": 1, "criteria": STAFF, "valid_from": f"{TODAY}", "source": "办法", "tiers": RATE}
    place = f"policies/{one.pk}/criteria/"
    assert callers.person(owner).post(place, body).status_code == 403
    wrong = callers.person(manager).post(place, body | {"tiers": [{"kind": "gift"}]})
    assert (wrong.status_code, one.versions.count()) == (400, 1)
    made = callers.person(manager).post(place, body | {"cap_wan": "800", "benefit": "算力券"})
    assert made.status_code == 201, made.json()
    told = callers.person(owner).get(place).json()["results"]
    assert [(row["number"], row["is_in_force"], row["cap_wan"]) for row in told] == [
        (2, True, "800"),
        (1, False, None),
    ]
    assert told[0]["tiers"] == RATE


def test_the_bureau_hears_once_of_a_policy_that_ends_and_is_not_followed(manager, owner):
    ending = policy("ending", valid_to=TODAY + timedelta(days=60))
    policy("later", valid_to=TODAY + timedelta(days=61))
    policy("closed", "closed", valid_to=TODAY)
    policy("lasting")
    followed = policy("followed", valid_to=TODAY + timedelta(days=9))
    publish(followed, number=2, valid_from=TODAY + timedelta(days=10))
    gap = policy("gap", valid_to=TODAY)
    publish(gap, number=2, valid_from=TODAY + timedelta(days=2))
    assert remind_policies(make.NOW) == 2
    remind_policies(make.NOW + timedelta(hours=1))
    told = Notification.objects.order_by("pk")
    assert [(row.user, row.title) for row in told] == [
        (manager, "政策将到期：gap 办法"),
        (manager, "政策将到期：ending 办法"),
    ]
    ending.versions.update(valid_to=TODAY + timedelta(days=30))
    remind_policies(make.NOW + timedelta(hours=2))
    assert told.all().count() == 3


RECORD = {"name": "新办法", "level": "district", "status": "preparing", "documents": "营业执照\n财务报表"}


def test_the_bureau_enters_a_policy_and_corrects_it(as_, manager, owner, monkeypatch, freeze):
    project, client, rung = make.project(owner), as_(manager), []
    monkeypatch.setattr(bell, "ring", lambda name, *args: rung.append((name, *args)))
    made = client.post("/policies/new/", {**RECORD, "code": "new-one"})
    one = Policy.objects.get(code="new-one")
    assert made["Location"] == one.get_absolute_url()
    assert one.documents == ["营业执照", "财务报表"]
    publish(one)
    match(project, at=make.NOW)
    assert [m.verdict for m in project.matches.all()] == ["reserve"]
    address = f"{one.get_absolute_url()}edit/"
    opened = client.get(address).context["form"].initial
    assert (opened["version"], "code" in opened) == (1, False)
    changed = {**RECORD, "status": "operating", "budget_wan": "25000", "version": 1}
    assert client.post(address, changed).status_code == 302
    one.refresh_from_db()
    assert (one.status, one.budget_wan, one.version) == ("operating", 25000, 2)
    assert rung == [("projects.tasks.match_policy", one.pk)]
    freeze(make.NOW + timedelta(minutes=1))
    assert rematch_one(one, make.NOW + timedelta(minutes=1)) == 1
    page = as_(owner).get(project.get_absolute_url())
    assert [m.verdict for m in page.context["policy_matches"]] == ["incomplete"]
    added, corrected = AuditEvent.objects.filter(action__in=["add_policy", "change_policy"]).order_by("pk")
    assert (added.detail["状态"], corrected.detail["状态"]) == ("空 → 制定中", "制定中 → 实施中")
    assert corrected.detail["每年资金总额（万元）"] == "空 → 25000"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": " "}, "name"),
        ({"code": "taken"}, "code"),
        ({"budget_wan": "0"}, "budget_wan"),
        ({"window_from": "2026-05-01", "window_to": "2026-04-01"}, "window_to"),
    ],
)
def test_a_record_that_cannot_be_is_refused_at_its_field_and_nothing_is_written(as_, manager, more, field):
    policy("taken")
    answer = as_(manager).post("/policies/new/", {**RECORD, "code": "new-one", **more})
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, [field])
    assert Policy.objects.count() == 1
    assert not AuditEvent.objects.exists()


def test_a_record_changed_meanwhile_is_not_overwritten(as_, manager):
    one = policy()
    client, address = as_(manager), f"{one.get_absolute_url()}edit/"
    client.post(address, {**RECORD, "name": "甲改的", "version": 1})
    late = client.post(address, {**RECORD, "name": "乙改的", "version": 1})
    assert late.status_code == 412
    one.refresh_from_db()
    assert one.name == "甲改的"
