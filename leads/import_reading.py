"""What is kept of a sheet that was read: a row with its verdict for each line, or what a person is asked."""

import math
from datetime import date, datetime, time

from django.db import transaction

from crm.copying import insert
from crm.sheets import bare
from crm.values.phones import without_numbers
from leads import column_choices
from leads.import_words import Words
from leads.models import ImportJob, ImportRow
from leads.sheet_rows import NEW, to_json

SET_ASIDE_SHOWN = 100
PORTION = 1000  # rows in memory twice, as they were read and as they are written


def _is_awaited(job):
    """Hold the job while its reading is kept; False when somebody gave it up meanwhile."""
    if ImportJob.objects.select_for_update().filter(pk=job.pk, state=ImportJob.State.UPLOADED).exists():
        return True
    job.refresh_from_db()
    return False


@transaction.atomic
def fail(job, refusal):
    """The file cannot be read; False, unless nobody waits for it any more."""
    if not _is_awaited(job):
        return True
    job.state, job.message, job.lines = ImportJob.State.FAILED, refusal.detail[:300], []
    job.save()
    return False


@transaction.atomic
def ask_columns(job, refusal):
    """Something looks like a table, but nobody knows which row is the header or which column names the firms:
    the person says it. True."""
    if not _is_awaited(job):
        return True
    near = refusal.near
    if near is None or column_choices.is_data(near.texts):
        near = column_choices.head(refusal.lines, bare.ROW)
    job.header_row, job.columns = near.row, near.texts
    job.mapping, job.unread = column_choices.likely(near, refusal.lines), near.unknown
    job.lines = refusal.lines
    job.state, job.message = ImportJob.State.UNCLEAR, refusal.detail[:300]
    job.save()
    return True


@transaction.atomic
def keep(job, sheet):
    """Write the preview of a CheckedSheet; nothing when somebody gave the import up meanwhile."""
    if not _is_awaited(job):
        return
    words = Words()
    for verdict in sheet.verdicts:
        verdict.hints += words.doubts(verdict.values)
    for begin in range(0, len(sheet.verdicts), PORTION):
        insert([_row(job, verdict) for verdict in sheet.verdicts[begin : begin + PORTION]])
    header = sheet.table.header
    job.header_row, job.columns, job.unread = header.row, header.texts, header.unknown
    job.mapping = column_choices.guessed(header)
    # of a sheet without header: what it begins with
    job.lines = job.lines[:1] if header.row == bare.ROW else []
    job.money_unit, job.set_aside = _unit_beside(sheet.table), _set_aside(sheet.table)
    job.counts, job.message = sheet.counts(), _beside(sheet.table)
    job.state = ImportJob.State.CHECKED
    job.save()


def _unit_beside(table):
    """The unit of the amounts that stands in no header, and is not the one we read bare numbers in."""
    amount = table.header.columns.get("amount")
    return "" if amount is None or amount.unit or table.money_unit == "万元" else table.money_unit


def _set_aside(table):
    """The rows that are no company, as people are shown them: a footnote may hold a number to call."""
    shown = table.set_aside[:SET_ASIDE_SHOWN]
    return [[number, why, without_numbers(text.replace("\x00", ""))[:60]] for number, why, text in shown]


def _beside(table):
    """What to say of hidden columns, which were read, and of the other sheets, which were not."""
    told = []
    if table.hidden:
        named = "、".join(f"「{text}」" for text in table.hidden)
        told.append(f"表里隐藏的列照读：{named}，请核对；不要的在「列对应」里改为不读入。")
    if table.unread:
        named = "、".join(f"「{name}」（{rows} 行）" for name, rows in table.unread.items())
        told.append(f"一次只读一张工作表，这几张没有读：{named}。需要的请各自另存为一个文件再上传。")
    return "".join(told)[:300]


def _row(job, one):
    return ImportRow(
        job_id=job.pk,
        number=one.row,
        cells=[_cell(cell) for cell in one.cells],
        values=to_json(one.values),
        verdict=one.verdict,
        reason=_told(one),
        problems=[{"field": p.field, "text": p.text} for p in one.problems],
        of_row=one.of_row,
        of_lead_id=one.known.lead_id if one.known else None,
        decision=ImportRow.Decision.WRITE if one.verdict == NEW else ImportRow.Decision.SKIP,
    )


def _told(one):
    """Why a row got its verdict and what to look at again; an error has to be mended first."""
    told = [one.reason] if one.problems else [one.reason, *one.hints]
    return " ".join(filter(None, told))[:300]


def _cell(value):
    """A cell as JSON and the database take it: no NUL, no number that is none."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else value
