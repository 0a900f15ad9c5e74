"""批量操作 on leads: assigning, moving and marking many by the rules of one."""

from crm.bulk import BulkRefused, Deed, Hands
from crm.models import BulkJob, Tag, User
from crm.workdays import shanghai_day
from leads import editing, tagging
from leads.losing import step
from leads.models import Lead, LeadBulkRow
from leads.stages import MAP, LeadStage

# one by one: 跟进 opens a project, 流失 wants its own words, 重复合并 is judged
TARGETS = (LeadStage.LEAD.value, LeadStage.SCREENING.value, LeadStage.RESERVE.value)
UNDOING = "撤销批量移动"
SAME_OWNER = "已经由这个人负责，不用改。"


def _records(user):
    return Lead.objects.visible_to(user).select_related("unit", "owner", "company")


def _assign(lead, given, by, at, version):
    owner = User.objects.select_related("unit").get(pk=given["owner"])
    if lead.owner_id == owner.pk:
        raise BulkRefused(SAME_OWNER, code="same")
    editing.edit(lead, {"owner": owner}, by=by, at=at, version=version)
    return {"owner": lead.owner_id}


def _give_back(lead, before, given, by, at):
    owner = User.objects.filter(pk=before["owner"]).first()
    editing.edit(lead, {"owner": owner}, by=by, at=at, version=lead.version)


def _move(lead, given, by, at, version):
    if given["stage"] not in TARGETS:
        raise BulkRefused("这一步要逐条办理。", code="one_by_one")
    if lead.stage == LeadStage.DROPPED:
        raise BulkRefused("流失的线索请逐条重新激活。", code="one_by_one")
    check_forward(MAP, lead, given["stage"])
    before = left(lead)
    step(lead, given["stage"], loss=None, by=by, at=at, reason=given["reason"], version=version)
    return before


def _move_back(lead, before, given, by, at):
    check_clock(before, at)
    step(lead, before["stage"], loss=None, by=by, at=at, reason=UNDOING, version=lead.version)
    lead.take_step_back(before.get("furthest", lead.furthest))


def check_forward(stages, record, to):
    """Raise BulkRefused for a step back: its clock begins anew, and each has a reason of its own."""
    if stages.is_forward(to, record.stage):
        raise BulkRefused("退回要逐条办理，各写各的理由。", code="one_by_one")


def left(record):
    """What is kept of the stage a record is moved out of: which, the day it had to be left by, how far it
    had come.
    """
    limit_on = record.limit_on.isoformat() if record.limit_on else ""
    return {"stage": record.stage, "limit_on": limit_on, "furthest": record.furthest}


def check_clock(before, at):
    """Raise BulkRefused where taking the step back would wipe a lamp out: its clock begins anew."""
    if "" < before.get("limit_on", "") < shanghai_day(at).isoformat():
        raise BulkRefused("移动前已超时限，退回会重新计时，请逐条退回并写明理由。", code="one_by_one")


def tag_of(given, by, at):
    """The tag a job gives: one that is there, or the new one of this name."""
    if "tag" in given:
        return Tag.objects.select_related("unit").get(pk=given["tag"])
    return tagging.named(given["tag_name"], by=by, at=at)


def mark(record, given, by, at, version):
    if not tagging.mark(record, tag := tag_of(given, by, at), by=by, at=at):
        raise BulkRefused("已经有这个标签，不用加。", code="same")
    return {"tag": tag.pk}


def unmark(record, given, by, at, version):
    if not tagging.unmark(record, tag := tag_of(given, by, at), by=by):
        raise BulkRefused("没有这个标签，不用去。", code="same")
    return {"tag": tag.pk}


def mark_again(record, before, given, by, at):
    if not tagging.mark(record, Tag.objects.get(pk=before["tag"]), by=by, at=at):
        raise BulkRefused("标签已经又加上了。", code="same")


def unmark_again(record, before, given, by, at):
    if not tagging.unmark(record, Tag.objects.get(pk=before["tag"]), by=by):
        raise BulkRefused("标签已被别人去掉。", code="same")


MARKING = {
    BulkJob.Action.TAG: Deed(mark, unmark_again),
    BulkJob.Action.UNTAG: Deed(unmark, mark_again),
}
HANDS = Hands(
    kind="leads",
    rows=LeadBulkRow,
    records=_records,
    deeds={
        BulkJob.Action.ASSIGN: Deed(_assign, _give_back),
        BulkJob.Action.MOVE: Deed(_move, _move_back),
        **MARKING,
    },
)


def targets():
    """[(code, label)] of the stages leads may be moved to many at a time."""
    return MAP.labels.choices(TARGETS)
