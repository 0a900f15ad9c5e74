"""What the gates and the decision routes ask about a project, each looked up when it is asked and once."""

from functools import cached_property, lru_cache, partial

from django.db.models import Exists, OuterRef

from crm.reading import Reading, once
from leads.contacts import known
from projects.models.clearance import missing_review
from projects.models.decisions import Category, DecisionRoute
from projects.models.loading import loaded

# what a formal agreement must say before it counts as 签约
AGREEMENT_PARTS = {
    "number": "协议编号",
    "amount_wan": "协议金额",
    "signer": "签约主体",
    "signer_uscc": "签约主体信用代码",
}


@lru_cache(maxsize=16)
def routes_of(category, on):
    """The Reading of the routes of a category on a day, with their nodes."""
    return Reading(partial(DecisionRoute.objects.of, category, on), list)


class Decisions:
    """The route of a project on a day: its nodes, the passes that stand and count, what leaves it open.

    A pass counts when its meeting came after those before it on the route in force; a route that changed may
    leave passes that stand and do not count until they are confirmed (domain §1.6). `lacking` holds the names
    of the project's fields that must be filled in first.
    """

    def __init__(self, project, on):
        self.project, self.on = project, on

    @cached_property
    def _routes(self):
        category = self.project.category
        return once(routes_of(category, self.on)) if category else []

    @cached_property
    def lacking(self):
        if not self.project.category:
            return ("category",)
        unknown = self.project.public_equity_wan is None
        by_amount = self.project.category == Category.INVESTMENT or any(r.has_band for r in self._routes)
        return ("public_equity_wan",) if unknown and by_amount else ()

    @cached_property
    def route(self):
        if self.lacking:
            return None
        return next((r for r in self._routes if r.fits(self.project.public_equity_wan)), None)

    @cached_property
    def nodes(self):
        return list(self.route.nodes.all()) if self.route else []

    @cached_property
    def passes(self):
        """code → the standing pass."""
        known = loaded(self.project, "passes")
        if known is None:
            known = self.project.passes.standing().select_related("by")
        return {one.code: one for one in known if one.withdrawn_on is None}

    @cached_property
    def counting(self):
        """code → the standing pass that counts."""
        found, last = {}, None
        for node in self.nodes:
            one = self.passes.get(node.code)
            if one and (last is None or one.came_after(last)):
                found[node.code] = last = one
        return found

    @cached_property
    def early(self):
        """code → the pass that stands but came too early, with the name of the meeting it should follow."""
        found, last = {}, ""
        for node in self.nodes:
            if node.code in self.counting:
                last = node.name
            elif node.code in self.passes:
                found[node.code] = (self.passes[node.code], last)
        return found


class Readiness:
    """The facts of projects/gates.py about one project, in its words. Nothing is asked that no gate asks."""

    def __init__(self, project, on):
        self.project, self.on = project, on
        self.landing_mode = project.landing_mode
        self.has_amount = project.amount_wan is not None
        self.has_area = project.area_sqm is not None
        self.has_land = project.land_mu is not None
        self.has_prior = project.prior_wan is not None
        self.has_sector = bool(project.sector_kind)
        self.has_demands = bool(project.demands.strip())

    @cached_property
    def visit_kinds(self):
        return frozenset(visit.kind for visit in self.project.lead.visits.all())

    @cached_property
    def has_decision_contact(self):
        """Somebody whom the page shows may decide: at the company, or in the team that has none yet.

        Whom another unit knows opens no gate: nobody here could call them.
        """
        project = self.project
        units = {project.unit_id, project.station_id} - {None}
        return known(project.company_id, units, project.lead).filter(has_decision_right=True).exists()

    @cached_property
    def has_carrier(self):
        """Settled, wished for, or one of its spaces in question."""
        project = self.project
        if project.carrier_id is not None:
            return True
        wished = Exists(project.carriers.through.objects.filter(project=OuterRef("pk")))
        in_question = Exists(project.candidates.live().filter(project=OuterRef("pk")))
        return type(project).objects.filter(wished | in_question, pk=project.pk).exists()

    @cached_property
    def papers(self):
        """Kinds of evidence there are; what has a table of its own counts by its rows as well."""
        kinds = {row.kind for row in self.project.evidence.all()}
        owed = self.project.commitments.exclude(agreement__in=self._ended)
        if self._has("commitments", owed, lambda row: row.agreement_id not in self._ended):
            kinds.add("commitments")
        if self._has("receipts", self.project.receipts.standing(), lambda row: row.withdrawn_at is None):
            kinds.add("capital")
        if self.agreement_lacks == ():
            kinds.add("agreement")
        if self._has("incentives", self.project.incentives.standing(), lambda row: row.removed_at is None):
            kinds.add("fair_competition")  # the items speak for themselves, see `unreviewed`
        return frozenset(kinds)

    def _has(self, relation, rows, counts=lambda row: True):
        """Whether there are any of `rows`; of those a page has loaded, any that `counts`."""
        known = loaded(self.project, relation)
        return rows.exists() if known is None else any(map(counts, known))

    @cached_property
    def unreviewed(self):
        """What 公平竞争审查 of the promises still lacks, as Missing."""
        return missing_review(self.project, self.on)

    @cached_property
    def _ended(self):
        """The keys of the agreements that were 解除 or replaced; what was promised in them is history."""
        return {row.supersedes_id for row in self.project.agreements.all()} - {None}

    @cached_property
    def agreement_lacks(self):
        """What the most complete formal agreement in force leaves open, in words; None without any.

        While neither company nor investor has a code (创业团队), persons sign, and they need none.
        """
        rows = [row for row in self.project.agreements.all() if row.pk not in self._ended]
        parts = dict(AGREEMENT_PARTS)
        if not (_has_code(self.project.company) or _has_code(self.project.investor)):
            del parts["signer_uscc"]
        found = [_lacking(row, parts) for row in rows if row.is_formal]
        return min(found, key=len, default=None)

    @cached_property
    def registered_lacks(self):
        """ "company" while no registered company is linked, "uscc" while it has no code, else ""."""
        company = self.project.registered_company
        if company is None:
            return "company"
        return "" if company.uscc else "uscc"

    @cached_property
    def _decisions(self):
        return self.project.decisions(self.on)

    @property
    def decision_lacks(self):
        return self._decisions.lacking

    @property
    def has_route(self):
        return self._decisions.route is not None

    @property
    def undecided(self):
        """(code, name, after) of the meetings whose pass is missing, or came before that of `after`."""
        found = self._decisions
        waiting = (node for node in found.nodes if node.code not in found.counting)
        return tuple((node.code, node.name, found.early.get(node.code, (None, ""))[1]) for node in waiting)


def _lacking(agreement, parts):
    return tuple(words for name, words in parts.items() if getattr(agreement, name) in (None, ""))


def _has_code(company):
    return company is not None and bool(company.uscc)
