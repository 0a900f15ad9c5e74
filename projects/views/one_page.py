"""项目一页纸: what a leader reads before a meeting, on one sheet of A4; as a page, and as a PDF."""

from io import BytesIO

from django.http import FileResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import pdf
from crm.answers import says_why
from crm.workdays import shanghai_day
from leads.timeline import stage_bar
from projects import one_page as sheet
from projects.one_page_pdf import one_page_pdf
from projects.stages import MAP
from projects.views import doors

CONTACTS = 3


@require_safe
@says_why
def one_page(request, pk):
    """Firm, money, stage with its days, sector, carrier, problems, what a leader is asked, last contacts."""
    project, told = _told(request, pk, timezone.now())
    words = {
        "who": sheet.who(project),
        "facts": sheet.facts(project, told["candidates"]),
        "long_lines": sheet.long_lines(project),
        "last_talks": sheet.LAST_TALKS,
        "talks": sheet.talks(told["visits"]),
        "never_talked": sheet.NEVER_TALKED,
        "foot": sheet.foot(told["today"], request.user),
    }
    context = {"project": project, "bar": told["bar"], "has_pdf": bool(pdf.font()), **words}
    return TemplateResponse(request, "projects/one_page.html", context)


@require_safe
@says_why
def one_page_file(request, pk):
    """The same as a PDF."""
    at = timezone.now()
    project, told = _told(request, pk, at)
    file = BytesIO(one_page_pdf(project, **told, by=request.user, at=at))
    name = f"{project.code} {project}.pdf"
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/pdf")


def _told(request, pk, at):
    """The project and what stands beside it on the sheet."""
    project = doors.found(request, pk)
    doors.dress([project], request.user, at, MAP.labels)
    return project, {
        "bar": stage_bar(project, list(project.changes.all()), at),
        "candidates": list(project.carriers.all()),
        "visits": list(project.lead.visits.select_related("by", "unit")[:CONTACTS]),
        "today": shanghai_day(at),
    }
