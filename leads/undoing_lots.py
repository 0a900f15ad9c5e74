"""A large import is taken back lot by lot in a worker: the progress is seen, and it can be stopped between.

The import says so by `undone_by` without `undone_at`. What a lot has taken back is gone; whoever works on a
lead before its lot comes keeps it.
"""

from django.db import transaction

from crm import audit
from crm.alone import alone
from crm.notifications import notify
from crm.permissions import require
from leads import undoing
from leads.models import ImportJob

LOCK_SPACE = 7308  # advisory locks of this room
LOT = 250  # leads that go together: a quarter of a second, in which others wait for one of their companies


def progress(job):
    """{"total", "done"} of a job that is being taken back."""
    total = job.counts["going"]
    return {"total": total, "done": max(0, total - _written(job).count() - _filled(job).count())}


def _written(job):
    return job.rows.filter(lead__isnull=False, kept_because="").order_by("number")


def _filled(job):
    return job.rows.filter(left_version__isnull=False, kept_because="").order_by("number")


def go_on(job, *, at):
    """Take back what is still there, as long as nobody stops it; a broken run is called again."""
    with alone(LOCK_SPACE, job) as free:
        while free and _take_back(job, at):
            pass


@transaction.atomic
def _take_back(job, at):
    """One lot; False when there is none left, or somebody has stopped it."""
    row = ImportJob.objects.select_for_update().filter(ImportJob.BEING_UNDONE, pk=job.pk).first()
    if row is None:
        return False
    written, filled = list(_written(row)[:LOT]), _filled(row)[:LOT]
    if written:
        _delete_lot(row, written)
    elif filled:
        undoing.empty(filled, row.undone_by, at)
    else:
        _finish(row, at)
    return bool(written or filled)


def _delete_lot(job, rows):
    leads = [row.lead_id for row in rows]
    undoing.lock(leads)
    plan = undoing.plan_for(leads)
    undoing.keep([row for row in rows if row.lead_id in plan.kept], plan)
    undoing.delete(plan)
    _count(job, plan)


def _count(job, plan):
    gone, kept = job.counts.get("undone", 0), job.counts.get("kept", 0)
    job.counts = {**job.counts, "undone": gone + len(plan.leads), "kept": kept + len(plan.kept)}
    job.save(update_fields=["counts"])


def _finish(job, at):
    job.state, job.undone_at = ImportJob.State.UNDONE, at
    job.save(update_fields=["state", "undone_at"])
    kept = f"，{job.counts['kept']} 条有人跟进过的保留" if job.counts.get("kept") else ""
    notify(
        job.undone_by,
        kind="import",
        key=f"import:{job.pk}:undone",
        at=at,
        url=job.get_absolute_url(),
        title=f"导入「{job.filename}」已撤销：删除 {job.counts.get('undone', 0)} 条线索{kept}",
    )


@transaction.atomic
def stop(job, *, by, at):
    """Take back no more: what is gone is gone, the rest stays and can be taken back another time.

    Raises UndoRefused when it is over.
    """
    row = ImportJob.objects.select_for_update(of=("self",)).select_related("roadshow").get(pk=job.pk)
    require(by, "import", row.roadshow)
    if not row.is_being_undone:
        raise undoing.UndoRefused(f"这次导入{row.state_words}，没有在撤销。")
    _put_down(row)
    detail = {"file": row.filename, "undone": row.counts.get("undone", 0)}
    audit.record(by, "stop_import", row, detail=detail, at=at)


def _put_down(job):
    """Nobody takes it back any more; what stayed so far is looked at again the next time."""
    job.undone_by, job.undo_reason = None, ""
    job.counts = {**job.counts, "kept": 0}
    job.save(update_fields=["undone_by", "undo_reason", "counts"])
    job.rows.exclude(kept_because="").update(kept_because="")


def give_up(job):
    """Stop a taking back that breaks for a reason nobody foresaw, and say so."""
    job.message = "撤销到一半时出错，删除的已删除，其余保留。请再撤销一次；仍然不行请联系管理员。"
    job.save(update_fields=["message"])
    _put_down(job)
