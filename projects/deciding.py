"""评审决策: the meetings a project must pass in order, every pass and every withdrawal dated (domain §1.6).

Which meetings is data: the route of the project's category and public equity, edited in the admin. A pass
belongs to its meeting, so that it goes on standing when another category or amount changes the route; it
counts while the meetings before it on the route in force came earlier, and is confirmed again otherwise.
"""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from crm.errors import Refused
from crm.models import Notification
from crm.notifications import bureau, notify, responsible
from crm.permissions import require
from crm.workdays import shanghai_day
from projects.days import check_year
from projects.models import DecisionNode, DecisionRoute, NodePass, Project
from projects.stages import LINE, SIGNED_ON, ProjectStage

CONFIRMED = "按决策路径重新确认"
DECIDING = LINE[LINE.index(ProjectStage.REVIEW) :]


class DecisionRefused(Refused):
    """The pass or withdrawal cannot stand; `field` names what is wrong."""

    code = "invalid"


class AlreadyPassed(Refused):
    """Somebody else recorded this pass a moment ago; nothing happened."""

    code = "already_passed"
    status = 409


@dataclass(frozen=True)
class Passing:
    """A meeting said yes: which (its code), on which day, by which minutes."""

    node: str
    passed_on: date
    minutes: str
    note: str = ""


@dataclass(frozen=True)
class Withdrawal:
    """A pass is taken back, from which day and why."""

    on: date
    reason: str


@dataclass(frozen=True)
class Stop:
    """A meeting of the route with the pass that counts, if any; `is_next` is the one to be held now.

    `early` is a pass that stands and does not count, because its meeting came before that of `after`.
    """

    node: DecisionNode
    passed: NodePass | None
    is_next: bool
    early: NodePass | None = None
    after: str = ""


@dataclass(frozen=True)
class Course:
    """The way of a project through its meetings. Without a route, `lacking` says what decides it."""

    route: DecisionRoute | None
    stops: list
    lacking: tuple = ()

    @property
    def is_done(self):
        return self.route is not None and all(stop.passed for stop in self.stops)


def route_of(project, on):
    """The route for `project` on the day `on`; None while its category or amount leaves that open."""
    return project.decisions(on).route


def course_of(project, on):
    """The Course of `project` on the day `on`: its meetings with the passes that count."""
    found = project.decisions(on)
    stops, waiting = [], True
    for node in found.nodes:
        passed, (early, after) = found.counting.get(node.code), found.early.get(node.code, (None, ""))
        stops.append(Stop(node, passed, waiting and passed is None, early, after))
        waiting = waiting and passed is not None
    return Course(found.route, stops, found.lacking)


def signed_since(changes):
    """From when a project with these stays stands among the signed ones, None while it does not.

    流失 and the way back do not interrupt it: what was signed stays signed.
    """
    since = None
    for change in changes:
        if change.stage in SIGNED_ON:
            since = since or change.entered_at
        elif change.stage != ProjectStage.LOST:
            since = None
    return since


def broke_signature(passes, changes):
    """Those of `passes` that were taken back while the project stood signed on them, not only confirmed."""
    gone = [one for one in passes if one.withdrawn_at and not _is_renewed(one, passes)]
    return [one for one in gone if signed_since(_until(changes, one.withdrawn_at)) is not None]


def missing_ground(passes, changes):
    """Those of `passes` behind the signature in force that were taken back since and not given again."""
    since, standing = signed_since(changes), {one.code for one in passes if one.withdrawn_at is None}
    newest = {one.code: one for one in passes if one.withdrawn_at and one.code not in standing}
    return [one for one in newest.values() if since and one.withdrawn_at >= since]


def _is_renewed(found, passes):
    """Whether the pass was taken back only to be confirmed in the same moment."""
    again = any(one.code == found.code and one.at == found.withdrawn_at for one in passes)
    return again and found.withdrawn_reason.endswith(CONFIRMED)


def _until(changes, moment):
    return [change for change in changes if change.entered_at <= moment]


@transaction.atomic
def record_pass(project, passing, *, by, at):
    """Write that a meeting passed the project, and return the NodePass.

    Meetings pass in their order, from 评审决策 on, with the minutes' number. A pass that came too early for
    the route is confirmed in the same way: the old one is taken back. Of two simultaneous records of one
    meeting the second gets AlreadyPassed. Raises NotAllowed, DecisionRefused.
    """
    require(by, "move", project)
    row = Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    if row.stage not in DECIDING:
        raise DecisionRefused("项目进入「评审决策」后才能登记会议通过。", code="step")
    course = course_of(row, shanghai_day(at))
    stop = _stop(course, passing.node)
    _check_pass(course, stop, passing, at)
    if stop.early:
        reason = f"在「{stop.after}」之前通过，{CONFIRMED}"
        _take_back([stop.early], Withdrawal(shanghai_day(at), reason), by=by, at=at)
    node = stop.node
    found = NodePass.objects.create(
        project=row,
        code=node.code,
        name=node.name,
        passed_on=passing.passed_on,
        minutes=passing.minutes.strip(),
        note=passing.note.strip(),
        by=by,
        at=at,
    )
    _touch(row, at)
    return found


