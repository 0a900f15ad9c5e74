"""冲突裁决: opening a case, both sides' evidence, the three verdicts, and credit that always sums to 100."""

import threading
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from crm.models import AuditEvent, Notification, Setting
from leads import conflicts, credit, handover
from leads.conflicts import AlreadyDecided, ConflictRefused
from leads.credit import CreditRefused
from leads.follow_up import FollowUp, log_visit
from leads.models import Claim, Conflict, ConflictEvidence, CreditShare, CreditSplit, Lead
from tests import callers, make

NAME = "深圳云芯科技有限公司"
DAY = timedelta(days=1)
OPENED = {"company_name": NAME, "reason": "我方三月已到企业对接"}


@pytest.fixture
def lead(owner, head):
    return make.lead(owner, NAME, contact_name="王景行", contact_phone="13287530409")


@pytest.fixture
def case(lead, outsider, manager, now):
    return conflicts.open_case(NAME, by=outsider, at=now + DAY, reason="我方三月已到企业对接")


def decide(case, manager, verdict, first=0, second=100, at=None, opinion="证据充分"):
    shares = {case.first_unit: first, case.unit: second}
    return conflicts.decide(
        case, verdict=verdict, opinion=opinion, shares=shares, by=manager, at=at or case.opened_at + 2 * DAY
    )


def told(person):
    return list(Notification.objects.filter(user=person).order_by("pk").values_list("title", flat=True))


def test_the_refused_report_offers_the_case_which_tells_no_contact(as_, lead, outsider, manager, owner):
    soon = timezone.localdate() + DAY
    refused = as_(outsider).post("/leads/new/", {"company_name": NAME, "next_contact_on": soon})
    assert "提出首报冲突" in refused.content.decode()
    form = as_(outsider).get("/conflicts/new/", {"company_name": NAME}).content.decode()
    assert "已由半山区块于" in form
    answer = as_(outsider).post("/conflicts/new/", OPENED, follow=True)
    page = answer.content.decode()
    assert "半山区块" in page
    assert "王景行" not in page
    assert "13287530409" not in page
    assert "打开线索" not in page
    assert told(owner)[1:] == told(manager) == [f"智慧网谷小镇对「{NAME}」提出首报冲突"]


def test_the_decision_is_due_five_workdays_later(case):
    assert f"{case.due_on}" == "2026-04-28"


@pytest.mark.parametrize("who", ["outsider", "owner", "leader", "manager", "reviewer"])
def test_only_another_unit_may_contest(request, as_, lead, who):
    answer = as_(request.getfixturevalue(who)).post("/conflicts/new/", OPENED)
    assert answer.status_code == {"outsider": 302, "owner": 400}.get(who, 403)
    assert Conflict.objects.count() == (who == "outsider")


def test_a_company_nobody_holds_is_to_be_recorded_not_contested(as_, outsider):
    answer = as_(outsider).post("/conflicts/new/", OPENED)
    assert answer.status_code == 400
    assert "请直接记一家" in answer.content.decode()


def test_a_unit_has_one_case_open_and_is_heard_once_on_the_same_report(case, outsider, manager, now):
    with pytest.raises(ConflictRefused, match="等待区投促局裁决"):
        conflicts.open_case(NAME, by=outsider, at=now + 2 * DAY, reason="再提")
    decide(case, manager, "keep", 100, 0)
    with pytest.raises(ConflictRefused, match="裁决「维持首谈」"):
        conflicts.open_case(NAME, by=outsider, at=now + 9 * DAY, reason="再提")
    assert Conflict.objects.count() == 1


def test_who_lost_the_lead_by_a_decision_does_not_contest_it_until_it_is_reported_anew(
    as_, case, lead, owner, outsider, manager, now
):
    decided = decide(case, manager, "transfer", 0, 100).decided_at
    refused = callers.person(owner).post("conflicts/", OPENED)
    assert (refused.status_code, refused.json()["code"]) == (400, "decided")
    assert "裁决「变更」" in refused.json()["detail"]
    make.days_pass(31, begin=decided)
    assert not Claim.objects.get().is_open
    talked = decided + 32 * DAY
    moved = Lead.objects.get()
    log_visit(moved, FollowUp("call", "谈了选址", "发材料", talked.date(), talked), by=outsider, at=talked)
    conflicts.open_case(NAME, by=owner, at=talked + DAY, reason="我方一直在谈")
    assert Conflict.objects.open().count() == 1


