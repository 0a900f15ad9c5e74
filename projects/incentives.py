"""优惠条款: every promise as an item, drafted and amended with its trace; the machine's flags on it."""

from django.db import transaction

from crm.errors import Refused, StaleVersion
from crm.permissions import require
from crm.workdays import shanghai_day
from projects.flags import flags_of
from projects.models import IncentiveItem, ItemDraft, Project
from projects.models.clearance import rules_in_force, state_of
from projects.models.incentives import CONTENT
from projects.papers import attach
from projects.stages import ProjectStage

WAITING = 200  # items looked through for those that wait
OPEN_STAGES = (ProjectStage.NEGOTIATING, ProjectStage.REVIEW)


class IncentiveRefused(Refused):
    """The item cannot be written as asked; `field` names why."""

    code = "invalid"


@transaction.atomic
def draft(project, content, *, by, at, scan=None):
    """Write a new item of `project` from `content` (dict of CONTENT) with its first draft; returns it.

    `scan` is the file of the 一事一议批复, an upload, when there is one. Raises IncentiveRefused without a
    kind or text, or once the project is signed; PaperRefused; NotAllowed for strangers.
    """
    row = hold(project.pk)
    require(by, "draft_incentive", row)
    _check(row, content)
    item = IncentiveItem(project=row, unit_id=row.unit_id, drafted_by=by, created_at=at, updated_at=at)
    for name, value in _known(content).items():
        setattr(item, name, value)
    item.save()
    _keep(item, by, at)
    _attach(item, scan, by, at)
    return item


@transaction.atomic
def amend(item, content, *, by, at, version=None, scan=None):
    """Rewrite an item; every wording stays on file, and a review of the old one counts no more.

    Raises what `draft` raises, and StaleVersion when somebody else wrote first.
    """
    row = hold_item(item)
    require(by, "draft_incentive", row.project)
    _check(row.project, content)
    _check_standing(row)
    if version is not None and version != row.version:
        raise StaleVersion(row)
    _attach(row, scan, by, at)
    before = row.digest
    for name, value in _known(content).items():
        setattr(row, name, value)
    if row.digest == before:
        return row
    row.version += 1
    row.updated_at = at
    row.save()
    _keep(row, by, at)
    return row


@transaction.atomic
def remove(item, *, by, at):
    """Take an item out of the deal; it stays on file as 撤下, and a conclusion on the set is void."""
    row = hold_item(item)
    require(by, "draft_incentive", row.project)
    _check_stage(row.project)
    _check_standing(row)
    row.removed_at, row.removed_by, row.updated_at = at, by, at
    row.version += 1
    row.save()
    return row


def hold(project_id):
    """The project of items about to change, locked: a signature reads them under the same lock."""
    return Project.objects.select_for_update(of=("self",)).get(pk=project_id)


def hold_item(item):
    """The item as it stands, locked after its project: the order of docs/architecture.md."""
    project = hold(item.project_id)
    row = IncentiveItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    row.project = project
    return row


def flagged(items, *, at, rules=None):
    """Give each of `items` (read `with_parties`) its `flags` on the Shanghai day of `at`."""
    day = shanghai_day(at)
    rules = rules_in_force(day) if rules is None else rules
    for item in items:
        item.flags = flags_of(item.as_flagged(), rules, day)
    return items


def waiting(user, at):
    """The items `user` sees that are not cleared, the oldest change first; flagged and judged."""
    rows = IncentiveItem.objects.visible_to(user).standing().filter(project__stage__in=OPEN_STAGES)
    rows = rows.with_parties().select_related("unit", "drafted_by").prefetch_related("reviews")
    rules = rules_in_force(shanghai_day(at))
    items = judged(list(rows.order_by("updated_at", "pk")[:WAITING]), at=at, rules=rules)
    return flagged([item for item in items if item.state != "cleared"], at=at, rules=rules)


def judged(items, *, at, rules):
    """Give each of `items` (with their reviews) its `state` on the day and the word for it."""
    day = shanghai_day(at)
    for item in items:
        item.state, item.state_label = state_of(item, day, rules)
    return items


def dressed(items, *, at):
    """`flagged` and `judged` at once: what every page and answer shows of an item."""
    rules = rules_in_force(shanghai_day(at))
    return judged(flagged(items, at=at, rules=rules), at=at, rules=rules)


def _attach(item, scan, by, at):
    if scan is not None:
        attach(item, scan, by=by, at=at)


def _known(content):
    return {name: content[name] for name in CONTENT if name in content}


def _check(project, content):
    _check_stage(project)
    if not content.get("kind"):
        raise IncentiveRefused("请选择条款类别。", field="kind")
    if not (content.get("text") or "").strip():
        raise IncentiveRefused("请录入条款原文。", field="text")


def _check_stage(project):
    """What is signed is not rewritten: a signed deal changes back in 评审决策, a lost one back in 在谈."""
    if project.stage == ProjectStage.LOST:
        raise IncentiveRefused("项目已经流失，优惠条款不能改；要继续谈，请先重新激活到「在谈」。")
    if project.stage not in OPEN_STAGES:
        raise IncentiveRefused("项目已经签约，优惠条款不能再改；确需变更的，请退回评审决策重新审查。")


def _check_standing(item):
    if item.removed_at is not None:
        raise IncentiveRefused("这条优惠已经撤下。", code="removed")


def _keep(item, by, at):
    """The wording of this moment, with its number; the row of the item is locked or new."""
    number = item.drafts.count() + 1
    ItemDraft.objects.create(item=item, seq=number, content=item.content(), digest=item.digest, by=by, at=at)
