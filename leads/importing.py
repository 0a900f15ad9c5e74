"""导入: a sheet is judged first; only what a person confirms is written, row by row, exactly once."""

import logging
import math
import uuid
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path

from celery.exceptions import SoftTimeLimitExceeded

from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction

from crm import audit
from crm.copying import insert
from crm.errors import Refused
from crm.logs import kind
from crm.models import City, FusionSector
from crm.notifications import notify
from crm.numbers import number
from crm.permissions import require
from crm.sheets import guard
from crm.sheets.refusals import BadSheet
from crm.workdays import SHANGHAI, shanghai_day
from leads.claims import AlreadyReported, tell_holder
from leads.intake import Capture, capture
from leads.intake_many import capture_new
from leads.known import OpenClaims
from leads.models import ImportJob, ImportRow
from leads.models.prospects import SectorKind
from leads.sheet_columns import LABELS
from leads.sheet_rows import NEW, check_sheet, from_json, to_json

logger = logging.getLogger(__name__)

LOCK_SPACE = 7303  # advisory locks of this room
SMALL_BYTES = 400_000  # read while the person waits; larger files are read by a worker
LOT = 250  # rows written together: a quarter of a second, in which others wait for one of these companies
SMALL_ROWS = 200  # written while the person waits
MORNING = time(9, 0)
PASSING = (SoftTimeLimitExceeded, OperationalError, InterfaceError)
SECTOR_WORDS = {
    "基础层": SectorKind.FOUNDATION,
    "基础层/跨领域": SectorKind.FOUNDATION,
    "未分类": SectorKind.NONE,
}


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


def check(job, *, at):
    """Read and judge the sheet of a job that waits for it; False says that it cannot be read.

    A job that another worker reads or has read is left as it is.
    """
    with _alone(job) as free:
        job.refresh_from_db()
        if not free or job.state != ImportJob.State.UPLOADED:
            return True
        known, most = OpenClaims(job.unit), _max_bytes()
        try:
            sheet = check_sheet(job.file.path, job.filename, known, today=shanghai_day(at), max_bytes=most)
        except BadSheet as refusal:
            job.state, job.message = ImportJob.State.FAILED, refusal.detail[:300]
            job.save()
            return False
        _keep(job, sheet)
        return True


@transaction.atomic
def _keep(job, sheet):
    words = _Words()
    for verdict in sheet.verdicts:
        verdict.hints += words.doubts(verdict.values)
    insert([_row(job, verdict) for verdict in sheet.verdicts])
    header = sheet.table.header
    job.header_row, job.columns, job.unread = header.row, header.texts, header.unknown
    job.counts = sheet.counts()
    job.state = ImportJob.State.CHECKED
    job.save()


def _row(job, one):
    return ImportRow(
        job=job,
        number=one.row,
        cells=[_cell(cell) for cell in one.cells],
        values=to_json(one.values),
        verdict=one.verdict,
        reason=(one.reason or " ".join(one.hints))[:300],
        problems=[{"field": p.field, "text": p.text} for p in one.problems],
        of_row=one.of_row,
        of_lead_id=one.known.lead_id if one.known else None,
        decision=ImportRow.Decision.WRITE if one.verdict == NEW else ImportRow.Decision.SKIP,
    )


