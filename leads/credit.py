"""业绩划分: which units a lead counts for, in whole percent that sum to 100."""

from django.db import transaction

from crm.errors import Refused
from leads.models import CreditShare, CreditSplit

WHOLE = 100


class CreditRefused(Refused):
    """The shares do not make a whole."""

    code = "shares"


def check(shares):
    """Raise CreditRefused unless the percentages of `shares` ({unit: percent}) are whole and sum to 100."""
    if any(type(part) is not int or not 0 <= part <= WHOLE for part in shares.values()):
        raise CreditRefused("业绩比例请填 0 到 100 的整数。", field="shares")
    if (total := sum(shares.values())) != WHOLE:
        raise CreditRefused(f"业绩比例之和要等于 100 %，现在是 {total} %。", field="shares")


@transaction.atomic
def split(lead, shares, *, ground, reference, by, at):
    """Let `lead` count from `at` on as `shares` ({unit: percent}) say; raises CreditRefused."""
    check(shares)
    row = CreditSplit.objects.create(lead=lead, ground=ground, reference=reference, by=by, at=at)
    parts = [CreditShare(split=row, unit=unit, percent=part) for unit, part in shares.items() if part]
    CreditShare.objects.bulk_create(parts)
    return row


def shares_of(lead):
    """{unit: percent} in force: the newest split, else everything for the unit that reported first."""
    newest = CreditSplit.objects.filter(lead=lead).order_by("-at", "-pk").first()
    if newest:
        return {share.unit: share.percent for share in newest.shares.select_related("unit")}
    claim = getattr(lead, "claim", None)
    return {claim.unit if claim else lead.unit: WHOLE}


def passed_on(shares, giver, receiver, keep):
    """`shares` after `giver` passed the lead to `receiver` and keeps `keep` percent of what it had."""
    had = shares.get(giver, 0)
    kept = (had * keep + WHOLE // 2) // WHOLE
    return {**shares, giver: kept, receiver: shares.get(receiver, 0) + had - kept}


def in_words(shares):
    """「半山区块 60 %、智慧网谷小镇 40 %」."""
    return "、".join(f"{unit} {part} %" for unit, part in shares.items() if part)
