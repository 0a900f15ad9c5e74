"""导入: a sheet is judged first; only what a person confirms is written, row by row, exactly once."""

import uuid
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Q, Subquery

from crm import audit
from crm.alone import alone, each
from crm.collecting import seldom_collected
from crm.copying import rewrite
from crm.errors import Refused, StaleVersion
from crm.notifications import notify
from crm.numbers import number
from crm.permissions import require
from crm.sheets import bare, guard
from crm.sheets.refusals import BadSheet, NoHeader
from crm.workdays import shanghai_day
from leads import column_choices, import_reading, import_updates, suspecting, undoing_lots
from leads.claims import AlreadyReported, tell_holder
from leads.import_words import Words
from leads.intake import capture
from leads.intake_many import capture_many
from leads.known import OpenClaims
from leads.models import ImportJob, ImportRow, Lead
from leads.sheet_rows import check_sheet

LOCK_SPACE = 7303  # advisory locks of this room
SMALL_BYTES = 400_000  # read while the person waits; larger files are read by a worker
LOT = 250  # rows written together: a quarter of a second, in which others wait for one of these companies
UNREAD = ("cells", "problems")  # of a row, while it is written
SMALL_ROWS = 200  # written while the person waits
MAY_WRITE = (ImportRow.Verdict.NEW, ImportRow.Verdict.SUSPECTED)
MAY_UPDATE = (ImportRow.Verdict.SUSPECTED, ImportRow.Verdict.DUPLICATE)


class ImportRefused(Refused):
    """The job is not in the state the step needs; nothing happened."""

    code = "import_state"
    status = 409


def receive(file, roadshow, *, by, at):
    """Keep an uploaded sheet for `roadshow` and judge it if it is small; returns the ImportJob.

    Raises BadSheet for what is no honest table (nothing is kept then), NotAllowed for those who do not
    import. A large file stays 等待读取 until `check` is called by a worker.
    """
    require(by, "import", roadshow)
    guard.inspect(file, file.name, max_bytes=_max_bytes())
    job = ImportJob(
        roadshow=roadshow, unit=roadshow.unit, by=by, filename=Path(file.name).name[:200], created_at=at
    )
    job.file.save(f"{uuid.uuid4().hex}.sheet", file, save=False)
    job.save()
    if file.size <= SMALL_BYTES and not check(job, at=at):
        message = job.message
        job.file.delete(save=False)
        job.delete()
        raise BadSheet(message)
    return job


def _max_bytes():
    return number("attachment_mb") * guard.MB


@seldom_collected()
def check(job, *, at):
    """Read and judge the sheet of a job that waits for it; False says that it cannot be read.

    A job that another worker reads or has read is left as it is.
    """
    with alone(LOCK_SPACE, job) as free:
        job.refresh_from_db()
        if not free or job.state != ImportJob.State.UPLOADED:
            return True
        known, most = OpenClaims(job.unit), _max_bytes()
        trip = (job.roadshow.starts_on, job.roadshow.ends_on)
        try:
            chosen = column_choices.known_to(job.unit)
            sheet = check_sheet(
                job.file.path,
                job.filename,
                known,
                today=shanghai_day(at),
                trip=trip,
                max_bytes=most,
                chosen=chosen,
                bare=column_choices.bare_of(job),
            )
        except NoHeader as refusal:
            if refusal.near or column_choices.lists_firms(refusal.lines):
                return import_reading.ask_columns(job, refusal)
            return import_reading.fail(job, refusal)
        except BadSheet as refusal:
            return import_reading.fail(job, refusal)
        import_reading.keep(job, sheet)
        return True


@transaction.atomic
def read_as(job, given, *, by, at, head=None):
    """Read the sheet anew with the columns as `given` ({place as text: key or ""}); remembered for the unit.

    `head` is the number of the row that is the header, when the person was asked for it, 0 for none: that
    is said of this sheet alone, other ones look alike. What was chosen row by row is forgotten. The job waits
    for `check` again. Raises ColumnsRefused for what cannot be read, ImportRefused when the job was confirmed
    already.
    """
    row = _locked(job, by, ImportJob.State.CHECKED, ImportJob.State.UNCLEAR)
    head = row.header_row if head is None else head
    columns = row.columns if head == row.header_row else column_choices.head(row.lines, head).texts
    mapping = column_choices.checked(columns, given)
    if head != bare.ROW:
        column_choices.remember(row.unit, columns, mapping, by=by, at=at)
    row.rows.all().delete()
    row.header_row, row.columns, row.mapping = head, columns, mapping
    row.state, row.message, row.counts = ImportJob.State.UPLOADED, "", {}
    row.save(update_fields=["header_row", "columns", "mapping", "state", "message", "counts"])
    job.state = row.state


@transaction.atomic
def choose(job, number, decision, *, by):
    """Keep for one row what is to be done with it (a Decision); told again when the page is opened anew.

    Raises ImportRefused when the job was confirmed already or the row cannot be dealt with like this.
    """
    job = _locked(job, by)
    if not _decide(job, decision, [number]):
        raise ImportRefused(f"第 {number} 行没有可选的处理办法，请刷新后再看。")


