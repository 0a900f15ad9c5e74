"""The only way a stage changes: gate, version and history in one transaction."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import models, transaction

from crm import audit
from crm.errors import Gone, NotAllowed, Refused, StaleVersion
from crm.models import StageSetting
from crm.notifications import tell_forced
from crm.numbers import number
from crm.permissions import may, require
from crm.reading import once
from crm.versions import Versioned
from crm.workdays import Calendar, shanghai_day

CLOCK = ("blue_on", "limit_on", "red_on")


class MoveRefused(Refused):
    """The gate says no; `missing` lists exactly what is lacking."""

    code = "gate"


class AlreadyMoved(Refused):
    """Somebody else moved the record a moment ago; nothing happened."""

    code = "already_moved"
    status = 409


@dataclass(frozen=True)
class Step:
    """A request to move: where to, who asks, when, why, and whether a manager forces it."""

    to: str
    by: models.Model
    at: object
    reason: str = ""
    forced: bool = False


class Staged(Versioned):
    """A record that stands in a stage and whose clock runs. Subclasses name their stage map and gate."""

    stage = models.CharField("阶段", max_length=20)
    furthest = models.CharField("到过的最远阶段", max_length=20, editable=False)
    entered_at = models.DateTimeField("进入阶段时间")
    blue_on = models.DateField("蓝灯日", null=True, blank=True)
    limit_on = models.DateField("阶段时限", null=True, blank=True)
    red_on = models.DateField("红灯日", null=True, blank=True)
    progressed_at = models.DateTimeField("最近有效跟进", null=True, blank=True, editable=False)

    stages = None

    class Meta:
        abstract = True

    def missing_for(self, to, on=None):
        """What the step to stage `to` still lacks on the day `on`, as a list of Missing.

        Without a day that of the entry into the stage decides what was valid then.
        """
        raise NotImplementedError

    def clock_days(self, setting):
        """Workdays the stage of `setting` gives this record, None without a limit."""
        return setting.limit_days

    def check_step(self, step):
        """Raise StepRefused unless `step` may be taken from here, whatever the gate says of it."""
        self.stages.check(self.stage, step)

    def settle(self, step):
        """End what ends with the stay that `step` leaves, before the stay is closed."""

    @property
    def is_suspended(self):
        """Whether the clock stands still."""
        return False

    @property
    def begins_at(self):
        """From when the clock of the present stay counts while there is no progress."""
        return self.entered_at

    def runs_since(self, setting):
        """From when it counts in the stage of `setting`: where progress restarts it, from the last one on."""
        begins = self.begins_at
        return max(begins, self.progressed_at or begins) if setting.is_restarted_by_progress else begins

    def runs_until(self, at):
        """Up to when the present stay counts at the moment `at`: until its clock was stopped, if it was."""
        return at

    def pauses(self, since):
        """The (first, last) days for which the clock stood still after the moment `since` of the present
        stay, in their order."""
        return ()

    def recount_pause(self):
        """Count anew what a clock that stands still just now has left."""

    def move_to(self, to, *, by, at, reason="", forced=False, version=None):
        """Move to stage `to`; see `move`."""
        return move(self, Step(to, by, at, reason.strip(), forced), version=version)

    def take_step_back(self, furthest):
        """After a step and its way back: it came as far as `furthest` before, and no farther by the step.

        For steps taken back as one that should not have been; who is sent back has been there.
        """
        if self.stages.further(furthest, self.furthest) == furthest:
            return
        self.furthest = furthest
        self.save(update_fields=["furthest"])


class StageChange(models.Model):
    """One stay in one stage. `left_at` and `days` are written when the record moves on.

    `days` leaves out those for which the clock stood still; `skipped` names the stages passed over.
    """

    stage = models.CharField("阶段", max_length=20)
    previous = models.CharField("来自阶段", max_length=20, blank=True)
    entered_at = models.DateTimeField("进入时间")
    left_at = models.DateTimeField("离开时间", null=True, blank=True)
    days = models.FloatField("停留天数", null=True, blank=True)
    by = models.ForeignKey("crm.User", models.PROTECT, null=True, related_name="+", verbose_name="操作人")
    reason = models.CharField("理由", max_length=300, blank=True)
    is_forced = models.BooleanField("强制推进", default=False)
    missing = models.JSONField("当时缺少", default=list)
    skipped = models.JSONField("跳过的阶段", default=list, db_default=[])
    seq = models.PositiveSmallIntegerField("序号")

    paused_days = 0.0  # days the clock stood still; a column where records may be suspended

    class Meta:
        abstract = True
        ordering = ["seq"]

    def __str__(self):
        return f"{self.previous or '（新建）'} → {self.stage}"


@transaction.atomic(savepoint=False)
def move(record, step, *, version=None):
    """Move `record` along `step` and return the new StageChange.

    Raises AlreadyMoved when the record left the stage the caller saw, StaleVersion when `version` is
    not the row's, NotAllowed for strangers, MoveRefused with the list of what is missing. A refusal
    leaves no trace; a forced move keeps what was missing at every gate on its way in its history row.
    """
    require(step.by, "move", record)
    row = _held(record)
    _check_current(record, row, version)
    missing = _check_gate(row, step)
    change = _write(row, step, missing)
    if step.forced:
        detail = {
            "from": change.previous,
            "to": change.stage,
            "reason": step.reason,
            "missing": change.missing,
        }
        audit.record(step.by, "force_move", row, detail=detail, at=step.at)
        tell_forced(row, change)
    for name in ("stage", "furthest", "entered_at", *CLOCK, "version", "updated_at"):
        setattr(record, name, getattr(row, name))
    return change


def _held(record):
    """The row of `record`, locked; Gone when it was taken back since it was looked at."""
    try:
        return type(record).objects.select_for_update(of=("self",)).get(pk=record.pk)
    except type(record).DoesNotExist as error:
        raise Gone from error


def relocate(row, step):
    """Write `step` of a locked `row` that another rule has decided already; no gate is asked.

    For ways on which nobody is moved by hand: into 重复合并 and back. Returns the new StageChange.
    """
    return _write(row, step, [])


def start(record, *, by, at):
    """Write the first history row of a new, saved record and start its clock."""
    wind(record)
    change = first_change(record, by=by, at=at)
    change.save()
    return change


def first_change(record, *, by, at):
    """The first history row of `record`, whose clock is set by `set_clock`; not saved."""
    changes = record.changes
    of = {changes.field.attname: record.pk}
    return changes.model(**of, stage=record.stage, entered_at=at, by_id=by and by.pk, seq=1)


def _check_current(seen, row, version):
    if row.stage != seen.stage:
        raise AlreadyMoved(f"这条记录刚被移动到「{stage_label(row.stage)}」，请刷新后再操作。")
    if version is not None and row.version != version:
        raise StaleVersion(row)


def _check_gate(row, step):
    """The missing items of a forced step; raises when the step may not be taken."""
    if step.forced and not may(step.by, "force", row):
        raise NotAllowed("只有单位负责人和区投促局可以强制推进。")
    row.check_step(step)
    missing = _lacking(row, step)
    if missing and not step.forced:
        raise MoveRefused(f"还不能进入「{stage_label(step.to)}」，缺少 {len(missing)} 项。", missing=missing)
    return missing


def _lacking(row, step):
    """What the gates of the stages passed over and of the last ask in vain, each thing once."""
    day = shanghai_day(step.at)
    gates = (*row.stages.between(row.stage, step.to), step.to)
    return list(dict.fromkeys(missing for to in gates for missing in row.missing_for(to, on=day)))


def _write(row, step, missing):
    row.settle(step)
    open_stay = row.changes.get(left_at=None)
    open_stay.left_at = max(step.at, open_stay.entered_at)
    open_stay.days = max(days_between(open_stay.entered_at, open_stay.left_at) - open_stay.paused_days, 0)
    open_stay.save(update_fields=["left_at", "days"])
    change = row.changes.create(
        stage=step.to,
        previous=row.stage,
        entered_at=open_stay.left_at,
        by=step.by,
        reason=step.reason,
        is_forced=step.forced,
        missing=[m.text for m in missing],
        skipped=list(row.stages.between(row.stage, step.to)),
        seq=open_stay.seq + 1,
    )
    row.stage, row.entered_at = step.to, change.entered_at
    row.furthest = row.stages.further(row.furthest, step.to)
    row.updated_at = step.at
    row.version += 1
    set_clock(row)
    row.save(update_fields=["stage", "entered_at", "furthest", *CLOCK, "version", "updated_at"])
    return change


def days_between(start, end):
    """The time from `start` to `end` in days of 24 hours; never negative."""
    return max((end - start).total_seconds(), 0) / 86400


def wind(record):
    """Set and save the clock of `record` anew: its stage, or what shortens its clock, has changed."""
    set_clock(record)
    record.save(update_fields=CLOCK)


def set_clock(record):
    """Compute the days of the ladder from the day the clock of the stage began, without saving.

    A record whose clock stands still has none of them.
    """
    setting = stage_setting(record.stage)
    days = record.clock_days(setting) if setting and not record.is_suspended else None
    dates = (None,) * 3
    if days:
        since = record.runs_since(setting)
        dates = ladder(
            shanghai_day(since), days, setting.red_after_days, Calendar.load(), record.pauses(since)
        )
    record.blue_on, record.limit_on, record.red_on = dates


def stage_setting(code):
    """What the bureau set for the stage `code`; None for a stage it never heard of."""
    return once(_stage_settings).get(code)


def _stage_settings():
    return {setting.code: setting for setting in StageSetting.objects.all()}


def restart(record):
    """Wind the clock of `record` after an effective follow-up, where its stage counts from the last one."""
    restarted = StageSetting.objects.filter(code=record.stage, is_restarted_by_progress=True)
    if restarted.exists():
        wind(record)
        record.recount_pause()


def ladder(entered_on, days, red_after, calendar, pauses=()):
    """(blue day, limit, red day) of a clock of `days` workdays from `entered_on`, which stood in `pauses`.

    蓝灯 begins `pre_reminder_days` calendar days before the limit; a clock that is no longer than that has
    none, or it would be lit from the first day (domain §1.9).
    """
    began, left = left_after(entered_on, days, calendar, pauses)
    limit_on = calendar.shift(began, left) if pauses else calendar.add(began, left)
    blue_on = limit_on - timedelta(days=number("pre_reminder_days"))
    return blue_on if blue_on > entered_on else None, limit_on, calendar.add(limit_on, red_after)


def left_after(entered_on, days, calendar, pauses):
    """(day, workdays): from when the clock runs on after `pauses`, and what is left of `days` then.

    The day on which it stops counts as run, the day on which it goes on does not. Below 0: past the limit.
    """
    for stopped_on, resumed_on in pauses:
        days -= calendar.between(entered_on, stopped_on)
        entered_on = resumed_on
    return entered_on, days


def stage_label(code):
    """The word of a stage as the settings have it; its code while there is no such setting."""
    return StageSetting.objects.filter(code=code).values_list("label", flat=True).first() or code
