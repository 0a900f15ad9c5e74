"""Many companies at once by the one entrance: written together, or refused, as `capture` would each of them.

What is on file is read once for the whole lot (leads/on_file.py), under the locks that `capture` takes; what
becomes of a row is decided by its rules, and what is written is made by its builders. Two lines of a lot that
may be the same company are left to `capture`: the second has to find what the first has written.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

from django.db import transaction
from django.db.models import prefetch_related_objects

from crm.copying import insert, rewrite
from crm.errors import Refused
from crm.models import Channel, Company, Contact
from crm.pipeline import first_change, set_clock
from crm.reading import read_once
from crm.values import company_key
from leads import inheriting, intake
from leads.claims import lock, new_claim
from leads.models import Lead
from leads.on_file import OfLot
from leads.trips import link_targets

COMPLETED = ("name", "name_key", "former_names", "other_keys", "grams", "uscc", "city", "updated_at")


@dataclass
class _Met:
    """One company on its way: where it stands in the lot, what is decided and what is made for it."""

    place: int
    data: intake.Capture
    company: Company = None
    key: str = ""
    is_covered: bool = False
    contact: Contact = None
    lead: Lead = None

    @property
    def words(self):
        """What tells whether it is met elsewhere: its normalised name, its code."""
        return {company_key(self.data.name), self.data.uscc} - {""}


@transaction.atomic
@read_once()
def capture_many(lot, *, by, at):
    """Write those of `lot` (Captures) that may be written; a list with the Lead of each, or the Refused.

    None for those that are left to `capture`. Who has written the last lot asks for the comparison with what
    is there (`suspecting.ask`): while lots are written it would take half the machine from them.
    """
    outcomes = [None] * len(lot)
    met = [_Met(place, data) for place, data in enumerate(lot) if not data.names_colleagues]
    met = [one for one in met if _passes(intake.check, one, outcomes, by, at)]
    lock(*(key for one in met for key in intake.lock_keys(one.data)))
    file = OfLot([one.data for one in met])
    alone = _alone(met, lot, file)
    free = [one for one in alone if _passes(_decide, one, outcomes, by, at, file)]
    if free:
        _write(free, by, at, file)
    for one in free:
        outcomes[one.place] = one.lead
    return outcomes


def _passes(step, one, outcomes, by, at, *more):
    """Whether `step` takes it; the Refused is kept as what became of it."""
    try:
        step(one if more else one.data, by, at, *more)
    except Refused as refusal:
        outcomes[one.place] = refusal
        return False
    return True


def _decide(one, by, at, file):
    one.company, one.key, held = intake.free_company(one.data, by, at, file)
    one.is_covered = bool(held)


def _alone(met, lot, file):
    """Those no other line of the lot may be, by a name, a code or the company found."""
    words = Counter(word for data in lot for word in {company_key(data.name), data.uscc} - {""})
    found = {one.place: file.same_as(one.data.name, one.data.uscc) for one in met}
    rows = Counter(company.pk for companies in found.values() for company in companies)
    return [
        one
        for one in met
        if all(words[word] == 1 for word in one.words)
        and all(rows[company.pk] == 1 for company in found[one.place])
    ]


def _write(free, by, at, file):
    channels = _channels(free)
    met_again = [one for one in free if one.company and not one.is_covered]
    _write_companies(free, at)
    for one in free:
        one.lead = intake.new_lead(one.data, one.company, channels[one.place], by, at)
        known = intake.known_contact(one.data, file.people(one.company, one.lead.unit))
        one.contact = known or intake.new_contact(one.data, one.company, one.lead.unit, at)
    insert([one.contact for one in free if one.contact and one.contact.pk is None])
    for one in free:
        one.lead.contact = one.contact
        one.lead.index_words()
        set_clock(one.lead)
    leads = [one.lead for one in free]
    insert(leads)
    insert([intake.first_visit(one.lead, one.data, at) for one in free if one.lead.first_response_at])
    insert([_claim(one, at) for one in free])
    insert([first_change(lead, by=lead.reporter, at=at) for lead in leads])
    for trip in {lead.roadshow for lead in leads if lead.roadshow}:
        link_targets(trip, *(lead for lead in leads if lead.roadshow == trip))
    if met_again:
        inheriting.carry([one.lead for one in met_again], at=at)


def _write_companies(free, at):
    """Write the new ones, and the known ones with what is said of them now."""
    new, known = [], []
    for one in free:
        (known if one.company else new).append(one)
        is_new = one.company is None
        one.company = (
            intake.new_company(one.data, at) if is_new else intake.complete(one.company, one.data, at)
        )
        one.company.index_words()
    insert([one.company for one in new])
    if companies := [one.company for one in known]:
        rewrite(companies, COMPLETED)
        transaction.on_commit(lambda: _index_records(companies))


def _index_records(companies):
    """What each company does for its records when it is saved."""
    prefetch_related_objects(companies, "leads", "projects")
    changed = defaultdict(list)
    for record in (record for company in companies for record in company.records()):
        if record.reads_otherwise():
            changed[type(record)].append(record)
    for model, records in changed.items():
        rewrite(records, model.WORDS)


def _claim(one, at):
    key = one.key or intake.own_key(one.company)
    return new_claim(one.lead, key, at=at, is_covered=one.is_covered)


def _channels(free):
    """{place: channel}, each asked once."""
    codes = {one.place: intake.channel_code(one.data.roadshow) for one in free if not one.data.channel}
    named = {channel.code: channel for channel in Channel.objects.filter(code__in=set(codes.values()))}
    return {one.place: one.data.channel or named[codes[one.place]] for one in free}
