"""What came of the referrals of a fund: how many, where they are, what was invested, how long it took."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from projects.models import ReferralStep
from projects.models.referrals import Step


@dataclass(frozen=True)
class Sums:
    """`amount_wan` in 万元; `days` is the median of calendar days 推荐→投决, None while none came so far."""

    referred: int = 0
    waiting: int = 0
    in_diligence: int = 0
    funded: int = 0
    amount_wan: Decimal = Decimal(0)
    days: float | None = None
    decided: int = 0


def sums(referrals):
    """{fund number: Sums} over the queryset `referrals` of what somebody sees; one query."""
    steps = ReferralStep.objects.standing().filter(
        referral__in=referrals, to_step__in=(Step.REFERRED, Step.DECISION, Step.FUNDED)
    )
    rows = steps.values_list("referral__fund", "referral", "referral__step", "to_step", "on", "amount_wan")
    by_fund = {}
    for fund, *row in rows:
        by_fund.setdefault(fund, []).append(row)
    return {fund: _summed(found) for fund, found in by_fund.items()}


def _summed(rows):
    now = Counter(step for _, step, to, *_ in rows if to == Step.REFERRED)
    begun = {referral: on for referral, _, to, on, _ in rows if to == Step.REFERRED}
    paid = [amount for *_, to, _, amount in rows if to == Step.FUNDED]
    took = [(on - begun[referral]).days for referral, _, to, on, _ in rows if to == Step.DECISION]
    return Sums(
        referred=len(begun),
        waiting=now[Step.REFERRED],
        in_diligence=now[Step.DILIGENCE],
        funded=len(paid),
        amount_wan=sum(paid, Decimal(0)),
        days=median(took) if took else None,
        decided=len(took),
    )
