"""流转: an offered lead stays with the giver until the other unit answers in time; the credit is split."""

import threading
from datetime import timedelta

import pytest

from django.db import connection
from django.utils import timezone

from crm.models import AuditEvent, Company, Notification, Setting
from leads import conflicts, credit, handover
from leads.claims import AlreadyReported
from leads.handover import AlreadyAnswered, HandoverRefused, hand_over
from leads.known import OpenClaims
from leads.losing import OFFER_ENDS
from leads.models import Conflict, Handover, Lead
from tests import callers, make

DAY = timedelta(days=1)


@pytest.fixture
def other_head(wanggu):
    return make.user("other_head", "head", wanggu, "袁野")


@pytest.fixture
def lead(owner, head):
    return make.lead(owner, "深圳云芯科技有限公司", contact_name="王景行", contact_phone="13287530409")


def offer(lead, head, wanggu, at=None, **more):
    return hand_over(lead, to_unit=wanggu, by=head, at=at or timezone.now(), reason="载体在智慧网谷", **more)


def told(person):
    return list(Notification.objects.filter(user=person).order_by("pk").values_list("title", flat=True))


def test_until_it_is_accepted_the_lead_stays_and_the_receiver_reads_no_contact(
    as_, lead, head, wanggu, other_head, outsider
):
    row = offer(lead, head, wanggu)
    assert Lead.objects.get(pk=lead.pk).unit == head.unit
    assert told(other_head) == ["半山区块移交线索：深圳云芯科技有限公司"]
    page = as_(other_head).get("/handovers/").content.decode()
    for word in ("深圳云芯科技有限公司", "载体在智慧网谷", "线索", "接收"):
        assert word in page
    for contact in ("王景行", "13287530409"):
        assert contact not in page
    assert as_(other_head).get(lead.get_absolute_url()).status_code == 404
    assert "深圳云芯" not in as_(outsider).get("/handovers/").content.decode()
    assert as_(outsider).post(f"/handovers/{row.pk}/accept/").status_code == 404


def test_accepted_the_lead_moves_and_the_giver_keeps_its_part(as_, lead, head, wanggu, other_head, owner):
    row = offer(lead, head, wanggu)
    answer = as_(other_head).post(f"/handovers/{row.pk}/accept/")
    assert answer.headers["Location"] == lead.get_absolute_url()
    moved = Lead.objects.get(pk=lead.pk)
    assert (moved.unit, moved.owner) == (wanggu, other_head)
    assert moved.claim.unit == head.unit
    assert credit.shares_of(moved) == {head.unit: 40, wanggu: 60}
    row.refresh_from_db()
    assert (row.state, row.answered_by) == ("accepted", other_head)
    for person in (head, owner):
        assert any(title.startswith("已接收") for title in told(person))


def test_who_is_named_accepts_and_becomes_the_owner(as_, lead, head, wanggu, outsider, other_head):
    row = offer(lead, head, wanggu, to_owner=outsider, share=0)
    assert told(outsider)
    assert not told(other_head)
    assert as_(outsider).post(f"/handovers/{row.pk}/accept/").status_code == 302
    moved = Lead.objects.get(pk=lead.pk)
    assert moved.owner == outsider
    assert credit.shares_of(moved) == {wanggu: 100}


