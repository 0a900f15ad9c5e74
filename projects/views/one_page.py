"""项目一页纸: what a leader reads before a meeting, on one sheet of A4."""

from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.answers import says_why
from crm.workdays import shanghai_day
from leads.timeline import stage_bar
from projects.stages import MAP
from projects.views import doors

CONTACTS = 3


@require_safe
@says_why
def one_page(request, pk):
    """Firm, money, stage with its days, sector, carrier, problems, what a leader is asked, last contacts."""
    project, at = doors.found(request, pk), timezone.now()
    doors.dress([project], request.user, at, MAP.labels)
    context = {
        "project": project,
        "bar": stage_bar(project, list(project.changes.all()), at),
        "candidates": list(project.carriers.all()),
        "visits": project.lead.visits.select_related("by", "unit")[:CONTACTS],
        "today": shanghai_day(at),
    }
    return TemplateResponse(request, "projects/one_page.html", context)
