"""督办: issued by leaders or by the ladder, answered by the unit, closed by the issuer and nobody else."""

from datetime import date, datetime, timedelta
from importlib import import_module

import pytest

from django.apps import apps
from django.urls import reverse

from crm.errors import NotAllowed
from crm.models import AuditEvent, Channel, Holiday, Notification, Setting, StageSetting
from crm.workdays import SHANGHAI
from leads import conflicts, feedback, merging, pool
from leads.follow_up import FollowUp, log_visit
from leads.handover import accept, hand_over
from leads.models import Lead, Merge
from projects import opening
from projects.clocks import rewind_all
from projects.models import Project, SupervisionOrder
from projects.reminders import morning_scan
from projects.supervising import OrderRefused, answer, close, issue, issue_overdue
from tests import callers, make

MORNING = datetime(2026, 4, 20, 8, 20, tzinfo=SHANGHAI)
EARLIER = MORNING - timedelta(days=90)
DUE = date(2026, 4, 30)
FAR_PAST = date(2026, 3, 26)  # 16 workdays before 20 April, Qingming left out


def late(by, limit_on=FAR_PAST, **fields):
    lead = make.lead(by, at=EARLIER, **fields)
    Lead.objects.filter(pk=lead.pk).update(limit_on=limit_on, red_on=limit_on)
    return lead


def issued(project, by):
    return issue(project, demand="请一周内约见董事长并反馈。", due_on=DUE, by=by, at=make.NOW)


def test_an_order_goes_from_leader_to_unit_and_back(as_, owner, head, leader, freeze):
    freeze(make.NOW)
    project = make.project(owner)
    page = as_(leader).post(
        reverse("projects:issue", args=[project.pk]), {"demand": "请约见董事长。", "due_on": "2026-04-30"}
    )
    order = SupervisionOrder.objects.get()
    assert page.url == order.get_absolute_url()
    assert (order.number, order.unit, order.state) == ("DB2026-00001", owner.unit, "待回复")
    assert {n.user for n in Notification.objects.filter(title=f"{leader}督办：{project}")} == {owner, head}
    as_(owner).post(reverse("projects:order_answer", args=[order.pk]), {"reply": "已约 4 月 24 日。"})
    order.refresh_from_db()
    assert (order.reply, order.replied_by, order.state) == ("已约 4 月 24 日。", owner, "待办结")
    assert Notification.objects.filter(user=leader, title__contains="已回复督办").exists()
    as_(leader).post(reverse("projects:order_close", args=[order.pk]), {"note": "同意。"})
    order.refresh_from_db()
    assert (order.closed_by, order.closing_note, order.state) == (leader, "同意。", "已办结")
    assert AuditEvent.objects.filter(action="supervise", detail__number=order.number).exists()


def test_the_bureau_closes_what_was_issued_by_somebody_who_has_left(as_, freeze, owner, leader, manager):
    freeze(make.NOW)
    order = issued(make.project(owner), leader)
    answer(order, text="已约见。", by=owner, at=make.NOW)
    url = reverse("projects:order_close", args=[order.pk])
    assert as_(manager).post(url, {"note": "同意。"}).status_code == 403
    leader.is_active = False
    leader.save()
    assert answer(order, text="补充材料已送。", by=owner, at=make.NOW + timedelta(hours=1)).replied_at
    assert Notification.objects.filter(user=manager, title__contains="已回复督办").count() == 1
    assert as_(owner).post(url, {"note": "同意。"}).status_code == 403
    assert callers.person(manager).get(f"orders/{order.pk}/").status_code == 200
    assert as_(manager).post(url, {"note": "同意。"}).status_code == 302
    order.refresh_from_db()
    assert (order.closed_by, order.state) == (manager, "已办结")


def test_only_the_issuer_closes_and_only_after_an_answer(owner, leader, manager):
    order = issued(make.project(owner), leader)
    with pytest.raises(OrderRefused, match="还没有回复"):
        close(order, note="", by=leader, at=make.NOW)
    answer(order, text="已办。", by=owner, at=make.NOW)
    for person in (owner, manager):
        with pytest.raises(NotAllowed, match=f"只能由{leader}办结"):
            close(order, note="", by=person, at=make.NOW)
    close(order, note="", by=leader, at=make.NOW)
    with pytest.raises(OrderRefused, match="已经办结"):
        answer(order, text="再补充。", by=owner, at=make.NOW)