def test_refused_with_a_reason_it_is_as_before(as_, lead, head, wanggu, other_head):
    row = offer(lead, head, wanggu)
    assert as_(other_head).post(f"/handovers/{row.pk}/refuse/", {"reason": " "}).status_code == 400
    assert as_(other_head).post(f"/handovers/{row.pk}/refuse/", {"reason": "没有载体"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.answer) == ("refused", "没有载体")
    assert Lead.objects.get(pk=lead.pk).unit == head.unit
    assert credit.shares_of(lead) == {head.unit: 100}
    assert any("已退回" in title for title in told(head))
    assert "没有载体" in as_(head).get(lead.get_absolute_url()).content.decode()
    late = as_(other_head).post(f"/handovers/{row.pk}/accept/")
    assert late.status_code == 409


def test_unanswered_it_lapses_back_after_three_workdays_and_everybody_is_told(
    lead, head, wanggu, other_head, now
):
    row = offer(lead, head, wanggu, at=now)
    assert f"{row.due_on}" == "2026-04-23"
    handover.lapse(now + 3 * DAY)
    row.refresh_from_db()
    assert row.state == "pending"
    for _ in range(2):
        handover.lapse(now + 4 * DAY)
    row.refresh_from_db()
    assert row.state == "lapsed"
    for person in (head, other_head):
        assert sum("已逾期退回" in title for title in told(person)) == 1
    assert Lead.objects.get(pk=lead.pk).unit == head.unit


def test_past_the_last_day_nobody_accepts_even_before_the_job_ran(lead, head, wanggu, other_head, now):
    row = offer(lead, head, wanggu, at=now)
    with pytest.raises(HandoverRefused, match="接收期限 2026-04-23 已过"):
        handover.accept(row, by=other_head, at=now + 4 * DAY)
    assert Lead.objects.get(pk=lead.pk).unit == head.unit


def test_one_offer_at_a_time_which_the_giver_may_withdraw(
    as_, lead, head, wanggu, other_head, shenzhen_station
):
    row = offer(lead, head, wanggu)
    with pytest.raises(HandoverRefused, match="正在移交智慧网谷小镇"):
        offer(lead, head, shenzhen_station)
    assert as_(other_head).post(f"/handovers/{row.pk}/withdraw/").status_code == 403
    assert as_(head).post(f"/handovers/{row.pk}/withdraw/").status_code == 302
    row.refresh_from_db()
    assert row.state == "withdrawn"
    offer(lead, head, shenzhen_station)


def test_a_second_hand_over_waits_for_the_bureau_unseen_by_the_receiver(
    as_, lead, head, wanggu, other_head, manager, shenzhen_station, station, now
):
    handover.accept(offer(lead, head, wanggu, at=now), by=other_head, at=now)
    lead.refresh_from_db()
    row = hand_over(lead, to_unit=shenzhen_station, by=other_head, at=now, reason="企业总部在深圳")
    assert (row.state, row.due_on) == ("approval", None)
    assert any("待审批" in title for title in told(manager))
    assert as_(station).get("/handovers/").context["page"].rows == []
    assert as_(station).post(f"/handovers/{row.pk}/accept/").status_code == 404
    with pytest.raises(AlreadyAnswered):
        handover.accept(row, by=manager, at=now)
    approved = handover.approve(row, by=manager, at=now + DAY)
    assert (approved.state, f"{approved.due_on}") == ("pending", "2026-04-24")
    handover.accept(row, by=station, at=now + DAY)
    assert credit.shares_of(lead) == {head.unit: 40, wanggu: 24, shenzhen_station: 36}


def test_only_the_bureau_approves_and_it_may_refuse(lead, head, wanggu, other_head, manager, banshan, now):
    handover.accept(offer(lead, head, wanggu, at=now), by=other_head, at=now)
    lead.refresh_from_db()
    row = hand_over(lead, to_unit=banshan, by=other_head, at=now, reason="退回半山")
    with pytest.raises(Exception, match="由区投促局审批"):
        handover.refuse(row, by=head, at=now, reason="不要")
    handover.refuse(row, by=manager, at=now, reason="不宜来回移交")
    row.refresh_from_db()
    assert row.state == "refused"


def test_a_closed_lead_cannot_be_accepted(lead, head, owner, wanggu, other_head):
    row = offer(lead, head, wanggu)
    lead.move_to("dropped", by=owner, at=timezone.now(), reason="联系不上")
    with pytest.raises(HandoverRefused, match="已经关闭"):
        handover.accept(row, by=other_head, at=timezone.now())


def test_a_lost_lead_is_offered_to_nobody_any_more(as_, lead, head, owner, wanggu, other_head):
    row = offer(lead, head, wanggu)
    told = {"stage": "dropped", "loss_reason": "no_interest", "reason": "不来了"}
    assert as_(owner).post(f"/leads/{lead.pk}/move/", told).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.answered_by, row.answer) == ("withdrawn", owner, OFFER_ENDS)
    answer = as_(other_head).post(f"/handovers/{row.pk}/accept/")
    assert answer.status_code == 409
    assert "已撤回" in answer.content.decode()
    assert Lead.objects.get().unit == head.unit


