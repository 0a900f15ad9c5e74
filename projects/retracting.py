"""撤销 of the last step of a referral: it did not happen, and the referral stands where it stood before.

The step stays on the page, struck out, with who, when and why; what is only written wrongly is corrected
(projects/restating.py).
"""

from django.db import transaction

from crm import audit
from crm.values import tells_contact
from projects.funds import INVESTING
from projects.models import Referral, ReferralStep
from projects.models.referrals import CLOSED
from projects.referring import AlreadyReferred, ReferralRefused, hold
from projects.restating import may_restate, require_person
from projects.spreading import tell_retraction


def may_retract(referral, step, last, user):
    """Whether `step` is the `last` one that stands, and `user` may take it back."""
    return step == last and may_restate(referral, step, user)


@transaction.atomic
def retract(step, why, *, by, at, version):
    """Take back the last step of its referral, which stands at the step before from now on; both sides
    are told. Returns the ReferralStep.

    What had ended is under way again, if the fund invests and nothing else is under way. `version` is the
    one of the referral. Raises NotAllowed, StaleVersion, AlreadyMoved, AlreadyReferred, ReferralRefused.
    """
    require_person(step, by)
    referral = hold(step.referral, version)
    row = ReferralStep.objects.get(pk=step.pk)
    _check(referral, row, why)
    row.undone_at, row.undone_by, row.undone_reason = at, by, why.strip()
    row.save(update_fields=["undone_at", "undone_by", "undone_reason"])
    referral.step, referral.moved_at, referral.late_told_at = row.from_step, at, None
    referral.version += 1
    referral.save(update_fields=["step", "moved_at", "late_told_at", "version"])
    detail = {"name": str(referral), "step": row.get_to_step_display(), "reason": row.undone_reason}
    audit.record(by, "retract_referral_step", referral, detail=detail, at=at)
    tell_retraction(referral, row)
    return row


def _check(referral, row, why):
    if row != referral.steps.standing().last():
        raise ReferralRefused("只能撤销最近的一步：后面的先撤销，或只更正写错的内容。", code="step")
    if not why.strip():
        raise ReferralRefused("请写明为什么撤销。", code="reason_required", field="why")
    if tells_contact(why):
        raise ReferralRefused("理由双方都看得到，请不要写联系方式。", field="why")
    if row.to_step in CLOSED and row.from_step not in CLOSED:
        _check_opening(referral)


def _check_opening(referral):
    """What had ended goes on only for a project under way, with a fund that invests, beside no other of
    the same."""
    if referral.project.is_lost:
        raise ReferralRefused("项目已流失，撤销以后推荐无法继续；先重新激活项目。", code="closed")
    if referral.fund.status not in INVESTING:
        raise ReferralRefused(
            f"基金{referral.fund.get_status_display()}，撤销以后推荐无法继续，不能撤销。", code="fund_closed"
        )
    others = Referral.objects.open().filter(project=referral.project_id, fund=referral.fund_id)
    if others.exists():
        raise AlreadyReferred("这个项目已经重新推荐给这只基金，正在进行中；先结束那一条，才能撤销。")
