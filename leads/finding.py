"""Leads and trips among what a person looks for by a word, a code, a number or a telephone's end."""

import re

from django.db.models import Q

from crm.finding import (
    Candidates,
    Found,
    Hit,
    Records,
    best,
    by_code,
    by_name,
    names_of_company,
    told_person,
)
from leads.models import Lead, Roadshow
from leads.stages import MAP

LIGHT = (6000,)  # rows of a few words, of which nearly none falls away
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NEWEST = ("-created_at", "-pk")
COMPANY = ("name", "brand", "former_names", "aliases", "uscc")
SHOWN = ("title", "stage", "created_at", "contact_id", "unit__name", "station_id", "city__name")
SHOWN += tuple(f"company__{name}" for name in COMPANY)


def records(asked, user):
    """The leads `user` may see, with what is shown of them, the newest first."""
    rows = Lead.objects.visible_to(user).own().order_by(*NEWEST)
    return Records(
        rows.select_related("company", "unit", "city", "claim").only(*SHOWN, "claim__unit_id"), asked
    )


def leads(asked, seen):
    """The leads among `seen` (Records) that answer, as Hits, best first."""
    named = by_name(seen.named, asked, _names)
    return [_hit(one) for one in best([*named, *by_code(seen.coded), *_keyed(seen.rows, asked)], asked.most)]


def _names(lead):
    return [("", lead.title), *names_of_company(lead.company)]


def _keyed(rows, asked):
    """Those found by their number or a contact's telephone."""
    people = {one.pk for one in asked.people}
    which = {"contact__in": people, "company__in": asked.acquaintances}
    which |= {"pk__in": [asked.number] if asked.number else []}
    wanted = [(name, values) for name, values in which.items() if values]
    found = rows.filter(Q(*wanted, _connector=Q.OR)) if wanted else ()
    return list(filter(None, (_told(lead, asked) for lead in found)))


def _told(lead, asked):
    if lead.pk == asked.number:
        return Found(lead, 0, f"线索编号 {lead.pk}")
    claim = getattr(lead, "claim", None)
    units = {lead.unit_id, lead.station_id, claim.unit_id if claim else None} - {None}
    known = met(asked.people, lead.contact_id, lead.company_id, units)
    return Found(lead, 1, f"联系人 {told_person(known)}") if known else None


def met(people, main, company, units):
    """The first of `people` whom the page of a record shows: its own contact, or its company's that one of
    `units` got to know (`leads.contacts.known`); None when none is.
    """
    return next(
        (
            one
            for one in people
            if one.pk == main or (company and one.company_id == company and one.unit_id in units)
        ),
        None,
    )


def _hit(found):
    lead = found.row
    line = " · ".join(filter(None, (MAP.labels[lead.stage], lead.unit.name, lead.city and lead.city.name)))
    return Hit("lead", lead.title, lead.get_absolute_url(), line, found.why, "users")


def trips(asked, user):
    """The trips `user` may see whose title, city or purpose holds the words."""
    rows = Roadshow.objects.visible_to(user).order_by("-starts_on", "-pk")
    for one in set(CHINESE.findall(asked.query)):
        rows = rows.filter(Q(title__contains=one) | Q(city__name__contains=one) | Q(purpose__contains=one))
    light = rows.values_list("pk", "title", "city__name", "purpose", named=True)
    found = by_name(Candidates(light, chunks=LIGHT), asked, _trip_names)
    full = rows.select_related("unit").in_bulk([one.row.pk for one in found]) if found else {}
    return [_trip(full[one.row.pk], one.why) for one in found if one.row.pk in full]


def _trip_names(row):
    return [("", row.title), ("城市", row.city__name), ("目的", row.purpose)]


def _trip(trip, why):
    words = [f"{trip.starts_on:%Y-%m-%d} 至 {trip.ends_on:%m-%d}", trip.unit.name]
    line = " · ".join([*words, "已取消"] if trip.is_cancelled else words)
    return Hit("trip", trip.title, trip.get_absolute_url(), line, why, "map-pin")
