"""今日提醒 at a time of one's own: in half hours, once a day, whoever scans and however many at once."""

import threading
from datetime import datetime, time

import pytest

from django.db import connection

from config.schedule import JOBS
from crm.models import Notification, Preference
from crm.workdays import SHANGHAI
from projects.models import ReminderSent
from projects.reminders import morning_scan, own_times_scan
from tests import make

DAY = (2026, 4, 20)


def at(hour, minute=0, day=DAY):
    return datetime(*day, hour, minute, tzinfo=SHANGHAI)


def prefer(user, hour, minute=0):
    Preference.objects.update_or_create(user=user, defaults={"digest_at": time(hour, minute)})


def told():
    """{name: when} of everybody's digest."""
    return {one.user.name: one.created_at for one in Notification.objects.filter(kind="digest")}


@pytest.fixture
def due(owner, head):
    """A lead past its limit, of which its owner and the head of the unit are told; due on the day."""
    lead = make.lead(owner, at=at(10, day=(2026, 4, 1)))
    type(lead).objects.filter(pk=lead.pk).update(limit_on="2026-04-17", red_on="2026-05-20")
    return lead


def test_everybody_is_told_at_their_time_and_once(owner, head, due):
    prefer(owner, 7)
    assert own_times_scan(at(6, 30)) == 0
    assert own_times_scan(at(7)) == 1
    assert told() == {"林晓": at(7)}
    assert morning_scan(at(8, 30)) == 1
    assert told() == {"林晓": at(7), "沈主任": at(8, 30)}
    assert own_times_scan(at(9)) == own_times_scan(at(17)) == morning_scan(at(17)) == 0


def test_who_chose_a_later_time_waits_for_it(owner, head, due):
    prefer(owner, 10, 30)
    assert morning_scan(at(8, 30)) == 1
    assert own_times_scan(at(10)) == 0
    assert own_times_scan(at(10, 30)) == 1
    assert told() == {"沈主任": at(8, 30), "林晓": at(10, 30)}


def test_what_others_were_told_earlier_that_day_is_new_to_who_is_told_later(owner, head, due):
    prefer(owner, 7)
    own_times_scan(at(7))
    morning_scan(at(8, 30))
    for digest in Notification.objects.filter(kind="digest"):
        assert "仍未处理" not in digest.body + digest.items[0]["text"]
    assert ReminderSent.objects.filter(level="yellow").count() == 1
    morning_scan(at(8, 30, day=(2026, 4, 21)))
    assert Notification.objects.filter(kind="digest", items__0__is_repeated=True).count() == 2


def test_a_scan_that_was_missed_is_made_up_for_and_a_time_changed_later_tells_nobody_twice(owner, head, due):
    prefer(owner, 9)
    assert own_times_scan(at(11)) == 1  # nobody worked from nine to eleven
    prefer(owner, 15)
    assert own_times_scan(at(15)) == 0
    assert told() == {"林晓": at(11)}


def test_on_a_day_off_and_with_nothing_due_nobody_is_told_and_nothing_is_scanned_again(
    owner, head, due, django_assert_max_num_queries
):
    prefer(owner, 7)
    assert own_times_scan(at(7, day=(2026, 4, 19))) == 0  # a Sunday
    type(due).objects.update(limit_on=None, red_on=None, next_contact_on=None)
    assert own_times_scan(at(7)) == 0
    with django_assert_max_num_queries(2):
        assert own_times_scan(at(7, 30)) == 0


def test_two_workers_at_both_jobs_tell_everybody_once(transactional_db, owner, head, manager, due):
    prefer(owner, 8, 30)
    prefer(head, 8, 30)
    gate, written = threading.Barrier(4), []

    def worker(scan):
        gate.wait()
        written.append(scan(at(8, 30)))
        connection.close()

    scans = [morning_scan, own_times_scan, morning_scan, own_times_scan]
    threads = [threading.Thread(target=worker, args=[scan]) for scan in scans]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sum(written) == 2
    assert sorted(Notification.objects.values_list("user__name", flat=True)) == ["林晓", "沈主任"]
    assert (
        ReminderSent.objects.count()
        == ReminderSent.objects.values("lead", "rule", "level").distinct().count()
    )


def test_the_job_comes_every_half_hour():
    rhythm = JOBS["own_digests"].rhythm
    assert [rhythm.latest(at(8, minute), None) for minute in (0, 29, 30, 59)] == [
        at(8), at(8), at(8, 30), at(8, 30)
    ]  # fmt: skip