def _cell(value):
    """A cell as JSON and the database take it: no NUL, no number that is none."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else value


@transaction.atomic
def choose(job, number, is_written, *, by):
    """Keep for one new or suspected row whether it is to be written; told again when the page is opened anew.

    Raises ImportRefused when the job was confirmed already or the row is none of those to choose from.
    """
    row = _unconfirmed(job, by)
    open_to = (ImportRow.Verdict.NEW, ImportRow.Verdict.SUSPECTED)
    decision = ImportRow.Decision.WRITE if is_written else ImportRow.Decision.SKIP
    if not row.rows.filter(number=number, verdict__in=open_to).update(decision=decision):
        raise ImportRefused(f"第 {number} 行没有可选的处理办法，请刷新后再看。")


@transaction.atomic
def discard(job, *, by):
    """Give up a preview: nothing is written, and the file can be uploaded again. Raises ImportRefused."""
    row = _unconfirmed(job, by)
    row.state = job.state = ImportJob.State.DISCARDED
    row.save(update_fields=["state"])


def _unconfirmed(job, by):
    """The job, locked, while nobody has confirmed it."""
    row = ImportJob.objects.select_for_update(of=("self",)).select_related("roadshow").get(pk=job.pk)
    require(by, "import", row.roadshow)
    if row.state != ImportJob.State.CHECKED:
        raise ImportRefused(f"这次导入{row.get_state_display()}，不能再确认。")
    return row


@transaction.atomic
def confirm(job, *, skip=(), write=(), by, at):
    """Fix what is written: new rows but those in `skip`, suspected rows only those in `write` (row numbers).

    What was chosen row by row before stands. Raises ImportRefused when the job was confirmed already.
    Writing itself is `write_rows`.
    """
    row = _unconfirmed(job, by)
    rows = row.rows
    rows.filter(verdict=ImportRow.Verdict.NEW, number__in=skip).update(decision=ImportRow.Decision.SKIP)
    rows.filter(verdict=ImportRow.Verdict.SUSPECTED, number__in=write).update(
        decision=ImportRow.Decision.WRITE
    )
    row.state = ImportJob.State.WRITING
    row.save(update_fields=["state"])
    detail = {"file": row.filename, "rows": rows.filter(decision=ImportRow.Decision.WRITE).count()}
    audit.record(by, "import", row, detail=detail, at=at)
    job.state = row.state
    return row


def is_small(job):
    """Whether the confirmed rows can be written while the person waits."""
    return to_write(job).count() <= SMALL_ROWS


def to_write(job):
    """The confirmed rows that are neither written nor refused yet."""
    return job.rows.filter(decision=ImportRow.Decision.WRITE, lead=None, refusal="")


def write_rows(job, *, at):
    """Write the confirmed rows of a 写入中 job in lots that commit alone; a broken run is called again."""
    with _alone(job) as free:
        job.refresh_from_db()
        if not free or job.state != ImportJob.State.WRITING:
            return
        words = _Words()
        while (lot := list(to_write(job).order_by("number")[:LOT])) and _goes_on(job):
            _write_lot(job, lot, words, at)
        _finish(job, at)


def _write_lot(job, lot, words, at):
    """Write what is new together, what is left row by row: those have something to be said of them."""
    try:
        written = _write_new(job, lot, words, at)
    except (
        IntegrityError
    ):  # somebody else was faster by a way that takes no lock; each row finds out by itself
        written = set()
    for row in lot:
        if row.pk not in written:
            _write(job, row, words, at)


@transaction.atomic
def _write_new(job, lot, words, at):
    """Keys of the rows whose companies nobody knows; these are written, all of them or none."""
    leads = capture_new([words.capture_of(job, row, at) for row in lot], by=job.by, at=at)
    done = [row for row, lead in zip(lot, leads, strict=True) if lead]
    for row, lead in zip(lot, leads, strict=True):
        row.lead = lead
    _note_leads(done)
    return {row.pk for row in done}


def _note_leads(rows):
    """Write down which lead each of these rows became, with one statement."""
    told = (
        "UPDATE leads_importrow SET lead_id = a.lead FROM unnest(%s::bigint[], %s::bigint[]) AS a (pk, lead)"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"{told} WHERE id = a.pk", [[row.pk for row in rows], [row.lead_id for row in rows]])


@transaction.atomic
def _write(job, row, words, at):
    try:
        with transaction.atomic():
            row.lead = capture(words.capture_of(job, row, at), by=job.by, at=at)
    except AlreadyReported as refusal:
        row.refusal = refusal.detail[:300]
        tell_holder(refusal.claim, by=job.by, at=at)
    except Refused as refusal:
        row.refusal = refusal.detail[:300]
    row.save(update_fields=["lead", "refusal"])


def _goes_on(job):
    """Whether nobody has stopped the writing since."""
    return ImportJob.objects.filter(pk=job.pk, state=ImportJob.State.WRITING).exists()


@transaction.atomic
def _finish(job, at):
    written, refused = job.rows.exclude(lead=None).count(), job.rows.exclude(refusal="").count()
    job.counts = {**job.counts, "written": written, "refused": refused}
    job.state, job.finished_at = ImportJob.State.DONE, at
    job.save(update_fields=["counts", "state", "finished_at"])
    notify(
        job.by,
        kind="import",
        key=f"import:{job.pk}",
        at=at,
        url=job.get_absolute_url(),
        title=f"「{job.filename}」导入完成：写入 {written} 条" + (f"，{refused} 条未写入" if refused else ""),
    )


class _Words:
    """The vocabulary a sheet's words are looked up in, loaded once per job."""

    def __init__(self):
        self.cities = {city.name: city for city in City.objects.all()}
        self.sectors = {sector.name: sector for sector in FusionSector.objects.all()}

    def doubts(self, values):
        """What the preview says about words of a row that no list of ours has."""
        fates = {"city": "按行程的城市登记", "sector": "赛道留空"}
        return [
            f"{LABELS[key]}「{values[key]}」不在词表里，{fate}，原文记入情况说明。"
            for key, fate in fates.items()
            if self._is_strange(key, values)
        ]

    def _is_strange(self, key, values):
        words = self.cities if key == "city" else {**self.sectors, **SECTOR_WORDS}
        return bool(values.get(key)) and values[key] not in words

    def capture_of(self, job, row, at):
        """The row as what intake takes."""
        values, today = from_json(row.values), shanghai_day(at)
        sector = self.sectors.get(values.get("sector"))
        kind = SectorKind.FUSION if sector else SECTOR_WORDS.get(values.get("sector"), "")
        next_on = values.get("next_contact_on")
        return Capture(
            name=values["name"],
            uscc=values.get("uscc") or "",
            contact_name=values.get("contact_name") or "",
            contact_title=values.get("contact_title") or "",
            contact_phone=values.get("contact_phone") or "",
            contact_email=values.get("contact_email") or "",
            city=self.cities.get(values.get("city")),
            roadshow=job.roadshow,
            unit=job.unit,
            met_at=_met_at(values.get("met_on"), job.roadshow, at),
            content=values.get("content") or "",
            next_step=values.get("next_step") or "",
            next_contact_on=next_on if next_on and next_on >= today else None,
            investor_name=values.get("investor_name") or "",
            amount_wan=values.get("amount_wan"),
            area_sqm=values.get("area_sqm"),
            sector_kind=kind,
            sector=sector,
            note=self._note(values, today),
            is_distinct=row.verdict == ImportRow.Verdict.SUSPECTED,
        )

    def _note(self, values, today):
        """The note, with every cell of the row that found no place in the lead."""
        left = [key for key in ("city", "sector") if self._is_strange(key, values)]
        if values.get("met_on") and values["met_on"] > today:
            left.append("met_on")
        if values.get("next_contact_on") and values["next_contact_on"] < today:
            left.append("next_contact_on")
        kept = [f"（原表{LABELS[key]}：{values[key]}）" for key in left]
        return "".join([values.get("note") or "", *kept])


