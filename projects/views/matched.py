"""What the pages of funds and policies share: verdicts with numbers, the projects of one, the criteria."""

from crm import rules
from crm.errors import Refused
from crm.paging import keyset_page
from projects import standing
from projects.matching import ORDER, knowable
from projects.models import CriteriaVersion, Match, Project
from projects.offers import vocabulary


def verdicts(offer, counts):
    """(code, label, number) of the verdicts a fund or policy can give: being set up it gives 储备 only."""
    gives = [v for v in ORDER if (v == Match.Verdict.RESERVE) == offer.is_preparing]
    return [(v.value, v.label, counts.get(v.value, 0)) for v in ORDER if v in gives or counts.get(v.value)]


def projects(request, offer, verdict, at):
    """A page of the visible projects under way of which `offer` says `verdict`, the best first, each with
    its reasons."""
    seen = Project.objects.open().visible_to(request.user)
    found = knowable(standing.with_verdict(offer, verdict, seen)).select_related("unit")
    page = keyset_page(found, request.GET.get("page", ""), by=standing.best_first(offer))
    told = standing.explained(offer, page.rows, at)
    for project in page.rows:
        project.told = told.get(project.pk)
    return page


def wanted(request):
    """The verdict asked for in the address; "" leaves the best one that occurs."""
    asked = request.GET.get("verdict", "")
    if asked and asked not in Match.Verdict.values:
        raise Refused("没有这个匹配结论，请从页面上选择。", code="bad_parameter", field="verdict")
    return asked


def readable(version: CriteriaVersion | None):
    """The criteria as a tree of sentences: the explanation of a company of which nothing is known."""
    if version is None:
        return None
    verdict = rules.evaluate(version.criteria, {}, version.valid_from, vocabulary=vocabulary())
    return verdict.tree