def test_who_had_the_lead_by_a_hand_over_is_a_side_too_and_reads_the_decision(
    as_, lead, head, owner, outsider, station, manager, now
):
    passed_on(lead, head, station, now)
    leads_station = make.user("station_head", "head", station.unit)
    case = conflicts.open_case(NAME, by=outsider, at=now, reason="我方在先")
    decide(case, manager, "transfer", 0, 100)
    assert f"「{NAME}」首报冲突裁决：变更" in told(leads_station)
    assert as_(leads_station).get(case.get_absolute_url()).status_code == 200
    with pytest.raises(ConflictRefused, match="不再受理"):
        conflicts.open_case(NAME, by=station, at=now + 3 * DAY, reason="我方不服")


def test_a_unit_that_was_no_side_may_still_contest(case, manager, station, now):
    decide(case, manager, "transfer", 0, 100)
    conflicts.open_case(NAME, by=station, at=now + 4 * DAY, reason="我方最先")


def test_both_sides_show_evidence_in_the_order_in_which_it_happened(as_, case, owner, outsider, lead, now):
    today = timezone.localdate()
    for person, days, text in ((owner, 5, "我方第一次上门"), (outsider, 9, "企业来园区考察")):
        form = {"evidence-happened_on": today - days * DAY, "evidence-text": text}
        assert as_(person).post(f"/conflicts/{case.pk}/evidence/", form).status_code == 302
    for reader in (owner, outsider):
        page = as_(reader).get(case.get_absolute_url()).content.decode()
        assert page.index("企业来园区考察") < page.index("我方第一次上门")


@pytest.mark.parametrize(
    "text", ["联系了 13287530409", "电话 0571-88888888", "wang@example.com 回信", "微信号：wangjx_88"]
)
def test_evidence_with_a_contact_is_refused_because_both_sides_read_it(case, outsider, now, text):
    with pytest.raises(ConflictRefused, match="请去掉电话、邮箱、微信号和 QQ 号"):
        conflicts.add_evidence(case, by=outsider, at=now + 2 * DAY, happened_on=now.date(), text=text)
    assert not ConflictEvidence.objects.exists()


def test_neither_the_reason_nor_the_opinion_tells_a_contact(as_, lead, outsider, manager, now):
    answer = as_(outsider).post("/conflicts/new/", {**OPENED, "reason": "王总 １３８.0000.1234 可以作证"})
    assert answer.status_code == 400
    assert "请去掉电话、邮箱、微信号和 QQ 号" in answer.content.decode()
    assert not Conflict.objects.exists()
    case = conflicts.open_case(NAME, by=outsider, at=now, reason="我方在先")
    with pytest.raises(ConflictRefused, match="请去掉电话"):
        decide(case, manager, "keep", 100, 0, opinion="见 QQ 12345678 聊天记录")


def test_a_stranger_neither_sees_nor_adds(as_, case, station):
    assert as_(station).get(case.get_absolute_url()).status_code == 404
    assert as_(station).post(f"/conflicts/{case.pk}/evidence/", {}).status_code == 404
    assert NAME not in as_(station).get("/conflicts/").content.decode()


def test_a_visit_of_ones_own_is_cited_by_its_day_without_its_content(as_, case, owner, outsider, lead, now):
    follow_up = FollowUp("host", "谈到价格底线", "发材料", (now + 9 * DAY).date(), now)
    visit = log_visit(lead, follow_up, by=owner, at=now)
    conflicts.add_evidence(
        case, by=owner, at=now + 2 * DAY, happened_on=now.date(), text="企业来访", visit=visit
    )
    page = as_(outsider).get(case.get_absolute_url()).content.decode()
    assert "附来访接待记录 2026-04-20" in page
    assert "价格底线" not in page
    assert list(conflicts.own_visits(case, outsider)) == []


def test_keeping_leaves_everything_and_the_days_of_the_case_are_given_back(case, lead, manager, owner, now):
    decide(case, manager, "keep", 100, 0, at=now + 6 * DAY)
    claim = Claim.objects.get(lead=lead)
    assert (claim.unit, claim.is_contested) == (owner.unit, False)
    assert claim.protected_until == (now + 95 * DAY).date()
    assert claim.last_effective_at == now + 6 * DAY
    assert Lead.objects.get(pk=lead.pk).owner == owner
    assert credit.shares_of(lead) == {owner.unit: 100}


