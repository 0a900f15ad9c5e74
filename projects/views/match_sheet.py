"""匹配单: what the machine says of one project and one fund or policy, on one sheet of A4."""

from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import rules
from crm.answers import says_why
from crm.facts import accounts, told_beside
from crm.workdays import shanghai_day
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
        "lines": list(rules.lines(one.result["tree"])),
        "notes": list(rules.notes(one.result["tree"])),
        "missing": [fact["label"] for fact in one.result["missing"]],
        "settling": [fact["label"] for fact in one.result["to_settle"]],
        "today": shanghai_day(at),
    }
    return TemplateResponse(request, "projects/match_sheet.html", context)
