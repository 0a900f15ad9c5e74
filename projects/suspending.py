"""挂起: the clock of a project stands still until a day, with a reason, and goes on where it stopped.

Domain rule §1.9. While it stands no lamp is lit and nobody is reminded; on the last day the project goes on
by itself and its owner is told. How the workdays are counted stands in crm.pipeline.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from crm.errors import Refused, StaleVersion
from crm.models import Notification
from crm.notifications import notify, responsible
from crm.numbers import number
from crm.permissions import may, require
from crm.pipeline import CLOCK, AlreadyMoved, days_between, set_clock
from crm.workdays import shanghai_day
from projects import stages
from projects.models import Project, Suspension

SEEN = ("suspended_until", "next_contact_on", *CLOCK, "version", "updated_at")


class SuspensionRefused(Refused):
    """The suspension cannot be as asked; `field` names what is wrong."""

    code = "invalid"


class AlreadySuspended(Refused):
    """Somebody else suspended it a moment ago; nothing happened."""

    code = "already_suspended"
    status = 409


@transaction.atomic
def suspend(project, *, until, reason, by, at, version=None):
    """Stop the clock of `project` until the day `until` and return the Suspension.

    Up to `suspension_days_alone` days within one stage are the unit's own affair; for more, up to
    `suspension_days_max` at a time, the head of the unit or the bureau decides. The next contact is put on
    `until`. Raises NotAllowed, SuspensionRefused, AlreadySuspended, StaleVersion.
    """
    require(by, "suspend", project)
    row = _locked(project, version)
    _check(row, until, reason, by, at)
    found = Suspension.objects.create(
        project=row,
        reason=reason.strip(),
        started_at=max(at, row.entered_at),
        until=until,
        by=by,
        workdays_left=row.workdays_left(shanghai_day(at)),
    )
    row.suspended_until = row.next_contact_on = until
    row.hold_claim()
    _save(row, project, at)
    return found


@transaction.atomic
def resume(project, *, by, at, version=None):
    """Let the clock go on where it stopped, before the agreed day; returns the ended Suspension.

    The next contact, put on the agreed day, is due today. Raises NotAllowed, SuspensionRefused, StaleVersion.
    """
    require(by, "suspend", project)
    row = _locked(project, version)
    if not row.is_suspended:
        raise SuspensionRefused("这个项目没有挂起，不需要恢复。", code="not_suspended")
    found = row.end_pause(by=by, at=at)
    if row.next_contact_on == found.until:
        row.next_contact_on = min(found.until, shanghai_day(at))
    _save(row, project, at)
    return found


def resume_due(at):
    """Let every project go on whose last day of suspension has come; returns how many. Run daily.

    However late it runs, the clock goes on from the agreed day.
    """
    due = Suspension.objects.filter(ended_at=None, until__lte=shanghai_day(at))
    return sum(_resume_on_its_day(pk, at) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def _resume_on_its_day(pk, at):
    found = Suspension.objects.select_related("project").get(pk=pk)
    row = Project.objects.select_for_update(of=("self",)).get(pk=found.project_id)
    found.refresh_from_db()
    if found.ended_at is not None:
        return 0
    row.end_pause(by=None, at=at)
    _save(row, row, at)
    _tell(row, found, at)
    return 1


def _locked(project, version):
    row = Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    if row.stage != project.stage:
        raise AlreadyMoved("这个项目刚被移动到别的阶段，请刷新后再操作。")
    if version is not None and row.version != version:
        raise StaleVersion(row)
    return row


def _check(row, until, reason, by, at):
    today = shanghai_day(at)
    if row.is_suspended:
        raise AlreadySuspended(f"这个项目已挂起至 {row.suspended_until}；要改日期，请先恢复再挂起。")
    if row.stage in stages.CLOSED:
        raise SuspensionRefused(f"「{row.stages.labels[row.stage]}」没有时限，不需要挂起。", code="closed")
    if not reason.strip():
        raise SuspensionRefused("请写明挂起理由，例如等待土地挂牌。", code="reason_required", field="reason")
    if until <= today:
        raise SuspensionRefused("挂起到期日要晚于今天。", field="until")
    most, alone = number("suspension_days_max"), number("suspension_days_alone")
    if (until - today).days > most:
        last = today + timedelta(days=most)
        raise SuspensionRefused(f"一次最多挂起 {most} 天（到 {last}），到期还需要可以再挂起。", field="until")
    stood = sum(days_between(one.started_at, one.ended_at) for one in _ended(row))
    if stood + (until - today).days > alone and not may(by, "suspend_long", row):
        raise SuspensionRefused(
            f"同一阶段累计挂起超过 {alone} 天，要由单位负责人或区投促局挂起。",
            code="not_allowed",
            field="until",
        )


def _ended(row):
    """The suspensions in its stage that are over, also those of an earlier stay: to go back and come again
    gives nobody a month more."""
    stays = row.changes.filter(stage=row.stage, entered_at__lte=OuterRef("started_at"))
    stays = stays.filter(Q(left_at=None) | Q(left_at__gt=OuterRef("started_at")))
    return row.suspensions.filter(Exists(stays), ended_at__isnull=False)


def recount(stage):
    """Count anew what is left to projects suspended in `stage`, after its limit or the calendar changed."""
    for row in Project.objects.filter(stage=stage, suspended_until__isnull=False).order_by("pk"):
        row.recount_pause()


def _save(row, seen, at):
    """Write the project with its clock; `seen`, the caller's copy, learns of it."""
    set_clock(row)
    row.updated_at = at
    row.version += 1
    row.save(update_fields=[*SEEN])
    for name in SEEN:
        setattr(seen, name, getattr(row, name))


def _tell(row, found, at):
    """Tell the owner, or who answers for the unit, that the project goes on."""
    owner = row.owner if row.owner and row.owner.is_active else None
    limit = f"时限 {row.limit_on}。" if row.limit_on else ""
    for person in [owner] if owner else responsible(row.unit):
        notify(
            person,
            kind=Notification.Kind.STAGE,
            key=f"resumed:{found.pk}",
            title=f"「{row}」挂起到期，已恢复",
            body=f"挂起理由：{found.reason}\n时钟从 {found.until} 起继续。{limit}",
            url=row.get_absolute_url(),
            at=at,
        )
