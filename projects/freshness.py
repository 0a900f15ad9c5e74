"""Matches a page or a partner can read at once: computed here when the worker has not come to them yet."""

from django.db.models import Count, F, Max, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from crm.models import Fact, Qualification
from crm.workdays import shanghai_day
from projects.matching import all_matches_for, match
from projects.models import CriteriaVersion, Fund, Match, MatchSheet, Policy, Project

# when something of a company was last recorded, chosen or withdrawn
DEEDS = ("chosen_at", "withdrawn_at")
CHANGED_AT = ("facts_at", "certified_at", "published_at")
WHOLE = 40  # matches a page shows with every rule; of two hundred that would be a megabyte
FACTS_CHANGED_AT = Max(Greatest("created_at", *(Coalesce(name, "created_at") for name in DEEDS)))


class Ranking:
    """The matches of a project as a page shows them at a moment; `rows` may be read with other things."""

    def __init__(self, project, at):
        self.project, self.at = project, at
        self.first = all_matches_for(project).annotate(is_brief=Value(False))[:WHOLE]
        self.situation = _situation(project, at)

    @property
    def rows(self):
        return self.first, self.situation

    def fresh(self):
        """The matches with funds and policies, best first; judged anew when something changed since they
        last were. Beyond the first forty they are brief: with their `reasons`, not the rules."""
        found = self._whole()
        if not _is_stale(self.project, found, self.at, self.situation):
            return found
        match(self.project, at=self.at)
        return Ranking(self.project, self.at)._whole()

    def _whole(self):
        if len(self.first) < WHOLE:
            return list(self.first)
        rows = all_matches_for(self.project).defer("result", "facts")
        brief = rows.annotate(reasons=F("result__reasons"), is_brief=Value(True))
        return [*self.first, *brief[WHOLE:]]


def fresh_matches(project, *, at):
    """The matches of a project as its page shows them (`Ranking.fresh`)."""
    return Ranking(project, at).fresh()


def refresh(project, *, at):
    """Judge `project` anew if what its matches say is no longer what they would say at `at`."""
    found = list(all_matches_for(project).defer("result", "facts"))
    if _is_stale(project, found, at, _situation(project, at)):
        match(project, at=at)


def refresh_company(company_id, *, at):
    """Judge every project under way of a company anew: something else is known of it now."""
    for project in concerned(company_id):
        match(project, at=at)


def concerned(company_id):
    """The projects under way of a company: what is known of it decides what they match."""
    return Project.objects.open().filter(company=company_id)


def _is_stale(project, matches, at, situation):
    """Whether one is missing, a night or a day has passed since, or what is known or asked changed."""
    offered, changed_at = _told(project, situation)
    day = shanghai_day(at)
    if len(matches) != offered or any(_is_passed_over(one) or _is_overtaken(one, day) for one in matches):
        return True
    if not matches:
        return False
    looked_at = matches[0].checked_at
    if looked_at is None or matches[0].judged_at > looked_at or shanghai_day(looked_at) != day:
        return True
    return changed_at > looked_at


def _is_passed_over(one):
    """Whether the sheet says nothing of its fund or policy: that was closed when the project was last judged,
    and what is told of it is from before."""
    return bytes(one.letter or b"") in (b"", MatchSheet.NONE)


def _is_overtaken(one, day):
    """Whether its fund or policy was opened or put back since: 储备 is said of what is not open yet, only."""
    offer, version = one.offer, one.version
    is_to_come = offer.FIELD == Policy.FIELD and version is not None and version.valid_from > day
    return (one.verdict == Match.Verdict.RESERVE) != (offer.is_preparing or is_to_come)


def _situation(project, at):
    """How many funds and policies there are to match, and when something changed that answers rest on; a
    queryset of one row, for `_told`."""
    counting = Q(policy__isnull=False) | Q(valid_from__lte=shanghai_day(at))  # one to come settles a policy
    asked = {
        "funds": _one(Fund.objects.matchable(), Count("pk")),
        "policies": _one(Policy.objects.matchable(), Count("pk")),
        "facts_at": _one(Fact.objects.filter(company=OuterRef("company")), FACTS_CHANGED_AT),
        "certified_at": _one(Qualification.objects.filter(company=OuterRef("company")), Max("updated_at")),
        "published_at": _one(CriteriaVersion.objects.filter(counting), Max("published_at")),
    }
    return Project.objects.filter(pk=project.pk).order_by().values(**asked)


def _told(project, situation):
    """(how many offers, when something changed last) of a `_situation`."""
    (found,) = situation
    company_at = project.company.updated_at if project.company_id else None
    moments = project.updated_at, company_at, *(found[name] for name in CHANGED_AT)
    return (found["funds"] or 0) + (found["policies"] or 0), max(moment for moment in moments if moment)


def _one(rows, figure):
    """A figure over all of `rows` as a subquery."""
    return Subquery(rows.order_by().annotate(every=Value(1)).values("every").annotate(it=figure).values("it"))