def test_officers_and_stations_issue_none_and_strangers_answer_none(owner, station, outsider, leader):
    project = make.project(owner)
    for person in (owner, station, outsider):
        with pytest.raises(NotAllowed):
            issued(project, person)
    order = issued(project, leader)
    with pytest.raises(NotAllowed):
        answer(order, text="不是我们的。", by=outsider, at=make.NOW)
    assert SupervisionOrder.objects.get().replied_at is None


@pytest.mark.parametrize("demand, due_on", [("  ", DUE), ("请办理。", date(2026, 4, 19)), ("请办理。", None)])
def test_an_order_without_demand_or_a_day_ahead_is_refused(owner, leader, demand, due_on):
    with pytest.raises(OrderRefused):
        issue(make.project(owner), demand=demand, due_on=due_on, by=leader, at=make.NOW)
    assert not SupervisionOrder.objects.exists()


def test_the_ladder_issues_once_per_limit_however_often_it_runs(owner, head):
    lead, fresh = late(owner), late(owner, limit_on=date(2026, 3, 30))
    assert issue_overdue(MORNING) == 1
    assert issue_overdue(MORNING) == 0
    order = SupervisionOrder.objects.get()
    assert (order.lead, order.issuer, order.limit_on) == (lead, None, FAR_PAST)
    assert "超过阶段时限 16 个工作日" in order.demand
    assert order.due_on == date(2026, 4, 27)
    assert issue_overdue(MORNING + timedelta(days=1)) == 1
    assert fresh.orders.count() == 1


@pytest.fixture
def stuck(owner, outsider):
    """A lead judged too late, one nobody answered, one owing 回音, a project that stands still unreported."""
    begin = MORNING - timedelta(days=150)
    judged = make.lead(owner, at=begin)
    unanswered = make.lead(owner, at=begin, met_at=None)
    introduced = make.screened(owner, "reserve", at=begin, channel=Channel.objects.get(code="chamber"))
    introduced.move_to("reserve", by=owner, at=begin, reason="等资金")
    return [judged, unanswered, introduced, make.project(outsider, at=begin)]


def test_a_changed_calendar_or_limit_asks_nobody_a_second_time(stuck, head, outsider, manager):
    assert issue_overdue(MORNING) == 5
    Holiday.objects.create(day=date(2026, 1, 5), name="临时放假")
    rewind_all()
    assert issue_overdue(MORNING + timedelta(days=1)) == 0
    StageSetting.objects.filter(limit_days__gt=3).update(limit_days=7)
    Setting.objects.create(key="feedback_days", value=3)
    Setting.objects.create(key="report_days", value=10)
    assert rewind_all() + feedback.rewind() >= 3
    assert issue_overdue(MORNING + timedelta(days=2)) == 0
    for order in SupervisionOrder.objects.all():
        answer(order, text="已办。", by=head if order.unit == head.unit else outsider, at=MORNING)
        close(order, note="", by=manager, at=MORNING)
    Holiday.objects.create(day=date(2026, 1, 6), name="临时放假")
    rewind_all()
    assert issue_overdue(MORNING + timedelta(days=3)) == 0
    assert [record.orders.count() for record in stuck] == [1, 1, 1, 2]


def test_another_stage_and_another_rule_are_another_matter(stuck, owner, outsider):
    _, unanswered, _, project = stuck
    issue_overdue(MORNING)
    log_visit(unanswered, FollowUp("call", "电话", "来访", date(2026, 4, 28), MORNING), by=owner, at=MORNING)
    Lead.objects.filter(pk=unanswered.pk).update(limit_on=FAR_PAST)
    forcing = make.user("forcing", "head", outsider.unit)
    project.move_to("review", by=forcing, at=MORNING + timedelta(hours=1), forced=True, reason="急")
    Project.objects.update(limit_on=FAR_PAST - timedelta(days=1))
    assert issue_overdue(MORNING + timedelta(days=1)) == 2
    assert {order.rule for order in unanswered.orders.all()} == {"response", "stage"}
    assert project.orders.filter(rule="stage").count() == 2


