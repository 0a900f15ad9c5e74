"""基金推荐 through its doors: consent first, step after step, and a fund that learns nothing beside it."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import AuditEvent, Fact, Notification
from crm.workdays import shanghai_day
from projects.demo.referrals import CASES, Referrals
from projects.models import Fund, Project, Referral, ReferralStep
from projects.models.referrals import LINE
from projects.pressing import remind_referrals
from projects.referral_sums import Sums, sums
from projects.referring import Move, advance
from projects.seeding import load_funds
from tests import callers, make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NAME, PHONE = "深圳云芯科技有限公司", "13287530409"
CLAUSES = {
    "all": [{"field": "staff", "op": "lte", "value": 100, "unit": "人", "message": "员工不超过 100 人"}]
}
GIVEN = {"shared": ["company", "staff"], "consent": "on", "consent_way": "email", "consent_on": "2026-04-20"}


@pytest.fixture
def fund(fund_user):
    one = Fund.objects.create(code="own", name="钱塘一号基金", kind="venture", status="operating")
    one.versions.create(
        number=1, criteria=CLAUSES, valid_from=make.NOW.date(), published_by=None, published_at=make.NOW
    )
    one.managers.add(fund_user)
    return one


@pytest.fixture
def project(owner, head):
    one = make.project(owner, name=NAME, contact_name="王景行", contact_phone=PHONE, amount_wan=Decimal(3000))
    known(one, "staff", 80)
    known(one, "valuation", 43210)
    return one


def known(project, key, value):
    Fact.objects.create(
        company=project.company,
        source="officer",
        key=key,
        value=value,
        as_of=make.NOW.date(),
        created_at=make.NOW,
        note="李工 13900007777 提供",
    )


def door(project, fund):
    return f"/projects/{project.pk}/refer/{fund.pk}/"


def step_body(step, on=None, **more):
    given = {"step": step, "on": on or shanghai_day(timezone.now()), **more}
    return {f"{step}-{name}": value for name, value in given.items()}


def walk(referral, by, *steps, at=None):
    """Take these steps; 出资 with its amount."""
    for to in steps:
        at = at or timezone.now()
        paid = {"amount_wan": Decimal(500)} if to == "funded" else {}
        advance(referral, Move(to=to, on=shanghai_day(at), **paid), by=by, at=at)
    return referral


def told(person):
    return list(Notification.objects.filter(user=person).order_by("pk").values_list("title", flat=True))


def test_a_project_is_referred_with_what_the_company_agreed_to_share(as_, owner, fund_user, project, fund):
    page = as_(owner).get(door(project, fund)).content.decode()
    assert "员工人数" in page
    assert "13900007777" not in page
    answer = as_(owner).post(door(project, fund), {**GIVEN, "note": "可安排路演"})
    assert answer.headers["Location"] == f"/projects/{project.pk}/#referrals"
    row = Referral.objects.get()
    assert (row.verdict, row.criteria.number, row.step, row.reason) == ("fit", 1, "referred", "")
    assert [one["key"] for one in row.shared] == ["company", "staff"]
    assert row.shared[1] == {
        "key": "staff", "label": "员工人数", "value": "80 人", "source": "招商员填报", "as_of": "2026-04-20",
    }  # fmt: skip
    assert (row.consent_way, str(row.consent_on)) == ("email", "2026-04-20")
    assert told(fund_user) == [f"半山区块推荐项目「{NAME}」给钱塘一号基金"]
    assert AuditEvent.objects.get(action="refer").detail["shared"] == ["企业全称", "员工人数"]
    project_page = as_(owner).get(project.get_absolute_url()).content.decode()
    assert "基金推荐：推荐" in project_page
    assert door(project, fund) not in project_page  # there is an open one already


@pytest.mark.parametrize(
    "change, field",
    [
        ({"consent": ""}, "consent"),
        ({"consent_way": ""}, "consent_way"),
        ({"consent_on": ""}, "consent_on"),
        ({"consent_on": "2099-01-01"}, "consent_on"),
        ({"shared": []}, "shared"),
        ({"shared": ["staff"]}, "shared"),
        ({"note": f"直接打 {PHONE}"}, "note"),
    ],
)
def test_without_consent_in_full_nothing_is_referred(as_, owner, fund_user, project, fund, change, field):
    answer = as_(owner).post(door(project, fund), {**GIVEN, **change})
    assert answer.status_code == 400
    assert answer.context["form"].errors[field]
    assert not Referral.objects.exists()
    assert told(fund_user) == []
    assert not AuditEvent.objects.filter(action="refer").exists()


def test_against_the_machine_only_with_a_reason_and_never_to_a_fund_that_cannot_invest(
    as_, owner, project, fund
):
    known(project, "staff", 300)
    client = as_(owner)
    assert "仍要推荐请写明理由" in client.post(door(project, fund), GIVEN).content.decode()
    for status, words in (("preparing", "只列入储备"), ("closed", "基金已关闭")):
        Fund.objects.filter(pk=fund.pk).update(status=status)
        refused = client.post(door(project, fund), {**GIVEN, "reason": "裁员后不足百人"})
        assert (refused.status_code, words in refused.content.decode()) == (400, True)
    assert not Referral.objects.exists()
    Fund.objects.filter(pk=fund.pk).update(status="operating")
    assert client.post(door(project, fund), {**GIVEN, "reason": "裁员后不足百人"}).status_code == 302
    assert Referral.objects.values_list("verdict", "reason").get() == ("unfit", "裁员后不足百人")
    again = client.post(door(project, fund), {**GIVEN, "reason": "裁员后不足百人"})
    assert (again.status_code, "还在进行中" in again.content.decode()) == (409, True)
    assert Referral.objects.count() == 1


def test_a_lost_project_is_not_referred_and_its_referral_only_ends(owner, fund_user, project, fund, as_):
    row = make.referral(project, fund, owner)
    Project.objects.filter(pk=project.pk).update(stage="lost")
    client = as_(fund_user)
    answer = client.post(f"/referrals/{row.pk}/steps/", step_body("received"))
    assert (answer.status_code, "只能否决或撤回" in answer.content.decode()) == (400, True)
    assert (
        client.post(f"/referrals/{row.pk}/steps/", step_body("rejected", reason="项目已流失")).status_code
        == 302
    )
    assert as_(owner).post(door(project, fund), GIVEN).status_code == 400
    assert Referral.objects.count() == 1


def test_the_fund_goes_step_by_step_to_its_money_and_everything_is_dated(
    as_, owner, fund_user, project, fund
):
    row = make.referral(project, fund, owner, keys=["company", "staff"])
    client, address = as_(fund_user), f"/referrals/{row.pk}/steps/"
    skipped = client.post(address, step_body("diligence"))
    assert (skipped.status_code, "不能跳过" in skipped.content.decode()) == (400, True)
    for step in LINE[1:-1]:
        assert client.post(address, step_body(step)).status_code == 302, step
    for more, words in (
        ({}, "请填写出资金额"),
        ({"amount_wan": "0"}, "要大于 0"),
        ({"amount_wan": "500", "stake": "101"}, "不能超过 100%"),
        ({"amount_wan": "500", "stake": "0.05", "valuation_wan": "1亿"}, "像是把 5% 写成了小数，请写 5"),
        ({"amount_wan": "500", "on": "2099-01-01"}, "不能晚于今天"),
        ({"amount_wan": "500", "on": "2026-04-01"}, "不能早于上一步"),
    ):
        refused = client.post(address, step_body("funded", **more))
        assert (refused.status_code, words in refused.content.decode()) == (400, True), words
    row.refresh_from_db()
    assert (row.step, row.steps.count()) == ("decision", 5)
    paid = {"amount_wan": "500", "stake": "4.5", "valuation_wan": "1.1亿"}
    assert client.post(address, step_body("funded", **paid)).status_code == 302
    last = ReferralStep.objects.get(to_step="funded")
    assert (last.amount_wan, last.stake, last.valuation_wan) == (500, Decimal("4.5"), 11000)
    assert (last.by, last.is_for_fund, last.from_step) == (fund_user, False, "decision")
    closed = client.post(address, step_body("rejected", reason="反悔"))
    assert (closed.status_code, "推荐已经结束" in closed.content.decode()) == (400, True)
    shown = as_(owner).get(project.get_absolute_url()).content.decode()
    assert "基金推荐：出资" in shown
    assert "持股 4.5%" in shown
    assert told(owner)[-1] == f"「{NAME}」推荐钱塘一号基金：出资"
    assert len(told(owner)) == len(set(told(owner))) == 5


def test_breaking_off_needs_a_reason_and_the_right_side(as_, owner, fund_user, outsider, project, fund):
    row = make.referral(project, fund, owner)
    address = f"/referrals/{row.pk}/steps/"
    for person, step, status in (
        (fund_user, "rejected", 400),
        (owner, "withdrawn", 400),
        (fund_user, "withdrawn", 403),
        (owner, "rejected", 403),
        (owner, "received", 403),
        (outsider, "withdrawn", 404),
    ):
        reason = {"reason": "不符合投向"} if status != 400 else {}
        assert as_(person).post(address, step_body(step, **reason)).status_code == status, (person, step)
    assert row.steps.count() == 1
    spilled = as_(owner).post(address, step_body("withdrawn", reason=f"请联系 {PHONE}"))
    assert spilled.status_code == 400
    assert as_(owner).post(address, step_body("withdrawn", reason="企业改变主意")).status_code == 302
    assert AuditEvent.objects.get(action="withdraw_referral").detail["reason"] == "企业改变主意"
    assert make.referral(project, fund, owner).pk != row.pk  # and may be referred anew


def test_the_unit_notes_the_steps_of_a_fund_without_account_and_says_so(as_, owner, project, fund):
    fund.managers.clear()
    row = make.referral(project, fund, owner)
    assert as_(owner).post(f"/referrals/{row.pk}/steps/", step_body("received")).status_code == 302
    assert row.steps.get(to_step="received").is_for_fund
    assert "由单位代记" in as_(owner).get(row.get_absolute_url()).content.decode()


SECRET = ("王景行", PHONE, "4.32 亿", "43,210", "43210", "13900007777", "3,000 万元")


def all_the_fund_reads(client, project, row):
    caller = callers.Caller(client=client)
    places = ["/", "/funds/", row.fund.get_absolute_url(), "/referrals/", row.get_absolute_url()]
    pages = [client.get(place).content.decode() for place in places]
    for place in ("referrals/", f"referrals/{row.pk}/steps/", "projects/", "leads/", "orders/"):
        pages.append(caller.get(place).content.decode())
    of_project = f"projects/{project.pk}/"
    for place in ("", "matches/", "referrals/", "papers/"):
        assert caller.get(of_project + place).status_code == 404, place
    assert client.get(project.get_absolute_url()).status_code == 404
    assert client.get(project.lead.get_absolute_url()).status_code == 404
    return "\n".join(pages)


def test_the_fund_reads_what_is_shared_and_nothing_else(as_, owner, fund_user, project, fund):
    other = make.project(owner, name="深圳别家机密科技有限公司")
    row = make.referral(project, fund, owner, keys=["company", "staff"])
    client = as_(fund_user)
    page = all_the_fund_reads(client, project, row)
    assert NAME in page
    assert "80 人" in page
    for secret in (*SECRET, "别家机密", project.sector_label):
        assert secret not in page, secret
    entry = callers.Caller(client=client).get("referrals/").json()["results"][0]
    assert [entry[name] for name in ("verdict", "score", "coverage", "reason")] == [None] * 4
    stranger = make.user("fund2", "fund", None, "别的基金")
    assert as_(stranger).get(row.get_absolute_url()).status_code == 404
    assert NAME not in as_(stranger).get("/referrals/").content.decode()
    assert other.referrals.count() == 0


def test_contacts_open_with_the_reception_each_look_is_logged_and_the_end_closes_them(
    as_, owner, fund_user, project, fund
):
    row, person = make.referral(project, fund, owner), project.company.contacts.get()
    address, client = f"/referrals/{row.pk}/contacts/{person.pk}/", as_(fund_user)
    assert client.post(address).status_code == 403
    walk(row, fund_user, "received")
    masked = client.get(row.get_absolute_url()).content.decode()
    assert "132****0409" in masked
    assert PHONE not in masked
    assert PHONE in client.post(address).content.decode()
    looked = AuditEvent.objects.get(action="reveal_contact")
    assert (looked.actor, looked.subject_id) == (fund_user, person.pk)
    assert as_(owner).post(address).status_code == 403  # the unit reads it on the project's own page
    walk(row, fund_user, "screening")
    advance(
        row, Move("rejected", shanghai_day(timezone.now()), "不符合投向"), by=fund_user, at=timezone.now()
    )
    client = as_(fund_user)
    after = client.get(row.get_absolute_url())
    assert after.status_code == 200
    assert "联系人不再显示" in after.content.decode()
    assert "0409" not in after.content.decode()
    assert client.post(address).status_code == 403
    assert AuditEvent.objects.filter(action="reveal_contact").count() == 1


def test_leaders_and_auditors_read_along_and_change_nothing(as_, owner, leader, auditor, project, fund):
    row = make.referral(project, fund, owner)
    for person in (leader, auditor):
        client = as_(person)
        page = client.get(row.get_absolute_url()).content.decode()
        assert NAME in page
        assert "登记「" not in page
        assert PHONE not in page
        answer = client.post(f"/referrals/{row.pk}/steps/", step_body("withdrawn", reason="x"))
        assert answer.status_code == 403
    assert row.steps.count() == 1


def test_both_sides_are_reminded_once_of_each_step(owner, fund_user, project, fund):
    row = make.referral(project, fund, owner)  # on Monday: five workdays end on the next Monday
    begun = [len(told(one)) for one in (owner, fund_user)]
    assert remind_referrals(make.NOW + 7 * DAY) == 0
    assert remind_referrals(make.NOW + 8 * DAY) == 1
    assert remind_referrals(make.NOW + 8 * DAY + timedelta(hours=5)) == 0
    late = f"基金推荐没有进展：{NAME}"
    assert [told(one)[-1] for one in (owner, fund_user)] == [late, late]
    walk(row, fund_user, "received", at=make.NOW + 9 * DAY)
    assert remind_referrals(make.NOW + 39 * DAY) == 0
    assert remind_referrals(make.NOW + 40 * DAY) == 1
    walk(row, fund_user, "screening", at=make.NOW + 41 * DAY)
    Project.objects.filter(pk=project.pk).update(suspended_until=(make.NOW + 200 * DAY).date())
    assert remind_referrals(make.NOW + 90 * DAY) == 0
    assert [len(told(one)) for one in (owner, fund_user)] == [begun[0] + 4, begun[1] + 2]


def test_the_project_says_why_nobody_was_reminded_of_its_referral(as_, owner, freeze, project, fund):
    freeze(make.NOW)
    address = f"/projects/{project.pk}/reminders/"
    assert "没有进行中的基金推荐" in as_(owner).get(address).content.decode()
    make.referral(project, fund, owner)
    page = as_(owner).get(address).content.decode()
    assert "钱塘一号基金停在「推荐」，2026-04-27 之后还没有进展就催办双方。" in page
    remind_referrals(make.NOW + 8 * DAY)
    assert "2026-04-28 已催办" in as_(owner).get(address).content.decode()


def test_the_fund_page_counts_what_the_reader_sees(as_, owner, outsider, fund_user, project, fund):
    row = make.referral(project, fund, owner, at=make.NOW)
    for days, step in ((1, "received"), (2, "screening"), (5, "diligence"), (10, "decision"), (12, "funded")):
        walk(row, fund_user, step, at=make.NOW + days * DAY)
    foreign = make.project(outsider, name="深圳别家科技有限公司")
    walk(make.referral(foreign, fund, outsider), fund_user, "received", "screening", "diligence")
    assert sums(Referral.objects.all())[fund.pk] == Sums(2, 0, 1, 1, Decimal(500), 10, 1)
    pages = {one: as_(one).get(fund.get_absolute_url()).content.decode() for one in (owner, fund_user)}
    counts = {one: re.search(r"data-referrals>(.*?)</p>", page).group(1) for one, page in pages.items()}
    assert counts == {
        owner: "推荐 1 · 在尽调 0 · 已出资 1（500 万元） · 推荐到投决中位 10 天（1 个）",
        fund_user: "推荐 2 · 在尽调 1 · 已出资 1（500 万元） · 推荐到投决中位 10 天（1 个）",
    }
    assert "别家" not in pages[owner]
    assert "别家" in pages[fund_user]
    listed = as_(fund_user).get("/referrals/", {"fund": fund.pk}).content.decode()
    assert "别家" in listed
    assert as_(fund_user).get("/referrals/", {"fund": "x"}).status_code == 400


def test_the_api_refuses_in_the_same_words_and_codes(owner, fund_user, project, fund):
    mine, theirs = callers.person(owner), callers.person(fund_user)
    path = f"projects/{project.pk}/referrals/"
    body = {**GIVEN, "fund": "own", "consent": True}
    refused = mine.post(path, {**body, "consent": False}).json()
    assert (refused["code"], refused["errors"][0]["field"]) == ("consent_required", "consent")
    strange = mine.post(path, {**body, "shared": ["revenue"]}).json()
    assert "revenue" in strange["errors"][0]["detail"]
    made = mine.post(path, body)
    assert (made.status_code, made.json()["verdict"], made.headers["ETag"]) == (201, "fit", '"v1"')
    assert mine.post(path, body).json()["code"] == "already_referred"
    assert [one["id"] for one in mine.get(path).json()["results"]] == [made.json()["id"]]
    steps, on = f"referrals/{made.json()['id']}/steps/", str(shanghai_day(timezone.now()))
    assert theirs.post(steps, {"step": "screening", "on": on}).json()["code"] == "skipped_stage"
    assert theirs.post(steps, {"step": "rejected", "on": on}).json()["code"] == "reason_required"
    taken = theirs.post(steps, {"step": "received", "on": on}, If_Match='"v1"')
    assert (taken.status_code, taken.json()["step_label"]) == (201, "接收")
    stale = theirs.post(steps, {"step": "screening", "on": on}, If_Match='"v1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert [one["step"] for one in theirs.get(steps).json()["results"]] == ["referred", "received"]


def test_what_is_known_later_is_not_shared_by_an_earlier_consent(as_, owner, fund_user, project, fund):
    row = make.referral(project, fund, owner, keys=["company", "staff"])
    known(project, "staff", 95)
    page = as_(fund_user).get(row.get_absolute_url()).content.decode()
    assert "80 人" in page
    assert "95 人" not in page


def test_the_list_costs_the_same_for_one_referral_and_for_many(as_, owner, fund_user, project, fund):
    make.referral(project, fund, owner)
    client = as_(fund_user)
    few = queries(client, "/referrals/")
    for _ in range(3):
        walk(make.referral(make.project(owner), fund, owner, reason="示例"), fund_user, "received")
    assert queries(client, "/referrals/") == few <= 7


def queries(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)


def test_the_demo_shows_referrals_in_every_step_and_the_same_ones_each_time(fund_user, owner, manager):
    load_funds(at=make.NOW)
    Fund.objects.get(code="qizhen").managers.add(fund_user)
    for number in range(len(CASES)):
        make.project(owner, at=make.NOW - (100 + number) * DAY)
    people = [owner, manager]
    Referrals(make.NOW, people).tell()
    paid = ReferralStep.objects.get(to_step="funded")
    assert (paid.amount_wan, paid.corrections.get().changes["amount_wan"][0]) == (800, "80 万元")
    once = list(Referral.objects.order_by("pk").values_list("project", "fund__code", "step", "moved_at"))
    assert [step for *_, step, _ in once] == [
        "referred", "referred", "screening", "diligence", "funded", "rejected", "withdrawn", "received",
    ]  # fmt: skip
    Referral.objects.all().delete()
    Referrals(make.NOW, people).tell()
    assert (
        list(Referral.objects.order_by("pk").values_list("project", "fund__code", "step", "moved_at")) == once
    )


@pytest.fixture
def funded(owner, fund_user, project, fund):
    """A referral that went to its money, a step a day."""
    row = make.referral(project, fund, owner, at=make.NOW)
    for days, step in enumerate(LINE[1:], 1):
        walk(row, fund_user, step, at=make.NOW + days * DAY)
    return row


def fixed(step, **more):
    given = {"on": step.on, "amount_wan": step.amount_wan or "", "version": step.version, **more}
    return {f"fix{step.pk}-{name}": value for name, value in given.items()}


def correction_door(step):
    return f"/referrals/{step.referral_id}/steps/{step.pk}/"


def test_a_mistaken_amount_is_corrected_with_a_reason_and_everybody_learns_what_it_was(
    as_, owner, fund_user, project, fund, funded
):
    step, heard = funded.steps.last(), [len(told(one)) for one in (owner, fund_user)]
    given = fixed(step, amount_wan="600", stake="4.5", on="2026-04-25", why="回单上是 600 万元")
    assert as_(fund_user).post(correction_door(step), given).status_code == 302
    step.refresh_from_db()
    assert (step.amount_wan, step.stake, str(step.on)) == (600, Decimal("4.5"), "2026-04-25")
    kept = step.corrections.get()
    assert kept.changes == {"amount_wan": ["500 万元", "600 万元"], "stake": ["未填", "4.5"]}
    funded.refresh_from_db()
    assert (funded.step, funded.version, funded.corrected_at) == ("funded", 7, kept.at)
    assert sums(Referral.objects.all())[fund.pk].amount_wan == 600
    assert "已出资 1（600 万元）" in as_(owner).get(fund.get_absolute_url()).content.decode()
    assert [len(told(one)) for one in (owner, fund_user)] == [heard[0] + 1, heard[1]]
    letter = Notification.objects.filter(user=owner).latest("pk")
    assert letter.title == f"「{NAME}」推荐钱塘一号基金：出资有更正"
    assert "金额（万元）：500 万元 → 600 万元" in letter.body
    for person, one in ((owner, project), (owner, funded), (fund_user, funded)):
        page = as_(person).get(one.get_absolute_url()).content.decode()
        assert "<del>500 万元</del> → 600 万元" in page
        assert "理由：回单上是 600 万元" in page
    event = AuditEvent.objects.get(action="correct_referral")
    assert (event.detail["step"], event.detail["reason"]) == ("出资", "回单上是 600 万元")


@pytest.mark.parametrize(
    "more, words",
    [
        ({}, "请写明为什么更正"),
        ({"why": f"问 {PHONE}"}, "请不要写联系方式"),
        ({"why": "没有变", "amount_wan": "500"}, "没有要更正的"),
        ({"why": "错", "amount_wan": ""}, "请填写出资金额"),
        ({"why": "错", "amount_wan": "0"}, "要大于 0"),
        ({"why": "错", "stake": "101"}, "不能超过 100%"),
        ({"why": "错", "on": "2026-04-23"}, "不能早于上一步「投决」的 2026-04-24"),
        ({"why": "错", "on": "2099-01-01"}, "不能晚于今天"),
    ],
)
def test_a_correction_obeys_the_rules_of_the_step_or_changes_nothing(as_, fund_user, funded, more, words):
    step = funded.steps.last()
    answer = as_(fund_user).post(correction_door(step), fixed(step, **{"amount_wan": "700", **more}))
    assert (answer.status_code, words in answer.content.decode()) == (400, True)
    assert (ReferralStep.objects.get(pk=step.pk).amount_wan, step.corrections.count()) == (500, 0)
    assert Referral.objects.get().version == 6


def test_an_earlier_step_keeps_its_place_and_the_referral_itself_is_made_anew(as_, fund_user, fund, funded):
    client, steps = as_(fund_user), {step.to_step: step for step in funded.steps.all()}
    late = client.post(
        correction_door(steps["decision"]), fixed(steps["decision"], on="2026-04-26", why="错")
    )
    assert (late.status_code, "不能晚于下一步「出资」" in late.content.decode()) == (400, True)
    good = fixed(steps["decision"], on="2026-04-23", why="记晚了一天")
    assert client.post(correction_door(steps["decision"]), good).status_code == 302
    assert sums(Referral.objects.all())[fund.pk].days == 3
    first = client.post(correction_door(steps["referred"]), fixed(steps["referred"], why="错", version=7))
    assert (first.status_code, "撤回，再推荐一次" in first.content.decode()) == (400, True)


def test_who_may_take_the_step_may_correct_it_and_nobody_else(
    as_, owner, outsider, leader, fund_user, fund, funded
):
    step = funded.steps.last()
    given = fixed(step, amount_wan="600", why="错")
    for person, status in ((owner, 403), (leader, 403), (outsider, 404)):
        client = as_(person)
        assert client.post(correction_door(step), given).status_code == status, person
        if status == 403:
            assert "保存更正" not in client.get(funded.get_absolute_url()).content.decode()
    assert not step.corrections.exists()
    fund.managers.clear()
    assert as_(owner).post(correction_door(step), given).status_code == 302  # it noted them for the fund
    assert step.corrections.get().by == owner


def test_a_rejection_with_the_wrong_reason_is_corrected_and_one_cannot_leave_it_out(
    as_, owner, fund_user, project, fund
):
    row = make.referral(project, fund, owner)
    advance(row, Move("rejected", shanghai_day(timezone.now()), "错的理由"), by=fund_user, at=timezone.now())
    step, client = row.steps.last(), as_(fund_user)
    blank = client.post(correction_door(step), fixed(step, reason="", why="写错项目"))
    assert (blank.status_code, "请写明否决的理由" in blank.content.decode()) == (400, True)
    right = fixed(step, reason="估值过高", why="写错项目")
    assert client.post(correction_door(step), right).status_code == 302
    assert "<del>错的理由</del> → 估值过高" in as_(owner).get(row.get_absolute_url()).content.decode()


def test_a_correction_over_an_older_sight_is_refused_on_the_page_and_over_the_api(as_, fund_user, funded):
    step, caller = funded.steps.last(), callers.person(fund_user)
    path, mend = f"referrals/{funded.pk}/steps/{step.pk}/", {"amount_wan": "600", "why": "回单"}
    read = caller.get(f"referrals/{funded.pk}/steps/")
    assert (read["ETag"], read.json()["results"][-1]["corrections"]) == ('"v6"', [])
    assert caller.patch(path, mend).json()["code"] == "version_required"
    assert caller.patch(path, {"amount_wan": "600"}, If_Match='"v6"').json()["errors"][0]["field"] == "why"
    first = caller.patch(path, mend, If_Match='"v6"', Idempotency_Key="c1")
    assert (first.status_code, first["ETag"], first.json()["amount_wan"]) == (200, '"v7"', "600")
    assert first.json()["corrections"][0]["changes"] == ["金额（万元）：500 万元 → 600 万元"]
    assert caller.patch(path, mend, If_Match='"v6"', Idempotency_Key="c1")["Idempotent-Replayed"] == "true"
    assert caller.patch(path, mend, If_Match='"v6"').json()["code"] == "stale_version"
    assert caller.patch(path, mend, If_Match='"v7"').json()["code"] == "no_change"
    stale = as_(fund_user).post(correction_door(step), fixed(step, amount_wan="700", why="错", version=6))
    assert (stale.status_code, step.corrections.count()) == (412, 1)
    other = f"referrals/{funded.pk}/steps/{step.pk + 1000}/"
    assert caller.patch(other, mend, If_Match='"v7"').status_code == 404
    listed = caller.get("referrals/", {"updated_since": step.corrections.get().at.isoformat()}).json()
    assert [one["id"] for one in listed["results"]] == [funded.pk]


def undoing(step, why="点错", version=None):
    return {f"undo{step.pk}-why": why, f"undo{step.pk}-version": version or step.version}


def test_an_outcome_that_did_not_happen_is_taken_back_and_the_referral_goes_on(
    as_, owner, fund_user, project, fund, funded
):
    step, heard = funded.steps.last(), len(told(owner))
    client, door_ = as_(fund_user), f"{correction_door(step)}undo/"
    assert "撤销「出资」" in client.get(funded.get_absolute_url()).content.decode()
    for why, words in (("", "请写明为什么撤销"), (f"问 {PHONE}", "请不要写联系方式")):
        refused = client.post(door_, undoing(step, why))
        assert (refused.status_code, words in refused.content.decode()) == (400, True)
    assert client.post(door_, undoing(step, "记到了别的推荐上")).status_code == 302
    funded.refresh_from_db()
    assert (funded.step, funded.is_open, funded.version) == ("decision", True, 7)
    assert sums(Referral.objects.all())[fund.pk] == Sums(1, 0, 0, 0, Decimal(0), 4, 1)
    assert told(owner)[-1] == f"「{NAME}」推荐钱塘一号基金：出资已撤销"
    for person, one in ((owner, project), (owner, funded), (fund_user, funded)):
        page = as_(person).get(one.get_absolute_url()).content.decode()
        assert "<s>出资</s>" in page
        assert "回到「投决」，理由：记到了别的推荐上" in page
    assert AuditEvent.objects.get(action="retract_referral_step").detail["step"] == "出资"
    walk(funded, fund_user, "funded")  # and may be taken again, of which the unit hears again
    assert len(told(owner)) == heard + 2
    assert sums(Referral.objects.all())[fund.pk].amount_wan == 500
    again = as_(fund_user).post(door_, undoing(step, version=8))
    assert (again.status_code, "只能撤销最近的一步" in again.content.decode()) == (400, True)


def test_only_the_last_step_is_taken_back_by_whom_it_is_and_nothing_beside_it_goes_on_twice(
    as_, owner, fund_user, project, fund
):
    row = make.referral(project, fund, owner)
    walk(row, fund_user, "received")
    advance(row, Move("withdrawn", shanghai_day(timezone.now()), "企业改变"), by=owner, at=timezone.now())
    first, received, end = row.steps.all()
    for person, step, status in (
        (fund_user, end, 403),
        (fund_user, received, 400),
        (fund_user, first, 400),
        (owner, received, 403),
    ):
        answer = as_(person).post(f"{correction_door(step)}undo/", undoing(step))
        assert answer.status_code == status, (person, step)
    other = make.referral(project, fund, owner)
    taken = as_(owner).post(f"{correction_door(end)}undo/", undoing(end))
    assert (taken.status_code, "已经重新推荐给这只基金" in taken.content.decode()) == (409, True)
    walk(other, fund_user, "received")
    advance(other, Move("rejected", shanghai_day(timezone.now()), "x"), by=fund_user, at=timezone.now())
    Fund.objects.filter(pk=fund.pk).update(status="closed")
    closed = as_(owner).post(f"{correction_door(end)}undo/", undoing(end))
    assert (closed.status_code, "基金已关闭" in closed.content.decode()) == (400, True)
    row.refresh_from_db()
    assert (row.step, ReferralStep.objects.exclude(undone_at=None).count()) == ("withdrawn", 0)


def test_a_step_is_taken_back_over_the_api_by_the_version_one_has_read(fund_user, funded):
    step, caller = funded.steps.last(), callers.person(fund_user)
    path, why = f"referrals/{funded.pk}/steps/{step.pk}/undo/", {"why": "点错"}
    assert caller.post(path, why).json()["code"] == "version_required"
    assert caller.post(path, why, If_Match='"v5"').json()["code"] == "stale_version"
    done = caller.post(path, why, If_Match='"v6"', Idempotency_Key="u1")
    assert (done.status_code, done["ETag"], done.json()["undone_reason"]) == (200, '"v7"', "点错")
    assert caller.post(path, why, If_Match='"v6"', Idempotency_Key="u1")["Idempotent-Replayed"] == "true"
    mend = {"amount_wan": "600", "why": "回单"}
    late = caller.patch(f"referrals/{funded.pk}/steps/{step.pk}/", mend, If_Match='"v7"')
    assert (late.status_code, late.json()["detail"]) == (400, "这一步已经撤销，不再更正。")
