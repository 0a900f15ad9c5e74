"""业绩划分: which units a lead counts for, in whole percent that sum to 100."""

from itertools import groupby
from operator import itemgetter

from django.db import transaction
from django.db.models import BigIntegerField, Case, OuterRef, Subquery, When
from django.db.models.functions import Coalesce

from crm.errors import Refused
from leads.models import Conflict, CreditShare, CreditSplit, Handover, PoolEntry

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


def shares_before(leads, moment):
    """{lead id: [(unit id, percent)]} in force just before `moment`, the largest part first; two queries.

    Where nothing had been divided yet, everything was of the unit that had it until the first division.
    """
    divided = CreditSplit.objects.filter(lead=OuterRef("split__lead"), at__lt=moment)
    newest = divided.order_by("-at", "-pk").values("pk")[:1]
    parts = CreditShare.objects.filter(split__lead__in=leads, split=Subquery(newest))
    found = {lead: [(unit, WHOLE)] for lead, unit in _undivided(leads)}
    rows = parts.order_by("-percent", "pk").values_list("split__lead", "unit", "percent")
    for lead, shares in groupby(sorted(rows, key=itemgetter(0)), key=itemgetter(0)):
        found[lead] = [(unit, percent) for _, unit, percent in shares]
    return found


def leads_of(unit_id):
    """The leads in which the unit has a part of the credit, or had one before a division; for a subquery."""
    parts = CreditShare.objects.filter(unit=unit_id).order_by().values("split__lead")
    contested = Conflict.objects.filter(first_unit=unit_id, decided_at__isnull=False)
    given = Handover.objects.filter(from_unit=unit_id, state=Handover.State.ACCEPTED)
    return parts.union(contested.order_by().values("claim__lead"), given.order_by().values("lead"))


def _undivided(leads):
    """(lead id, unit id) that the whole credit belonged to before the first division, or belongs to now."""
    first = CreditSplit.objects.filter(lead=OuterRef("pk")).order_by("at", "pk")
    rows = leads.order_by().annotate(
        ground=Subquery(first.values("ground")[:1]), reference=Subquery(first.values("reference")[:1])
    )
    before = {
        CreditSplit.Ground.CONFLICT: Conflict.objects.values("first_unit"),
        CreditSplit.Ground.HANDOVER: Handover.objects.values("from_unit"),
        CreditSplit.Ground.POOL: PoolEntry.objects.values("from_unit"),
    }
    whens = [
        When(ground=ground, then=Subquery(had.filter(pk=OuterRef("reference")).order_by()[:1]))
        for ground, had in before.items()
    ]
    holder = Case(*whens, default=Coalesce("claim__unit", "unit"), output_field=BigIntegerField())
    return rows.values_list("pk", holder)


def passed_on(shares, giver, receiver, keep):
    """`shares` after `giver` passed the lead to `receiver` and keeps `keep` percent of what it had."""
    had = shares.get(giver, 0)
    kept = (had * keep + WHOLE // 2) // WHOLE
    return {**shares, giver: kept, receiver: shares.get(receiver, 0) + had - kept}


def in_words(shares):
    """「半山区块 60 %、智慧网谷小镇 40 %」."""
    return "、".join(f"{unit} {part} %" for unit, part in shares.items() if part)
