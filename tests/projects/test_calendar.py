"""日历订阅: a secret address per person, the days of their own work by RFC 5545, closed with the account."""

import re
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm import feeds, ics
from crm.models import AuditEvent, CalendarFeed, User
from crm.values.phones import without_numbers
from crm.workdays import shanghai_day
from leads.models import Lead, Roadshow
from projects.models import Commitment, Project
from projects.supervising import answer, issue
from tests import make

NOW = timezone.now()
TODAY = shanghai_day(NOW)
SOON = TODAY + timedelta(days=9)


def opened(as_, user):
    """The path of the calendar that `user` opens on the page."""
    page = as_(user).post(reverse("calendar_open")).content.decode()
    return re.search(r"http://testserver(/calendar/feed/[\w-]{43}\.ics)", page)[1]


def read(path):
    answer = Client().get(path)
    assert answer.status_code == 200
    return answer


def days(path):
    """{uid without our name: (first day, last day, title)} as a reader of calendars understands them."""
    calendar = icalendar.Calendar.from_ical(read(path).content)
    assert not any(one.errors for one in calendar.walk())
    events = calendar.walk("VEVENT")
    return {
        str(one["UID"]).partition("@")[0]: (
            one.decoded("DTSTART"),
            one.decoded("DTEND") - timedelta(days=1),
            str(one["SUMMARY"]),
        )
        for one in events
    }


@pytest.fixture
def work(owner, head, leader, station):
    """Everything that may lie before `owner`, and the same of a teammate, which does not."""
    lead = make.lead(
        owner, "深圳甲乙；丙,丁公司", at=NOW, next_contact_on=SOON, next_step="打 15400000001 找王总"
    )
    project = make.project(owner, at=NOW)
    trip = make.roadshow(station, starts_on=TODAY, ends_on=SOON)
    trip.members.add(owner)
    off = make.roadshow(station, title="取消的行程", starts_on=TODAY, ends_on=SOON, is_cancelled=True)
    off.members.add(owner)
    order = issue(project, demand="请反馈进展。", due_on=SOON, by=leader, at=NOW)
    paper = make.agreement(project, owner)
    promise = make.commitment(paper, SOON, owner=owner)
    make.commitment(paper, SOON, owner=head)
    return {"lead": lead, "project": project, "trip": trip, "order": order, "promise": promise}


def test_the_calendar_holds_what_is_ones_own_to_do_on_its_day(as_, owner, teammate, work):
    make.lead(teammate, at=NOW, next_contact_on=SOON)
    found = days(opened(as_, owner))
    lead, project = Lead.objects.get(pk=work["lead"].pk), Project.objects.get(pk=work["project"].pk)
    assert found[f"lead-{lead.pk}-contact"] == (SOON, SOON, f"联系：{lead.title}")
    assert found[f"lead-{lead.pk}-limit"][0] == lead.limit_on
    assert found[f"project-{project.pk}-limit"][0] == project.limit_on
    assert found[f"project-{project.pk}-report"][0] == TODAY + timedelta(days=14)
    assert found[f"trip-{work['trip'].pk}"] == (TODAY, SOON, f"行程：{work['trip']}")
    assert found[f"order-{work['order'].pk}"][0] == SOON
    assert found[f"commitment-{work['promise'].pk}"][:2] == (SOON, SOON)
    assert len(found) == 7


def test_the_head_of_a_unit_sees_its_orders_and_the_leader_those_he_issued(as_, owner, head, leader, work):
    [of_head, of_leader] = [days(opened(as_, person)) for person in (head, leader)]
    assert f"order-{work['order'].pk}" in of_head
    assert of_leader.keys() == {f"order-{work['order'].pk}"}
    assert not [uid for uid in of_head if uid.startswith(("lead", "project"))]


def test_what_is_done_is_gone_and_what_moved_keeps_its_name(as_, owner, work):
    path = opened(as_, owner)
    before = days(path)
    answer(work["order"], text="已约好。", by=owner, at=NOW)
    Commitment.objects.filter(pk=work["promise"].pk).update(outcome="fulfilled", judged_on=TODAY)
    Lead.objects.filter(pk=work["lead"].pk).update(next_contact_on=SOON + timedelta(days=1))
    Roadshow.objects.filter(pk=work["trip"].pk).update(is_cancelled=True)
    after = days(path)
    gone = {f"order-{work['order'].pk}", f"commitment-{work['promise'].pk}", f"trip-{work['trip'].pk}"}
    assert before.keys() - after.keys() == gone
    assert after[f"lead-{work['lead'].pk}-contact"][0] == SOON + timedelta(days=1)


def test_it_shows_what_the_person_may_see_now_and_nothing_of_a_deactivated_account(as_, owner, wanggu, work):
    path = opened(as_, owner)
    User.objects.filter(pk=owner.pk).update(unit=wanggu)
    assert not [uid for uid in days(path) if not uid.startswith("trip")]
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert Client().get(path).status_code == 404
    User.objects.filter(pk=owner.pk).update(is_active=True)
    assert Client().get(path).status_code == 200


