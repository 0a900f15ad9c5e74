"""The morning scan: each person one digest a day, new things first, nothing twice, nobody forgotten."""

from datetime import date, datetime, timedelta

import pytest

from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from crm.models import Notification, Setting
from crm.workdays import SHANGHAI
from leads.models import Lead, RoadshowTarget
from leads.reminders import remind_trips
from leads.trip_reports import remind_trip_reports
from projects.models import Project, ReminderSent
from projects.reminders import LISTED, Scan, morning_scan
from projects.supervising import issue_overdue
from tests import make

DAY = date(2026, 4, 20)
MORNING = datetime(2026, 4, 20, 8, 30, tzinfo=SHANGHAI)
EARLIER = MORNING - timedelta(days=60)


def days_ago(days):
    return DAY - timedelta(days=days)


def set_clock(record, **dates):
    """Put the dates a scan asks about where a test wants them; the others are far away."""
    far = {"next_contact_on": None, "blue_on": None, "limit_on": None, "red_on": None}
    if isinstance(record, Project):
        far["last_contact_at"] = MORNING
    type(record).objects.filter(pk=record.pk).update(**{**far, **dates})
    return record


def due(by, days=0, **fields):
    return set_clock(make.lead(by, at=EARLIER, **fields), next_contact_on=days_ago(days))


def yellow(by, days=4):
    return set_clock(make.lead(by, at=EARLIER), limit_on=days_ago(days), red_on=DAY + timedelta(days=5))


def red(by, days=20):
    return set_clock(make.lead(by, at=EARLIER), limit_on=days_ago(days), red_on=days_ago(days - 9))


def digest(person, day=DAY):
    return Notification.objects.get(user=person, key=f"digest:{day}")


def told(person, day=DAY):
    return [(item["kind"], item["id"]) for item in digest(person, day).items]


def test_one_digest_holds_what_is_due_yellow_and_red_of_leads_and_projects(owner):
    one, two, three = due(owner, 2), yellow(owner), red(owner)
    project = set_clock(make.project(owner, at=EARLIER), next_contact_on=DAY)
    morning_scan(MORNING)
    assert told(owner) == [("red", three.pk), ("yellow", two.pk), ("due", one.pk), ("due", project.pk)]
    assert digest(owner).title == "今日提醒：红灯 1，黄灯 1，到期联系 2"


def test_an_item_says_what_when_how_late_what_next_and_where(owner):
    lead = due(owner, 3, name="深圳云芯科技有限公司")
    Lead.objects.filter(pk=lead.pk).update(next_step="寄送园区资料")
    morning_scan(MORNING)
    assert digest(owner).items == [
        {
            "kind": "due",
            "record": "lead",
            "id": lead.pk,
            "title": "深圳云芯科技有限公司",
            "stage": "线索",
            "owner": "林晓",
            "days": 3,
            "due_on": "2026-04-17",
            "text": "约定联系日已过 3 天",
            "next_step": "寄送园区资料",
            "is_repeated": False,
            "url": f"/leads/{lead.pk}/",
        }
    ]


def test_days_past_a_limit_are_workdays(owner):
    set_clock(make.lead(owner, at=EARLIER), limit_on=date(2026, 4, 30), red_on=date(2026, 5, 30))
    morning_scan(datetime(2026, 5, 7, 8, 30, tzinfo=SHANGHAI))
    assert digest(owner, date(2026, 5, 7)).items[0]["days"] == 2  # the May holiday is not counted


def test_what_is_not_due_is_not_told(owner):
    set_clock(make.lead(owner), next_contact_on=DAY + timedelta(days=1), limit_on=DAY, red_on=DAY)
    closed = red(owner)
    closed.move_to("dropped", by=owner, at=MORNING, reason="联系不上")
    set_clock(closed, next_contact_on=DAY)
    assert morning_scan(MORNING) == 0
    assert not Notification.objects.exists()


def test_the_head_hears_of_every_lamp_from_yellow_on_and_of_nothing_else(owner, head):
    late, later = yellow(owner), red(owner)
    due(owner)
    set_clock(make.lead(owner, at=EARLIER), blue_on=DAY, limit_on=DAY + timedelta(days=7))
    morning_scan(MORNING)
    assert told(head) == [("red", later.pk), ("yellow", late.pk)]
    assert digest(head).items[0]["owner"] == "林晓"


def test_a_head_who_owns_a_red_lead_hears_of_it_once(head):
    late = red(head)
    morning_scan(MORNING)
    assert told(head) == [("red", late.pk)]


def test_what_nobody_owns_goes_to_the_head(owner, head):
    lead = due(owner)
    Lead.objects.filter(pk=lead.pk).update(owner=None)
    morning_scan(MORNING)
    assert told(head) == [("due", lead.pk)]


def test_who_left_gets_nothing_and_the_head_everything(owner, head):
    lead = due(owner)
    owner.is_active = False
    owner.save()
    morning_scan(MORNING)
    assert told(head) == [("due", lead.pk)]
    assert not Notification.objects.filter(user=owner).exists()


