"""Policies: what they ask and give in plain Chinese, and the projects held against them."""

from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import roles, rules
from crm.answers import says_why
from crm.filtersets import refuse_others
from crm.permissions import may
from crm.rules.estimates import in_words
from crm.workdays import shanghai_day
from projects import standing
from projects.models import Policy
from projects.offers import in_force, vocabulary
from projects.views import matched

LEVELS = [Policy.Level.DISTRICT, Policy.Level.CITY, Policy.Level.PROVINCIAL, Policy.Level.NATIONAL]


@require_safe
@says_why
def policy_list(request):
    """Every policy this person sees, by level, with how many visible projects fit."""
    refuse_others(request)
    found = list(Policy.objects.visible_to(request.user).prefetch_related("versions"))
    counts = standing.counts(request.user, Policy)
    day = shanghai_day(timezone.now())
    for one in found:
        one.now = in_force(one.versions.all(), day)
        one.verdicts = matched.verdicts(one, counts.get(one.pk, {}))
    groups = [(level.label, [one for one in found if one.level == level]) for level in LEVELS]
    context = {"groups": groups, "is_empty": not found, "may_edit": may(request.user, "edit_policies")}
    return TemplateResponse(request, "projects/policies.html", context)


@require_safe
@says_why
def policy(request, pk):
    """One policy: what it asks and gives, what to hand in, versions, and the visible projects by verdict."""
    one = get_object_or_404(Policy.objects.visible_to(request.user), pk=pk)
    at = timezone.now()
    verdicts = matched.verdicts(one, standing.counts(request.user, Policy).get(one.pk, {}))
    wanted = matched.wanted(request) or next((code for code, _, number in verdicts if number), "")
    versions = list(one.versions.select_related("published_by"))
    version = in_force(versions, shanghai_day(at))
    shown = version or next((v for v in versions if not v.never_began), None)
    tree = matched.readable(shown)
    context = {
        "policy": one,
        "offer": one,
        "versions": versions,
        "version": version,
        "shown": shown,
        "today": shanghai_day(at),
        "has_reverse": one.status != Policy.Status.CLOSED and request.user.role != roles.REVIEWER,
        "tree": tree,
        "notes": list(rules.notes(tree)) if tree else [],
        "tiers": in_words(shown.tiers, shown.cap_wan, vocabulary()) if shown and shown.tiers else [],
        "verdicts": verdicts,
        "wanted": wanted,
        "page": matched.projects(request, one, wanted, at),
        "may_edit": may(request.user, "edit_criteria"),
        "may_correct": may(request.user, "edit_policies"),
    }
    return TemplateResponse(request, "projects/policy.html", context)
