"""公海: what goes back when, who may take it, and that a lead has one owner at any moment."""

import threading
from datetime import date, timedelta

import pytest

from django.db import connection
from django.utils import timezone

from crm.models import Channel, Notification, Setting, StageSetting
from crm.pipeline import MoveRefused
from leads import conflicts, credit, handover, pool
from leads.claims import AlreadyReported
from leads.editing import EditRefused, edit
from leads.follow_up import FollowUp, log_visit
from leads.handover import HandoverRefused
from leads.intake import CaptureRefused
from leads.models import Claim, Handover, Lead, PoolEntry
from leads.pool import AlreadyTaken, PoolRefused
from projects import clocks
from projects.opening import accept
from tests import callers, make

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NAME = "杭州云栖数据有限公司"
pytestmark = pytest.mark.usefixtures("bureau")


def walk_in(by, name=NAME, at=make.NOW, **more):
    more.setdefault("channel", Channel.objects.get(code="walk_in"))
    return make.lead(by, name, at=at, contact_name="王景行", contact_phone="13287530409", **more)


def nights(last, begin=make.NOW, first=1):
    """The hourly watch at noon and the return at 23:00 of every day up to the `last`."""
    for day in range(first, last + 1):
        pool.watch(begin + day * DAY + 2 * HOUR)
        pool.return_all(begin + day * DAY + 13 * HOUR)


def in_pool(by, at=None, **more):
    lead = walk_in(by, **more)
    return pool.give(lead, by=by, at=at or timezone.now(), reason="暂无精力跟进")


def talk(lead, by, at):
    follow_up = FollowUp("call", "谈了选址", "发材料", (at + 7 * DAY).date(), at)
    return log_visit(lead, follow_up, by=by, at=at)


def told(person):
    return list(Notification.objects.filter(user=person).order_by("pk").values_list("title", flat=True))


def test_after_retention_and_grace_it_goes_back_at_night_and_was_announced(owner, head, now):
    lead = walk_in(owner)
    nights(29)
    assert told(owner) == []
    nights(36, first=30)
    assert told(owner) == told(head) == [f"「{NAME}」将退回公海"]
    assert "2026-05-27 夜间退回" in Notification.objects.get(user=owner).body
    lead.refresh_from_db()
    assert lead.owner == owner
    nights(37, first=37)
    entry = PoolEntry.objects.get()
    lead.refresh_from_db()
    assert (entry.from_unit, entry.from_person, entry.why) == (owner.unit, owner, "silent")
    assert (lead.owner, lead.unit.kind) == (None, "bureau")
    assert Claim.objects.get().ended == "pooled"
    assert told(owner)[-1] == f"「{NAME}」已退回公海"
    assert Notification.objects.filter(user=owner).order_by("pk").last().url == "/leads/pool/"


def test_an_effective_follow_up_keeps_it(owner, now):
    lead = walk_in(owner)
    nights(36)
    talk(lead, owner, now + 36 * DAY + 10 * HOUR)
    nights(60, first=37)
    assert not PoolEntry.objects.exists()


def test_after_a_stop_the_grace_begins_with_the_warning(owner, now):
    walk_in(owner)
    nights(60, first=60)
    assert not PoolEntry.objects.exists()
    nights(66, first=61)
    assert not PoolEntry.objects.exists()
    nights(67, first=67)
    assert PoolEntry.objects.count() == 1


@pytest.mark.parametrize(
    "fields", [{"channel": "knock"}, {"amount_wan": 1000}, {"stage": "reserve"}, {"contested": True}]
)
def test_reported_big_reserved_and_contested_leads_stay(owner, now, fields):
    channel = Channel.objects.get(code=fields.get("channel", "walk_in"))
    lead = walk_in(owner, channel=channel, amount_wan=fields.get("amount_wan"))
    Lead.objects.filter(pk=lead.pk).update(stage=fields.get("stage", "lead"))
    Claim.objects.update(is_contested=fields.get("contested", False))
    nights(45, first=30)
    assert not PoolEntry.objects.exists()


