"""判重 while typing: whether somebody already holds a company, said without contact details."""

from dataclasses import dataclass
from datetime import timedelta

from crm.permissions import may
from crm.values import company_key
from leads.claims import ANOTHER, by_other_name, held, is_project, is_stranger, notice
from leads.models import Lead

ECHO = timedelta(minutes=2)
SHORTEST = 2


@dataclass(frozen=True)
class Known:
    """What may be told about a company that is already reported: the lead if visible, and the notice.

    And what the person can do: go on with the lead (`more`: what else there is to it), or contest the claim.
    """

    lead: Lead | None
    notice: str
    may_follow_up: bool
    more: str
    may_contest: bool


def known(name, user):
    """The Known of the company called `name`, or None when nobody holds it (or the name is too short)."""
    if len(company_key(name)) < SHORTEST:
        return None
    claim = held(name, unit_id=user.unit_id)
    return told(claim, user, name) if claim else None


def told(claim, user, asked=""):
    """What `user` may be told about `claim`, of whose company they `asked` by this name."""
    lead = Lead.objects.visible_to(user).filter(pk=claim.lead_id).first()
    return Known(
        lead,
        notice(claim, user.unit_id) + by_other_name(claim, asked),
        may_follow_up=lead is not None and may(user, "log_visit", lead),
        more=ANOTHER if is_project(claim) and user.unit_id == claim.lead.unit_id else "",
        may_contest=is_stranger(user.unit_id, claim) and may(user, "open_conflict"),
    )


def is_echo(claim, data, *, by, at):
    """Whether a refused report is only the second click on the very form that was accepted a moment ago."""
    if claim.person_id != by.pk or at - claim.claimed_at >= ECHO:
        return False
    fields = ("roadshow", "next_contact_on", "amount_wan", "area_sqm", "next_step")
    return (
        claim.lead.title == data.name
        and all(getattr(claim.lead, name) == getattr(data, name) for name in fields)
        and _person_of(claim.lead) == data.person
    )


def _person_of(lead):
    return (lead.contact.name, lead.contact.phone) if lead.contact else ("", "")
