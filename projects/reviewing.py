"""公平竞争审查: an item is cleared by somebody who did not write it; the set is concluded as a whole.

The gate 评审 → 签约 asks projects/models/clearance.py (domain rule §4.2): while any item is unreviewed,
refused or changed since, or the set is not what was concluded upon, nobody signs.
"""

from dataclasses import dataclass, replace
from datetime import date

from django.db import transaction

from crm import audit
from crm.errors import NotAllowed, Refused
from crm.models import Notification
from crm.notifications import notify
from crm.permissions import require
from crm.workdays import shanghai_day
from projects.days import check_year
from projects.incentives import flagged, hold, hold_item
from projects.models import FairReview, FlagRule, ItemDraft, ItemReview
from projects.models.clearance import (
    EXCEPTION,
    FUND_PROMISE,
    VIOLATES,
    contents,
    lacking,
    standing_items,
)
from projects.papers import settle
from projects.ruling import hold_rules

NUMBERS = {"number": "审查结论文号", "legal_number": "合法性审查文号"}
FUND_MONEY = (
    "这一条承诺基金出资。基金的钱是投资，由基金管理人决定，不是优惠，只能判「不符合」：请起草单位撤下，改在基金推荐里"
    "登记推荐和结果；本来只是推荐的，改写为“可推荐，由管理人独立决策”再送审。"
)


class ReviewRefused(Refused):
    """The review is not what the rules ask for; `field` names what is missing."""

    code = "invalid"


@dataclass(frozen=True)
class Verdict:
    """What a reviewer concludes on one item: why, and for an exception which one, until when."""

    conclusion: str
    reason: str
    ground: str = ""
    no_lesser_way: str = ""
    ends_on: date | None = None
    opinion_number: str = ""
    opinion_on: date | None = None
    paper: object = None  # the file of the opinion: a Paper of the project, or an upload to keep


@transaction.atomic
def review(item, verdict, *, digest, by, at):
    """Write the conclusion of `by` on `item` in the wording with `digest`; returns the ItemReview.

    Raises NotAllowed for other roles and for whoever wrote any draft of it, ReviewRefused without a reason,
    for an incomplete exception, for fund money that is not refused, for a missing opinion of 市场监管部门 or
    its file, or when the wording has changed since; PaperRefused for a file that is not kept. A refusal keeps
    no file either.
    """
    require(by, "review_incentive")
    row = hold_item(item)
    _check_hands(row, by)
    _check_wording(row, digest)
    hold_rules()
    verdict = replace(verdict, paper=settle(row.project, verdict.paper, by=by, at=at))
    found = flagged([row], at=at)[0].flags
    _check_verdict(verdict, found, shanghai_day(at))
    made = ItemReview.objects.create(
        item=row, digest=row.digest, flags=[flag.code for flag in found], by=by, at=at, **vars(verdict)
    )
    detail = {"name": str(row), "conclusion": made.get_conclusion_display(), "reason": verdict.reason}
    audit.record(by, "review_incentive", row.project, detail=detail, at=at)
    if verdict.conclusion == VIOLATES:
        _tell_refused(row, made, at)
    return made


@transaction.atomic
def conclude(project, *, number, legal_number, paper=None, note="", by, at):
    """Write the conclusion on the whole set of items of `project`; from now on the gate is open.

    `paper` is the file of the 合法性审查 (§4.2): a Paper of the project, or an upload to keep.
    Raises ReviewRefused, with every item that is not cleared and every promise that would stop the signature,
    without the two document numbers or the file.
    """
    require(by, "review_incentive")
    project = hold(project.pk)
    items = standing_items(project)
    _check_set(items, {"number": number, "legal_number": legal_number}, by)
    _check_cleared(project, items, shanghai_day(at))
    if (paper := settle(project, paper, by=by, at=at)) is None:
        raise ReviewRefused(
            "请上传合法性审查文件，没有文件不能出具结论。", code="paper_required", field="paper"
        )
    made = FairReview.objects.create(
        project=project,
        content=contents(items),
        number=number.strip(),
        legal_number=legal_number.strip(),
        paper=paper,
        note=note.strip(),
        by=by,
        at=at,
    )
    audit.record(by, "conclude_review", project, detail={"number": made.number}, at=at)
    return made


