"""Funds: their record, the criteria in force in plain Chinese, and the projects held against them."""

from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import roles, rules
from crm.answers import says_why
from crm.filtersets import refuse_others
from crm.permissions import may
from crm.workdays import shanghai_day
from projects import standing
from projects.models import Fund, Referral
from projects.offers import in_force, offers
from projects.referral_sums import Sums, sums
from projects.views import matched

NEWEST = 8  # referrals on the page of a fund; all of them stand on their list


@require_safe
@says_why
def fund_list(request):
    """Every fund this person sees, with how many visible projects fit."""
    refuse_others(request)
    funds = list(Fund.objects.visible_to(request.user).prefetch_related("versions"))
    counts = standing.counts(request.user)
    day = shanghai_day(timezone.now())
    for fund in funds:
        fund.now = in_force(fund.versions.all(), day)
    awaits = {} if all(fund.now for fund in funds) else _awaits(day)
    for fund in funds:
        fund.awaits = awaits.get(fund.pk, "")
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
        "awaits": "" if version else _awaits(shanghai_day(at)).get(one.pk, ""),
        "tree": tree,
        "notes": list(rules.notes(tree)) if tree else [],
        "verdicts": verdicts,
        "wanted": wanted,
        "page": page,
        "may_edit": may(request.user, "edit_criteria"),
        "may_correct": may(request.user, "edit_funds"),
        "has_reverse": one.status != Fund.Status.CLOSED
        and request.user.role not in (roles.REVIEWER, roles.FUND),
        **_referrals(request.user, one),
    }
    return TemplateResponse(request, "projects/fund.html", context)


def _awaits(day):
    """{number: which criteria are to come or were the last} of the funds; nothing where some are in force."""
    return {offer.pk: offer.plan.awaits for offer in offers(day) if offer.field == Fund.FIELD}


def _referrals(user, fund):
    """What came of the referrals to the fund that `user` sees, and the newest of them."""
    seen = Referral.objects.visible_to(user).filter(fund=fund)
    newest = seen.select_related("project__unit").prefetch_related("steps")[:NEWEST]
    return {"sums": sums(seen).get(fund.pk, Sums()), "referrals": newest}