def test_a_lead_whose_company_another_unit_has_reported_since_stays(owner, outsider, now):
    walk_in(owner)
    make.days_pass(31)
    make.lead(outsider, NAME, at=now + 32 * DAY)
    nights(45, first=30)
    assert not PoolEntry.objects.exists()


def test_tonights_returns_are_shown_to_the_head_and_the_bureau_beforehand(
    as_, owner, head, manager, outsider, teammate, now
):
    lead = walk_in(owner, at=timezone.now() - 38 * DAY)
    pool.warn(timezone.now() - 8 * DAY)
    assert pool.tonight(head, timezone.localdate()).get() == lead
    for person in (head, manager):
        assert NAME in as_(person).get("/leads/pool/tonight/").content.decode()
    other_head = make.user("other_head", "head", outsider.unit)
    assert NAME not in as_(other_head).get("/leads/pool/tonight/").content.decode()
    assert as_(teammate).get("/leads/pool/tonight/").status_code == 403


def test_the_pool_shows_what_it_is_about_and_no_contact(as_, owner, outsider, station, manager, reviewer):
    entry = in_pool(owner, note="老板是王景行的同学", amount_wan=500)
    for person in (outsider, station, manager, owner):
        page = as_(person).get("/leads/pool/").content.decode()
        assert NAME in page
        assert "500 万元" in page
        for secret in ("王景行", "13287530409"):
            assert secret not in page
    assert as_(outsider).get(entry.lead.get_absolute_url()).status_code == 404
    assert as_(owner).get(entry.lead.get_absolute_url()).status_code == 404
    assert as_(reviewer).get("/leads/pool/").status_code == 403


def test_who_takes_it_has_lead_claim_and_credit_and_two_days(as_, owner, outsider):
    entry = in_pool(owner)
    answer = as_(outsider).post(f"/leads/pool/{entry.pk}/take/", follow=True)
    assert NAME in answer.content.decode()
    lead, claim = Lead.objects.get(), Claim.objects.get()
    entry.refresh_from_db()
    assert (lead.unit, lead.owner) == (outsider.unit, outsider)
    assert (claim.unit, claim.is_open, claim.extended_at) == (outsider.unit, True, None)
    assert entry.follow_up_by - entry.taken_at == 48 * HOUR
    assert credit.shares_of(lead) == {outsider.unit: 100}
    assert "从公海领取" in answer.content.decode()
    again = as_(outsider).post(f"/leads/pool/{entry.pk}/take/")
    assert again.status_code == 409


def test_what_a_ruling_gave_another_unit_is_not_lost_by_way_of_the_pool(
    owner, teammate, outsider, station, manager, now
):
    """Let go and taken back by a colleague; a unit that takes it for the first time begins anew."""
    lead = walk_in(owner)
    case = conflicts.open_case(NAME, by=outsider, at=now, reason="我方在先")
    shares = {owner.unit: 60, outsider.unit: 40}
    conflicts.decide(case, verdict="joint", opinion="都谈过", shares=shares, by=manager, at=now)
    for taker, expected in ((teammate, shares), (station, {station.unit: 100})):
        lead.refresh_from_db()
        entry = pool.give(lead, by=lead.owner, at=now + DAY, reason="暂无精力跟进")
        pool.take(entry, by=taker, at=now + DAY)
        assert credit.shares_of(lead) == expected


def test_without_a_follow_up_in_48_hours_it_goes_back_and_both_are_told(owner, outsider, now):
    other_head = make.user("other_head", "head", outsider.unit)
    entry = in_pool(owner, at=now)
    pool.take(entry, by=outsider, at=now)
    pool.recycle(now + 48 * HOUR)
    assert Lead.objects.get().owner == outsider
    for _ in range(2):
        pool.recycle(now + 49 * HOUR)
    assert [one.why for one in PoolEntry.objects.order_by("pk")] == ["given", "no_follow_up"]
    for person in (outsider, other_head):
        assert told(person) == [f"「{NAME}」已退回公海"]