def test_an_owner_who_moved_to_another_unit_is_told_nothing_of_the_old_one(owner, head, wanggu):
    lead = due(owner)
    owner.unit = wanggu
    owner.save()
    morning_scan(MORNING)
    assert told(head) == [("due", lead.pk)]
    assert not Notification.objects.filter(user=owner).exists()


def test_a_unit_without_a_head_is_looked_after_by_the_bureau(owner, manager):
    lead = due(owner)
    Lead.objects.update(owner=None)
    morning_scan(MORNING)
    assert told(manager) == [("due", lead.pk)]


def test_everybody_sees_what_they_are_told_of(owner, teammate, outsider, station, head, manager):
    for person in (owner, teammate, outsider, station, head):
        due(person), yellow(person), red(person)
    moved = due(outsider)
    Lead.objects.filter(pk=moved.pk).update(unit=owner.unit, station=station.unit, owner=station)
    morning_scan(MORNING)
    for message in Notification.objects.select_related("user"):
        visible = set(Lead.objects.visible_to(message.user).values_list("pk", flat=True))
        assert {item["id"] for item in message.items} <= visible


def test_running_twice_sends_nothing_twice(owner, head):
    red(owner)
    assert morning_scan(MORNING) == 2
    due(owner)
    assert morning_scan(MORNING + timedelta(hours=3)) == 0
    assert Notification.objects.count() == 2
    assert ReminderSent.objects.count() == 1


def test_the_next_day_says_still_open_and_puts_the_new_first(owner):
    old = due(owner, 5)
    morning_scan(MORNING)
    new = due(owner, -1)
    tomorrow = MORNING + timedelta(days=1)
    assert morning_scan(tomorrow) == 1
    message = digest(owner, DAY + timedelta(days=1))
    assert [(item["id"], item["is_repeated"]) for item in message.items] == [(new.pk, False), (old.pk, True)]
    assert message.items[1]["text"] == "约定联系日已过 6 天，仍未处理"
    assert message.body == "其中 1 项之前已提醒，仍未处理。"
    assert ReminderSent.objects.count() == 2


def test_turning_red_is_news_again(owner):
    lead = yellow(owner)
    morning_scan(MORNING)
    set_clock(lead, limit_on=days_ago(4), red_on=DAY)
    morning_scan(MORNING + timedelta(days=1))
    assert digest(owner, DAY + timedelta(days=1)).items[0]["is_repeated"] is False
    assert list(lead.reminders.values_list("level", "due_on")) == [
        ("yellow", days_ago(4)),
        ("red", DAY),
    ]


def test_a_new_date_is_news_again(owner):
    lead = due(owner, 1)
    morning_scan(MORNING)
    set_clock(lead, next_contact_on=DAY + timedelta(days=1))
    morning_scan(MORNING + timedelta(days=1))
    assert digest(owner, DAY + timedelta(days=1)).items[0]["is_repeated"] is False


def test_a_long_list_is_cut_and_says_how_many_more(owner):
    for _ in range(LISTED + 3):
        due(owner)
    morning_scan(MORNING)
    items = digest(owner).items
    assert len(items) == LISTED + 1
    assert items[-1]["title"] == "另有 3 项到期联系，请到工作台查看"
    assert digest(owner).title == f"今日提醒：到期联系 {LISTED + 3}"
    assert ReminderSent.objects.count() == LISTED + 3


@pytest.fixture
def full_outbox(transactional_db):
    """A database that refuses every digest."""
    table = "ALTER TABLE crm_notification"
    with connection.cursor() as cursor:
        cursor.execute(f"{table} ADD CONSTRAINT outbox_full CHECK (key NOT LIKE 'digest%')")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"{table} DROP CONSTRAINT outbox_full")


def test_a_scan_that_fails_leaves_nothing_behind(full_outbox, owner):
    due(owner)
    with pytest.raises(IntegrityError, match="outbox_full"):
        morning_scan(MORNING)
    assert not ReminderSent.objects.exists()


def test_the_queries_do_not_grow_with_the_records(owner, head):
    def queries(day):
        with CaptureQueriesContext(connection) as captured:
            morning_scan(MORNING + timedelta(days=day))
        return len(captured)

    for _ in range(3):
        due(owner), red(owner)
    few = queries(0)
    for _ in range(30):
        due(owner), red(owner)
    assert queries(1) == few


def served(owner, last):
    project = make.project(owner, at=EARLIER)
    quiet = {"next_contact_on": None, "blue_on": None, "limit_on": None, "red_on": None}
    Project.objects.filter(pk=project.pk).update(stage="aftercare", last_contact_at=last, **quiet)
    return project


