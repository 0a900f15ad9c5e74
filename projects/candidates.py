"""项目候选载体: spaces proposed for a project, ranked, shown, dropped; one of them final, for one project.

Locks: the project, then the spaces in the order of their keys; the candidates of a space change under the
lock of the space. Who takes a space takes it from all others, who are told.
"""

from datetime import date

from django.db import transaction
from django.db.models import Max

from crm import audit
from crm.errors import Refused
from crm.models import Notification
from crm.notifications import notify
from crm.permissions import require
from crm.workdays import shanghai_day
from projects.models import CandidateSpace, Project, Space
from projects.spreading import people_of
from projects.stages import ProjectStage

MOST = 20  # live candidates of a project: more are no choice
TAKEN = "空间已确定给其他项目"
LOST = "项目流失"
RESERVED = "留在候选里，不算可选：为这个项目预留的，请载体管理单位改回可用再确定；为别人预留的请另选。"


class CandidateRefused(Refused):
    """The candidate cannot be as asked; `field` names why."""

    code = "invalid"


class SpaceTaken(Refused):
    """Another project has the space; nothing happened."""

    code = "space_taken"
    status = 409


@transaction.atomic
def propose(project, space, *, by, at, note=""):
    """Put `space` on the list of `project`, last; returns the row.

    Raises NotAllowed, SpaceTaken when another project has it, CandidateRefused for a space that is not to be
    had, one on the list already, a list that is full, a lost project.
    """
    row, spot = _held(project, space, by)
    _check_open(row)
    _check_to_be_had(spot, at)
    live = row.candidates.live()
    if live.filter(space=spot).exists():
        raise CandidateRefused(f"「{spot}」已经在这个项目的候选里。", code="already_candidate")
    if live.count() >= MOST:
        raise CandidateRefused(f"候选已有 {MOST} 处，请先退出几处再加。")
    last = live.aggregate(last=Max("rank"))["last"] or 0
    return CandidateSpace.objects.create(
        project=row, space=spot, rank=last + 1, note=note.strip(), added_by=by, added_at=at
    )


@transaction.atomic
def describe(candidate, *, by, at, shown_on: date | None, note=""):
    """Write down when the space was shown, and what was said; NotAllowed, CandidateRefused."""
    one = _live(candidate, by)
    if shown_on and shown_on > shanghai_day(at):
        raise CandidateRefused("带看日期不能晚于今天。", field="shown_on")
    one.shown_on, one.note = shown_on, note.strip()
    one.save(update_fields=["shown_on", "note"])
    return one


@transaction.atomic
def move(candidate, by_places, *, by, at):
    """Let a candidate change places with its neighbour: -1 up, 1 down; the end of the list is no error.

    Neighbours are those one can still choose, as the page lists them; the others stand below.
    """
    require(by, "edit", candidate.project)
    Project.objects.select_for_update(of=("self",)).get(pk=candidate.project_id)
    line = _line(candidate, shanghai_day(at))
    here = next((place for place, one in enumerate(line) if one.pk == candidate.pk), None)
    if here is None:
        raise _gone(CandidateSpace.objects.get(pk=candidate.pk))
    there = here + by_places
    if not 0 <= there < len(line):
        return
    one, other = line[here], line[there]
    _hold_spaces([one.space_id, other.space_id])
    one.rank, other.rank = (other.rank, one.rank) if one.rank != other.rank else (there + 1, here + 1)
    CandidateSpace.objects.bulk_update([one, other], ["rank"])


def _line(candidate, day):
    live = CandidateSpace.objects.live().filter(project=candidate.project_id).select_related("space")
    rows = live.order_by("rank", "pk")
    return [one for one in rows if one.pk == candidate.pk or not one.space.unavailable_on(day)]


@transaction.atomic
def drop(candidate, *, by, at, reason):
    """Take a space off the list of its project, with the reason; the final one is given back instead."""
    one = _live(candidate, by)
    if one.is_final:
        raise CandidateRefused("这是项目确定的空间，请用「交还」。")
    _check_reason(reason)
    return _dropped(one, reason.strip(), by, at)


@transaction.atomic
def settle(candidate, *, by, at):
    """Make a candidate the final space of its project: it is 已预留, and leaves all other projects.

    The project's 确定载体 becomes the carrier of the space. Raises NotAllowed, SpaceTaken for the second of
    two, CandidateRefused when the project has another final space or the space is not to be had any more.
    """
    project, spot = _held(candidate.project, candidate.space, by)
    one = CandidateSpace.objects.get(pk=candidate.pk)
    if one.is_final:
        return one
    _check_final(project, one, spot, at)
    one.final_at, one.final_by = at, by
    one.save(update_fields=["final_at", "final_by"])
    _set_state(spot, Space.State.RESERVED, at)
    if project.carrier_id != spot.building.carrier_id:
        project.carrier = spot.building.carrier
        project.save_version(project.version, ["carrier"], at=at)
    audit.record(by, "settle_space", spot, detail={"object": str(spot), "project": project.name}, at=at)
    leave_all(spot, TAKEN, by=by, at=at)
    return one


