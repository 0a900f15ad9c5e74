"""Leads and trips among what a person looks for by a word, a code, a number or a telephone's end."""

import re
from functools import cached_property

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
from leads.contacts import known_through
from leads.models import Lead, Roadshow
from leads.stages import MAP

LIGHT = (6000,)  # rows of a few words, of which nearly none falls away
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NEWEST = ("-created_at", "-pk")
COMPANY = ("name", "brand", "former_names", "aliases", "uscc")
SHOWN = ("title", "stage", "created_at", "contact_id", "unit__name", "station_id", "city__name")
SHOWN += tuple(f"company__{name}" for name in COMPANY)


class Leads(Records):
    """The leads that a person may see (`visible`), as a query looks at them, the newest first."""

    def __init__(self, visible, asked):
        rows = visible.own().order_by(*NEWEST).select_related("company", "unit", "city", "claim")
        super().__init__(rows.only(*SHOWN, "claim__unit_id"), asked)
        self.visible = visible

    @cached_property
    def number(self):
        """The number of the lead with the number asked for; of a merged one, of the lead that was kept."""
        number, merged = self.asked.number, self.visible.filter(merged_into__isnull=False)
        while number and (kept := merged.filter(pk=number).values_list("merged_into", flat=True).first()):
            number = kept
        return number


def records(asked, user):
    """The leads `user` may see, with what is shown of them, the newest first."""
    return Leads(Lead.objects.visible_to(user), asked)


def leads(asked, seen):
    """The leads among `seen` (Leads) that answer, as Hits, best first."""
    named = by_name(seen.named, asked, _names)
    return [_hit(one) for one in best([*named, *by_code(seen.coded), *_keyed(seen, asked)], asked.most)]


def _names(lead):
    return [("", lead.title), *names_of_company(lead.company)]


def _keyed(seen, asked):
    """Those found by their number or a contact's telephone."""
    people = {one.pk for one in asked.people}
    which = {"contact__in": people, "company__in": asked.acquaintances}
    which |= {"pk__in": [seen.number] if seen.number else []}
    wanted = [(name, values) for name, values in which.items() if values]
    found = list(seen.rows.filter(Q(*wanted, _connector=Q.OR))) if wanted else []
    through = Through(asked, [(lead.pk, lead.company_id) for lead in found])
    return list(filter(None, (_told(lead, seen.number, asked, through) for lead in found)))


def _told(lead, number, asked, through):
    """How `lead` was found; `number` is the one that the number asked for leads to."""
    if lead.pk == number:
        merged = "" if number == asked.number else "，已合并到这条"
        return Found(lead, 0, f"线索编号 {asked.number}{merged}")
    claim = getattr(lead, "claim", None)
    units = {lead.unit_id, lead.station_id, claim.unit_id if claim else None} - {None}
    known = met(asked.people, lead.contact_id, lead.company_id, units) or through.met(lead.pk)
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


class Through:
    """Who of the people asked for is known with a lead by a hand-over or a merge (`contacts.known`).

    `records` are (lead, company) keys of all that may be asked of, looked up together when the first is.
    """

    def __init__(self, asked, records):
        self.asked, self.companies = asked, dict(records)

    @cached_property
    def units(self):
        """{lead: units} of those at whose company somebody asked for is."""
        leads = [lead for lead, company in self.companies.items() if company in self.asked.acquaintances]
        return known_through(leads) if leads else {}

    def met(self, lead):
        """The first of them, None when there is none."""
        return met(self.asked.people, None, self.companies[lead], self.units.get(lead, ()))


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