def test_days_contested_twice_are_given_back_once(case, lead, manager, station, now):
    other = conflicts.open_case(NAME, by=station, at=case.opened_at + DAY, reason="我方也在先")
    decide(case, manager, "keep", 100, 0, at=now + 5 * DAY)
    decide(other, manager, "keep", 100, 0, at=now + 7 * DAY)
    claim = Claim.objects.get(lead=lead)
    assert (claim.extra_days, claim.protected_until) == (6, (now + 96 * DAY).date())


def test_two_cases_decided_on_one_day_give_their_days_back_once(lead, outsider, station, manager, now):
    cases = [conflicts.open_case(NAME, by=by, at=now, reason="我方在先") for by in (outsider, station)]
    for one in cases:
        decide(one, manager, "keep", 100, 0, at=now + 5 * DAY)
    assert Claim.objects.get(lead=lead).extra_days == 5


def test_a_claim_that_passed_to_another_unit_gets_back_the_days_since(lead, outsider, station, manager, now):
    first, other = (conflicts.open_case(NAME, by=by, at=now, reason="我方在先") for by in (outsider, station))
    decide(first, manager, "transfer", 0, 100, at=now + 4 * DAY)
    shares = {outsider.unit: 100}
    conflicts.decide(other, verdict="keep", opinion="证据", shares=shares, by=manager, at=now + 5 * DAY)
    claim = Claim.objects.get(lead=lead)
    assert (claim.extra_days, claim.protected_until) == (1, (now + 95 * DAY).date())


def test_a_transfer_moves_claim_lead_and_credit(case, lead, manager, outsider, as_, owner, now):
    version = lead.version
    decide(case, manager, "transfer", 30, 70)
    claim = Claim.objects.get(lead=lead)
    moved = Lead.objects.get(pk=lead.pk)
    assert (claim.unit, claim.person) == (moved.unit, moved.owner) == (outsider.unit, outsider)
    assert moved.version == version + 1
    assert credit.shares_of(moved) == {outsider.unit: 70, owner.unit: 30}
    assert as_(outsider).get(lead.get_absolute_url()).status_code == 200
    assert as_(owner).get(lead.get_absolute_url()).status_code == 404


def test_a_transfer_takes_the_project_along(owner, outsider, manager, head, now):
    project = make.project(owner, name=NAME)
    case = conflicts.open_case(NAME, by=outsider, at=now, reason="我方在先")
    decide(case, manager, "transfer", 0, 100)
    project.refresh_from_db()
    assert (project.unit, project.owner) == (outsider.unit, outsider)


def test_joint_credit_leaves_the_lead_with_the_first_unit(case, lead, manager, owner, outsider, as_):
    decide(case, manager, "joint", 60, 40)
    assert Lead.objects.get(pk=lead.pk).unit == owner.unit
    assert credit.shares_of(lead) == {owner.unit: 60, outsider.unit: 40}
    assert as_(outsider).get(lead.get_absolute_url()).status_code == 404


def test_the_page_says_that_joint_credit_opens_no_lead_before_and_after_the_decision(
    case, manager, outsider, owner, as_
):
    words = ("联合只分业绩，不开放线索", f"{outsider.unit}看不到：线索和项目的页面", "请责任单位提出移交")
    for person in (manager, outsider, owner):
        page = as_(person).get(case.get_absolute_url()).content.decode()
        assert all(word in page for word in words) == (person == manager)
    decide(case, manager, "joint", 60, 40)
    for person in (outsider, owner):
        page = as_(person).get(case.get_absolute_url()).content.decode()
        assert all(word in page for word in words)
    assert "看不到线索和联系人" in Notification.objects.get(user=outsider, key__endswith="decided").body


