"""导出 as a job: small ones at once, larger ones by a worker, above the limit only what the bureau approved.

What is written is what the person may see when it is made, not when it was asked for. The file lies under an
address nobody guesses, for the person alone, and goes after some days.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.core.files import File
from django.db import transaction
from django.http import QueryDict

from crm import audit, roles
from crm.alone import alone, each
from crm.errors import Refused
from crm.models import ExportJob
from crm.notifications import bureau, notify
from crm.numbers import number
from crm.permissions import require

LOCK_SPACE = 7306  # advisory locks of this room
SMALL = 300  # rows written while the person waits: about a second
MOST = 100_000  # rows of one workbook: a minute of a worker
KEPT = timedelta(days=7)
UNANSWERED = timedelta(days=30)  # after which a list is another one than was asked for
NOW, LATER, APPROVAL = "now", "later", "approval"
State = ExportJob.State


class ExportRefused(Refused):
    """The export cannot go on like this; nothing happened."""

    code = "export"


class NotNow(ExportRefused):
    """The job is not in the state the step needs."""

    status = 409


class _Cancelled(Exception):
    """The person gave the export up while it was written."""


@dataclass(frozen=True)
class Hands:
    """What a list needs to be exported: its rows for a person and an address, their number, its writer.

    rows(user, query, keys, at) → a queryset, or what `number` counts; write(file, rows, by, at, purpose,
    query, tell) writes it, and calls tell(number of rows written) now and then, which may raise.
    """

    rows: Callable
    write: Callable
    number: Callable = lambda rows: rows.order_by().count()


def way(rows, by):
    """How so many rows go out: NOW, LATER (by a worker), or only with an APPROVAL."""
    if needs_approval(rows, by):
        return APPROVAL
    return NOW if rows <= SMALL else LATER


def needs_approval(rows, by):
    """Whether it is more than this person takes along unasked; the bureau approves and needs none."""
    return by.role != roles.MANAGER and rows > number("export_rows_max")


@transaction.atomic
def begin(kind, rows, *, by, at, query="", keys=None, words="", purpose="", reason=""):
    """A new job for `rows` rows; above the limit of `by` it waits for an approval. Returns the ExportJob.

    Raises ExportRefused for none and for more than MOST, and without a reason where one is needed.
    """
    if not 0 < rows <= MOST:
        raise ExportRefused(f"一次导出 1 至 {MOST:,} 行，现在是 {rows:,} 行。请调整筛选范围。")
    asks = needs_approval(rows, by)
    if asks and not reason.strip():
        raise ExportRefused("超过免审批的上限，请写明为什么要导出这么多。", code="required", field="reason")
    job = ExportJob.objects.create(
        kind=kind, query=query, keys=keys, words=words[:500], purpose=purpose[:100], by=by, created_at=at,
        reason=reason.strip()[:200] if asks else "", rows=rows, state=State.ASKED if asks else State.WAITING,
    )  # fmt: skip
    if asks:
        audit.record(by, "ask_export", job, detail=_detail(job, reason=job.reason), at=at)
        _tell_bureau(job, at)
    return job


@transaction.atomic
def decide(job, is_approved, *, by, at, opinion=""):
    """Approve or refuse an export; the person is told. Raises NotAllowed, NotNow, ExportRefused."""
    require(by, "approve_export")
    row = _held(job, State.ASKED)
    if not is_approved and not opinion.strip():
        raise ExportRefused("不批准请写明理由，申请人会看到。", code="required", field="opinion")
    row.state = State.WAITING if is_approved else State.REFUSED
    row.decided_by, row.decided_at, row.decision = by, at, opinion.strip()[:200]
    row.save()
    word = "批准" if is_approved else "不批准"
    audit.record(by, "decide_export", row, detail=_detail(row, conclusion=word, reason=row.decision), at=at)
    said = f"{by}：{row.decision}" if row.decision else str(by)
    _tell(row, row.by, f"{row}：{word}", f"{said}。{'文件正在生成。' if is_approved else ''}", word, at)
    return row


@transaction.atomic
def cancel(job, *, at):
    """Give an export up before it is made. Raises NotNow."""
    row = _held(job, State.ASKED, *ExportJob.WORKING)
    row.state, row.finished_at = State.CANCELLED, at
    row.save(update_fields=["state", "finished_at"])
    return row


def note_download(job, *, by, at):
    """Write a download down. Raises NotNow when there is no file (any more)."""
    if job.state != State.READY or job.keep_until <= at:
        raise NotNow(f"这次导出{job.get_state_display()}，没有可以下载的文件；需要请重新导出。")
    audit.record(by, "download_export", job, detail=_detail(job), at=at)


def make(hands, job, *, at):
    """Write the workbook of a job that waits for it; twice changes nothing. `hands` is {kind: Hands}."""
    with alone(LOCK_SPACE, job) as free:
        job.refresh_from_db()
        if not free or job.state not in ExportJob.WORKING:
            return
        ExportJob.objects.filter(pk=job.pk, state=State.WAITING).update(state=State.MAKING)
        try:
            _make(hands[job.kind], job, at)
        except _Cancelled:
            return
        except Refused as refusal:
            _fail(job, refusal.detail, at)


def _make(hands, job, at):
    given = QueryDict(job.query)
    rows = hands.rows(job.by, given, job.keys, at)
    found = hands.number(rows)
    if not job.decided_at and needs_approval(found, job.by):
        raise ExportRefused(f"现在符合条件的有 {found:,} 行，超过了免审批的上限，请重新导出并申请审批。")
    with tempfile.TemporaryFile() as file:
        hands.write(file, rows, job.by, at, job.purpose, given, _teller(job))
        file.seek(0)
        _keep(job, found, file, at)


def _teller(job):
    """Notes how far it is, and notices when the person has given up."""

    def tell(done):
        if not ExportJob.objects.filter(pk=job.pk, state=State.MAKING).update(done=done):
            raise _Cancelled

    return tell


@transaction.atomic
def _keep(job, rows, file, at):
    row = ExportJob.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if row.state != State.MAKING:
        raise _Cancelled
    row.state, row.rows, row.done, row.finished_at, row.keep_until = State.READY, rows, rows, at, at + KEPT
    row.file.save(f"{row.token}.xlsx", File(file), save=False)
    row.save()
    detail = _detail(row)
    if row.purpose:
        detail["联系方式"] = f"完整，用途：{row.purpose}"
    audit.record(row.by, "export", row, detail=detail, at=at)
    _tell(row, row.by, f"{row}已生成", f"请在 {KEPT.days} 天之内下载。", "ready", at)


@transaction.atomic
def _fail(job, message, at):
    job.state, job.message, job.finished_at = State.FAILED, message[:300], at
    job.save(update_fields=["state", "message", "finished_at"])
    _tell(job, job.by, f"{job}没有生成", message, "failed", at)


def resume_all(hands, at):
    """Make every workbook that waits or broke off; what passes by itself rises."""
    each(
        ExportJob.objects.filter(state__in=ExportJob.WORKING).select_related("by__unit"),
        lambda job: make(hands, job, at=at),
        "export",
        lambda job: _fail(job, "生成时出错，请重新导出；仍然不行请联系管理员。", at),
    )


def forget(at):
    """Delete the files whose days are over; the job stays and says so. Returns how many.

    What nobody approved in UNANSWERED is given up, and its person is told.
    """
    for job in ExportJob.objects.to_decide().filter(created_at__lte=at - UNANSWERED).select_related("by"):
        _fail(job, f"{UNANSWERED.days} 天没有人审批，申请已失效；还需要请重新导出。", at)
    found = list(ExportJob.objects.filter(state=State.READY, keep_until__lte=at))
    for job in found:
        job.file.delete(save=False)
        job.state = State.EXPIRED
        job.save(update_fields=["state", "file"])
    return len(found)


def _held(job, *states):
    """The job, locked, in one of `states`."""
    row = ExportJob.objects.select_for_update(of=("self",)).select_related("by").get(pk=job.pk)
    if row.state not in states:
        raise NotNow(f"这次导出{row.get_state_display()}，不能再这样办。请刷新后再看。")
    return row


def _detail(job, **more):
    return {"list": job.kind, "rows": job.rows, "filters": job.words, **more}


def _tell_bureau(job, at):
    body = f"理由：{job.reason}\n筛选：{job.words or '无'}"
    for person in bureau():
        _tell(job, person, f"{job.by}申请{job}，请审批", body, "asked", at)


def _tell(job, person, title, body, what, at):
    key = f"export:{job.pk}:{what}"
    notify(person, kind="system", key=key, title=title, body=body, url=job.get_absolute_url(), at=at)
