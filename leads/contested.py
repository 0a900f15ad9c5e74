"""A contested claim: the days a case took count for nobody, and a case ends when there is nothing left of it.

The bureau's decisions are leads/conflicts.py.
"""

from crm.models import Notification
from crm.notifications import notify, responsible
from crm.workdays import shanghai_day
from leads import claims
from leads.models import Claim, ClaimEvent, Conflict


def hold_claim(lead):
    """The claim of the locked `lead`, locked; claims come before cases and hand-overs."""
    return Claim.objects.select_for_update(of=("self",)).filter(lead=lead).first()


def end_by_hand_over(claim, handover, *, by, at):
    """End the open case of the unit that has just received the lead of the locked `claim` by `handover`.

    It has what it asked for; nobody decided anything, the credit is the one the hand-over gave. The days of
    the case are given back to the claim. Returns the Conflict, or None without one.
    """
    cases = Conflict.objects.open().select_for_update(of=("self",)).filter(claim=claim, unit=handover.to_unit)
    case = cases.select_related("unit", "first_unit", "person").first() if claim else None
    if case is None:
        return None
    claims.prolong(claim, days_contested(case, claim, at), at)
    case.verdict, case.holder = Conflict.Verdict.MOOT, handover.from_unit
    case.opinion = f"{handover.from_unit}已把线索移交{case.unit}，不用再裁决；业绩按移交的划分。"
    case.decided_at = case.updated_at = at
    case.save()
    uncontest(claim)
    claim.note(ClaimEvent.Kind.MOOT, case.opinion, by=by, at=at)
    _tell_ended(case, at)
    return case


def days_contested(case, claim, at):
    """The days `claim` was contested by `case` alone: those of another decided case were given back with it.

    What lies before the claim was taken over or reported anew counts for nobody.
    """
    decided = Conflict.objects.filter(claim=claim, decided_at__gte=claim.claimed_at).exclude(pk=case.pk)
    begun = shanghai_day(claim.claimed_at)
    given_back = {
        day for one in decided for day in _days(max(begun, shanghai_day(one.opened_at)), one.decided_at)
    }
    return len(_days(max(begun, shanghai_day(case.opened_at)), at) - given_back)


def _days(first, until):
    """The days from `first` up to the one before the moment `until`, as numbers."""
    return set(range(first.toordinal(), shanghai_day(until).toordinal()))


def uncontest(claim):
    """Let the claim be contested no more unless another case on it is open."""
    others = Conflict.objects.open().filter(claim=claim)
    Claim.objects.filter(pk=claim.pk).update(is_contested=others.exists())


def told_of(case):
    """Those who answer for the units that contested, reported and had the lead, and who opened the case."""
    sides = (case.unit, case.first_unit, case.holder)
    people = {one.pk: one for unit in sides for one in responsible(unit)}
    people[case.person_id] = case.person
    return people.values()


def _tell_ended(case, at):
    for person in told_of(case):
        notify(
            person,
            kind=Notification.Kind.CLAIM,
            key=f"conflict:{case.pk}:decided",
            title=f"「{case.title[:60]}」首报冲突已了结",
            body=case.opinion,
            url=case.get_absolute_url(),
            at=at,
        )
