"""What talks that a merge brings over count for: the silence of the kept first report, the dates of the
project; and how both go back.

The lead's own columns are the merge's (leads/merging.py). A talk breaks the silence as if it had been
recorded here (domain §1.7), if the unit that has the kept lead had it; it renews no lapsed claim.
"""

from datetime import datetime

from django.db.models import F, Q

from crm.pipeline import restart
from leads import claims
from leads.models import Claim, Visit

DATES = ("last_contact_at", "progressed_at")


def take(keep, gone, visits, at):
    """Let the `visits` (keys) of the lead `gone` count on `keep`; returns what that changed, for `part`."""
    return {"silence": _break_silence(keep, gone, visits), "dates": _meet(keep, gone, at)}


def part(keep, moved, at):
    """Take back what `take` changed, unless it says something else by now."""
    for pk, (before, after) in moved.get("silence", {}).items():
        heard = Claim.objects.filter(pk=pk, last_effective_at=after)
        heard.update(last_effective_at=datetime.fromisoformat(before))
    project = getattr(keep, "project", None)
    dates = moved.get("dates", {}).items() if project else ()
    _write(project, {name: _read(was) for name, (was, now) in dates if _said(project, name) == now}, at)


def _break_silence(keep, gone, visits):
    talks = Visit.objects.filter(pk__in=visits)
    if gone.unit_id != keep.unit_id:
        talks = talks.filter(unit=keep.unit_id)
    last = max((talk.at for talk in talks if talk.is_effective), default=None)
    if last is None:
        return {}
    before = _heard(keep)
    claims.hear(keep, last)
    after = _heard(keep)
    return {pk: [before[pk], after[pk]] for pk in before if before[pk] != after[pk]}


def _heard(lead):
    """{claim: its last effective follow-up as text} of the lead and of what its unit holds the company by."""
    beside = Q(company=lead.company_id, company__isnull=False, lead__unit=lead.unit_id)
    rows = Claim.objects.filter(Q(lead=lead) | beside).values_list("pk", "last_effective_at")
    return {str(pk): moment.isoformat() for pk, moment in rows}


def _meet(keep, gone, at):
    """The project of the kept lead was talked to last when either was."""
    project = getattr(keep, "project", None)
    later = [name for name in DATES if project and _is_later(getattr(gone, name), getattr(project, name))]
    changed = {name: [_said(project, name), getattr(gone, name).isoformat()] for name in later}
    _write(project, {name: getattr(gone, name) for name in later}, at)
    return changed


def _is_later(one, other):
    return one is not None and (other is None or one > other)


def _write(project, dates, at):
    """Write these dates and wind the clock, where it counts from the last progress."""
    if dates:
        rows = type(project).objects.filter(pk=project.pk)
        rows.update(**dates, updated_at=at, version=F("version") + 1)
        restart(rows.get())


def _said(project, name):
    moment = getattr(project, name)
    return None if moment is None else moment.isoformat()


def _read(text):
    return None if text is None else datetime.fromisoformat(text)
