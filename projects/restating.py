"""更正 of a step of a referral: what was entered wrongly is put right, what it said before is kept.

The sums of a fund are made of the steps as they stand, so they follow.
"""

from django.db import transaction

from crm import audit, roles
from crm.errors import NotAllowed
from crm.values import tells_contact
from crm.workdays import shanghai_day
from projects.corrections import keep
from projects.models import ReferralStep
from projects.models.referrals import BROKEN_OFF, Step
from projects.referring import (
    Move,
    ReferralRefused,
    check_figures,
    check_withheld,
    check_words,
    hold,
    is_theirs,
)
from projects.spreading import tell_correction

FIELDS = ("on", "reason", "note", "amount_wan", "stake", "valuation_wan")


def stated(step):
    """The step as it was entered, to be put right."""
    return Move(to=step.to_step, **{name: getattr(step, name) for name in FIELDS})


def may_restate(referral, step, user):
    """Whether the step is one that `user` may put right: who may take it may correct it."""
    stands = step.to_step != Step.REFERRED and step.undone_at is None
    return stands and is_theirs(referral, step.to_step, user)


@transaction.atomic
def restate(step, move, why, *, by, at, version):
    """Let `step` say what `move` says: its day, reason, note and figures; returns the Correction.

    What it said before is kept with who, when and `why`; both sides are told, nothing moves. `version` is
    the one of the referral. Raises NotAllowed, StaleVersion, AlreadyMoved, ReferralRefused.
    """
    require_person(step, by)
    referral = hold(step.referral, version)
    row = ReferralStep.objects.select_related("referral").get(pk=step.pk)
    move = _cleaned(move)
    before = {name: getattr(row, name) for name in FIELDS if getattr(row, name) != getattr(move, name)}
    _check(row, move, why, before, at)
    for name in before:
        setattr(row, name, getattr(move, name))
    row.save(update_fields=[*before])
    correction = keep(row, before, by=by, at=at, reason=why)
    referral.version, referral.corrected_at = referral.version + 1, at
    referral.save(update_fields=["version", "corrected_at"])
    detail = {"name": str(referral), "step": row.get_to_step_display(), "reason": correction.reason}
    audit.record(by, "correct_referral", referral, detail=detail, at=at)
    tell_correction(referral, row, correction)
    return correction


def require_person(step, by):
    """ReferralRefused for 推荐 itself, NotAllowed unless the step is one that `by` may put right."""
    if step.to_step == Step.REFERRED:
        raise ReferralRefused(
            "推荐这一步不能更正、撤销：企业同意和共享的信息是推荐那一刻的，写错了请撤回，再推荐一次。",
            code="step",
        )
    if is_theirs(step.referral, step.to_step, by):
        return
    if step.to_step == Step.WITHDRAWN or by.role == roles.FUND:
        raise NotAllowed("撤回由推荐的单位更正、撤销，其余由这只基金的账号。")
    raise NotAllowed("进展由谁登记就由谁更正、撤销：有账号的基金请联系基金方，没有账号的由项目的责任单位。")


def _cleaned(move):
    reason = move.reason.strip() if move.to in BROKEN_OFF else ""
    return Move(**{**vars(move), "reason": reason, "note": move.note.strip()})


def _check(row, move, why, before, at):
    if row.undone_at:
        raise ReferralRefused("这一步已经撤销，不再更正。", code="step")
    if not why.strip():
        raise ReferralRefused("请写明为什么更正。", code="reason_required", field="why")
    if tells_contact(why):
        raise ReferralRefused("理由双方都看得到，请不要写联系方式。", field="why")
    if move.to == Step.WITHDRAWN:
        check_withheld(why, row.referral.project, "why")
    if not before:
        raise ReferralRefused("和现在的内容一样，没有要更正的。", code="no_change")
    _check_day(row, move.on, at)
    check_words(move, row.referral.project)
    check_figures(move)


def _check_day(row, day, at):
    """The day stays between those of the steps before and after it, and is not to come."""
    steps = list(row.referral.steps.standing())
    place = steps.index(row)
    before, after = steps[place - 1], steps[place + 1 : place + 2]
    if day > shanghai_day(at):
        raise ReferralRefused("日期不能晚于今天。", field="on")
    if day < before.on:
        words = f"日期不能早于上一步「{before.get_to_step_display()}」的 {before.on}。"
        raise ReferralRefused(words, field="on")
    for later in after:
        if day > later.on:
            words = f"日期不能晚于下一步「{later.get_to_step_display()}」的 {later.on}。"
            raise ReferralRefused(words, field="on")