def test_the_first_follow_up_in_time_keeps_it(owner, outsider, now):
    entry = in_pool(owner, at=now)
    pool.take(entry, by=outsider, at=now)
    talk(Lead.objects.get(), outsider, now + 47 * HOUR)
    pool.recycle(now + 60 * HOUR)
    assert Lead.objects.get().owner == outsider
    entry.refresh_from_db()
    assert entry.followed_up_at == now + 47 * HOUR


@pytest.mark.parametrize("hours, later, ends", [(72, 0, 72), (24, 1, 24), (24, 30, 38), (24, 47, 48)])
def test_new_hours_count_for_what_was_taken_and_make_nobody_late_in_hindsight(
    as_, admin_user, owner, outsider, now, freeze, hours, later, ends
):
    entry = in_pool(owner, at=now)
    pool.take(entry, by=outsider, at=now)
    freeze(now + later * HOUR)
    form = {"key": "pool_first_follow_up_hours", "value": hours}
    as_(admin_user).post("/admin/crm/setting/add/", form, follow=True)
    entry.refresh_from_db()
    assert entry.follow_up_by == now + ends * HOUR
    pool.recycle(now + later * HOUR)
    assert Lead.objects.get().owner == outsider


def test_new_hours_count_from_the_decision_of_what_was_contested(owner, outsider, manager, now):
    entry, case = contested(owner, outsider, now)
    at, shares = now + 3 * DAY, {outsider.unit: 100}
    conflicts.decide(case, verdict="keep", opinion="证据", shares=shares, by=manager, at=at)
    Setting.objects.create(key="pool_first_follow_up_hours", value=60)
    pool.rewind(at + HOUR)
    entry.refresh_from_db()
    assert entry.follow_up_by == at + 60 * HOUR


def test_three_a_day_and_the_fourth_tomorrow(owner, outsider, now):
    entries = [in_pool(owner, at=now, name=f"杭州第{n}家科技有限公司") for n in range(4)]
    for entry in entries[:3]:
        pool.take(entry, by=outsider, at=now)
    with pytest.raises(PoolRefused, match="每天最多领取 3 条"):
        pool.take(entries[3], by=outsider, at=now + HOUR)
    assert PoolEntry.objects.waiting().count() == 1
    pool.take(entries[3], by=outsider, at=now + DAY)


def test_who_has_his_hands_full_takes_no_more(owner, outsider, now):
    Setting.objects.create(key="pool_holdings_max", value=1)
    first, second = (in_pool(owner, at=now, name=f"杭州第{n}家科技有限公司") for n in range(2))
    pool.take(first, by=outsider, at=now)
    with pytest.raises(PoolRefused, match="最多同时持有 1 条"):
        pool.take(second, by=outsider, at=now + DAY)
    Lead.objects.get(pk=first.lead_id).move_to("dropped", by=outsider, at=now + DAY, reason="联系不上")
    pool.take(second, by=outsider, at=now + DAY)


def test_the_former_owner_waits_a_month(owner, teammate, now):
    entry = in_pool(owner, at=now)
    with pytest.raises(PoolRefused, match="2026-05-20"):
        pool.take(entry, by=owner, at=now + 29 * DAY)
    assert PoolEntry.objects.waiting().count() == 1
    pool.take(entry, by=owner, at=now + 30 * DAY)


WAITS = "林晓是这条线索的原负责人，进入公海满 30 天（2026-05-20）后才能领取或再负责。"


def test_a_colleague_does_not_take_it_for_the_former_owner(as_, owner, teammate, head, manager, now, freeze):
    entry = in_pool(owner, at=now)
    with pytest.raises(PoolRefused, match="后才能领取或再负责"):
        pool.take(entry, by=owner, at=now)
    pool.take(entry, by=teammate, at=now)
    lead = Lead.objects.get()
    with pytest.raises(EditRefused) as refused:
        edit(lead, {"owner": owner}, by=head, at=now + DAY, version=lead.version)
    assert refused.value.detail == WAITS
    freeze(now + DAY)
    form = as_(head).get(f"/leads/{lead.pk}/edit/").context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    page = as_(head).post(f"/leads/{lead.pk}/edit/", {**values, "owner": owner.pk})
    assert (page.status_code, WAITS in page.content.decode()) == (400, True)
    assert Lead.objects.get().owner == teammate
    edit(lead, {"owner": owner}, by=manager, at=now + DAY, version=lead.version)
    assert Lead.objects.get().owner == owner