@pytest.mark.parametrize(
    "verdict, first, second, why",
    [
        ("joint", 60, 50, "合计|之和要等于 100"),
        ("joint", 100, 0, "双方都要有"),
        ("keep", 90, 10, "不参与"),
        ("transfer", 100, 0, "要有业绩比例"),
        ("", 100, 0, "请选择裁决"),
    ],
)
def test_a_decision_that_does_not_add_up_changes_nothing(case, lead, manager, verdict, first, second, why):
    with pytest.raises((ConflictRefused, CreditRefused), match=why):
        decide(case, manager, verdict, first, second)
    case.refresh_from_db()
    assert case.is_open
    assert Claim.objects.get(lead=lead).is_contested
    assert not CreditSplit.objects.exists()


@pytest.mark.parametrize(
    "verdict, first, second, third, why",
    [
        ("joint", 0, 50, 50, "驻深工作站不是冲突双方"),
        ("keep", 0, 0, 100, "驻深工作站不是冲突双方"),
        ("transfer", 0, 90, 10, "驻深工作站不是冲突双方"),
    ],
)
def test_a_third_unit_gets_no_part_by_a_decision(
    case, lead, manager, shenzhen_station, verdict, first, second, third, why
):
    shares = {case.first_unit: first, case.unit: second, shenzhen_station: third}
    with pytest.raises(ConflictRefused, match=why):
        conflicts.decide(case, verdict=verdict, opinion="证据", shares=shares, by=manager, at=case.opened_at)
    assert not CreditSplit.objects.exists()


def passed_on(lead, head, station, now):
    """Hand the lead on to the station, which keeps nothing of the credit for the giver."""
    offer = handover.hand_over(lead, to_unit=station.unit, by=head, at=now, reason="对口", share=0)
    handover.accept(offer, by=station, at=now)


@pytest.mark.parametrize("verdict, wrong", [("joint", (0, 50, 50)), ("keep", (0, 0, 100))])
def test_who_has_the_lead_now_stands_for_the_first_side_and_has_a_field(
    as_, lead, head, owner, outsider, station, manager, now, verdict, wrong
):
    passed_on(lead, head, station, now)
    case = conflicts.open_case(NAME, by=outsider, at=now, reason="我方在先")
    form = as_(manager).get(case.get_absolute_url()).context["decision_form"]
    assert list(form.units.values()) == [owner.unit, station.unit, outsider.unit]
    page = as_(outsider).get(case.get_absolute_url()).content.decode()
    assert "现在的责任单位</dt><dd>驻深工作站" in page
    units = (owner.unit, outsider.unit, station.unit)
    shares = dict(zip(units, wrong, strict=True))
    conflicts.decide(case, verdict=verdict, opinion="证据", shares=shares, by=manager, at=now)
    assert credit.shares_of(lead) == {unit: part for unit, part in shares.items() if part}


def test_a_case_in_which_only_a_former_holder_would_be_credited_is_not_joint(
    lead, head, owner, outsider, station, manager, now
):
    case = conflicts.open_case(NAME, by=outsider, at=now, reason="我方在先")
    split = {owner.unit: 50, station.unit: 50}
    credit.split(lead, split, ground="handover", reference=1, by=manager, at=now)
    shares = {owner.unit: 0, outsider.unit: 50, station.unit: 50}
    for verdict, why in (("joint", "双方都要有"), ("keep", "不参与")):
        with pytest.raises(ConflictRefused, match=why):
            conflicts.decide(case, verdict=verdict, opinion="证据", shares=shares, by=manager, at=now)
    with pytest.raises(ConflictRefused, match="首报单位要有"):
        conflicts.decide(case, verdict="keep", opinion="证据", shares={station.unit: 100}, by=manager, at=now)
    assert Conflict.objects.get().is_open


def test_a_unit_named_twice_in_the_api_is_named_in_the_refusal(case, manager):
    shares = [{"unit": "banshan", "percent": part} for part in (90, 50)]
    shares.append({"unit": "wanggu", "percent": 50})
    body = {"verdict": "joint", "opinion": "双方有功", "shares": shares}
    answer = callers.person(manager).post(f"conflicts/{case.pk}/decide/", body)
    assert answer.status_code == 400
    assert "半山区块写了不止一次" in answer.content.decode()
    body["shares"] = [{"percent": 100}]
    assert callers.person(manager).post(f"conflicts/{case.pk}/decide/", body).status_code == 400
    case.refresh_from_db()
    assert case.is_open
    assert not CreditSplit.objects.exists()


