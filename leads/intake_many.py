"""Many companies at once by the one entrance: what nobody has on file is written together.

Of a company that no record, no claim and no other line of the same lot knows, `capture` would decide nothing:
it is a new one. Those are written here by the builders of `capture`, under the locks it takes, with some ten
statements for the whole lot.
"""

from collections import Counter
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from crm.copying import insert
from crm.errors import Refused
from crm.models import Channel, Company, Contact
from crm.pipeline import first_change, set_clock
from crm.reading import read_once
from crm.values import company_key
from leads import intake, suspecting
from leads.claims import claim_key, lock, new_claim
from leads.models import Claim, Lead
from leads.trips import link_targets


@dataclass
class _Met:
    """One company on its way: where it stands in the lot, its keys, and what is made for it."""

    place: int
    data: intake.Capture
    lead: Lead = None
    company: Company = None
    contact: Contact = None

    @property
    def key(self):
        return claim_key(self.data.name, self.data.uscc, self.data.investor_name)

    @property
    def names(self):
        """What tells whether it is met elsewhere: its normalised name, its code."""
        return {company_key(self.data.name), self.data.uscc} - {""}


@transaction.atomic
@read_once()
def capture_new(lot, *, by, at):
    """Write those of `lot` (Captures) that nobody has on file; a list of their leads, None for others.

    The others are for `capture`, which knows what to say of them.
    """
    met = [
        _Met(place, data)
        for place, data in enumerate(lot)
        if not (data.is_distinct or data.names_colleagues) and _is_sound(data, by, at)
    ]
    lock(*(key for one in met for key in (claim_key(one.data.name), claim_key(one.data.name, one.data.uscc))))
    new = _unknown(_alone(met, lot))
    if new:
        _write(new, by, at)
        suspecting.ask()
    found = {one.place: one.lead for one in new}
    return [found.get(place) for place in range(len(lot))]


def _is_sound(data, by, at):
    try:
        intake.check(data, by, at)
    except Refused:
        return False
    return True


def _alone(met, lot):
    """Those no other line of the lot may be."""
    seen = Counter(word for data in lot for word in {company_key(data.name), data.uscc} - {""})
    return [one for one in met if all(seen[word] == 1 for word in one.names)]


def _unknown(met):
    """Those whose name, code and key are on no record and no open claim."""
    keys, codes = [company_key(one.data.name) for one in met], [one.data.uscc for one in met if one.data.uscc]
    known = set()
    for company in Company.objects.filter(
        Q(pk__in=Company.objects.called(*keys).values("pk")) | Q(uscc__in=codes)
    ):
        known |= {company.name_key, *company.other_keys, company.uscc}
    claimed = set(Claim.objects.open().filter(key__in=[one.key for one in met]).values_list("key", flat=True))
    return [one for one in met if not one.names & known and one.key not in claimed]


def _write(new, by, at):
    channels = _channels(new)
    for one in new:
        one.company = intake.new_company(one.data, at)
        one.company.index_words()
        one.lead = intake.new_lead(one.data, one.company, channels[one.place], by, at)
        one.contact = intake.new_contact(one.data, one.company, one.lead.unit, at)
    insert([one.company for one in new])
    insert([one.contact for one in new if one.contact])
    for one in new:
        one.lead.company, one.lead.contact = one.company, one.contact  # which have their keys only now
        one.lead.index_words()
        set_clock(one.lead)
    insert([one.lead for one in new])
    insert([intake.first_visit(one.lead, one.data, at) for one in new if one.lead.first_response_at])
    insert([new_claim(one.lead, one.key, at=at) for one in new])
    insert([first_change(one.lead, by=one.lead.reporter, at=at) for one in new])
    for trip in {one.data.roadshow for one in new if one.data.roadshow}:
        link_targets(trip, *(one.lead for one in new if one.data.roadshow == trip))


def _channels(new):
    """{place: channel}, each asked once."""
    codes = {one.place: intake.channel_code(one.data.roadshow) for one in new if not one.data.channel}
    named = {channel.code: channel for channel in Channel.objects.filter(code__in=set(codes.values()))}
    return {one.place: one.data.channel or named[codes[one.place]] for one in new}