def _stop(course, code):
    found = next((stop for stop in course.stops if stop.node.code == code), None)
    if found is None:
        names = "、".join(stop.node.name for stop in course.stops) or "不需要会议"
        raise DecisionRefused(f"这个项目的决策路径里没有这个会议，现在的路径：{names}。", field="node")
    return found


def _check_pass(course, stop, passing, at):
    if stop.passed:
        raise AlreadyPassed(f"「{stop.node.name}」已于 {stop.passed.passed_on} 通过，请刷新后再操作。")
    before = course.stops[: course.stops.index(stop)]
    if missing := [one.node.name for one in before if one.passed is None]:
        raise DecisionRefused(f"会议按顺序通过：请先登记「{'」「'.join(missing)}」。", field="node")
    if not passing.minutes.strip():
        raise DecisionRefused("请填写会议纪要文号。", field="minutes")
    check_year(passing.passed_on, "通过日期", DecisionRefused, field="passed_on")
    if passing.passed_on > shanghai_day(at):
        raise DecisionRefused("通过日期不能晚于今天：开完会再登记。", field="passed_on")
    if before and passing.passed_on < (last := before[-1].passed.passed_on):
        raise DecisionRefused(
            f"通过日期不能早于「{before[-1].node.name}」的通过日期（{last}）。", field="passed_on"
        )


@transaction.atomic
def withdraw_pass(found, withdrawal, *, by, at):
    """Take back the pass `found`, and with it the passes of the meetings held after it, which rested on it.

    Returns the withdrawn passes in their order; nothing is removed. Raises NotAllowed, DecisionRefused.
    """
    require(by, "move", found.project)
    row = Project.objects.select_for_update(of=("self",)).get(pk=found.project_id)
    found.refresh_from_db()
    falling = _falling(row, found, shanghai_day(at))
    _check_withdrawal(found, falling, withdrawal, at)
    _take_back(falling, withdrawal, by=by, at=at)
    _touch(row, at)
    if row.stage in SIGNED_ON:
        _tell_broken(row, falling, at)
    return falling


def _take_back(passes, withdrawal, *, by, at):
    for one in passes:
        one.withdrawn_on, one.withdrawn_by, one.withdrawn_at = withdrawal.on, by, at
        one.withdrawn_reason = withdrawal.reason.strip()
        one.save(update_fields=["withdrawn_on", "withdrawn_by", "withdrawn_at", "withdrawn_reason"])


def _falling(project, found, on):
    """The pass itself and those that came after it, whatever the route says now of their meetings.

    Only a meeting that stands before it on the route in force did not rest on it.
    """
    codes = [stop.node.code for stop in course_of(project, on).stops]
    before = codes[: codes.index(found.code)] if found.code in codes else []
    later = (one for one in project.passes.standing() if one.came_after(found))
    return [found, *(one for one in later if one.code not in before)]


def _check_withdrawal(found, falling, withdrawal, at):
    if found.withdrawn_on:
        raise DecisionRefused(f"「{found.name}」的通过已于 {found.withdrawn_on} 撤回。")
    if not withdrawal.reason.strip():
        raise DecisionRefused("请写明撤回理由。", code="reason_required", field="reason")
    check_year(withdrawal.on, "撤回日期", DecisionRefused, field="on")
    if withdrawal.on > shanghai_day(at):
        raise DecisionRefused("撤回日期不能晚于今天。", field="on")
    if withdrawal.on < (last := max(one.passed_on for one in falling)):
        raise DecisionRefused(f"撤回日期不能早于通过日期（{last}）。", field="on")


def _tell_broken(project, fallen, at):
    """The decision behind a signature is gone: owner, heads of the unit and the bureau learn of it."""
    people = {one.pk: one for one in (*responsible(project.unit), *bureau())}
    if project.owner and project.owner.is_active:
        people[project.owner_id] = project.owner
    first, names = fallen[0], "、".join(f"「{one.name}」" for one in fallen)
    stage = project.stages.labels[project.stage]
    for person in people.values():
        notify(
            person,
            kind=Notification.Kind.STAGE,
            key=f"withdrawn:{first.pk}",
            title=f"签约所依据的决策已撤回：{project}",
            body=f"{names}的通过于 {first.withdrawn_on} 撤回，理由：{first.withdrawn_reason}\n"
            f"项目现在是「{stage}」，请重新上会后登记通过，或退回评审决策。",
            url=f"{project.get_absolute_url()}#decisions",
            at=at,
        )


def _touch(project, at):
    Project.objects.filter(pk=project.pk).update(updated_at=at)
