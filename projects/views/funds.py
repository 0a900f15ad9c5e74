"""Funds: their record, the criteria in force in plain Chinese, and the projects held against them."""

from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import roles, rules
from crm.answers import says_why
from crm.errors import Refused
from crm.paging import keyset_page
from crm.permissions import may
from crm.workdays import shanghai_day
from projects import standing
from projects.matching import ORDER, in_force, knowable, vocabulary
from projects.models import CriteriaVersion, Fund, Match, Project, Referral
from projects.referral_sums import Sums, sums

NEWEST = 8  # referrals on the page of a fund; all of them stand on their list


@require_safe
def fund_list(request):
    """Every fund this person sees, with how many visible projects fit."""
    funds = list(Fund.objects.visible_to(request.user).prefetch_related("versions"))
    counts = standing.counts(request.user)
    day = shanghai_day(timezone.now())
    for fund in funds:
        fund.version = in_force(fund.versions.all(), day)
        fund.verdicts = _verdicts(fund, counts.get(fund.pk, {}))
    local = [fund for fund in funds if fund.is_local]
    context = {
        "groups": [("本区基金", local), ("公开条件示例", [fund for fund in funds if not fund.is_local])]
    }
    return TemplateResponse(request, "projects/funds.html", context)


def _verdicts(fund, counts):
    """(code, label, number) of the verdicts this fund can give: one being set up gives 储备 only."""
    gives = [v for v in ORDER if (v == Match.Verdict.RESERVE) == (fund.status == Fund.Status.PREPARING)]
    return [(v.value, v.label, counts.get(v.value, 0)) for v in ORDER if v in gives or counts.get(v.value)]


@require_safe
@says_why
def fund(request, pk):
    """One fund: criteria clause by clause, versions, and the visible projects by verdict."""
    one = get_object_or_404(Fund.objects.visible_to(request.user), pk=pk)
    at = timezone.now()
    verdicts = _verdicts(one, standing.counts(request.user).get(one.pk, {}))
    wanted = _wanted(request) or next((code for code, _, number in verdicts if number), "")
    page = _projects(request, one, wanted, at)
    versions = list(one.versions.select_related("published_by"))
    version = in_force(versions, shanghai_day(at))
    tree = _readable(version)
    context = {
        "fund": one,
        "versions": versions,
        "version": version,
        "tree": tree,
        "notes": list(rules.notes(tree)) if tree else [],
        "verdicts": verdicts,
        "wanted": wanted,
        "page": page,
        "may_edit": may(request.user, "edit_criteria"),
        "has_reverse": one.status != Fund.Status.CLOSED and request.user.role != roles.REVIEWER,
        **_referrals(request.user, one),
    }
    return TemplateResponse(request, "projects/fund.html", context)


def _referrals(user, fund):
    """What came of the referrals to the fund that `user` sees, and the newest of them."""
    seen = Referral.objects.visible_to(user).filter(fund=fund)
    newest = seen.select_related("project__unit").prefetch_related("steps")[:NEWEST]
    return {"sums": sums(seen).get(fund.pk, Sums()), "referrals": newest}


def _projects(request, fund, verdict, at):
    """A page of the visible projects under way of which the fund says `verdict`, each with its reasons."""
    seen = Project.objects.open().visible_to(request.user)
    found = knowable(standing.with_verdict(fund, verdict, seen)).select_related("unit")
    page = keyset_page(found, request.GET.get("page", ""), by="judged_at")
    told = standing.explained(fund, page.rows, at)
    for project in page.rows:
        project.told = told.get(project.pk)
    return page


def _wanted(request):
    """The verdict asked for in the address; "" leaves the best one that occurs."""
    wanted = request.GET.get("verdict", "")
    if wanted and wanted not in Match.Verdict.values:
        raise Refused("没有这个匹配结论，请从页面上选择。", code="bad_parameter", field="verdict")
    return wanted


def _readable(version: CriteriaVersion | None):
    """The criteria as a tree of sentences: the explanation of a company of which nothing is known."""
    if version is None:
        return None
    verdict = rules.evaluate(version.criteria, {}, version.valid_from, vocabulary=vocabulary())
    return verdict.tree
