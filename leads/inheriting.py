"""业绩沿用: credit that was divided stays divided when the company is given up and recorded anew (§1.7).

Else a unit would get rid of what the bureau gave another by dropping the lead and writing it down again.
"""

from crm.models import Notification
from crm.notifications import notify, responsible
from crm.values import company_key
from crm.workdays import shanghai_day
from leads import credit
from leads.models import Claim, ClaimEvent, CreditSplit, PoolEntry

# the claim of a lead that somebody gave up, of his own accord or by doing nothing
GIVEN_UP = (Claim.Ended.DROPPED, Claim.Ended.LOST, Claim.Ended.POOLED)
ENDED = (*GIVEN_UP, *Claim.BY_ITS_CLOCK)


def carry(leads, *, at):
    """Let each of `leads`, just recorded of companies on file, count as was divided of its company before.

    A unit that gave the company up goes on with the division it had, whatever made it. What the bureau ruled
    holds for every unit it credited; who has no part in it begins anew. One query where nothing was divided.
    """
    splits = CreditSplit.objects.filter(
        lead__company__in=[lead.company_id for lead in leads], lead__claim__ended__in=ENDED
    )
    rows = splits.select_related("lead__claim", "lead__unit").order_by(
        "-lead__claim__released_at", "-at", "-pk"
    )
    found = list(rows)
    for lead in leads:
        mine = [row for row in found if row.lead.company_id == lead.company_id and _is_one(row.lead, lead)]
        if mine:
            _carry(mine, lead, at)


def _is_one(old, lead):
    """Whether both are one project: not where each names its investor, and not the same (domain §2.8)."""
    ours, theirs = company_key(lead.investor_name), company_key(old.investor_name)
    return not (ours and theirs) or ours == theirs


def _carry(splits, lead, at):
    """Write the division of the last given up lead, the newest of `splits`, for `lead`, if it holds."""
    newest = splits[0]
    old, shares = newest.lead, credit.shares_of(newest.lead)
    ruling = next(
        (row for row in splits if row.lead_id == old.pk and row.ground == row.Ground.CONFLICT), None
    )
    is_shared = len(shares) > 1 and lead.unit in shares
    is_ruled = ruling is not None and old.claim.ended in GIVEN_UP
    if not is_shared or not (is_ruled or _let_go(old) == lead.unit_id):
        return
    basis = ruling or newest
    credit.split(lead, shares, ground=basis.ground, reference=basis.reference, by=basis.by, at=at)
    _tell(old, lead, shares, at)


def _let_go(old):
    """The unit whose lead it was when it was given up; the bureau keeps what lies in the pool."""
    if old.claim.ended != Claim.Ended.POOLED:
        return old.unit_id
    return (
        PoolEntry.objects.filter(lead=old).order_by("-entered_at").values_list("from_unit", flat=True).first()
    )


def _tell(old, lead, shares, at):
    said, why = credit.in_words(shares), old.claim.get_ended_display()
    ended = f"{shanghai_day(old.claim.released_at):%Y-%m-%d} {why}"
    event = ClaimEvent.Kind.CREDITED
    text = f"这家企业先前的线索（{ended}）业绩已有划分，重新登记照旧：{said}"
    lead.claim.note(event, text, by=lead.reporter, at=at)
    text = f"{lead.unit}重新登记这家企业，业绩照这里的划分：{said}"
    old.claim.note(event, text, by=lead.reporter, at=at)
    for unit in shares:
        for person in responsible(unit) if unit != lead.unit else ():
            notify(
                person,
                kind=Notification.Kind.CLAIM,
                key=f"credit:{lead.pk}",
                title=f"{lead.unit}重新登记「{lead.title[:60]}」，业绩照原来的划分",
                body=f"先前的线索{ended}。业绩：{said}",
                at=at,
            )
