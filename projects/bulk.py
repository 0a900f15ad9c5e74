"""批量操作 on projects: assigning, moving and marking many by the rules of one."""

from crm import bulk
from crm.bulk import BulkRefused, Deed, Hands
from crm.models import BulkJob, User
from leads.bulk import HANDS as OF_LEADS
from leads.bulk import MARKING, SAME_OWNER, UNDOING, check_clock, check_forward, left
from projects import mending
from projects.models import Project, ProjectBulkRow
from projects.stages import LINE, MAP, ProjectStage


def _records(user):
    return Project.objects.visible_to(user).select_related("unit", "owner", "company", "lead")


def _assign(project, given, by, at, version):
    owner = User.objects.select_related("unit").get(pk=given["owner"])
    if project.owner_id == owner.pk:
        raise BulkRefused(SAME_OWNER, code="same")
    mending.edit(project, {"owner": owner}, by=by, at=at, version=version)
    return {"owner": project.owner_id}


def _give_back(project, before, given, by, at):
    owner = User.objects.filter(pk=before["owner"]).first()
    mending.edit(project, {"owner": owner}, by=by, at=at, version=project.version)


def _move(project, given, by, at, version):
    if given["stage"] not in LINE:
        raise BulkRefused("这一步要逐个办理。", code="one_by_one")
    if project.stage == ProjectStage.LOST:
        raise BulkRefused("流失的项目请逐个重新激活。", code="one_by_one")
    check_forward(MAP, project, given["stage"])
    before = left(project)
    project.move_to(given["stage"], by=by, at=at, reason=given["reason"], version=version)
    return before


def _move_back(project, before, given, by, at):
    check_clock(before, at)
    project.move_to(before["stage"], by=by, at=at, reason=UNDOING, version=project.version)
    project.take_step_back(before.get("furthest", project.furthest))


HANDS = Hands(
    kind="projects",
    rows=ProjectBulkRow,
    records=_records,
    deeds={
        BulkJob.Action.ASSIGN: Deed(_assign, _give_back),
        BulkJob.Action.MOVE: Deed(_move, _move_back),
        **MARKING,
    },
)
OF_KIND = {"leads": OF_LEADS, "projects": HANDS}


def targets():
    """[(code, label)] of the stages projects may be moved to many at a time; 流失 wants its own words."""
    return MAP.labels.choices(LINE)


def resume(job, *, at):
    """Take up one job where it stands."""
    bulk.carry_on(OF_KIND[job.kind], job, at=at)


def resume_all(at):
    """Take up every job that waits or broke off; the schedule calls it, so a lost ring loses nothing."""
    for hands in OF_KIND.values():
        bulk.resume_all(hands, at)