def test_an_order_uses_the_words_of_its_reminder(stuck):
    issue_overdue(MORNING)
    morning_scan(MORNING)
    said = [(one.lead_id, one.project_id, one.demand) for one in SupervisionOrder.objects.all()]
    items = [item for message in Notification.objects.filter(kind="digest") for item in message.items]
    lit = [item for item in items if item["kind"] == "supervise"]
    assert len({(item["url"], item["text"]) for item in lit}) == len(said) == 5
    for item in lit:
        key = (item["id"], None) if item["record"] == "lead" else (None, item["id"])
        assert [key for *of, demand in said if (*of,) == key and demand.startswith(f"{item['text']}，")]
    unanswered = SupervisionOrder.objects.get(lead=stuck[1])
    assert unanswered.demand.startswith("没有首次响应，超过 ")
    assert unanswered.rule == "response"


def test_a_backlog_comes_in_portions_the_longest_overdue_first(owner, outsider):
    Setting.objects.create(key="supervision_per_day", value=2)
    ours = [late(owner, FAR_PAST - timedelta(days=n)) for n in range(4)]
    theirs = late(outsider)
    project = make.project(owner, at=EARLIER)
    Project.objects.update(limit_on=date(2026, 1, 5), red_on=date(2026, 1, 5), last_contact_at=MORNING)
    assert issue_overdue(MORNING) == 3
    assert issue_overdue(MORNING + timedelta(hours=2)) == 0
    assert all(record.orders.exists() for record in (project, ours[3], theirs))
    assert issue_overdue(MORNING + timedelta(days=1)) == 2
    assert not ours[0].orders.exists()


def test_the_bureau_closes_what_the_ladder_issued(owner, manager, leader):
    late(owner)
    issue_overdue(MORNING)
    order = SupervisionOrder.objects.get()
    answer(order, text="企业推迟，改约五月。", by=owner, at=MORNING)
    with pytest.raises(NotAllowed, match="只能由区投促局办结"):
        close(order, note="", by=leader, at=MORNING)
    assert close(order, note="同意。", by=manager, at=MORNING).state == "已办结"


@pytest.fixture
def other_head(wanggu):
    return make.user("other_head", "head", wanggu, "袁野")


def test_an_open_order_goes_with_the_lead_to_the_unit_that_takes_it(
    as_, owner, head, leader, wanggu, other_head, freeze
):
    freeze(make.NOW)
    lead = make.lead(owner, "深圳云芯科技有限公司")
    closed, order = (issue(lead, demand=f"要求{n}", due_on=DUE, by=leader, at=make.NOW) for n in (1, 2))
    answer(closed, text="已办。", by=owner, at=make.NOW)
    close(closed, note="", by=leader, at=make.NOW)
    offered = hand_over(lead, to_unit=wanggu, by=head, at=make.NOW, reason="载体在智慧网谷")
    assert as_(other_head).get(order.get_absolute_url()).status_code == 404
    as_(other_head).post(f"/handovers/{offered.pk}/accept/")
    page = as_(other_head).get(order.get_absolute_url()).content.decode()
    assert "随记录由半山区块转智慧网谷小镇" in page
    message = Notification.objects.get(user=other_head, title__startswith=f"督办 {order.number} 随记录转来")
    assert message.url == order.get_absolute_url()
    reply = reverse("projects:order_answer", args=[order.pk])
    assert as_(owner).get(order.get_absolute_url()).status_code == 404
    assert as_(owner).post(reply, {"reply": "已办。"}).status_code == 404
    assert callers.person(other_head).get(f"orders/{order.pk}/").json()["unit"] == "wanggu"
    assert as_(other_head).post(reply, {"reply": "已约 4 月 24 日。"}).status_code == 302
    order.refresh_from_db()
    closed.refresh_from_db()
    assert (order.unit, order.replied_by, closed.unit) == (wanggu, other_head, owner.unit)