def test_a_decision_for_another_unit_ends_the_offer(lead, head, wanggu, other_head, manager, station, now):
    row = offer(lead, head, wanggu, at=now)
    case = conflicts.open_case(lead.title, by=station, at=now, reason="我方在先")
    shares = {head.unit: 0, station.unit: 100}
    conflicts.decide(case, verdict="transfer", opinion="证据充分", shares=shares, by=manager, at=now)
    row.refresh_from_db()
    assert row.state == "withdrawn"
    assert Lead.objects.get(pk=lead.pk).unit == station.unit


def test_a_unit_that_is_no_more_is_offered_nothing(lead, head, wanggu):
    """Closed since the form was opened: nobody there could answer."""
    wanggu.is_active = False
    wanggu.save()
    with pytest.raises(HandoverRefused, match="智慧网谷小镇已停用") as refusal:
        offer(lead, head, wanggu)
    assert refusal.value.field == "to_unit"


def test_the_list_costs_the_same_for_many(as_, owner, head, wanggu, django_assert_max_num_queries):
    client = as_(head)
    for _ in range(4):
        offer(make.lead(owner), head, wanggu)
    with django_assert_max_num_queries(8):
        client.get("/handovers/")


def test_the_api_offers_and_answers_in_the_same_words(lead, head, wanggu, other_head):
    giver, receiver = callers.person(head), callers.person(other_head)
    asked = {"to_unit": "wanggu", "reason": "载体在智慧网谷", "share": 30}
    offered = giver.post(f"leads/{lead.pk}/handover/", asked)
    assert (offered.status_code, offered.json()["state_label"]) == (201, "待接收")
    event = AuditEvent.objects.get(action="hand_over", subject_id=lead.pk)
    assert event.detail == {"from": "半山区块", "to": "智慧网谷小镇", "reason": "载体在智慧网谷"}
    again = giver.post(f"leads/{lead.pk}/handover/", asked)
    assert (again.status_code, again.json()["code"]) == (400, "handover_open")
    assert AuditEvent.objects.filter(action="hand_over").count() == 1
    path = f"handovers/{offered.json()['id']}/"
    assert "王景行" not in receiver.get("handovers/").content.decode()
    assert receiver.post(path + "refuse/", {"reason": ""}).status_code == 400
    assert receiver.post(path + "accept/").json()["state"] == "accepted"
    twice = receiver.post(path + "accept/")
    assert (twice.status_code, twice.json()["code"]) == (409, "already_answered")
    assert giver.get(f"leads/{lead.pk}/").status_code == 404


def set_number(client, key, value):
    """Let the administrator set a number of the rules; what he is told."""
    answer = client.post("/admin/crm/setting/add/", {"key": key, "value": value}, follow=True)
    return answer.content.decode()


@pytest.mark.parametrize(
    "days, later, due", [(5, 0, "2026-04-27"), (1, 0, "2026-04-21"), (1, 2, "2026-04-22")]
)
def test_a_new_number_of_days_counts_for_open_offers_and_makes_nobody_late_in_hindsight(
    as_, admin_user, lead, head, wanggu, other_head, now, freeze, days, later, due
):
    row, done = offer(lead, head, wanggu, at=now), make.lead(head, at=now)
    refused = offer(done, head, wanggu, at=now)
    handover.refuse(refused, by=other_head, at=now, reason="没有载体")
    freeze(now + later * DAY)
    said = set_number(as_(admin_user), "handover_days", days)
    assert "重算 1 次移交的接收期限" in said
    row.refresh_from_db()
    refused.refresh_from_db()
    assert (f"{row.due_on}", f"{refused.due_on}") == (due, "2026-04-23")
    assert AuditEvent.objects.filter(action="admin_add", subject="crm.setting").count() == 1
    handover.lapse(now + later * DAY)
    row.refresh_from_db()
    assert row.state == "pending"