def _check_final(project, one, spot, at):
    _check_open(project)
    if one.dropped_at:
        raise _taken(spot) if one.drop_reason == TAKEN else _gone(one)
    _check_to_be_had(spot, at)
    if (other := project.candidates.final().select_related("space__building").first()) is not None:
        raise CandidateRefused(f"项目已确定「{other.space}」，要换请先交还。", code="already_settled")


@transaction.atomic
def give_back(candidate, *, by, at, reason):
    """Give the final space back: it is 可用 again and off the list; the project keeps its 确定载体."""
    one = _live(candidate, by)
    if not one.is_final:
        raise CandidateRefused("这处空间还没有确定给项目，不用交还；不再考虑的请退出。")
    _check_reason(reason)
    return _freed(one, reason.strip(), by, at)


def release(project, *, by, at):
    """Let a lost project go of its final space and of all its candidates; the project is locked already."""
    rows = list(CandidateSpace.objects.live().filter(project=project).order_by("space_id"))
    _hold_spaces([one.space_id for one in rows])
    for one in CandidateSpace.objects.live().filter(pk__in=[one.pk for one in rows]):
        (_freed if one.is_final else _dropped)(one, LOST, by, at)


def leave_all(space, reason, *, by, at):
    """Take `space`, locked by the caller, off the lists of all projects it is not final for.

    Their people are told once each; who took it is not said, neither there nor on the timelines.
    """
    rows = CandidateSpace.objects.live().filter(space=space, final_at=None)
    for one in rows.select_related("project__unit", "project__owner").order_by("pk"):
        _dropped(one, reason, None, at)
        _tell(one, space, by, at)


def tell_reserved(space, *, by, at):
    """Tell the people of every project that has `space`, locked by the caller, on its list: it was marked
    已预留 in the register, which does not say for whom; it stays on the list and cannot be settled.
    """
    rows = CandidateSpace.objects.live().filter(space=space, final_at=None)
    for one in rows.select_related("project__unit", "project__owner").order_by("pk"):
        words = f"台账把「{space}」改为已预留，没有写给哪个项目。{RESERVED}"
        _told(one, (f"reserved:{space.version}", "已预留", words), space, by, at)


def _tell(one, space, by, at):
    words = f"{one.drop_reason}，已从项目的候选载体里退出，请另选。"
    _told(one, ("gone", "不再可选", words), space, by, at)


def _told(one, said, space, by, at):
    """One message to each who works on the project but `by`; `said` is its key, end of the title and body."""
    (key, what, body), project = said, one.project
    for person in people_of(project):
        if person.pk != by.pk:
            notify(
                person,
                kind=Notification.Kind.MATCH,
                key=f"candidate:{one.pk}:{key}",
                title=f"「{project}」的候选载体「{space}」{what}",
                body=body,
                url=f"{project.get_absolute_url()}#spaces",
                at=at,
            )


def _dropped(one, reason, by, at):
    one.dropped_at, one.dropped_by, one.drop_reason = at, by, reason
    one.save(update_fields=["dropped_at", "dropped_by", "drop_reason"])
    return one


def _freed(one, reason, by, at):
    space, detail = one.space, {"object": str(one.space), "project": one.project.name, "reason": reason}
    _set_state(space, Space.State.FREE, at)
    audit.record(by, "return_space", space, detail=detail, at=at)
    return _dropped(one, reason, by, at)


def _set_state(space, state, at):
    space.state = state
    space.save_version(space.version, ["state"], at=at)


def _held(project, space, by):
    """The project and the space as they stand, locked in this order, for who may edit the project."""
    require(by, "edit", project)
    row = Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    (spot,) = _hold_spaces([space.pk])
    return row, spot


def _hold_spaces(pks):
    rows = Space.objects.select_for_update(of=("self",)).select_related("building__carrier")
    return list(rows.filter(pk__in=pks).order_by("pk"))


def _live(candidate, by):
    """The candidate as it stands, its project and space held; refused when it is off the list."""
    _held(candidate.project, candidate.space, by)
    one = CandidateSpace.objects.get(pk=candidate.pk)
    if one.dropped_at:
        raise _gone(one)
    return one


def _gone(one):
    why = f"（{one.drop_reason}）" if one.drop_reason else ""
    return CandidateRefused(f"这处空间已不在项目的候选里{why}，请刷新后再操作。", code="not_candidate")


def _taken(space):
    return SpaceTaken(f"「{space}」刚被其他项目确定，已退出这个项目的候选，请另选一处。")


def _check_open(project):
    if project.stage == ProjectStage.LOST:
        raise CandidateRefused("项目已流失，不能再选空间；重新激活以后再选。", code="closed")


def _check_to_be_had(space, at):
    if CandidateSpace.objects.final().filter(space=space).exists():
        raise SpaceTaken(f"「{space}」已确定给其他项目，请另选一处。")
    if not Space.objects.on_offer(shanghai_day(at)).filter(pk=space.pk).exists():
        raise CandidateRefused(
            f"「{space}」现在是{space.get_state_display()}或不在登记有效期内，不能选；请联系载体管理单位核对台账。",
            code="not_on_offer",
        )


def _check_reason(reason):
    if not reason.strip():
        raise CandidateRefused("请写明理由。", code="reason_required", field="reason")