def test_after_the_wait_the_head_may_assign_it(owner, teammate, head, now):
    pool.take(in_pool(owner, at=now), by=teammate, at=now)
    lead = Lead.objects.get()
    edit(lead, {"owner": owner}, by=head, at=now + 30 * DAY, version=lead.version)
    assert Lead.objects.get().owner == owner


def test_another_unit_does_not_take_it_for_him_either(owner, head, other_head, outsider, now):
    pool.take(in_pool(owner, at=now), by=outsider, at=now)
    lead, back = Lead.objects.get(), {"to_unit": owner.unit, "by": other_head, "at": now, "reason": "对口"}
    with pytest.raises(HandoverRefused) as refused:
        handover.hand_over(lead, to_owner=owner, **back)
    assert refused.value.detail == WAITS
    assert not Handover.objects.exists()
    offer = handover.hand_over(lead, **back)
    handover.accept(offer, by=head, at=now)
    assert Lead.objects.get().owner == head


def test_nor_by_recording_the_company_anew_or_having_it_recorded(as_, freeze, owner, teammate, head, now):
    in_pool(owner, at=now)
    before = list(Lead.objects.values_list("pk", flat=True))
    freeze(now + DAY)
    for fields in ({}, {"is_distinct": True}):
        with pytest.raises(CaptureRefused, match="2026-05-20") as refusal:
            make.lead(owner, NAME, at=now + DAY, **fields)
        assert refusal.value.code == "pool"
    form = {"company_name": NAME, "next_contact_on": "2026-05-01"}
    page = as_(owner).post("/leads/new/", form)
    api = callers.person(owner).post("leads/", {"company_name": NAME})
    assert (page.status_code, api.status_code, api.json()["code"]) == (400, 400, "pool")
    assert "满 30 天（2026-05-20）后才能" in page.content.decode()
    assert list(Lead.objects.values_list("pk", flat=True)) == before
    again = make.lead(teammate, NAME, at=now + DAY)
    with pytest.raises(EditRefused, match="2026-05-20"):
        edit(again, {"owner": owner}, by=head, at=now + DAY, version=again.version)
    edit(again, {"owner": owner}, by=head, at=now + 30 * DAY, version=again.version)


@pytest.mark.parametrize("to", ["screening", "accepted", "reserve"])
@pytest.mark.parametrize("forced", [False, True])
def test_what_lies_in_the_pool_goes_on_in_no_stage(owner, manager, now, to, forced):
    lead = make.screened(owner, name=NAME, channel=Channel.objects.get(code="walk_in"))
    if to == "screening":
        lead = walk_in(owner, "杭州另一家数据有限公司")
    pool.give(lead, by=owner, at=now, reason="暂无精力跟进")
    lead.refresh_from_db()
    step = accept if to == "accepted" else lambda row, **how: row.move_to(to, **how)
    with pytest.raises(MoveRefused, match="先在公海领取") as refusal:
        step(lead, by=manager, at=now, forced=forced, reason="领导要求")
    assert refusal.value.code == "pool"
    lead.refresh_from_db()
    assert (lead.stage == to, hasattr(lead, "project")) == (False, False)
    assert PoolEntry.objects.waiting().count() == 1


def test_the_bureau_closes_what_lies_in_the_pool_and_opens_it_there_again(owner, manager, now):
    entry = in_pool(owner, at=now)
    entry.lead.refresh_from_db()
    entry.lead.move_to("dropped", by=manager, at=now, reason="查无此企业")
    assert not PoolEntry.objects.waiting().exists()
    entry.lead.move_to("lead", by=manager, at=now, reason="企业又来了")
    assert PoolEntry.objects.waiting().get() == entry
    assert not Claim.objects.get().is_open