def test_no_telephone_number_leaves_the_site(as_, owner, work):
    Project.objects.filter(pk=work["project"].pk).update(
        next_step="座机 0571-88886666，王总 +86 154 0000 0002"
    )
    text = read(opened(as_, owner)).content.decode().replace("\r\n ", "")
    assert "15400000001" not in text
    assert "88886666" not in text
    assert "154 0000 0002" not in text
    assert "（号码略）" in text
    assert without_numbers("2026-04-20 到 20260420，投资 15000 万元，编号 330105") == (
        "2026-04-20 到 20260420，投资 15000 万元，编号 330105"
    )


def test_the_text_is_what_the_standard_asks_for(as_, owner, work):
    content = read(opened(as_, owner)).content
    lines = content.split(b"\r\n")
    assert lines[-1] == b""
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in lines) <= 75
    assert all(line.decode() for line in lines[:-1])  # no letter is cut in two
    unfolded = content.replace(b"\r\n ", b"").decode().split("\r\n")
    assert unfolded[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//gongshu-crm//ZH"]
    assert "SUMMARY:联系：深圳甲乙；丙\\,丁公司" in unfolded
    stamps = [line for line in unfolded if line.startswith("DTSTAMP")]
    assert len(stamps) == 7
    assert all(re.fullmatch(r"DTSTAMP:\d{8}T\d{6}Z", line) for line in stamps)
    assert unfolded.count("TZID:Asia/Shanghai") == 1


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("甲;乙,丙\\丁", "甲\\;乙\\,丙\\\\丁"),
        ("一\r\n二\r三\n四", "一\\n二\\n三\\n四"),
        ("甲\x00乙\x1b丙\t丁", "甲乙丙\t丁"),
    ],
)
def test_texts_are_escaped_and_read_back_as_they_were(value, written):
    assert ics.text(value) == written
    event = ics.Event(
        "u", date(2026, 4, 20), datetime(2026, 4, 1, tzinfo=UTC), value * 40, "", "联系", "https://a/"
    )
    [found] = icalendar.Calendar.from_ical(ics.calendar("甲", [event])).walk("VEVENT")
    assert str(found["SUMMARY"]) == re.sub(r"\r\n?", "\n", value * 40).replace("\x00", "").replace("\x1b", "")


def test_an_empty_calendar_is_one_all_the_same(as_, fund_user):
    calendar = icalendar.Calendar.from_ical(read(opened(as_, fund_user)).content)
    assert [one.name for one in calendar.subcomponents] == ["VTIMEZONE"]


def test_the_address_is_said_once_kept_as_a_hash_and_ends_when_closed_or_replaced(as_, owner):
    first = opened(as_, owner)
    key = first.split("/")[-1].removesuffix(".ics")
    feed = CalendarFeed.objects.get()
    assert key not in str(vars(feed))
    assert key not in as_(owner).get(reverse("calendar")).content.decode()
    second = opened(as_, owner)
    assert CalendarFeed.objects.count() == 1
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    answer = as_(owner).post(reverse("calendar_close"), follow=True)
    assert "已停用" in answer.content.decode()
    assert Client().get(second).status_code == 404
    assert list(AuditEvent.objects.order_by("pk").values_list("action", flat=True)) == [
        "open_calendar",
        "open_calendar",
        "close_calendar",
    ]
    assert key not in str(list(AuditEvent.objects.values()))


def test_it_needs_no_session_and_is_kept_by_no_shared_cache(as_, owner):
    path = opened(as_, owner)
    answer = read(path)
    assert answer.headers["Cache-Control"] == "private"
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert settings.SESSION_COOKIE_NAME not in answer.cookies
    assert Client().post(path).status_code == 405


def test_who_reads_too_often_waits_and_the_next_hour_is_free(owner, freeze):
    path = reverse("calendar_feed", args=[feeds.issue(owner, at=make.NOW)])
    freeze(make.NOW + timedelta(minutes=20))
    CalendarFeed.objects.update(window_at=make.NOW, window_reads=feeds.READS - 1)
    assert Client().get(path).status_code == 200
    refused = Client().get(path)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == str(40 * 60)
    freeze(make.NOW + timedelta(minutes=60))
    assert Client().get(path).status_code == 200


def test_it_costs_the_same_for_ten_and_a_hundred_days(as_, owner):
    path, costs = opened(as_, owner), []
    for number in (10, 90):
        for _ in range(number):
            make.lead(owner, at=NOW, next_contact_on=SOON)
        with CaptureQueriesContext(connection) as captured:
            assert len(days(path)) >= number
        costs.append(len(captured))
    assert costs[0] == costs[1] <= 14
