"""What the page of a project has read of it, each thing once, and its timeline made of that."""

from django.db.models import Prefetch, Q

from crm import history
from crm.facts import accounts_of, recorded
from crm.numbers import NUMBERS
from crm.pipeline import days_between
from crm.workdays import CALENDAR
from leads import browsing
from leads.qualifying import at_a_glance, standing
from leads.timeline import feedbacks, handovers, letters
from projects import mending, papers
from projects.agreed import agreed
from projects.loading import load
from projects.models import ComputeDemand, Correction, ItemReview, ReferralStep, SupervisionOrder
from projects.models.readiness import routes_of
from projects.timeline import CHILDREN, timeline

CORRECTIONS = Prefetch("corrections", Correction.objects.select_related("by"))
SHIFTS = 100  # changed verdicts on the page of a project; all of them stand on their own list


class Told:
    """A project with all that is told of it to `reader` on a day; what `further` querysets ask for comes by
    the same message."""

    def __init__(self, project, reader, day, *further):
        self.project, self.reader = project, reader
        self.offers, self.feedbacks = handovers(project.lead), feedbacks(project.lead)
        self.people, self.spots = mending.contacts(project), _spaces(project)
        self.shifts = project.match_changes.select_related("fund", "policy")[:SHIFTS]
        self.referrals, self.letters = _referrals(project), letters(project, reader)
        self.reviews = ItemReview.objects.filter(item__project=project).select_related("item", "by")
        self.files, self.facts = papers.of(project), recorded(project.company_id)
        self.orders = _orders(project, reader)
        self.needs = ComputeDemand.objects.filter(project=project).select_related("offer")
        project.shown_tags = project.tags.visible_to(reader)
        self._read(project, day, further)

    def _read(self, project, day, further):
        certificates = standing(project.company_id)
        rows = (self.offers, self.feedbacks, self.people, self.spots, self.shifts, self.referrals)
        rows += (self.letters, self.reviews, self.files, self.facts, self.needs, self.orders)
        rows += (project.shown_tags,)
        routes = [routes_of(project.category, day)] if project.category else []
        load(project, *rows, certificates, NUMBERS, CALENDAR, *routes, *further)
        self.field_changes = history.of_record(project, self.people, CHILDREN)
        self.changes, self.evidence = project.changes.all(), project.evidence.all()
        self.passes, self.signed = project.passes.all(), agreed(project, day)
        self.accounts = accounts_of(self.facts)
        self.qualifications = at_a_glance(certificates, day)
        papers.number_editions(self.evidence, lambda row: row.kind)
        papers.share_out(self.files, self.signed.agreements, self.evidence)

    def shown(self, params):
        """The part of the timeline that the parameters of the address ask for."""
        return browsing.shown(timeline(self), browsing.Asked.of(params))

    def stood(self, at):
        """The days up to `at` of the present stay for which its clock stood, or stands, still."""
        paused = sum(one.paused_days for one in self.changes if one.left_at is None)
        if not self.project.is_suspended:
            return paused
        return paused + days_between(self.project.suspension.started_at, at)


def _referrals(project):
    steps = Prefetch(
        "steps", ReferralStep.objects.select_related("by", "undone_by").prefetch_related(CORRECTIONS)
    )
    return project.referrals.select_related("fund", "by").prefetch_related(steps)


def _orders(project, reader):
    """The open 督办单 on it, and on the lead it was, that `reader` sees; the one due first above."""
    of_both = Q(project=project.pk) | Q(lead=project.lead_id)
    rows = SupervisionOrder.objects.visible_to(reader).open().filter(of_both)
    return rows.select_related("unit").order_by("due_on", "pk")


def _spaces(project):
    """The spaces that are or were in question, as the timeline tells of them."""
    people = ("added_by", "final_by", "dropped_by")
    return project.candidates.select_related("space__building", *people)