def test_the_days_of_an_approved_offer_count_from_the_approval(
    lead, head, wanggu, other_head, manager, banshan, now
):
    Setting.objects.create(key="handovers_max", value=0)
    row = offer(lead, head, wanggu, at=now)
    assert (row.state, row.due_on) == ("approval", None)
    handover.approve(row, by=manager, at=now + 7 * DAY)
    Setting.objects.create(key="handover_days", value=4)
    assert handover.rewind(now + 7 * DAY) == 1
    row.refresh_from_db()
    assert f"{row.due_on}" == "2026-05-06"


def test_a_new_holiday_moves_open_offers_and_cases_and_its_removal_moves_them_back(
    as_, admin_user, lead, head, wanggu, station, now, freeze
):
    freeze(now)
    row = offer(lead, head, wanggu, at=now)
    case = conflicts.open_case(lead.title, by=station, at=now, reason="我方在先")
    days = []
    client = as_(admin_user)
    for change in ("add/", "2026-04-22/delete/"):
        form = {"day": "2026-04-22", "name": "临时放假", "post": "yes"}
        page = client.post(f"/admin/crm/holiday/{change}", form, follow=True).content.decode()
        assert "1 次移交和 1 个首报冲突的期限" in page
        row.refresh_from_db()
        case.refresh_from_db()
        days.append((f"{row.due_on}", f"{case.due_on}"))
    assert days == [("2026-04-24", "2026-04-28"), ("2026-04-23", "2026-04-27")]


@pytest.fixture
def handed_over(owner, head, other_head, outsider, wanggu, now, freeze):
    """A lead that 半山区块 reported and gave to 智慧网谷小镇."""
    freeze(now)
    lead = make.lead(owner, "深圳云芯科技有限公司")
    row = offer(lead, head, wanggu, at=now)
    handover.accept(row, by=other_head, at=now)
    lead.refresh_from_db()
    return lead


def told_at_the_doors(as_, by):
    """What the form says when the person records the company, and what when he contests its claim."""
    soon = timezone.localdate() + DAY
    form = {"company_name": "深圳云芯科技有限公司", "next_contact_on": soon}
    refused = as_(by).post("/leads/new/", form)
    api = callers.person(by).post("leads/", {"company_name": "深圳云芯科技有限公司"})
    contested = as_(by).post("/conflicts/new/", {**form, "reason": "我方在先"})
    assert (refused.status_code, api.status_code) == (409, 409)
    assert api.json()["detail"] in refused.content.decode()
    return refused.content.decode(), contested


def test_who_received_a_lead_is_told_to_follow_it_up_and_not_to_contest(as_, handed_over, outsider):
    page, contested = told_at_the_doors(as_, outsider)
    assert "已由半山区块于 2026-04-20 首报，保护至 2026-07-19，现由本单位负责" in page
    assert "请直接在那条线索上记录跟进" in page
    assert "提出首报冲突" not in page
    assert contested.status_code == 400
    assert "现由本单位负责" in contested.content.decode()
    assert not Conflict.objects.exists()


def test_who_gave_a_lead_away_is_told_who_has_it_and_neither_of_its_title_nor_to_contest(
    as_, handed_over, owner
):
    page, contested = told_at_the_doors(as_, owner)
    assert "本单位已移交这条线索，请与智慧网谷小镇联系" in page
    for misleading in ("请直接在那条线索上", "线索「", "提出首报冲突"):
        assert misleading not in page
    assert contested.status_code == 400
    assert "请与智慧网谷小镇联系" in contested.content.decode()
    typed = as_(owner).get("/leads/known/", {"company_name": "深圳云芯科技有限公司"}).content.decode()
    assert "请与智慧网谷小镇联系" in typed
    assert as_(owner).get(handed_over.get_absolute_url()).status_code == 404


