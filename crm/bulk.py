"""批量操作: one deed on many records: foreseen, done row by row by the rules of one record, and taken back.

What a row will say is foreseen by doing it and taking that back at once, so that a preview knows every rule
there is. Each row commits alone; a job that broke off is called again. Undoing is the opposite deed, by the
same rules, for rows nobody has touched since.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Count

from crm import audit, authorship
from crm.alone import alone, each
from crm.errors import Refused, StaleVersion
from crm.models import BulkJob, BulkRow
from crm.notifications import notify
from crm.permissions import require
from crm.reading import read_once

LOCK_SPACE = 7305  # advisory locks of this room
SMALL = 200  # rows worked on while the person waits: three to five seconds
MOST = 2000  # rows of one job: a minute of a worker (25 ms a row), more than the open records of any unit
UNDO = timedelta(hours=24)  # how long the opposite deed is offered: until the next working morning
NAMED = 100  # records that the audit event names
KEPT, KEPT_ENDED = timedelta(days=7), timedelta(days=90)  # of what was never confirmed; of what is over
State, Row = BulkJob.State, BulkRow.State
ENDED = (State.DONE, State.UNDONE, State.FAILED)
NEXT = {State.FORESEEING: State.FORESEEN, State.DOING: State.DONE, State.UNDOING: State.UNDONE}
VERBS = {"assign": "assign", "move": "move", "tag": "edit", "untag": "edit"}
GONE = "这条记录已不在您的可见范围内。"
TOUCHED = "办理以后又有人改过。"
NOT_DONE, NOT_UNDONE = "中途停止，没有办理。", "中途停止，没有撤销。"
CHANGED_SINCE = "预览以后刚被别人改过，没有办理；请重新选中再办。"


class BulkRefused(Refused):
    """The job cannot go on like this, or this record needs nothing; nothing happened."""

    code = "bulk"


class NotNow(BulkRefused):
    """The job is not in the state the step needs."""

    status = 409


class _Foreseen(Exception):
    """Ends the rehearsal of a row; what it wrote is rolled back."""


@dataclass(frozen=True)
class Deed:
    """What an action does to one record, and the opposite.

    do(record, given, by, at, version) returns what it replaced, as JSON; undo(record, before, given, by, at)
    takes it back. Both raise Refused.
    """

    do: Callable
    undo: Callable


@dataclass(frozen=True)
class Hands:
    """What a list needs for bulk jobs: the model of its rows, what a person sees, the deeds by action."""

    kind: str
    rows: type
    records: Callable  # user → queryset
    deeds: dict


@transaction.atomic
def begin(hands, action, records, *, by, at, words="", back=""):
    """A new job on `records` (a queryset of what `by` sees), still without what the action needs.

    Raises NotAllowed where the role never may, BulkRefused for no records and for more than MOST.
    """
    if verb := VERBS.get(action):
        require(by, verb)
    keys = list(records.order_by("-pk").values_list("pk", flat=True)[: MOST + 1])
    if not keys:
        raise BulkRefused("没有选中任何记录，请先在列表里打勾。")
    if len(keys) > MOST:
        raise BulkRefused(f"一次最多 {MOST:,} 条，符合筛选的超过这个数。请再加一个筛选条件，分几次办理。")
    job = BulkJob.objects.create(
        kind=hands.kind, action=action, by=by, created_at=at, filters=words[:500], given={"back": back[:2000]}
    )
    hands.rows.objects.bulk_create(
        [hands.rows(job=job, record_id=key) for key in sorted(keys)], batch_size=500
    )
    return job


@transaction.atomic
def ask(hands, job, given):
    """Say what is to be done; every row is foreseen anew by `carry_on`. Raises NotNow after the deed."""
    row = _held(job, State.DRAFT, State.FORESEEN)
    rows = hands.rows.objects.filter(job=row)
    rows.update(state=Row.CHOSEN, reason="", seen_version=None)
    row.given = {**given, "back": row.given.get("back", "")}
    _into(row, State.FORESEEING)
    _copy(job, row)


@transaction.atomic
def confirm(hands, job, *, at):
    """Let the foreseen deed be done by `carry_on`; NotNow when it was confirmed or nothing can be done."""
    row = _held(job, State.FORESEEN)
    if not hands.rows.objects.filter(job=row, state=Row.READY).exists():
        raise NotNow("没有可以办理的记录。")
    row.begun_at = at
    _into(row, State.DOING)
    _copy(job, row)


@transaction.atomic
def undo(hands, job, *, at):
    """Let the deed be taken back by `carry_on`; NotNow when it is too late or there is nothing to undo."""
    row = _held(job, State.DONE)
    if not may_be_undone(row, at):
        raise NotNow(f"办理已超过 {UNDO.total_seconds() / 3600:.0f} 小时，不能再整批撤销。")
    if not hands.rows.objects.filter(job=row, state=Row.DONE).exists():
        raise NotNow("没有可以撤销的记录。")
    row.undone_at = at
    _into(row, State.UNDOING)
    _copy(job, row)


@transaction.atomic
def stop(job):
    """Let the step that is under way end before its next row: what it did stays, and can be taken back.

    `carry_on` notices and ends it, also when no worker has begun. Raises NotNow when nothing is under way.
    """
    row = _held(job, *BulkJob.WORKING)
    row.given = {**row.given, "stopped": True}
    _into(row, row.state)
    _copy(job, row)


def may_be_undone(job, at):
    """Whether the opposite deed of a job, if there is one, is still offered at `at`."""
    if job is None:
        return False
    is_done = job.state == State.DONE and job.action != BulkJob.Action.EXPORT
    return is_done and job.finished_at is not None and at <= job.finished_at + UNDO


def is_small(hands, job):
    """Whether it can be worked on while the person waits."""
    return hands.rows.objects.filter(job=job).count() <= SMALL


@read_once()
def carry_on(hands, job, *, at):
    """Foresee, do or undo the rows of a job that waits for it, each on its own; twice changes nothing."""
    with alone(LOCK_SPACE, job) as free:
        job.refresh_from_db()
        if not free or job.state not in BulkJob.WORKING:
            return
        authorship.signed_by(job.by)
        work, waiting = {
            State.FORESEEING: (_foresee, Row.CHOSEN),
            State.DOING: (_do, Row.READY),
            State.UNDOING: (_undo, Row.DONE),
        }[job.state]
        for row in hands.rows.objects.filter(job=job, state=waiting).order_by("pk"):
            if _is_stopped(job):
                return _break_off(hands, job, waiting, at)
            work(hands, job, row, at)
        _finish(hands, job, at)


def _is_stopped(job):
    return BulkJob.objects.filter(pk=job.pk, given__stopped=True).exists()


@transaction.atomic
def _break_off(hands, job, waiting, at):
    """End the step as the person asked: a preview is asked for anew, the rows left over say why they are."""
    if job.state == State.FORESEEING:
        return _into(job, State.DRAFT)
    left = (Row.REFUSED, NOT_DONE) if job.state == State.DOING else (Row.KEPT, NOT_UNDONE)
    hands.rows.objects.filter(job=job, state=waiting).update(state=left[0], reason=left[1])
    return _finish(hands, job, at)


def progress(hands, job):
    """(done, all) of the step that is under way."""
    waiting = {State.FORESEEING: Row.CHOSEN, State.DOING: Row.READY, State.UNDOING: Row.DONE}[job.state]
    counts = numbers(hands, job)
    if job.state == State.DOING:
        whole = sum(counts.values()) - counts.get(Row.REFUSED, 0)
    elif job.state == State.UNDOING:
        whole = sum(counts.get(one, 0) for one in (Row.DONE, Row.UNDONE, Row.KEPT))
    else:
        whole = sum(counts.values())
    return whole - counts.get(waiting, 0), whole


def numbers(hands, job):
    """{state of row: how many}."""
    rows = hands.rows.objects.filter(job=job).order_by()
    return dict(rows.values_list("state").annotate(number=Count("pk")))


def reasons(hands, job, state):
    """[(reason, number)] of the rows in `state`, the most frequent first."""
    rows = hands.rows.objects.filter(job=job, state=state).order_by()
    return list(rows.values_list("reason").annotate(number=Count("pk")).order_by("-number", "reason"))


def _foresee(hands, job, row, at):
    """Rehearse the deed on one record; nothing of it stays but what would have been refused."""
    record = hands.records(job.by).filter(pk=row.record_id).first()
    try:
        with transaction.atomic():
            if record is None:
                raise BulkRefused(GONE)
            seen = record.version
            hands.deeds[job.action].do(record, job.given, job.by, at, seen)
            raise _Foreseen
    except _Foreseen:
        _note(row, Row.READY, seen_version=seen)
    except Refused as refusal:
        _note(row, Row.REFUSED, told(refusal))


@transaction.atomic
def _do(hands, job, row, at):
    record = hands.records(job.by).filter(pk=row.record_id).first()
    try:
        with transaction.atomic():
            if record is None:
                raise BulkRefused(GONE)
            before = hands.deeds[job.action].do(record, job.given, job.by, at, row.seen_version)
            record.refresh_from_db(fields=["version", "updated_at"])
            left = {"left_version": record.version, "left_at": record.updated_at, "before": before}
            _note(row, Row.DONE, **left)
    except StaleVersion:
        _note(row, Row.REFUSED, CHANGED_SINCE)
    except Refused as refusal:
        _note(row, Row.REFUSED, told(refusal))


@transaction.atomic
def _undo(hands, job, row, at):
    record = hands.records(job.by).filter(pk=row.record_id).first()
    try:
        with transaction.atomic():
            if record is None:
                raise BulkRefused(GONE)
            if (record.version, record.updated_at) != (row.left_version, row.left_at):
                raise BulkRefused(TOUCHED)
            hands.deeds[job.action].undo(record, row.before, job.given, job.by, at)
            _note(row, Row.UNDONE)
    except StaleVersion:
        _note(row, Row.KEPT, TOUCHED)
    except Refused as refusal:
        _note(row, Row.KEPT, told(refusal))


def told(refusal):
    """A refusal as the reason of a row: its sentence and what is missing."""
    missing = "".join(item.text for item in refusal.missing)
    return f"{refusal.detail}{missing}"[:300]


def _note(row, state, reason="", **values):
    row.state, row.reason = state, reason
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=["state", "reason", *values])


@transaction.atomic
def _finish(hands, job, at):
    """The step is through: say so in the audit log and, where nobody waited for it, in a message."""
    was = job.state
    job.state = NEXT[was]
    if was == State.DOING:
        job.finished_at = at
    job.save(update_fields=["state", "finished_at"])
    if was == State.DOING:
        _tell(hands, job, "bulk", "办理完成", (Row.DONE, Row.REFUSED), at)
    elif was == State.UNDOING:
        _tell(hands, job, "undo_bulk", "已撤销", (Row.UNDONE, Row.KEPT), at)


def _tell(hands, job, action, word, states, at):
    """An audit event; of a job in the background a message, too. `states`: of rows done, and of the rest."""
    counts, (done, left) = numbers(hands, job), states
    record_event(hands, job, action, done, at)
    if sum(counts.values()) <= SMALL:
        return
    rest = f"，{counts[left]} 条没有" if counts.get(left) else ""
    notify(
        job.by,
        kind="system",
        key=f"bulk:{job.pk}:{job.state}",
        at=at,
        url=job.get_absolute_url(),
        title=f"批量{job.get_action_display()}{word}：{counts.get(done, 0)} 条{rest}",
    )


def record_event(hands, job, action, state, at):
    """Write the deed into the audit log, with the names of the records it was done to."""
    rows = hands.rows.objects.filter(job=job, state=state).select_related("record")
    detail = {
        "list": job.kind,
        "操作": job.get_action_display(),
        "rows": rows.count(),
        "filters": job.filters,
        "内容": job.given.get("said", ""),
        "名单": [str(row.record) for row in rows[:NAMED]],
    }
    audit.record(job.by, action, job, detail=detail, at=at)


def unfinished(kind):
    """Jobs of this list a worker should take up."""
    return BulkJob.objects.filter(state__in=BulkJob.WORKING, kind=kind).select_related("by__unit")


def resume_all(hands, at):
    """Take up every job of this list that waits or broke off; what passes by itself rises."""
    each(
        unfinished(hands.kind),
        lambda job: carry_on(hands, job, at=at),
        "bulk job",
        lambda job: unfinished(hands.kind).filter(pk=job.pk).update(state=State.FAILED),
    )


def forget(at):
    """Delete the jobs whose days are over, with their rows; the audit log keeps what was done. How many."""
    begun = BulkJob.objects.filter(state__in=(State.DRAFT, State.FORESEEN), created_at__lte=at - KEPT)
    ended = BulkJob.objects.filter(state__in=ENDED, created_at__lte=at - KEPT_ENDED)
    number = 0
    for job in (*begun, *ended):
        job.delete()
        number += 1
    return number


def _held(job, *states):
    """The job, locked, in one of `states`."""
    row = BulkJob.objects.select_for_update(of=("self",)).select_related("by").get(pk=job.pk)
    if row.state not in states:
        raise NotNow(f"这次批量操作{row.get_state_display()}，不能再这样办。")
    return row


def _into(row, state):
    """The row in this state; what was stopped before is stopped no more by another step."""
    if row.state != state:
        row.given.pop("stopped", None)
    row.state = state
    row.save()


def _copy(job, row):
    job.state, job.given = row.state, row.given
