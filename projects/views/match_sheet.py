"""匹配单: what the machine says of one project and one fund or policy, on one sheet of A4."""

from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import rules
from crm.answers import says_why
from crm.facts import accounts, told_beside
from crm.workdays import shanghai_day
from projects import sheet_size
from projects.freshness import refresh
from projects.matching import all_matches_for
from projects.views import doors


@require_safe
@says_why
def match_sheet(request, pk, match_pk):
    """Verdict, every rule with our value and its source, what is missing, and by which document."""
    project, at = doors.found(request, pk), timezone.now()
    refresh(project, at=at)
    one = get_object_or_404(all_matches_for(project), pk=match_pk)
    told_beside(rules.leaves(one.result["tree"]), accounts(project.company_id))
    context = {
        "project": project,
        "match": one,
        "missing": [fact["label"] for fact in one.result["missing"]],
        "settling": [fact["label"] for fact in one.result["to_settle"]],
        "today": shanghai_day(at),
        **sheet_size.sheet(one.offer.name, one.result["tree"], _texts(one)),
    }
    return TemplateResponse(request, "projects/match_sheet.html", context)


def _texts(match):
    """What stands above the rules, for reckoning the print; the wording is the template's."""
    result = match.result
    told = result.get("estimate") or {}
    yield "；".join(result["reasons"])
    yield "、".join(fact["label"] for fact in (*result["missing"], *result["to_settle"]))
    yield "；".join(miss["text"] for miss in result["near_misses"])
    yield "".join(str(told.get(key) or "") for key in ("text", "clause", "disclaimer"))
    yield "、".join(match.policy.documents if match.policy_id else ())
