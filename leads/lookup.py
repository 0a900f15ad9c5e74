"""判重 while typing: whether somebody already holds a company, said without contact details."""

from dataclasses import dataclass, replace
from datetime import timedelta

from crm.permissions import may
from crm.values import clean_text, company_key
from leads.claims import (
    ANOTHER,
    by_other_name,
    expansion_under_way,
    held,
    is_project,
    is_stranger,
    may_expand,
    notice,
)
from leads.known import OpenClaims
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
    may_expand: bool = False


@dataclass(frozen=True)
class Line:
    """A line of a target list whose company is held: its number, its words, and what may be told of it."""

    number: int
    name: str
    text: str
    lead: Lead | None


def known(name, user, *, uscc="", investor="", channel=None, besides=None):
    """The Known of the company called `name`, or None when nobody holds it (or the name is too short).

    `uscc` and `investor` tell companies of one name apart as intake would; `channel` says whether this is an
    expansion, which the own unit may record beside its project; `besides` is the lead that is being edited.
    """
    if len(company_key(name)) < SHORTEST:
        return None
    claim = held(name, uscc, investor, unit_id=user.unit_id)
    if claim is None or claim.lead_id == besides:
        return None
    expands = may_expand([claim], channel, user) and expansion_under_way(claim) is None
    return replace(told(claim, user, name), may_expand=expands)


def lines(text, user):
    """The Lines of a list, one company a line, that somebody holds; a few queries for all of them."""
    names = {number: clean_text(line) for number, line in enumerate(text.splitlines(), 1)}
    keys = {number: company_key(name) for number, name in names.items() if name}
    if user.unit is None or not any(keys.values()):
        return []
    held = OpenClaims(user.unit).by_key(set(keys.values()) - {""})
    found = {number: held[key][0] for number, key in keys.items() if key in held}
    seen = Lead.objects.visible_to(user).in_bulk([one.lead_id for one in found.values() if one.lead_id])
    return [Line(number, names[number], one.text, seen.get(one.lead_id)) for number, one in found.items()]


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
