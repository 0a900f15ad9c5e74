"""What the page of a project has read of it, each thing once, and its timeline made of that."""

from django.db.models import Prefetch

from crm.facts import accounts
from crm.pipeline import days_between
from leads import browsing
from leads.timeline import handovers
from projects import mending, papers
from projects.agreed import agreed
from projects.loading import load
from projects.models import Correction, ReferralStep
from projects.timeline import timeline

CORRECTIONS = Prefetch("corrections", Correction.objects.select_related("by"))
SHIFTS = 100  # changed verdicts on the page of a project; all of them stand on their own list


class Told:
    """A project with all that is told of it on `day`."""

    def __init__(self, project, day):
        load(project)
        self.project = project
        self.changes, self.evidence = list(project.changes.all()), list(project.evidence.all())
        self.passes, self.signed = list(project.passes.all()), agreed(project, day)
        self.accounts = accounts(project.company_id)
        self.offers = handovers(project.lead)
        self.people, self.spots = list(mending.contacts(project)), _spaces(project)
        self.shifts = list(project.match_changes.select_related("fund", "policy")[:SHIFTS])
        self.referrals = _referrals(project)
        papers.number_editions(self.evidence, lambda row: row.kind)
        self.files = papers.with_files(project, self.signed.agreements, self.evidence)

    def shown(self, params, reader):
        """The part of the timeline that the parameters of the address ask for."""
        asked = browsing.Asked.of(params)
        facts = [row for one in self.accounts.values() for row in one.rows]
        entries = timeline(
            self.project,
            self.changes,
            self.evidence,
            self.signed.agreements,
            self.passes,
            self.offers,
            self.people,
            self.referrals,
            self.spots,
            facts,
            self.shifts,
            self.files,
            reader,
        )
        return browsing.shown(entries, asked)

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
    return list(project.referrals.select_related("fund", "by").prefetch_related(steps))


def _spaces(project):
    """The spaces that are or were in question, as the timeline tells of them."""
    people = ("added_by", "final_by", "dropped_by")
    return list(project.candidates.select_related("space__building", *people))
