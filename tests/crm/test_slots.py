"""Each period of a job is run by one worker, is taken over when that one dies, and is given up in the end."""

import threading
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django.db import connection

from crm import slots
from crm.models import JobSlot
from crm.slots import Daily, Every, Job, due_slots
from crm.workdays import SHANGHAI, Calendar

MORNING = Daily(time(8, 30), workdays_only=True)
SCAN = Job("scan", MORNING, print)
EACH = Job("each", Daily(time(0, 10)), print, each=True)
WEEK = Calendar({})


def shanghai(month, day, hour=0, minute=0):
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def periods(job, at):
    return [period for _, period in due_slots([job], at)]


def run(job, period, at):
    slots.finish(slots.take(job.name, period, at), at)


@pytest.fixture
def monday():
    return shanghai(4, 20, 8, 30)


def test_a_slot_is_taken_once(db, monday):
    assert slots.take("scan", monday, monday)
    assert slots.take("scan", monday, monday) is None
    assert JobSlot.objects.get().attempts == 1


def test_a_finished_slot_is_never_taken_again(db, monday):
    run(SCAN, monday, monday)
    assert slots.take("scan", monday, monday + timedelta(days=9)) is None
    assert JobSlot.objects.get().state == "done"


def test_a_dead_workers_slot_is_taken_over_after_its_lease(db, monday):
    first = slots.take("scan", monday, monday, timedelta(minutes=5))
    assert slots.take("scan", monday, monday + timedelta(minutes=4)) is None
    second = slots.take("scan", monday, monday + timedelta(minutes=5))
    assert second.attempts == 2
    assert not slots.finish(first, monday + timedelta(minutes=6))
    assert slots.finish(second, monday + timedelta(minutes=6))


def test_a_failure_is_kept_and_tried_again_until_it_is_dead(db, monday):
    at = monday
    for _ in range(slots.MAX_ATTEMPTS):
        slots.fail(slots.take("scan", monday, at), ValueError("无法连接"), at)
        at += slots.RETRY_AFTER
    slot = JobSlot.objects.get()
    assert (slot.state, slot.attempts, slot.last_error) == ("dead", 5, "ValueError")
    assert slots.take("scan", monday, at) is None
    assert periods(SCAN, at) == []


def test_a_slot_whose_workers_all_died_is_buried_in_sight(db, monday):
    at = monday
    for _ in range(slots.MAX_ATTEMPTS):
        assert slots.take("scan", monday, at, timedelta(minutes=1))
        at += timedelta(minutes=1)
    slots.sweep(at)
    slot = JobSlot.objects.get()
    assert slot.state == "dead"
    assert "多次中断" in slot.last_error


def test_finished_slots_are_forgotten_after_what_may_be_caught_up_and_dead_ones_stay(db, monday):
    old = monday - timedelta(days=32)
    for period in (old, old + timedelta(days=3)):
        run(SCAN, period, period)
    dead = slots.take("each", old, old)
    JobSlot.objects.filter(pk=dead.pk).update(state="dead")
    slots.forget_slots(monday)
    left = JobSlot.objects.order_by("period_start").values_list("job", "state", "period_start")
    assert list(left) == [("each", "dead", old), ("scan", "done", old + timedelta(days=3))]


def test_a_long_job_is_put_down_and_goes_on_where_it_stopped(db, monday):
    first = slots.take("scan", monday, monday)
    assert slots.put_down(first, 200, monday)
    second = slots.take("scan", monday, monday)
    assert (second.progress, second.attempts) == (200, 1)


def test_who_lost_the_lease_cannot_put_the_job_down(db, monday):
    lost = slots.take("scan", monday, monday, timedelta(minutes=5))
    slots.take("scan", monday, monday + timedelta(minutes=6))
    assert not slots.put_down(lost, 200, monday + timedelta(minutes=7))
    assert JobSlot.objects.get().progress == 0


@pytest.mark.parametrize(
    ("at", "period"),
    [
        (shanghai(4, 20, 8, 30), shanghai(4, 20, 8, 30)),
        (shanghai(4, 20, 8, 29), shanghai(4, 17, 8, 30)),
        (shanghai(4, 18, 12), shanghai(4, 17, 8, 30)),  # Saturday
        (shanghai(5, 5, 12), shanghai(4, 30, 8, 30)),  # the last day of the May holiday
        (shanghai(5, 9, 9), shanghai(5, 9, 8, 30)),  # a Saturday worked instead
        (datetime(2026, 4, 20, 0, 30, tzinfo=UTC), shanghai(4, 20, 8, 30)),
    ],
)
def test_the_morning_is_half_past_eight_on_a_workday_in_shanghai(db, at, period):
    assert periods(SCAN, at) == [period]


def test_after_a_week_of_silence_the_newest_period_stands_for_all(db, monday):
    run(SCAN, monday, monday)
    assert periods(SCAN, shanghai(4, 28, 7)) == [shanghai(4, 27, 8, 30)]


def test_a_job_that_wants_each_period_gets_every_missed_one_in_order(db):
    run(EACH, shanghai(4, 20, 0, 10), shanghai(4, 20, 0, 10))
    at = shanghai(4, 23, 12)
    assert periods(EACH, at) == [shanghai(4, day, 0, 10) for day in (21, 22, 23)]
    run(EACH, shanghai(4, 22, 0, 10), at)
    assert periods(EACH, at) == [shanghai(4, day, 0, 10) for day in (21, 23)]


def test_a_new_job_does_not_make_up_for_the_time_before_it_existed(db):
    assert periods(EACH, shanghai(4, 23, 12)) == [shanghai(4, 23, 0, 10)]


@given(st.datetimes(datetime(1986, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC)))
def test_the_latest_period_is_past_and_no_later_one_is(at):
    period = MORNING.latest(at, WEEK)
    assert period <= at
    assert WEEK.is_workday(period.astimezone(SHANGHAI).date())
    assert MORNING.latest(period - timedelta(microseconds=1), WEEK) == MORNING.before(period, WEEK)
    assert MORNING.latest(at + timedelta(days=7), WEEK) > period


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_a_fixed_rhythm_has_no_gap(at):
    rhythm = Every(timedelta(minutes=5))
    period = rhythm.latest(at, WEEK)
    assert timedelta(0) <= at - period < rhythm.length
    assert rhythm.latest(period, WEEK) == period
    assert rhythm.latest(period - timedelta(seconds=1), WEEK) == rhythm.before(period, WEEK)


def test_the_tick_is_one_row_a_minute_and_forgotten_after_two_days(db, monday):
    assert slots.last_tick() is None
    for seconds in (0, 30, 59, 60):
        slots.record_tick(monday + timedelta(seconds=seconds))
    assert JobSlot.objects.count() == 2
    assert slots.last_tick() == monday + timedelta(seconds=60)
    slots.sweep(monday + timedelta(days=2, minutes=1))
    assert slots.last_tick() == monday + timedelta(seconds=60)
    slots.sweep(monday + timedelta(days=2, minutes=2))
    assert slots.last_tick() is None


@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_take_a_slot_once(monday):
    gate, taken = threading.Barrier(8), []

    def worker():
        gate.wait()
        taken.append(slots.take("scan", monday, monday))
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len([slot for slot in taken if slot]) == 1
