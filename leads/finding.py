"""Leads and trips among what a person looks for by a word, a code, a number or a telephone's end."""

import re

from django.db.models import Q

from crm.finding import Found, Hit, best, by_name, names_of_company, told_person
from crm.models import Company
from leads.models import Lead, Roadshow
from leads.stages import MAP

CHINESE = re.compile(r"[\u4e00-\u9fff]")
NEWEST = ("-created_at", "-pk")
COMPANY = ("name", "brand", "former_names", "aliases", "uscc")
SHOWN = ("title", "stage", "created_at", "contact_id", "unit__name", "station_id", "city__name")
SHOWN += tuple(f"company__{name}" for name in COMPANY)


def leads(asked, user, most):
    """The leads `user` may see that answer, as Hits, best first."""
    rows = Lead.objects.visible_to(user).own().order_by(*NEWEST)
    rows = rows.select_related("company", "unit", "city", "claim").only(*SHOWN, "claim__unit_id")
    named = by_name(rows.filter(grams__contains=asked.terms), asked, _names, most, _same(asked))
    return [_hit(one) for one in best([*named, *_keyed(rows, asked)], most)]


def _names(lead):
    return [("", lead.title), *names_of_company(lead.company)]


def _same(asked):
    return Q(company__in=Company.objects.called(asked.key))


def _keyed(rows, asked):
    """Those found by their number, their company's code or a contact's telephone."""
    people = {one.pk for one in asked.people}
    which = {
        "pk__in": [asked.number] if asked.number else [],
        "contact__in": people,
        "company__in": asked.coded.keys() | asked.acquaintances,
    }
    wanted = {name: values for name, values in which.items() if values}
    if not wanted:
        return []
    found = rows.filter(Q(*wanted.items(), _connector=Q.OR))
    return list(filter(None, (_told(lead, asked) for lead in found)))


def _told(lead, asked):
    if lead.pk == asked.number:
        return Found(lead, 0, f"线索编号 {lead.pk}")
    if lead.company_id in asked.coded:
        return Found(lead, 1, f"信用代码 {lead.company.uscc}")
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


def trips(asked, user, most):
    """The trips `user` may see whose title, city or purpose holds the words."""
    rows = Roadshow.objects.visible_to(user).select_related("city", "unit").order_by("-starts_on", "-pk")
    for one in set(CHINESE.findall(asked.query)):
        rows = rows.filter(Q(title__contains=one) | Q(city__name__contains=one) | Q(purpose__contains=one))
    return [_trip(one) for one in by_name(rows, asked, _trip_names, most)]


def _trip_names(trip):
    return [("", trip.title), ("城市", trip.city.name), ("目的", trip.purpose)]


def _trip(found):
    trip = found.row
    words = [f"{trip.starts_on:%Y-%m-%d} 至 {trip.ends_on:%m-%d}", trip.unit.name]
    line = " · ".join([*words, "已取消"] if trip.is_cancelled else words)
    return Hit("trip", trip.title, trip.get_absolute_url(), line, found.why, "map-pin")
