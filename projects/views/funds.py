"""Funds: their record, the criteria in force in plain Chinese, and the projects held against them."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm import bell, roles, rules
from crm.answers import says_why
from crm.permissions import may, require
from crm.workdays import shanghai_day
from projects import funds as records
from projects import standing
from projects.fund_forms import FundForm
from projects.models import Fund, Referral
from projects.offers import in_force
from projects.referral_sums import Sums, sums
from projects.views import doors, matched

NEWEST = 8  # referrals on the page of a fund; all of them stand on their list
FORM_PAGE = "projects/fund_form.html"
MATCHING = "projects.tasks.match_fund"


@require_safe
def fund_list(request):
    """Every fund this person sees, with how many visible projects fit."""
    funds = list(Fund.objects.visible_to(request.user).prefetch_related("versions"))
    counts = standing.counts(request.user)
    day = shanghai_day(timezone.now())
    for fund in funds:
        fund.version = in_force(fund.versions.all(), day)
        fund.verdicts = matched.verdicts(fund, counts.get(fund.pk, {}))
    local = [fund for fund in funds if fund.is_local]
    context = {
        "groups": [("本区基金", local), ("其他基金", [fund for fund in funds if not fund.is_local])],
        "may_edit": may(request.user, "edit_funds"),
    }
    return TemplateResponse(request, "projects/funds.html", context)


@require_safe
@says_why
def fund(request, pk):
    """One fund: criteria clause by clause, versions, and the visible projects by verdict."""
    one = get_object_or_404(Fund.objects.visible_to(request.user), pk=pk)
    at = timezone.now()
    verdicts = matched.verdicts(one, standing.counts(request.user).get(one.pk, {}))
    wanted = matched.wanted(request) or next((code for code, _, number in verdicts if number), "")
    page = matched.projects(request, one, wanted, at)
    versions = list(one.versions.select_related("published_by"))
    version = in_force(versions, shanghai_day(at))
    tree = matched.readable(version)
    context = {
        "fund": one,
        "offer": one,
        "versions": versions,
        "version": version,
        "tree": tree,
        "notes": list(rules.notes(tree)) if tree else [],
        "verdicts": verdicts,
        "wanted": wanted,
        "page": page,
        "may_edit": may(request.user, "edit_criteria"),
        "may_correct": may(request.user, "edit_funds"),
        "has_reverse": one.status != Fund.Status.CLOSED and request.user.role != roles.REVIEWER,
        **_referrals(request.user, one),
    }
    return TemplateResponse(request, "projects/fund.html", context)


def _referrals(user, fund):
    """What came of the referrals to the fund that `user` sees, and the newest of them."""
    seen = Referral.objects.visible_to(user).filter(fund=fund)
    newest = seen.select_related("project__unit").prefetch_related("steps")[:NEWEST]
    return {"sums": sums(seen).get(fund.pk, Sums()), "referrals": newest}


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def new(request):
    """A fund that is not there yet; its criteria are published afterwards."""
    require(request.user, "edit_funds")
    form = FundForm(request.POST or None)

    def act():
        code = form.cleaned_data["code"]
        form.saved = records.add(code, form.entry(), by=request.user, at=timezone.now())

    return _answered(request, form, act, "基金已登记，请接着写条件。", None)


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def edit(request, pk):
    """The record of a fund corrected; another status matches every open project anew."""
    one = get_object_or_404(Fund.objects.visible_to(request.user), pk=pk)
    require(request.user, "edit_funds")
    form = FundForm(request.POST or None, fund=one)

    def act():
        how = {"by": request.user, "at": timezone.now(), "seen": form.cleaned_data["seen"]}
        form.saved = records.change(one, form.entry(), **how)
        bell.ring(MATCHING, one.pk)

    return _answered(request, form, act, "修改已保存，改了什么记入审计。", one)


def _answered(request, form, act, said, one):
    context = {"form": form, "fund": one}
    if request.method != "POST":
        return TemplateResponse(request, FORM_PAGE, context)
    if status := doors.tried(form, act):
        return TemplateResponse(request, FORM_PAGE, context, status=status)
    messages.success(request, said)
    return HttpResponseRedirect(form.saved.get_absolute_url())
