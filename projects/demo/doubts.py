"""What sources of the demo disagree on, and what is known of leads before they are projects."""

from datetime import timedelta
from random import Random

from crm import roles
from crm.models import Fact
from crm.workdays import shanghai_day
from leads.models import Lead
from projects import facts
from projects.demo.findings import findings, source_of
from projects.models import Project
from projects.reversing import prospects

DAY = timedelta(days=1)
DOUBTED = ("staff", "valuation", "invention_patents")
CHOSEN = (1, 5)  # of which doubts somebody has decided
PROJECTS, LEADS = 9, 24


class Doubts:
    """Told up to `now` by the domain's verbs: the newest projects under way and leads in turn."""

    def __init__(self, now, people):
        self.now = now
        self.manager = next(one for one in people if one.role == roles.MANAGER)
        self.random = Random(11)  # noqa: S311 (the same demo every time)

    def tell(self):
        """Doubts about projects, a mistake taken back, and facts of leads."""
        rows = Project.objects.open().exclude(company=None).select_related("owner", "unit")
        doubtful = [pair for one in rows.order_by("-created_at", "-pk") if (pair := self._known(one))]
        for place, (project, told) in enumerate(doubtful[:PROJECTS]):
            self._doubt(project, told, place)
        leads = prospects(Lead.objects.exclude(company=None)).select_related("owner", "unit")
        for lead in leads.order_by("-created_at", "-pk")[:LEADS]:
            self._know(lead)

    def _known(self, project):
        """The project with one of its facts that another source may doubt; None without any."""
        known = Fact.objects.in_use().filter(company=project.company_id, key__in=DOUBTED)
        told = known.order_by("key").first() if project.pk % 2 else known.order_by("-key").first()
        return told and (project, told)

    def _doubt(self, project, told, place):
        by, at = project.owner or self.manager, max(told.created_at, self.now - (9 - place % 7) * DAY)
        other = round(float(told.value) * self.random.choice([0.7, 0.85, 1.2, 1.4])) + 1
        source = Fact.Source.REGISTRY if told.source != Fact.Source.REGISTRY else Fact.Source.DOCUMENT
        day = min(max(told.as_of, shanghai_day(at) - 3 * DAY), shanghai_day(at))
        entry = facts.Entry(told.key, min(other, 90_000), day, source, "企业年报")
        found = facts.answer(project, entry, by=by, at=at)
        if place in CHOSEN:
            facts.choose(
                project, told.pk, by=by, at=min(at + DAY, self.now), reason="已电话向企业核实，年报口径不同"
            )
        elif place == 0:
            facts.withdraw(
                project, found.pk, by=by, at=min(at + DAY, self.now), reason="看错了行，是另一家企业的数据"
            )

    def _know(self, lead):
        by, at = lead.owner or self.manager, max(lead.created_at, self.now - 20 * DAY)
        found = findings(self.random)
        keys = self.random.sample(sorted(found), min(len(found), self.random.randrange(3, 14)))
        entries = [
            facts.Entry(key, found[key], shanghai_day(at), source_of(key, self.random)) for key in keys
        ]
        facts.answer_all(lead, entries, by=by, at=at)