def test_a_giver_who_answers_too_late_is_refused(owner, head, leader, wanggu, other_head):
    lead = make.lead(owner)
    order = issued(lead, leader)
    accept(hand_over(lead, to_unit=wanggu, by=head, at=make.NOW, reason="载体"), by=other_head, at=make.NOW)
    with pytest.raises(NotAllowed, match="由责任单位回复"):
        answer(order, text="已办。", by=owner, at=make.NOW)
    assert SupervisionOrder.objects.get().replied_at is None


def test_a_decision_for_another_unit_takes_the_orders_of_lead_and_project_along(
    owner, outsider, manager, leader
):
    project = make.project(owner)
    orders = [issued(project.lead, leader), issued(project, leader)]
    case = conflicts.open_case(project.lead.title, by=outsider, at=make.NOW, reason="我方在先")
    shares = {owner.unit: 0, outsider.unit: 100}
    conflicts.decide(case, verdict="transfer", opinion="证据", shares=shares, by=manager, at=make.NOW)
    assert {one.unit for one in SupervisionOrder.objects.all()} == {outsider.unit}
    assert [one.transfers.get().by for one in orders] == [manager, manager]
    assert Notification.objects.filter(user=outsider, title__contains="随记录转来").count() == 2


def test_an_order_follows_into_the_pool_and_out_of_it(owner, outsider, head, leader, bureau):
    lead = make.lead(owner, channel=Channel.objects.get(code="walk_in"))
    order = issued(lead, leader)
    entry = pool.give(lead, by=head, at=make.NOW, reason="没有精力")
    order.refresh_from_db()
    assert order.unit == bureau
    pool.take(entry, by=outsider, at=make.NOW + timedelta(hours=1))
    order.refresh_from_db()
    assert order.unit == outsider.unit
    assert [str(one) for one in order.transfers.all()] == ["半山区块 → 区投促局", "区投促局 → 智慧网谷小镇"]


def test_what_is_suspended_closed_or_within_time_is_not_supervised(owner):
    make.lead(owner, at=MORNING)
    closed = late(owner)
    closed.move_to("dropped", by=owner, at=MORNING, reason="联系不上")
    Lead.objects.filter(pk=closed.pk).update(limit_on=FAR_PAST)
    make.project(owner, at=EARLIER)
    Project.objects.update(limit_on=FAR_PAST, suspended_until=date(2026, 6, 1))
    assert issue_overdue(MORNING) == 0


def test_the_list_shows_ones_own_units_orders_by_state(as_, owner, outsider, leader, freeze):
    freeze(make.NOW + timedelta(days=30))
    ours, theirs = issued(make.project(owner), leader), issued(make.project(outsider), leader)
    url = reverse("projects:orders")
    page = as_(owner).get(url)
    assert [order.pk for order in page.context["page"]] == [ours.pk]
    assert "逾期未复" in page.content.decode()
    assert {order.pk for order in as_(leader).get(url, {"state": "overdue"}).context["page"]} == {
        ours.pk,
        theirs.pk,
    }
    assert as_(owner).get(theirs.get_absolute_url()).status_code == 404


def test_the_list_costs_the_same_for_few_and_many(as_, leader, owner, django_assert_num_queries):
    for number in (2, 12):
        for _ in range(number):
            issued(make.project(owner), leader)
        client = as_(leader)
        with django_assert_num_queries(5):
            client.get(reverse("projects:orders"))