def test_contact_in_aftercare_has_the_whole_ladder_and_the_numbers_decide(owner, manager, leader):
    last = datetime(2026, 1, 5, 15, tzinfo=SHANGHAI)  # 90 days: due on Sunday, 5 April
    project = served(owner, last)
    days = {date(2026, 3, 27): None, date(2026, 3, 30): "blue", date(2026, 4, 7): "yellow"}
    days |= {date(2026, 4, 17): "red", date(2026, 4, 29): "supervise"}
    for day, level in days.items():
        at = datetime.combine(day, MORNING.timetz())
        assert [one.level for one in Scan(at).reminders(Lead.objects.none())] == ([level] if level else [])
    assert issue_overdue(datetime(2026, 4, 29, 8, 20, tzinfo=SHANGHAI)) == 1
    assert project.orders.get().demand.startswith("没有汇报进展，超过 17 个工作日，请说明原因")
    Setting.objects.create(key="red_after_days", value=12)
    (found,) = Scan(datetime(2026, 4, 17, 8, 30, tzinfo=SHANGHAI)).reminders(Lead.objects.none())
    assert found.level == "yellow"
    Setting.objects.create(key="aftercare_days", value=7)
    project = served(owner, MORNING)
    only = Project.objects.filter(pk=project.pk)
    assert list(Scan(MORNING + timedelta(days=5)).reminders(Lead.objects.none(), only)) == []


def test_the_days_of_grace_after_a_trip_are_a_number_of_the_settings(station):
    trip = make.roadshow(station, ends_on=date(2026, 4, 17))
    RoadshowTarget.objects.create(roadshow=trip, company_name="甲公司", state="planned")
    Setting.objects.create(key="trip_grace_days", value=1)
    remind_trips(datetime(2026, 4, 20, 17, tzinfo=SHANGHAI))
    assert Notification.objects.filter(user=station).count() == 1


def test_an_order_level_reaches_the_linked_leader_and_all_only_where_none_is_linked(owner, leader):
    other = make.user("leader2", "leader", None, "另一位区领导")
    linked, unlinked = make.project(owner, at=EARLIER), make.project(owner, at=EARLIER)
    for project in (linked, unlinked):
        set_clock(project, limit_on=days_ago(40), red_on=days_ago(30))
    Project.objects.filter(pk=linked.pk).update(leader=other)
    lead, own = (
        set_clock(make.lead(owner, at=EARLIER), limit_on=days_ago(40), red_on=days_ago(30)) for _ in "12"
    )
    Lead.objects.filter(pk=own.pk).update(leader=other)
    morning_scan(MORNING)
    of_all = {("supervise", unlinked.pk, "project"), ("supervise", lead.pk, "lead")}
    said = {
        person: {(item["kind"], item["id"], item["record"]) for item in digest(person).items}
        for person in (leader, other)
    }
    assert said == {
        leader: of_all,
        other: of_all | {("supervise", linked.pk, "project"), ("supervise", own.pk, "lead")},
    }


def test_a_linked_leader_who_left_is_none(owner, leader):
    gone = make.user("leader2", "leader", None, "离任区领导")
    project = set_clock(make.project(owner, at=EARLIER), limit_on=days_ago(40), red_on=days_ago(30))
    Project.objects.update(leader=gone)
    gone.is_active = False
    gone.save()
    morning_scan(MORNING)
    assert told(leader) == [("supervise", project.pk)]


def test_a_trip_without_a_report_is_told_of_before_and_after_its_day(as_, station):
    days = {"starts_on": date(2026, 4, 8), "ends_on": date(2026, 4, 10)}
    trip = make.roadshow(station, **days)
    make.roadshow(station, **days, summary="见了三家。")
    make.roadshow(station, **days, is_cancelled=True)
    heads = make.user("station_head", "head", station.unit)
    told = []
    for day in (17, 18, 25, 26, 27):
        remind_trip_reports(datetime(2026, 4, day, 17, 5, tzinfo=SHANGHAI))
        told.append(list(Notification.objects.order_by("pk").values_list("user__username", "title")))
    assert [len(found) for found in told] == [0, 1, 1, 3, 3]
    assert told[1] == [("station", f"{trip}：请在 2026-04-25 前写好小结")]
    late = f"{trip}：返程已过 15 天，还没有小结"
    assert told[-1][1:] == [("station", late), (heads.username, late)]
    Setting.objects.create(key="trip_report_days", value=3)
    late = make.roadshow(station, ends_on=date(2026, 4, 27))
    remind_trip_reports(datetime(2026, 4, 27, 17, 5, tzinfo=SHANGHAI))
    assert Notification.objects.filter(title=f"{late}：请在 2026-04-30 前写好小结").exists()


def test_three_workdays_after_a_trip_its_open_targets_are_told_once(station):
    trip = make.roadshow(station, ends_on=date(2026, 4, 17))
    for name, state in (("甲公司", "planned"), ("乙公司", "visited"), ("丙公司", "no_follow_up")):
        RoadshowTarget.objects.create(roadshow=trip, company_name=name, state=state)
    remind_trips(datetime(2026, 4, 21, 17, tzinfo=SHANGHAI))
    assert not Notification.objects.exists()
    remind_trips(datetime(2026, 4, 22, 17, tzinfo=SHANGHAI))
    remind_trips(datetime(2026, 4, 23, 17, tzinfo=SHANGHAI))
    message = Notification.objects.get()
    assert message.user == station
    assert "2 家目标企业还没有结果" in message.title
