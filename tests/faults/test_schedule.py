"""Two beats, two scans, no beat for a while: every period of every job runs once."""

import threading
from datetime import datetime, timedelta

import pytest

from django.db import connection
from django.utils import timezone

from config.schedule import JOBS
from crm import slots
from crm.models import Attempt, JobSlot, Notification
from crm.workdays import SHANGHAI, shanghai_day
from leads.models import Lead
from projects.models import ReminderSent
from projects.reminders import morning_scan
from tests import make

MORNING = datetime(2026, 4, 20, 8, 30, tzinfo=SHANGHAI)


def overdue_leads(people, day, each=3):
    for person in people:
        for _ in range(each):
            make.lead(person, at=MORNING - timedelta(days=30))
    Lead.objects.update(next_contact_on=day - timedelta(days=1), limit_on=None, red_on=None)


def jobs_done():
    done = JobSlot.objects.filter(state=JobSlot.State.DONE).exclude(job=slots.TICK)
    return set(done.values_list("job", flat=True)) == set(JOBS)


def test_two_beats_and_two_workers_run_each_slot_once(machine, owner, teammate, outsider):
    overdue_leads([owner, teammate, outsider], shanghai_day(timezone.now()))
    started = timezone.now()
    for start in (machine.beat, machine.beat, machine.worker, machine.worker):
        start()
    machine.until(jobs_done)
    enough = started + timedelta(seconds=3)
    machine.until(lambda: (slots.last_tick() or started) > max(enough, timezone.now() - timedelta(seconds=2)))
    machine.until(lambda: not Notification.objects.filter(sent_at=None).exists())
    runs = JobSlot.objects.exclude(job=slots.TICK)
    assert set(runs.values_list("attempts", flat=True)) == {1}
    assert runs.exclude(job="sweep").count() == len(JOBS) - 1
    assert Notification.objects.count() == Attempt.objects.count()
    assert Notification.objects.filter(key__startswith="digest:").count() == 3
    assert ReminderSent.objects.count() == 9


@pytest.mark.django_db(transaction=True)
def test_scans_at_once_write_one_digest_per_person(owner, teammate, outsider, head):
    overdue_leads([owner, teammate, outsider, head], shanghai_day(MORNING), each=10)
    gate, written = threading.Barrier(4), []

    def scan():
        gate.wait()
        written.append(morning_scan(MORNING))
        connection.close()

    threads = [threading.Thread(target=scan) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(written) == [0, 0, 0, 4]
    assert Notification.objects.count() == 4
    assert ReminderSent.objects.count() == 40