def test_a_third_unit_reads_who_reported_first_and_who_has_it_and_may_contest(as_, handed_over, station):
    page, contested = told_at_the_doors(as_, station)
    assert "已由半山区块于 2026-04-20 首报，保护至 2026-07-19，现由智慧网谷小镇负责" in page
    assert "提出首报冲突" in page
    assert contested.status_code == 302


def test_whose_lead_it_is_hears_of_the_giver_and_not_of_his_own_unit(
    as_, handed_over, owner, outsider, other_head
):
    Notification.objects.all().delete()
    told_at_the_doors(as_, outsider)
    assert told(other_head) == []
    told_at_the_doors(as_, owner)
    assert told(other_head) == ["半山区块也在接触「深圳云芯科技有限公司」"]
    assert "半山区块首报保护至 2026-07-19" in Notification.objects.get(user=other_head).body
    assert told(owner) == []


def test_the_station_that_brought_a_lead_sees_it_and_is_not_sent_to_follow_it_up(
    as_, station, wanggu, other_head, now, freeze
):
    freeze(now)
    lead = make.lead(station, "深圳云芯科技有限公司")
    handover.accept(offer(lead, station, wanggu, at=now), by=other_head, at=now)
    typed = as_(station).get("/leads/known/", {"company_name": "深圳云芯科技有限公司"}).content.decode()
    assert lead.get_absolute_url() in typed
    assert "记录跟进" not in typed
    assert "请与智慧网谷小镇联系" in typed


def test_an_import_of_the_giver_calls_the_firm_known_and_not_his(handed_over, head, wanggu):
    company = Company.objects.get()
    known = OpenClaims(head.unit).by_key([company.name_key])[company.name_key][0]
    assert (known.lead_id, "请与智慧网谷小镇联系" in known.text) == (None, True)
    known = OpenClaims(wanggu).by_key([company.name_key])[company.name_key][0]
    assert known.lead_id == handed_over.pk


def test_another_firm_of_the_same_name_is_not_claimed_against_the_unit_that_has_the_lead(
    handed_over, owner, outsider, now
):
    with pytest.raises(AlreadyReported):
        make.lead(owner, "深圳云芯科技有限公司", is_distinct=True)
    make.lead(outsider, "深圳云芯科技有限公司", is_distinct=True)
    assert Lead.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rival", ["refuse", "withdraw", "lapse"])
def test_two_answers_at_once_give_one_outcome(owner, head, wanggu, other_head, now, rival):
    lead = make.lead(owner)
    row = offer(lead, head, wanggu, at=now)
    others = {
        "refuse": lambda: handover.refuse(row, by=other_head, at=now, reason="没有载体"),
        "withdraw": lambda: handover.withdraw(row, by=head, at=now),
        "lapse": lambda: handover.lapse(now + 9 * DAY),
    }
    barrier, outcomes = threading.Barrier(2), []

    def run(work):
        barrier.wait()
        try:
            outcomes.append(work())
        except AlreadyAnswered as refusal:
            outcomes.append(refusal)
        finally:
            connection.close()

    works = [lambda: handover.accept(row, by=other_head, at=now), others[rival]]
    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row.refresh_from_db()
    lead.refresh_from_db()
    assert (row.state == "accepted") == (lead.unit == wanggu)
    assert Handover.objects.count() == 1
    assert len(outcomes) == 2


def test_nobody_is_named_who_does_not_work_on_leads(owner, head, outsider, freeze):
    freeze(make.NOW)
    reader = make.user("reader", "auditor", outsider.unit, "审计乙")
    told = {"to_unit": "wanggu", "to_owner": reader.pk, "reason": "落在网谷"}
    answer = callers.person(head).post(f"leads/{make.lead(owner).pk}/handover/", told)
    assert answer.json()["detail"] == "审计乙已停用或不再跟进线索，请换一位接收人。"
    assert not Handover.objects.exists()