def _check_set(items, numbers, by):
    if not items:
        raise ReviewRefused("这个项目没有优惠条款，不需要出具结论。")
    for field, value in numbers.items():
        if not value.strip():
            raise ReviewRefused(f"请填写{NUMBERS[field]}。", code="required", field=field)
    for item in items:
        _check_hands(item, by)


def _check_cleared(project, items, day):
    """A promise that is too high, misplaced or rests on nothing is as much part of the deal as an item."""
    of_items, of_promises = lacking(project, items, day)
    if missing := [*of_items, *of_promises]:
        what = "条款" if of_items else "承诺"
        raise ReviewRefused(f"还有{what}没有通过审查，不能出具结论。", code="uncleared", missing=missing)


def _check_hands(item, by):
    """Who wrote any draft of an item does not clear it."""
    if ItemDraft.objects.filter(item=item, by=by).exists():
        raise NotAllowed(f"您起草或修改过「{item}」，须由其他审查人审查。")


def _check_wording(item, digest):
    if item.removed_at is not None:
        raise ReviewRefused("这条优惠已经撤下，不用审查。", code="removed")
    if item.digest != digest:
        raise ReviewRefused("条款在您审查期间被改过，结论没有写入。请看新的内容后再审。", code="changed")


def _check_verdict(verdict, found, day):
    if verdict.conclusion not in ItemReview.Conclusion.values:
        raise ReviewRefused("请选择审查结论。", code="required", field="conclusion")
    if not verdict.reason.strip():
        raise ReviewRefused("请写明理由。", code="required", field="reason")
    if verdict.conclusion == VIOLATES:
        return
    if any(flag.code == FUND_PROMISE for flag in found):
        raise ReviewRefused(FUND_MONEY, code=FUND_PROMISE, field="conclusion")
    if verdict.conclusion == EXCEPTION:
        _check_exception(verdict, day)
    _check_opinion(verdict, found, day)


def _check_opinion(verdict, found, day):
    """A serious flag is not cleared on the reviewer's word alone; an opinion that is cited is on file."""
    asking = FlagRule.objects.filter(code__in=[flag.code for flag in found], needs_opinion=True)
    names = "、".join(rule.name for rule in asking)
    is_cited = bool(verdict.opinion_number.strip() or verdict.opinion_on or verdict.paper)
    is_named = bool(verdict.opinion_number.strip() and verdict.opinion_on)
    if not names and not is_cited:
        return
    why = f"系统提示「{names}」，放行须有市场监管部门意见" if names else "结论引用了市场监管部门意见"
    if not is_named:
        raise ReviewRefused(f"{why}，请填写文号和日期。", code="opinion_required", field="opinion_number")
    _check_opinion_day(verdict.opinion_on, day)
    if verdict.paper is None:
        raise ReviewRefused(f"{why}，请上传意见文件。", code="paper_required", field="paper")


def _check_opinion_day(opinion_on, day):
    check_year(opinion_on, "意见日期", ReviewRefused, field="opinion_on")
    if opinion_on > day:
        raise ReviewRefused("意见日期不能晚于今天：收到意见再放行。", field="opinion_on")


def _check_exception(verdict, day):
    if verdict.ground not in ItemReview.Ground.values:
        raise ReviewRefused("请选择适用哪一种例外。", code="required", field="ground")
    if not verdict.no_lesser_way.strip():
        raise ReviewRefused("请写明为何没有影响更小的办法。", code="required", field="no_lesser_way")
    if verdict.ends_on is None or verdict.ends_on < day:
        raise ReviewRefused("请填写例外的终止日期，不能早于今天。", code="required", field="ends_on")
    check_year(verdict.ends_on, "例外终止日期", ReviewRefused, field="ends_on")


def _tell_refused(item, made, at):
    """Whoever drafted the item learns that it did not pass, and why."""
    if item.drafted_by.is_active:
        notify(
            item.drafted_by,
            kind=Notification.Kind.STAGE,
            key=f"review:{made.pk}",
            title=f"优惠条款未通过审查：{item}"[:120],
            body=f"理由：{made.reason}\n请修改或撤下后再送审。",
            url=item.get_absolute_url(),
            at=at,
        )
