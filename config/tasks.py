"""The tick of the beat and the run of one scheduled job: the only tasks that know the schedule."""

from datetime import datetime

from celery import shared_task

from django.utils import timezone

from config.schedule import JOBS
from crm import authorship, slots
from crm.bell import ring
from crm.tasks import deliver, send


@shared_task
def tick():
    """Ask the database what is due and ring for it; any number of beats may tick at once."""
    at = timezone.now()
    slots.record_tick(at)
    for job, period_start in slots.due_slots(JOBS.values(), at):
        ring(run_job, job.name, period_start.isoformat())
    ring(deliver)
    ring(send)


@shared_task
def run_job(name, period_start):
    """Run one period of a job if nobody else has it; a failure is kept in its slot and tried again."""
    job = JOBS[name]
    slot = slots.take(name, datetime.fromisoformat(period_start), timezone.now(), job.lease)
    if slot is None:
        return
    try:
        with authorship.acting(authorship.TASK, name):
            progress = _work(job, slot)
    except Exception as error:
        slots.fail(slot, error, timezone.now())
        raise
    if progress is None:
        slots.finish(slot, timezone.now())
    elif slots.put_down(slot, progress, timezone.now()):
        ring(run_job, name, period_start)


def _work(job, slot):
    """Do the job, or its next batch; how far it came, None when all is done."""
    if job.in_batches:
        return job.work(timezone.now(), slot.progress)
    job.work(timezone.now())
    return None
