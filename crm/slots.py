"""Scheduled work as rows: which period of a job is due, who may run it, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import F

from crm.logs import kind
from crm.models import JobSlot
from crm.workdays import ONE_DAY, SHANGHAI, Calendar, shanghai_day

LEASE = timedelta(minutes=20)  # longer than a task may run
RETRY_AFTER = timedelta(minutes=1)
MAX_ATTEMPTS = 5
HORIZON = timedelta(days=31)  # nothing older is caught up
TICK = "tick"


@dataclass(frozen=True)
class Every:
    """A rhythm of fixed length: every five minutes, counted from midnight UTC."""

    length: timedelta

    def latest(self, at, calendar):
        """The start of the period `at` lies in."""
        return at - (at - datetime.min.replace(tzinfo=at.tzinfo)) % self.length

    def before(self, period, calendar):
        """The start of the period before `period`."""
        return period - self.length


@dataclass(frozen=True)
class Daily:
    """A rhythm by the clock on the wall in Shanghai, on workdays only if so wished."""

    at: time
    workdays_only: bool = False

    def latest(self, at, calendar):
        """The newest moment of this rhythm that is not after `at`."""
        moment = self._on(shanghai_day(at))
        if moment > at or not self._counts(shanghai_day(at), calendar):
            return self.before(moment, calendar)
        return moment

    def before(self, period, calendar):
        """The moment of this rhythm before `period`."""
        day = shanghai_day(period) - ONE_DAY
        while not self._counts(day, calendar):
            day -= ONE_DAY
        return self._on(day)

    def _on(self, day):
        return datetime.combine(day, self.at, tzinfo=SHANGHAI)

    def _counts(self, day, calendar):
        return calendar.is_workday(day) or not self.workdays_only


@dataclass(frozen=True)
class Job:
    """Scheduled work, done by `work(at)`. `each` wants every missed period; else the newest will do.

    A long job is done in batches: `work(at, progress)` does one and answers how far it came, None at the end.
    """

    name: str
    rhythm: Every | Daily
    work: Callable
    lease: timedelta = LEASE
    each: bool = False
    in_batches: bool = False


def due_slots(schedule, at):
    """(job, period_start) pairs to be run at `at`: never taken, or left by a worker that died.

    After a stop of any length a job comes back once, for its newest period; a job that wants `each`
    gets every period since its last one, oldest first, at most a month of them.
    """
    calendar = Calendar.load()
    return [(job, period) for job in schedule for period in _due_periods(job, at, calendar)]


def _due_periods(job, at, calendar):
    newest = job.rhythm.latest(at, calendar)
    periods = _since_last(job, newest, calendar) if job.each else [newest]
    slots = JobSlot.objects.filter(job=job.name, period_start__in=periods)
    known = set(slots.values_list("period_start", flat=True))
    free = set(_abandoned(at, slots).values_list("period_start", flat=True))
    return [period for period in periods if period not in known or period in free]


def _since_last(job, newest, calendar):
    """Every period from the oldest one known of the past month to `newest`; a new job starts at `newest`."""
    seen = JobSlot.objects.filter(job=job.name, period_start__gte=newest - HORIZON)
    first = seen.order_by("period_start").values_list("period_start", flat=True).first()
    periods = [newest]
    while first and (earlier := job.rhythm.before(periods[-1], calendar)) >= first:
        periods.append(earlier)
    return periods[::-1]


def _abandoned(at, slots):
    """Those of `slots` nobody works on though they are not finished, and that may be tried again."""
    return slots.filter(state=JobSlot.State.LEASED, leased_until__lte=at, attempts__lt=MAX_ATTEMPTS)


def take(job, period_start, at, lease=LEASE):
    """The slot, leased to us, or None: somebody has it, finished it, or it was given up.

    The row is inserted free (on conflict nothing), then one conditional UPDATE decides between any
    number of takers; the same UPDATE takes over a slot whose worker died, five times at the most.
    """
    free = JobSlot(job=job, period_start=period_start, leased_until=at, attempts=0)
    JobSlot.objects.bulk_create([free], ignore_conflicts=True)
    slot = JobSlot.objects.filter(job=job, period_start=period_start)
    if not _abandoned(at, slot).update(leased_until=at + lease, attempts=F("attempts") + 1):
        return None
    return slot.get()


def put_down(slot, progress, at):
    """Note how far a long job came and let any worker go on from there; False when the lease was lost."""
    return bool(_ours(slot).update(progress=progress, leased_until=at, attempts=0))


def finish(slot, at):
    """Mark the slot done; False when the lease was lost to another worker meanwhile."""
    return bool(_ours(slot).update(state=JobSlot.State.DONE, finished_at=at, last_error=""))


def fail(slot, error, at):
    """Keep the kind of `error` and let the slot be tried again in a minute; after five tries it is dead."""
    dead = slot.attempts >= MAX_ATTEMPTS
    _ours(slot).update(
        state=JobSlot.State.DEAD if dead else JobSlot.State.LEASED,
        leased_until=at + RETRY_AFTER,
        last_error=kind(error),
        finished_at=at if dead else None,
    )


def _ours(slot):
    """The row as long as nobody took the slot over: the end of our own lease is the fence."""
    return JobSlot.objects.filter(pk=slot.pk, state=JobSlot.State.LEASED, leased_until=slot.leased_until)


def sweep(at):
    """Bury slots that nobody will finish, so that they are seen, and drop the ticks of past days."""
    stale = JobSlot.objects.filter(state=JobSlot.State.LEASED, leased_until__lte=at)
    spent = stale.filter(attempts__gte=MAX_ATTEMPTS)
    spent.update(state=JobSlot.State.DEAD, finished_at=at, last_error="执行进程多次中断，已放弃。")
    passed = stale.filter(leased_until__lte=at - ONE_DAY)
    passed.update(state=JobSlot.State.DEAD, finished_at=at, last_error="没有完成，已由之后的时段代替。")
    JobSlot.objects.filter(job=TICK, period_start__lt=at - 2 * ONE_DAY).delete()


def forget_slots(at):
    """Drop finished slots older than anything that is caught up; the nightly job calls it."""
    JobSlot.objects.filter(state=JobSlot.State.DONE, period_start__lt=at - HORIZON).delete()


def record_tick(at):
    """Note that the beat lives: one row a minute, whose finish is the newest tick in it."""
    period = at.replace(second=0, microsecond=0)
    tick = JobSlot(job=TICK, period_start=period, state=JobSlot.State.DONE, leased_until=at, finished_at=at)
    JobSlot.objects.bulk_create(
        [tick],
        update_conflicts=True,
        unique_fields=["job", "period_start"],
        update_fields=["finished_at"],
    )


def last_tick():
    """When the beat was last heard of, or None."""
    newest = JobSlot.objects.filter(job=TICK).order_by("-period_start")
    return newest.values_list("finished_at", flat=True).first()