def test_the_decision_is_written_to_the_timeline_the_audit_log_and_both_sides(
    as_, case, lead, manager, owner, outsider, head
):
    page = as_(manager).get(case.get_absolute_url())
    form = {"decision-verdict": "joint", "decision-opinion": "双方各有贡献"}
    form |= {f"decision-share-{case.first_unit_id}": 60, f"decision-share-{case.unit_id}": 40}
    assert page.context["decision_form"] is not None
    assert as_(manager).post(f"/conflicts/{case.pk}/decide/", form).status_code == 302
    timeline = as_(owner).get(lead.get_absolute_url()).content.decode()
    assert "联合，理由：双方各有贡献；业绩：" in timeline
    assert "半山区块 60 %" in timeline
    assert AuditEvent.objects.filter(action="decide_conflict", subject_id=case.pk).count() == 1
    for person in (head, outsider):
        assert f"「{NAME}」首报冲突裁决：联合" in told(person)
    again = as_(manager).post(f"/conflicts/{case.pk}/decide/", form)
    assert again.status_code == 409


def test_only_the_bureau_decides(as_, case, head, outsider, owner):
    for person in (head, outsider, owner):
        assert as_(person).post(f"/conflicts/{case.pk}/decide/", {"verdict": "keep"}).status_code == 403
    case.refresh_from_db()
    assert case.is_open


def test_a_contested_claim_does_not_lapse(case, lead, manager, now):
    make.days_pass(40)
    assert Claim.objects.get(lead=lead).is_open
    decide(case, manager, "keep", 100, 0, at=now + 41 * DAY)
    make.days_pass(71, first=42)
    assert Claim.objects.get(lead=lead).is_open
    make.days_pass(72, first=72)
    assert Claim.objects.get(lead=lead).ended == "silence"


def test_the_bureau_is_reminded_on_the_day_and_once_when_it_is_late(case, manager, now):
    Notification.objects.all().delete()
    for days in (6, 8, 8, 9, 10):
        conflicts.remind(now + days * DAY)
    assert told(manager) == [f"「{NAME}」首报冲突今天应当裁决", f"「{NAME}」首报冲突已过裁决期限"]


@pytest.mark.parametrize(
    "days, later, due",
    [(8, 0, "2026-05-06"), (2, 0, "2026-04-23"), (2, 5, "2026-04-25"), (8, 17, "2026-04-28")],
)
def test_a_new_number_of_days_to_decide_counts_for_open_cases(case, manager, now, days, later, due):
    Setting.objects.create(key="conflict_days", value=days)
    conflicts.rewind(now + later * DAY)
    case.refresh_from_db()
    assert f"{case.due_on}" == due


def test_a_case_whose_last_day_moved_is_announced_on_the_new_one(case, manager, now):
    Notification.objects.all().delete()
    conflicts.remind(now + 8 * DAY)
    Setting.objects.create(key="conflict_days", value=7)
    assert conflicts.rewind(now + 8 * DAY) == 1
    for days in (8, 9, 10):
        conflicts.remind(now + days * DAY)
    assert told(manager) == [f"「{NAME}」首报冲突今天应当裁决"] * 2


def test_the_list_costs_the_same_for_one_case_and_for_many(
    as_, manager, outsider, owner, django_assert_max_num_queries
):
    client = as_(manager)
    for n in range(3):
        make.lead(owner, f"杭州第{n}家数据科技有限公司")
        conflicts.open_case(f"杭州第{n}家数据科技有限公司", by=outsider, at=make.NOW, reason="我方在先")
    with django_assert_max_num_queries(8):
        client.get("/conflicts/")


