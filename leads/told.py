"""What the page of a lead has read of it, each thing once, by one message, and its timeline made of that."""

from crm import history
from crm.facts import accounts_of, open_questions, recorded
from crm.models import QualificationProof
from crm.numbers import NUMBERS
from crm.together import belong, read
from crm.workdays import CALENDAR
from leads import browsing, contacts, judging, merging
from leads.models import ClaimEvent
from leads.qualifying import at_a_glance, standing
from leads.timeline import feedbacks, handovers, letters, talks, timeline

STAYS = ("from_unit", "from_person", "taken_by", "taken_unit", "by")  # people and units of a stay in the pool


class Told:
    """A lead with all that is told of it to `reader` on a day."""

    def __init__(self, lead, reader, day):
        self.lead, self.reader, self.day = lead, reader, day
        self.changes, self.merges = lead.changes.select_related("by"), merging.of_lead(lead)
        self.people, self.offers = contacts.of_lead(lead), handovers(lead)
        self.visits, self.feedbacks = talks(lead.visits.all()), feedbacks(lead)
        self.events = ClaimEvent.objects.filter(claim__lead=lead).select_related("by", "unit")
        self.stays = lead.pool_entries.select_related(*STAYS)
        self.letters, self.proofs = letters(lead, reader), _proofs(lead)
        self.pairs, self.orders = judging.of_lead(lead, reader), orders(lead, reader)
        self._read()

    def _read(self):
        lead, facts = self.lead, recorded(self.lead.company_id)
        certificates = standing(lead.company_id)
        lead.shown_tags = lead.tags.visible_to(self.reader)
        rows = (self.changes, self.merges, self.people, self.offers, self.visits, self.feedbacks)
        rows += (self.events, self.stays, self.letters, self.proofs, self.pairs, self.orders)
        rows += (facts, certificates)
        read(*rows, lead.shown_tags, *_of_its_own(lead), NUMBERS, CALENDAR)
        self.field_changes = history.of_record(lead, self.people, ["leads.visit"])
        self.contested = open_questions(accounts_of(facts))
        self.qualifications = at_a_glance(certificates, self.day)

    def shown(self, params):
        """The part of the timeline that the parameters of the address ask for."""
        return browsing.shown(timeline(self), browsing.Asked.of(params))


def orders(record, reader):
    """The open 督办单 on a lead or project that `reader` sees, the one due first above."""
    return record.orders.visible_to(reader).open().select_related("unit").order_by("due_on", "pk")


def _of_its_own(lead):
    """What forms and marks ask of the lead itself."""
    claim = getattr(lead, "claim", None)
    warnings = belong(claim, warnings=claim.warnings.all()) if claim else []
    return [*belong(lead, tracks=lead.tracks.all()), *warnings]


def _proofs(lead):
    """The certificates of its company's 资质 as they were uploaded, without their content."""
    proofs = QualificationProof.objects.filter(qualification__company=lead.company_id or 0)
    return proofs.defer("data").select_related("qualification", "by")