def test_the_list_is_searched_by_number_words_unit_and_record_and_counted(as_, owner, outsider, leader):
    ours = issued(make.project(owner, name="杭州星海智能有限公司"), leader)
    theirs = issue(make.lead(outsider), demand="请报送用地需求。", due_on=DUE, by=leader, at=make.NOW)
    url = reverse("projects:orders")

    def shown(**asked):
        page = as_(leader).get(url, asked)
        assert str(page.context["count"]) == str(len(page.context["page"]))
        return [order.pk for order in page.context["page"]]

    assert shown() == [theirs.pk, ours.pk]
    for words in (ours.number, "约见董事长", "星海智能", "xhzn", owner.unit.name, "星海智能 杭州"):
        assert shown(q=words) == [ours.pk], words
    assert shown(q="用地需求") == shown(unit="wanggu") == [theirs.pk]
    assert shown(state="closed") == shown(q="没有的字") == []
    page = as_(leader).get(url, {"q": "用地", "unit": "wanggu"}).content.decode()
    assert "共 <b>1</b> 件" in page
    assert "unit=wanggu&amp;state=closed" in page or "state=closed&amp;unit=wanggu" in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [({"status": "open"}, "status"), ({"state": "late"}, "状态"), ({"unit": "x"}, "责任单位")],
)
def test_a_filter_the_list_does_not_know_is_refused(as_, leader, asked, said):
    answer = as_(leader).get(reverse("projects:orders"), asked)
    assert answer.status_code == 400
    assert said in answer.content.decode()


def test_page_and_api_filter_orders_alike(owner, leader):
    order = issued(make.project(owner, name="杭州星海智能有限公司"), leader)
    caller = callers.person(leader)
    assert [one["id"] for one in caller.get("orders/?q=星海智能&unit=banshan").json()["results"]] == [
        order.pk
    ]
    assert caller.get("orders/?q=没有的字").json()["results"] == []
    assert caller.get("orders/?status=open").status_code == 400


def test_the_bureau_does_not_answer_for_the_unit_what_it_closes_itself(as_, owner, manager, freeze):
    freeze(make.NOW)
    order = issued(make.project(owner), manager)
    page = as_(manager).get(f"/orders/{order.pk}/").content.decode()
    assert f"/orders/{order.pk}/answer/" not in page
    for refused in (
        as_(manager).post(f"/orders/{order.pk}/answer/", {"reply": "已办"}),
        callers.person(manager).post(f"orders/{order.pk}/reply/", {"reply": "已办"}),
    ):
        assert refused.status_code == 403
        assert "督办由责任单位回复。" in refused.content.decode()
    order.refresh_from_db()
    assert order.replied_at is None


def merged_pair(owner, teammate, leader, now):
    """(kept, gone, the order a leader issued on the one that goes)."""
    kept, gone = make.lead(owner, "杭州望川智能有限公司"), make.lead(teammate, "杭州望川智能装备有限公司")
    return kept, gone, issued(gone, leader)


def test_the_order_on_a_lead_that_is_merged_is_shown_and_answered_on_the_kept_one_and_goes_back(
    as_, freeze, owner, teammate, leader, now
):
    freeze(now)
    kept, gone, order = merged_pair(owner, teammate, leader, now)
    assert order.number in as_(teammate).get(gone.get_absolute_url()).content.decode()
    merging.merge(kept, gone, by=owner, at=now, reason="同一家")
    page = as_(owner).get(kept.get_absolute_url()).content.decode()
    assert "在办的督办" in page
    assert order.get_absolute_url() in page
    assert order.number not in as_(owner).get(gone.get_absolute_url()).content.decode()
    told = Notification.objects.get(user=owner, title__contains="随记录转来")
    assert order.number in told.title
    said = as_(owner).get(order.get_absolute_url()).content.decode()
    assert kept.get_absolute_url() in said
    as_(owner).post(reverse("projects:order_answer", args=[order.pk]), {"reply": "已约 4 月 24 日。"})
    merging.undo(Lead.objects.get(pk=gone.pk), by=owner, at=now, reason="不是同一家")
    order.refresh_from_db()
    assert (order.lead, order.reply) == (gone, "已约 4 月 24 日。")
    assert order.number not in as_(owner).get(kept.get_absolute_url()).content.decode()
    assert order.number in as_(teammate).get(gone.get_absolute_url()).content.decode()