def test_the_api_opens_shows_and_decides_in_the_same_words(lead, owner, outsider, manager):
    theirs, bureau = callers.person(outsider), callers.person(manager)
    opened = theirs.post("conflicts/", OPENED)
    assert opened.status_code == 201
    path = f"conflicts/{opened.json()['id']}/"
    assert opened.json()["first_unit_label"] == "半山区块"
    again = theirs.post("conflicts/", OPENED)
    assert (again.status_code, again.json()["code"]) == (400, "already_open")
    shown = {"happened_on": f"{timezone.localdate()}", "text": "企业来园区考察"}
    assert theirs.post(path + "evidence/", shown).status_code == 201
    assert [one["text"] for one in bureau.get(path + "evidence/").json()["results"]] == ["企业来园区考察"]
    shares = [{"unit": "banshan", "percent": 60}, {"unit": "wanggu", "percent": 50}]
    wrong = bureau.post(path + "decide/", {"verdict": "joint", "opinion": "双方有功", "shares": shares})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "shares")
    assert "现在是 110 %" in wrong.json()["detail"]
    shares[1]["percent"] = 40
    done = bureau.post(path + "decide/", {"verdict": "joint", "opinion": "双方有功", "shares": shares})
    assert done.json()["verdict_label"] == "联合"
    assert [row["id"] for row in theirs.get("conflicts/").json()["results"]] == [opened.json()["id"]]


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 100)).filter(lambda s: s[0] != s[1]),
        max_size=12,
    )
)
def test_whatever_is_passed_on_the_shares_sum_to_100(steps):
    shares = {0: 100}
    for giver, receiver, keep in steps:
        shares = credit.passed_on(shares, giver, receiver, keep)
        credit.check(shares)


@transaction.atomic
def half_a_split(lead, *, by, at):
    split = CreditSplit.objects.create(lead=lead, ground="conflict", reference=2, by=by, at=at)
    CreditShare.objects.create(split=split, unit=lead.unit, percent=50)


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_keeps_the_sum(owner, outsider, manager, now):
    lead = make.lead(owner)
    split = credit.split(
        lead, {owner.unit: 60, outsider.unit: 40}, ground="conflict", reference=1, by=manager, at=now
    )
    with pytest.raises(DatabaseError, match="sum to 60"):
        CreditShare.objects.filter(split=split, unit=outsider.unit).delete()
    with pytest.raises(DatabaseError, match="sum to 50"):
        half_a_split(lead, by=manager, at=now)
    with pytest.raises(DatabaseError, match="sum to 0"):
        CreditSplit.objects.create(lead=lead, ground="conflict", reference=3, by=manager, at=now)
    assert sum(CreditShare.objects.values_list("percent", flat=True)) == 100
    Lead.objects.all().delete()


def at_once(*works):
    """Run the works in threads that start together; their outcomes, a refusal as itself."""
    barrier, outcomes = threading.Barrier(len(works)), []

    def run(work):
        barrier.wait()
        try:
            outcomes.append(work())
        except Exception as error:  # noqa: BLE001 (the test looks at what it was)
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(type(one).__name__ for one in outcomes)


@pytest.mark.django_db(transaction=True)
def test_two_people_of_a_unit_at_once_open_one_case(owner, outsider, wanggu, now):
    make.lead(owner, NAME)
    colleague = make.user("colleague", "officer", wanggu)
    opens = [
        lambda by=by: conflicts.open_case(NAME, by=by, at=now, reason="在先") for by in (outsider, colleague)
    ]
    assert at_once(*opens) == ["Conflict", "ConflictRefused"]
    assert Conflict.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_decisions_at_once_give_one_and_leave_one_holder(owner, outsider, manager, now):
    make.lead(owner, NAME)
    case = conflicts.open_case(NAME, by=outsider, at=now, reason="在先")
    other = make.user("manager2", "manager", manager.unit)
    works = [lambda: decide(case, manager, "transfer"), lambda: decide(case, other, "keep", 100, 0)]
    assert at_once(*works) == [AlreadyDecided.__name__, "Conflict"]
    claim = Claim.objects.get()
    assert CreditSplit.objects.count() == 1
    assert claim.unit == claim.lead.unit


@pytest.mark.django_db(transaction=True)
def test_a_decision_and_a_move_at_once_lose_neither(owner, outsider, manager, head, now):
    lead = make.lead(owner, NAME)
    case = conflicts.open_case(NAME, by=outsider, at=now, reason="在先")
    seen = Lead.objects.get(pk=lead.pk)
    works = [
        lambda: decide(case, manager, "joint", 60, 40),
        lambda: seen.move_to("screening", by=owner, at=now + 3 * DAY),
    ]
    assert at_once(*works) == ["Conflict", "LeadStageChange"]