def _met_at(day, trip, at):
    """When a company on the list of `trip` was met: on its `day`, else on the last day so far of the trip.

    None: the trip is still to come. A day that has not come is none.
    """
    today = shanghai_day(at)
    if day is None or day > today:
        day = min(trip.ends_on, today) if trip.starts_on <= today else None
    return day and min(datetime.combine(day, MORNING, SHANGHAI), at)


def rejected(job):
    """(cells, reason) of every row that was not taken because something is wrong with it."""
    faulty = job.rows.filter(verdict=ImportRow.Verdict.ERROR) | job.rows.exclude(refusal="")
    for row in faulty.order_by("number").iterator():
        yield row.cells, row.refusal or row.reason


def unfinished():
    """Jobs a worker should take up: waiting to be read, or broken off while writing."""
    return ImportJob.objects.filter(state__in=(ImportJob.State.UPLOADED, ImportJob.State.WRITING))


def give_up(job):
    """Mark a job that breaks for a reason nobody foresaw; what is written stays, nothing more is tried."""
    message = "读取或写入时出错，请把文件另存为新的 .xlsx 后重新上传；仍然不行请联系管理员。"
    unfinished().filter(pk=job.pk).update(state=ImportJob.State.FAILED, message=message)


def resume(job, *, at):
    """Take up one unfinished job where it stands: read it, or write what is still to be written."""
    if job.state == ImportJob.State.UPLOADED:
        check(job, at=at)
    else:
        write_rows(job, at=at)


def resume_all(at):
    """Take up every unfinished job; the schedule calls it, so a lost ring or a dead worker loses nothing.

    What passes by itself (the worker's time is up, the database is away) rises: the next minute goes on.
    """
    for job in unfinished().select_related("by", "roadshow", "unit"):
        try:
            resume(job, at=at)
        except PASSING:
            raise
        except Exception as error:  # noqa: BLE001 (one broken job must not hold up those behind it; it is marked and logged)
            logger.error("import %s failed: %s", job.pk, kind(error))
            give_up(job)


@contextmanager
def _alone(job):
    """Hold the job for this process; gives False when another one has it. Freed even if the process dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_SPACE, job.pk])
        free = cursor.fetchone()[0]
        try:
            yield free
        finally:
            if free:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_SPACE, job.pk])
