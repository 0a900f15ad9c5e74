"""判定: a person says once what a pair is, 同一项目 or 视为新项目; it is remembered and not asked again."""

from django.db import transaction

from crm import audit
from crm.errors import Refused
from crm.permissions import require
from crm.workdays import shanghai_day
from leads import carrying, merging
from leads.models import DuplicatePair, Lead

SHOWN = 8


class JudgingRefused(Refused):
    """The pair cannot be judged as asked; `field` names what is missing."""

    code = "invalid"


class AlreadyJudged(Refused):
    """Somebody judged the pair a moment ago; nothing happened."""

    code = "already_judged"
    status = 409


class ChangedSince(Refused):
    """One of the two reads otherwise than when it was compared; nothing happened."""

    code = "stale_version"
    status = 412


@transaction.atomic
def judge(
    pair, verdict, *, by, at, reason="", kept=None, chosen=None, seen=None, for_project=(), seen_project=None
):
    """Say what a pair is. 同一项目 takes the other lead into `kept` (its number), with a reason;
    `chosen` says by column from which lead its value stays: {column: number}. `seen` are the versions that
    were compared, {number: version}. `for_project` are the columns of the project of `kept` that take over
    what the other lead says, `seen_project` is the version it was compared in.

    Raises NotAllowed for others than the unit of both leads (the bureau for two units), JudgingRefused,
    AlreadyJudged, ChangedSince, and what `merging.merge` raises.
    """
    leads = _lock(pair)
    row = DuplicatePair.objects.select_for_update(of=("self",)).get(pk=pair.pk)
    for lead in leads:
        require(by, "judge_duplicates", lead)
    if row.verdict:
        raise AlreadyJudged(_said(row))
    if verdict == DuplicatePair.Verdict.SAME:
        if any((seen or {}).get(lead.pk, lead.version) != lead.version for lead in leads):
            raise ChangedSince("对照以后有人改过其中一条，没有合并。请按现在的内容重新核对。")
        _check_project(leads, seen_project)
        take = [name for name, number in (chosen or {}).items() if number != kept]
        _merge(leads, kept, by, at, reason, take, for_project)
    elif verdict != DuplicatePair.Verdict.DIFFERENT:
        raise JudgingRefused("请选择判定：同一项目或视为新项目。", field="verdict")
    return _write(row, verdict, by, at, reason)


@transaction.atomic
def take_back(pair, *, by, at):
    """Ask about a pair that was called 视为新项目 again; raises NotAllowed, JudgingRefused."""
    for lead in _lock(pair):
        require(by, "judge_duplicates", lead)
    row = DuplicatePair.objects.select_for_update(of=("self",)).get(pk=pair.pk)
    if row.verdict != DuplicatePair.Verdict.DIFFERENT:
        raise JudgingRefused(
            "只能撤回「视为新项目」的判定；合并错了请在并入的线索上撤销合并。", code="not_different"
        )
    return _write(row, "", by, at, "")


@transaction.atomic
def undo_merge(lead, *, by, at, reason):
    """Take the merge of `lead` back, and ask about the pair again; raises what `merging.undo` raises."""
    merge = merging.undo(lead, by=by, at=at, reason=reason)
    pair = _between(merge.kept_id, merge.merged_id)
    pair.filter(verdict=DuplicatePair.Verdict.SAME).update(
        verdict="", reason="", decided_by=None, decided_at=None, updated_at=at
    )
    return merge


def _between(one, other):
    return DuplicatePair.objects.filter(one=min(one, other), other=max(one, other))


def _lock(pair):
    rows = Lead.objects.select_for_update(of=("self",)).filter(pk__in=[pair.one_id, pair.other_id])
    return list(rows.order_by("pk"))


def _said(row):
    day = shanghai_day(row.decided_at)
    return f"这一对已由{row.decided_by}于 {day:%Y-%m-%d} 判定为「{row.get_verdict_display()}」。"


def _check_project(leads, seen):
    projects = [project for lead in leads if (project := carrying.project_of(lead))]
    if seen and any(project.version != seen for project in projects):
        raise ChangedSince("对照以后有人改过这个项目，没有合并。请按现在的内容重新核对。")


def _merge(leads, kept, by, at, reason, take, for_project):
    chosen = [lead for lead in leads if lead.pk == kept]
    if not chosen:
        raise JudgingRefused("请选择保留哪一条线索。", field="kept")
    other = next(lead for lead in leads if lead.pk != kept)
    merging.merge(chosen[0], other, by=by, at=at, reason=reason, take=take, take_for_project=for_project)
    DuplicatePair.objects.open().of_lead(other.pk).exclude(one=leads[0], other=leads[1]).delete()


def _write(row, verdict, by, at, reason):
    row.verdict, row.reason, row.updated_at = verdict, reason.strip()[:200], at
    row.decided_by, row.decided_at = (by, at) if verdict else (None, None)
    row.save(update_fields=["verdict", "reason", "updated_at", "decided_by", "decided_at"])
    detail = {"pair": f"{row.one.title} / {row.other.title}", "判定": row.get_verdict_display() or "撤回判定"}
    audit.record(by, "judge_duplicates", row.one, detail={**detail, "reason": row.reason}, at=at)
    return row


def suggested(pair):
    """The number of the lead to keep unless somebody chooses: the one that is a project, else the older."""
    return (
        pair.other_id if hasattr(pair.other, "project") and not hasattr(pair.one, "project") else pair.one_id
    )


def of_lead(lead, user):
    """The pairs of `lead` that `user` sees, those without a verdict first; merged ones stand elsewhere."""
    pairs = DuplicatePair.objects.visible_to(user).of_lead(lead.pk)
    pairs = pairs.exclude(verdict=DuplicatePair.Verdict.SAME).select_related("one__unit", "other__unit")
    return pairs.order_by("verdict", "-confidence", "-pk")[:SHOWN]