def _decide(job, decision, numbers):
    """Note the decision for those of these rows that are open to it; returns how many.

    New rows are written or not, suspected ones also fill the lead they may be, known ones fill it at most.
    """
    rows = job.rows.filter(number__in=numbers)
    if decision == ImportRow.Decision.UPDATE:
        rows = rows.filter(verdict__in=MAY_UPDATE, of_lead__isnull=False)
        seen = Lead.objects.filter(pk=OuterRef("of_lead")).values("version")
        return rows.update(decision=decision, seen_version=Subquery(seen))
    verdicts = MAY_WRITE if decision == ImportRow.Decision.WRITE else (*MAY_WRITE, *MAY_UPDATE)
    return rows.filter(verdict__in=verdicts).update(decision=decision, seen_version=None)


@transaction.atomic
def discard(job, *, by):
    """Give up a preview, or the reading that leads to one: nothing is written. Raises ImportRefused."""
    row = _locked(job, by, ImportJob.State.CHECKED, ImportJob.State.UNCLEAR, ImportJob.State.UPLOADED)
    row.state = job.state = ImportJob.State.DISCARDED
    row.lines = job.lines = []
    row.save(update_fields=["state", "lines"])


def _locked(job, by, *states):
    """The job, locked, in one of `states`; without them: while nobody has confirmed it."""
    row = ImportJob.objects.select_for_update(of=("self",)).select_related("roadshow").get(pk=job.pk)
    require(by, "import", row.roadshow)
    if row.state not in (states or (ImportJob.State.CHECKED,)):
        raise ImportRefused(f"这次导入{row.get_state_display()}，不能再确认或更改，请刷新后再看。")
    return row


@transaction.atomic
def confirm(job, *, skip=(), write=(), update=(), by, at):
    """Fix what is done: these rows (numbers) as said here, the others as chosen before.

    Raises ImportRefused when the job was confirmed already, and when no row is left to be written or to fill
    a lead. Writing itself is `write_rows`.
    """
    row = _locked(job, by)
    for decision, numbers in zip(ImportRow.Decision, (write, skip, update), strict=True):
        _decide(row, decision, _not_chosen(row, decision, numbers))
    if not to_write(row).exists() and not to_update(row).exists():
        raise ImportRefused("没有一行要写入。请至少选一行写入或补充；都不要的，放弃这次导入。")
    row.state, row.lines = ImportJob.State.WRITING, []
    row.save(update_fields=["state", "lines"])
    detail = {"file": row.filename, "rows": to_write(row).count() + to_update(row).count()}
    audit.record(by, "import", row, detail=detail, at=at)
    job.state = row.state
    return row


def _not_chosen(row, decision, numbers):
    """Those of `numbers` that were not chosen like this before: the version seen then counts."""
    chosen = row.rows.filter(number__in=numbers, decision=decision)
    return set(numbers) - set(chosen.values_list("number", flat=True))


@transaction.atomic
def stop(job, *, by, at):
    """Stop the writing: what is written stays, the rest is not. Raises ImportRefused when it is over."""
    row = _locked(job, by, ImportJob.State.WRITING)
    row.state, row.finished_at = ImportJob.State.STOPPED, at
    row.save(update_fields=["state", "finished_at"])
    _count(row)
    audit.record(by, "stop_import", row, detail={"file": row.filename, **_told(row)}, at=at)
    job.state, job.counts = row.state, row.counts


def _told(job):
    return {"rows": job.counts["written"] + job.counts["filled"]}


def is_small(job):
    """Whether the confirmed rows can be written while the person waits."""
    return to_write(job).count() + to_update(job).count() <= SMALL_ROWS


def to_update(job):
    """The confirmed rows that are to fill a lead and have not yet."""
    return job.rows.filter(decision=ImportRow.Decision.UPDATE, filled__isnull=True, refusal="")


def to_write(job):
    """The confirmed rows that are neither written nor refused yet."""
    return job.rows.filter(decision=ImportRow.Decision.WRITE, lead=None, refusal="")


@seldom_collected()
def write_rows(job, *, at):
    """Write the confirmed rows of a 写入中 job in lots that commit alone; a broken run is called again."""
    with alone(LOCK_SPACE, job) as free:
        job.refresh_from_db()
        if not free or job.state != ImportJob.State.WRITING:
            return
        words = Words()
        for lot in _lots(job, to_write):
            _write_lot(job, lot, words, at)
        for lot in _lots(job, to_update):
            _fill_lot(lot, words, job.by, at)
        _finish(job, at)
        suspecting.ask()


def _lots(job, which):
    """The rows of `which`(job), lot by lot in their order, as long as nobody stops the writing."""
    keys = list(which(job).order_by("number").values_list("pk", flat=True))
    for begin in range(0, len(keys), LOT):
        if not _goes_on(job):
            return
        lot = which(job).filter(pk__in=keys[begin : begin + LOT])
        yield list(lot.defer(*UNREAD).order_by("number"))