def test_who_receives_the_contested_lead_by_hand_over_has_nothing_left_to_be_decided(
    as_, lead, case, head, outsider, wanggu, manager, now
):
    other = make.user("other", "officer", make.unit("canal", "大运河街道"), "许愿")
    theirs = conflicts.open_case(NAME, by=other, at=now + DAY, reason="街道先走访")
    receiver = make.user("receiver", "head", wanggu, "齐主任")
    offer = handover.hand_over(lead, to_unit=wanggu, by=head, at=now + DAY, reason="对口", share=30)
    handover.accept(offer, by=receiver, at=now + 3 * DAY)
    case.refresh_from_db()
    claim = Claim.objects.get(lead=lead)
    said = "半山区块已把线索移交智慧网谷小镇，不用再裁决；业绩按移交的划分。"
    assert (case.is_open, case.verdict, case.opinion, case.decided_by) == (False, "moot", said, None)
    assert (claim.is_open, claim.is_contested, claim.extra_days) == (True, True, 2)
    assert {share.unit: share.percent for share in CreditShare.objects.all()} == {head.unit: 30, wanggu: 70}
    assert said in as_(outsider).get(lead.get_absolute_url()).content.decode()
    for person in (head, outsider):
        page = as_(person).get(case.get_absolute_url()).content.decode()
        assert "已了结：提出单位接手" in page
        assert said in page
        assert f"「{NAME}」首报冲突已了结" in told(person)
    seen = callers.person(head).get(f"conflicts/{case.pk}/").json()
    assert (seen["verdict"], seen["verdict_label"]) == ("moot", "接手了结")
    with pytest.raises(AlreadyDecided):
        decide(case, manager, "keep", 100, 0)
    with pytest.raises(ConflictRefused, match="请选择裁决"):
        decide(theirs, manager, "moot", 100, 0)
    assert Conflict.objects.open().get() == theirs
    decide(theirs, manager, "keep", 100, 0, at=now + 4 * DAY)
    claim.refresh_from_db()
    assert (claim.is_contested, claim.extra_days) == (False, 3)


def test_a_hand_over_to_a_third_unit_leaves_the_case_to_the_bureau(lead, case, head, now):
    elsewhere = make.unit("canal", "大运河街道")
    receiver = make.user("receiver", "head", elsewhere, "许主任")
    offer = handover.hand_over(lead, to_unit=elsewhere, by=head, at=now + DAY, reason="对口")
    handover.accept(offer, by=receiver, at=now + 2 * DAY)
    case.refresh_from_db()
    assert case.is_open
    assert Claim.objects.get(lead=lead).is_contested


def test_of_one_name_with_two_investors_the_report_meant_is_contested(as_, owner, outsider, station, freeze):
    freeze(make.NOW)
    make.lead(owner, "星海二期项目", investor_name="深圳甲方投资有限公司")
    make.lead(outsider, "星海二期项目", investor_name="深圳乙方投资有限公司")
    api, asked = callers.person(station), {"company_name": "星海二期项目", "reason": "我方三月已到企业对接"}
    vague = api.post("conflicts/", asked)
    (error,) = vague.json()["errors"]
    assert (vague.status_code, error["field"]) == (400, "investor_name")
    assert "有 2 条首报（半山区块、智慧网谷小镇）" in error["detail"]
    page = as_(station).post("/conflicts/new/", asked)
    assert error["detail"] in page.content.decode()
    assert not Conflict.objects.exists()
    exact = {**asked, "investor_name": "深圳乙方投资有限公司"}
    known = as_(station).get("/conflicts/new/", exact).content.decode()
    assert "已由智慧网谷小镇于" in known
    assert api.post("conflicts/", exact).json()["first_unit"] == "wanggu"
    as_(station).post("/conflicts/new/", {**asked, "investor_name": "深圳甲方投资有限公司"})
    assert {case.first_unit for case in Conflict.objects.all()} == {owner.unit, outsider.unit}


def test_evidence_of_a_year_nobody_means_is_refused_by_the_api_as_by_the_page(case, outsider, as_, freeze):
    freeze(case.opened_at + DAY)
    api = callers.person(outsider)
    answer = api.post(f"conflicts/{case.pk}/evidence/", {"happened_on": "0202-03-01", "text": "到企业对接"})
    assert answer.status_code == 400
    assert answer.json()["detail"] == "发生日期要在 2000 年到 2100 年之间，请核对年份。"
    assert not ConflictEvidence.objects.exists()