def test_a_head_who_let_it_go_does_not_get_it_back_by_accepting_it(head, other_head, outsider, manager, now):
    pool.take(in_pool(head, at=now), by=outsider, at=now)
    lead = Lead.objects.get()
    offer = handover.hand_over(lead, to_unit=head.unit, by=other_head, at=now, reason="对口")
    with pytest.raises(HandoverRefused, match="沈主任是这条线索的原负责人"):
        handover.accept(offer, by=head, at=now)
    assert Lead.objects.get().owner == outsider
    handover.withdraw(offer, by=other_head, at=now)
    named = handover.hand_over(lead, to_unit=head.unit, to_owner=head, by=manager, at=now, reason="对口")
    handover.accept(named, by=head, at=now)
    assert Lead.objects.get().owner == head


def test_a_company_reported_meanwhile_is_not_taken(owner, outsider, station, now):
    entry = in_pool(owner, at=now)
    make.lead(station, NAME, at=now + DAY)
    with pytest.raises(AlreadyReported, match="已由驻深工作站于"):
        pool.take(entry, by=outsider, at=now + DAY)
    entry.refresh_from_db()
    assert entry.taken_at is None


@pytest.fixture
def other_head(wanggu):
    return make.user("other_head", "head", wanggu, "袁野")


def test_what_lies_in_the_pool_is_not_handed_over_but_taken(as_, owner, outsider, manager, wanggu):
    entry = in_pool(owner)
    form = {"handover-to_unit": wanggu.pk, "handover-reason": "对口", "handover-share": 40}
    form["handover-version"] = Lead.objects.get().version
    refused = as_(manager).post(f"/leads/{entry.lead_id}/handover/", form)
    assert refused.status_code == 400
    assert "在公海领取" in refused.content.decode()
    same = callers.person(manager).post(
        f"leads/{entry.lead_id}/handover/", {"to_unit": "wanggu", "reason": "对口"}
    )
    assert (same.status_code, same.json()["code"]) == (400, "pool")
    assert not Handover.objects.exists()
    assert "提出移交" not in as_(manager).get(entry.lead.get_absolute_url()).content.decode()
    pool.take(entry, by=outsider, at=timezone.now())
    assert Lead.objects.get().owner == outsider


def test_an_offer_from_before_the_pool_is_not_accepted_any_more(owner, manager, wanggu, other_head, bureau):
    lead = walk_in(manager, at=timezone.now())
    offer = handover.hand_over(lead, to_unit=wanggu, by=manager, at=timezone.now(), reason="对口")
    PoolEntry.objects.create(lead=lead, why="given", from_unit=bureau, entered_at=timezone.now())
    with pytest.raises(HandoverRefused, match="不能接收"):
        handover.accept(offer, by=other_head, at=timezone.now())
    assert Lead.objects.get().unit == bureau


@pytest.mark.parametrize("moved", ["owner", "unit"])
def test_what_got_an_owner_or_a_unit_otherwise_is_not_taken(owner, outsider, station, manager, now, moved):
    entry = in_pool(owner, at=now)
    Lead.objects.update(**{moved: manager if moved == "owner" else station.unit})
    with pytest.raises(AlreadyTaken, match="不能领取"):
        pool.take(entry, by=outsider, at=now)
    assert not Claim.objects.open().exists()
    assert Lead.objects.get().owner != outsider


def test_nobody_is_made_the_owner_of_what_lies_in_the_pool(owner, manager, now):
    lead = in_pool(owner, at=now).lead
    lead.refresh_from_db()
    with pytest.raises(EditRefused, match="在公海领取"):
        edit(lead, {"owner": manager}, by=manager, at=now, version=lead.version)
    assert Lead.objects.get().owner is None


def contested(owner, outsider, now):
    """A lead that lay in the pool, was taken by `outsider` and is contested by `owner` since."""
    entry = in_pool(owner, at=now)
    pool.take(entry, by=outsider, at=now)
    return entry, conflicts.open_case(NAME, by=owner, at=now + HOUR, reason="我方在先")