def test_the_order_goes_to_the_unit_and_the_project_that_are_kept_and_back(
    as_, freeze, owner, outsider, manager, leader, now
):
    freeze(now)
    kept, gone = make.project(owner), make.lead(outsider)
    order = issued(gone, leader)
    merging.merge(kept.lead, gone, by=manager, at=now, reason="同一家")
    order.refresh_from_db()
    assert (order.project, order.lead, order.unit) == (kept, None, owner.unit)
    assert order.number in as_(owner).get(kept.get_absolute_url()).content.decode()
    assert as_(outsider).get(order.get_absolute_url()).status_code == 404
    merging.undo(Lead.objects.get(pk=gone.pk), by=manager, at=now, reason="不是同一家")
    order.refresh_from_db()
    assert (order.project, order.lead, order.unit) == (None, gone, outsider.unit)
    assert [str(one) for one in order.transfers.all()] == [
        "智慧网谷小镇 → 半山区块",
        "半山区块 → 智慧网谷小镇",
    ]


def test_two_orders_for_the_same_limit_stand_on_the_kept_one_and_part_again(owner, now):
    one, other = late(owner), late(owner)
    assert issue_overdue(MORNING) == 2
    limits = {order.lead_id: order.limit_on for order in SupervisionOrder.objects.all()}
    merging.merge(one, other, by=owner, at=MORNING, reason="同一家")
    assert {order.lead for order in SupervisionOrder.objects.open()} == {one}
    merging.undo(Lead.objects.get(pk=other.pk), by=owner, at=MORNING, reason="不是同一家")
    assert {order.lead_id: order.limit_on for order in SupervisionOrder.objects.all()} == limits


def test_a_closed_order_stays_and_nothing_new_is_issued_on_what_was_merged(
    as_, freeze, owner, teammate, leader, now
):
    freeze(now)
    kept, gone, order = merged_pair(owner, teammate, leader, now)
    answer(order, text="已约。", by=teammate, at=now)
    close(order, note="同意。", by=leader, at=now)
    merging.merge(kept, gone, by=owner, at=now, reason="同一家")
    order.refresh_from_db()
    assert order.lead == gone
    client, address = as_(leader), reverse("projects:issue_lead", args=[gone.pk])
    assert address not in client.get(gone.get_absolute_url()).content.decode()
    answered = client.post(address, {"demand": "请约见。", "due_on": "2026-04-30"})
    assert answered.status_code == 403
    assert SupervisionOrder.objects.count() == 1
    assert (
        reverse("projects:issue_lead", args=[kept.pk]) in client.get(kept.get_absolute_url()).content.decode()
    )


def test_the_page_of_a_project_shows_what_was_issued_on_its_lead(as_, freeze, owner, leader, now):
    freeze(now)
    lead = make.screened(owner)
    order = issued(lead, leader)
    project = opening.accept(lead, by=owner, at=now)
    assert order.number in as_(owner).get(project.get_absolute_url()).content.decode()


def test_orders_of_leads_merged_before_this_rule_follow_them_by_the_upgrade(
    as_, freeze, owner, outsider, manager, leader, now
):
    freeze(now)
    first, second = make.lead(outsider), make.lead(outsider)
    project = make.project(owner)
    order = issued(first, leader)
    for keep, gone in ((second, first), (project.lead, second)):
        merging.merge(keep, gone, by=manager, at=now, reason="同一家")
    SupervisionOrder.objects.update(lead=first, project=None, unit=outsider.unit)  # where it stayed before
    for merge in Merge.objects.all():
        merge.moved.pop("orders")
        merge.save()
    upgrade = import_module("projects.migrations.0025_counted_once_and_orders_that_follow")
    upgrade.follow(apps, None)
    order.refresh_from_db()
    assert (order.project, order.unit) == (project, owner.unit)
    assert order.number in as_(owner).get(project.get_absolute_url()).content.decode()
    upgrade.give_back(apps, None)
    order.refresh_from_db()
    assert (order.lead, order.unit) == (first, outsider.unit)
    upgrade.follow(apps, None)
    for gone in (second, first):
        merging.undo(Lead.objects.get(pk=gone.pk), by=manager, at=now, reason="不是同一家")
    order.refresh_from_db()
    assert (order.lead, order.unit) == (first, outsider.unit)
