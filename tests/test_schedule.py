"""The tick and the run of a job, called as a worker calls them."""

from datetime import datetime, timedelta

import pytest
import time_machine

from config.schedule import JOBS
from config.tasks import run_job, tick
from crm import slots
from crm.models import FieldChange, JobSlot, Notification
from crm.slots import Every, Job, due_slots
from crm.workdays import SHANGHAI
from leads.models import Lead
from projects.models import Match
from projects.rematching import rematch
from tests import make

MORNING = datetime(2026, 4, 20, 8, 30, tzinfo=SHANGHAI)
HOURLY = Every(timedelta(hours=1))


@pytest.fixture
def job(monkeypatch):
    """Put a job of the test's own on the schedule: `job(work)`."""

    def put(work, **kinds):
        monkeypatch.setitem(JOBS, "test", Job("test", HOURLY, work, **kinds))

    return put


def run():
    run_job("test", MORNING.isoformat())
    return JobSlot.objects.get(job="test")


def test_a_job_runs_once_however_often_it_is_rung_for(db, job):
    runs = []
    job(runs.append)
    assert run().state == "done"
    run()
    assert len(runs) == 1


def test_what_a_job_changes_is_signed_with_its_name(owner, job):
    make.lead(owner)
    job(lambda at: Lead.objects.update(next_step="年后再约"))
    run()
    change = FieldChange.objects.get()
    assert (change.channel, change.name, change.by) == ("task", "test", None)


def test_a_failing_job_says_why_and_stays_due(db, job):
    def work(at):
        raise ValueError("节假日表为空")

    job(work)
    with pytest.raises(ValueError, match="节假日表为空"):
        run()
    slot = JobSlot.objects.get(job="test")
    assert (slot.state, slot.last_error) == ("leased", "ValueError")
    assert slots.take("test", MORNING, slot.leased_until)


def test_a_job_in_batches_goes_on_until_none_is_left(db, job):
    seen = []

    def work(at, progress):
        seen.append(progress)
        return progress + 1 if progress < 2 else None

    job(work, in_batches=True)
    assert [run().state for _ in range(4)] == ["leased", "leased", "done", "done"]
    assert seen == [0, 1, 2]


def test_at_half_past_eight_on_a_workday_the_scan_is_due_and_tells_the_owner(owner):
    make.lead(owner, at=MORNING - timedelta(days=3))
    Lead.objects.update(next_contact_on=MORNING.date())
    with time_machine.travel(MORNING, tick=False):
        tick()
        due = {job.name: period for job, period in due_slots(JOBS.values(), MORNING)}
        run_job("morning_scan", due["morning_scan"].isoformat())
    assert due["morning_scan"] == MORNING
    assert Notification.objects.get().key == "digest:2026-04-20"
    assert slots.last_tick() == MORNING


def test_every_job_of_the_schedule_runs_on_an_empty_database(db):
    with time_machine.travel(MORNING, tick=False):
        for name in JOBS:
            run_job(name, MORNING.isoformat())
    assert set(JobSlot.objects.values_list("job", "state")) == {(name, "done") for name in JOBS}


def test_the_nightly_match_takes_the_open_projects_and_ends(owner, now):
    project = make.project(owner)
    lost = make.project(owner)
    type(lost).objects.filter(pk=lost.pk).update(stage="lost")
    assert rematch(now, 0) == project.pk
    assert rematch(now, project.pk) is None
    assert not Match.objects.filter(project=lost).exists()