def test_a_contested_lead_does_not_go_back_and_has_its_hours_anew_when_it_is_kept(
    owner, outsider, manager, now
):
    entry, case = contested(owner, outsider, now)
    pool.recycle(now + 72 * HOUR)
    assert Lead.objects.get().owner == outsider
    shares = {outsider.unit: 100}
    conflicts.decide(case, verdict="keep", opinion="证据", shares=shares, by=manager, at=now + 3 * DAY + HOUR)
    pool.recycle(now + 4 * DAY)
    assert Lead.objects.get().owner == outsider
    pool.recycle(now + 5 * DAY + 2 * HOUR)
    assert Lead.objects.get().owner is None


def test_a_decision_for_the_other_unit_ends_the_stay_in_the_pool(as_, owner, outsider, station, manager, now):
    lead = walk_in(owner)
    case = conflicts.open_case(NAME, by=outsider, at=now, reason="我方在先")
    Claim.objects.update(is_contested=False)  # as when the case was opened this very moment
    entry = PoolEntry.objects.create(lead=lead, why="given", from_unit=owner.unit, entered_at=now)
    shares = {outsider.unit: 100}
    conflicts.decide(case, verdict="transfer", opinion="证据", shares=shares, by=manager, at=now + DAY)
    assert not PoolEntry.objects.lying().exists()
    with pytest.raises(AlreadyTaken):
        pool.take(entry, by=station, at=now + DAY)
    lead.refresh_from_db()
    assert (lead.unit, lead.owner) == (outsider.unit, outsider)
    assert "离开公海" in as_(outsider).get(lead.get_absolute_url()).content.decode()


def give(client, lead, reason="暂无精力跟进"):
    return client.post(f"/leads/{lead.pk}/pool/", {"pool-reason": reason})


def test_owner_head_or_bureau_give_a_poolable_lead_and_nobody_another_one(as_, owner, teammate, head):
    lead, big = walk_in(owner), make.lead(owner)
    assert give(as_(teammate), lead).status_code == 403
    assert give(as_(owner), lead, reason=" ").status_code == 400
    assert give(as_(owner), big).status_code == 400
    assert not PoolEntry.objects.exists()
    assert "放入公海" in as_(owner).get(lead.get_absolute_url()).content.decode()
    assert give(as_(head), lead).status_code == 302
    assert PoolEntry.objects.get().by == head


def test_the_list_costs_the_same_for_many(as_, owner, outsider, django_assert_max_num_queries):
    client = as_(outsider)
    for n in range(4):
        in_pool(owner, name=f"杭州第{n}家科技有限公司")
    with django_assert_max_num_queries(8):
        client.get("/leads/pool/")


def test_the_api_lists_takes_and_gives_in_the_same_words(owner, outsider):
    lead = walk_in(owner)
    given = callers.person(owner).post(f"leads/{lead.pk}/pool/", {"reason": "暂无精力跟进"})
    assert given.status_code == 201
    theirs = callers.person(outsider)
    listed = theirs.get("pool/")
    assert [row["company_name"] for row in listed.json()["results"]] == [NAME]
    assert "13287530409" not in listed.content.decode()
    path = f"pool/{listed.json()['results'][0]['id']}/take/"
    waits = callers.person(owner).post(path)
    assert (waits.status_code, waits.json()["code"]) == (400, "pool")
    assert theirs.post(path).json()["taken_unit_label"] == "智慧网谷小镇"
    twice = theirs.post(path)
    assert (twice.status_code, twice.json()["code"]) == (409, "already_taken")


def at_once(*works):
    barrier, outcomes = threading.Barrier(len(works)), []

    def run(work):
        barrier.wait()
        try:
            outcomes.append(work())
        except (AlreadyTaken, PoolRefused, AlreadyReported) as refusal:
            outcomes.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(type(one).__name__ for one in outcomes)