def _write_lot(job, lot, words, at):
    """Write or refuse together what can be, what is left row by row: it repeats another line of the lot."""
    try:
        done = _write_together(job, lot, words, at)
    except IntegrityError:  # somebody was faster by a way that takes no lock: each row finds out by itself
        done = set()
    for row in lot:
        if row.pk not in done:
            _write(job, row, words, at)


@transaction.atomic
def _write_together(job, lot, words, at):
    """Keys of the rows that were dealt with: all of them or none."""
    captures = [words.capture_of(job, row, at) for row in lot]
    outcomes = capture_many(captures, by=job.by, at=at)
    done = [(row, outcome) for row, outcome in zip(lot, outcomes, strict=True) if outcome]
    for row, outcome in done:
        _note(job, row, outcome, at)
    rows = [row for row, _ in done]
    rewrite(rows, ["lead", "refusal"])
    return {row.pk for row in rows}


def _note(job, row, outcome, at):
    """Keep on the row what became of it: a Lead, or a Refused, of which the holder of the company is told."""
    if isinstance(outcome, Lead):
        row.lead = outcome
        return
    row.refusal = outcome.detail[:300]
    if isinstance(outcome, AlreadyReported):
        tell_holder(outcome.claim, by=job.by, at=at)


@transaction.atomic
def _write(job, row, words, at):
    try:
        with transaction.atomic():
            outcome = capture(words.capture_of(job, row, at), by=job.by, at=at)
    except Refused as refusal:
        outcome = refusal
    _note(job, row, outcome, at)
    row.save(update_fields=["lead", "refusal"])


def _goes_on(job):
    """Whether nobody has stopped the writing since."""
    return ImportJob.objects.filter(pk=job.pk, state=ImportJob.State.WRITING).exists()


@transaction.atomic
def _fill_lot(lot, words, by, at):
    """Fill the leads of these rows, or keep why not; two rows of one lead in their order."""
    for row, outcome in zip(lot, import_updates.fill(lot, words, by=by, at=at), strict=True):
        if isinstance(outcome, StaleVersion):
            row.refusal = "您选择补充以后，那条线索刚被别人改过，没有补充；请打开那条线索核对。"
        elif isinstance(outcome, Refused):
            row.refusal = outcome.detail[:300]
    rewrite(lot, ["filled", "left_version", "refusal"])


def _count(job):
    """Count what was done so far."""
    job.counts = {
        **job.counts,
        "written": job.rows.exclude(lead=None).count(),
        "filled": job.rows.filter(filled__isnull=False).count(),
        "refused": job.rows.exclude(refusal="").count(),
        "left": to_write(job).count() + to_update(job).count(),
    }
    job.save(update_fields=["counts"])


@transaction.atomic
def _finish(job, at):
    """Say that it is over; of a job that was stopped meanwhile only what was written until then."""
    job.refresh_from_db()
    _count(job)
    if job.state != ImportJob.State.WRITING:
        return
    written, refused = job.counts["written"], job.counts["refused"]
    job.state, job.finished_at = ImportJob.State.DONE, at
    job.save(update_fields=["state", "finished_at"])
    notify(
        job.by,
        kind="import",
        key=f"import:{job.pk}",
        at=at,
        url=job.get_absolute_url(),
        title=f"「{job.filename}」导入完成：写入 {written} 条" + (f"，{refused} 条未写入" if refused else ""),
    )


def rejected(job):
    """(cells, reason) of every row that was not taken because something is wrong with it.

    The unit that stood in the title of the sheet goes with them as a note: a bare number read without it
    would be another amount.
    """
    faulty = job.rows.filter(verdict=ImportRow.Verdict.ERROR) | job.rows.exclude(refusal="")
    for row in faulty.order_by("number").iterator():
        yield row.cells, row.refusal or row.reason
    if job.money_unit:
        yield [f"注：原表写明金额单位：{job.money_unit}。再次上传时照此读。"], ""


def unfinished():
    """Jobs a worker should take up: waiting to be read, broken off while writing, or being taken back."""
    waiting = Q(state__in=(ImportJob.State.UPLOADED, ImportJob.State.WRITING))
    return ImportJob.objects.filter(waiting | ImportJob.BEING_UNDONE)


def give_up(job):
    """Mark a job that breaks for a reason nobody foresaw; what is written stays, nothing more is tried."""
    if job.is_being_undone:
        return undoing_lots.give_up(job)
    message = "读取或写入时出错，请把文件另存为新的 .xlsx 后重新上传；仍然不行请联系管理员。"
    unfinished().filter(pk=job.pk).update(state=ImportJob.State.FAILED, message=message)


def resume(job, *, at):
    """Take up one unfinished job where it stands: read it, write what is left to write, or take it back."""
    if job.is_being_undone:
        undoing_lots.go_on(job, at=at)
    elif job.state == ImportJob.State.UPLOADED:
        check(job, at=at)
    else:
        write_rows(job, at=at)


def resume_all(at):
    """Take up every unfinished job; the schedule calls it, so a lost ring or a dead worker loses nothing.

    What passes by itself rises.
    """
    each(
        unfinished().select_related("by", "roadshow", "unit"),
        lambda job: resume(job, at=at),
        "import",
        give_up,
    )