@pytest.mark.django_db(transaction=True)
def test_two_takes_at_once_give_one_owner_and_one_refusal(owner, outsider, station, now):
    entry = in_pool(owner, at=now)
    takes = [lambda by=by: pool.take(entry, by=by, at=now) for by in (outsider, station)]
    assert at_once(*takes) == ["AlreadyTaken", "PoolEntry"]
    lead = Lead.objects.get()
    assert lead.unit == lead.owner.unit == Claim.objects.get().unit


@pytest.mark.django_db(transaction=True)
def test_one_person_in_two_windows_stays_within_the_limit(owner, outsider, now):
    Setting.objects.create(key="pool_takes_per_day", value=1)
    entries = [in_pool(owner, at=now, name=f"杭州第{n}家科技有限公司") for n in range(2)]
    takes = [lambda entry=entry: pool.take(entry, by=outsider, at=now) for entry in entries]
    assert at_once(*takes) == ["PoolEntry", "PoolRefused"]


@pytest.mark.django_db(transaction=True)
def test_a_take_and_a_report_at_once_leave_one_holder(owner, outsider, station, now):
    entry = in_pool(owner, at=now)
    works = [lambda: pool.take(entry, by=outsider, at=now), lambda: make.lead(station, NAME, at=now)]
    outcomes = at_once(*works)
    assert len(outcomes) == 2
    assert Claim.objects.open().count() == 1
    assert {"PoolEntry", "Lead"} & set(outcomes)


@pytest.mark.django_db(transaction=True)
def test_the_return_and_a_follow_up_at_once_leave_a_lead_in_one_place(owner, now):
    lead = walk_in(owner, at=now)
    pool.warn(now + 30 * DAY)
    night = now + 37 * DAY + 13 * HOUR
    barrier = threading.Barrier(2)

    def run(work):
        barrier.wait()
        try:
            work()
        finally:
            connection.close()

    works = [lambda: pool.return_all(night), lambda: talk(lead, owner, night)]
    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lead.refresh_from_db()
    assert (lead.owner is None) == PoolEntry.objects.filter(taken_at=None).exists()


def test_the_time_of_the_stage_begins_when_it_is_taken_and_stands_still_in_the_pool(owner, outsider, now):
    lead = walk_in(owner)
    log_visit(lead, FollowUp("call", "谈了选址", "发材料", now.date(), now), by=owner, at=now)
    entry = pool.give(lead, by=owner, at=now + 20 * DAY, reason="暂无精力")
    StageSetting.objects.filter(pk="lead").update(limit_days=10)
    clocks.rewind("lead")
    lead.refresh_from_db()
    assert (lead.blue_on, lead.limit_on, lead.red_on) == (None, None, None)
    pool.take(entry, by=outsider, at=now + 40 * DAY)  # Saturday, 30 May
    lead.refresh_from_db()
    assert (lead.limit_on, lead.entered_at) == (date(2026, 6, 12), now)
    StageSetting.objects.filter(pk="lead").update(limit_days=5)
    assert clocks.rewind("lead") == 1
    lead.refresh_from_db()
    assert lead.limit_on == date(2026, 6, 5)
    assert clocks.rewind("lead") == 0


def test_an_unanswered_lead_taken_from_the_pool_is_to_be_answered_in_a_day(owner, outsider, now):
    entry = in_pool(owner, at=now + 5 * DAY)
    Lead.objects.update(first_response_at=None)
    pool.take(entry, by=outsider, at=now + 7 * DAY)  # Monday, 27 April
    assert Lead.objects.get().limit_on == date(2026, 4, 28)


def test_the_next_stage_counts_from_its_own_entry(owner, outsider, now):
    lead = walk_in(owner)
    entry = pool.give(lead, by=owner, at=now + DAY, reason="暂无精力")
    pool.take(entry, by=outsider, at=now + 2 * DAY)
    lead.refresh_from_db()
    talk(lead, outsider, now + 2 * DAY)
    lead.refresh_from_db()
    lead.move_to("screening", by=outsider, at=now + 7 * DAY)  # Monday, 27 April
    assert Lead.objects.get().limit_on == date(2026, 4, 30)
