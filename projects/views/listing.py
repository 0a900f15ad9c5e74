"""The list of projects, and its export."""

from django.db import transaction
from django.http import FileResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import audit, guide, joins
from crm.answers import for_readers, says_why
from crm.paging import fill, keyset_page
from leads.sums import contested, counted
from projects import exports, stages
from projects.models import Project
from projects.views import doors

FIRST_SIGHT = ("q", "stage", "sector", "light")


@require_safe
@says_why
@for_readers("项目", Project.objects.visible_to)
def project_list(request):
    """The projects a person may see, newest first, filtered by the address."""
    filters = doors.asked(request, also=("page", "count"))
    found = filters.rows()
    with joins.as_written():
        keys = keyset_page(found.only("pk", "created_at"), request.GET.get("page", ""))
        (page,) = fill([keys], Project.objects.select_related(*doors.ROW))
    doors.dress(page.rows, request.user, timezone.now(), stages.MAP.labels)
    number, total = counted(
        found, in_full=request.GET.get("count") == "exact", is_search=bool(request.GET.get("q"))
    )
    if request.GET.get("q") and page.rows:
        guide.note_search(request.user, at=timezone.now())
    context = {
        "filters": filters,
        "chips": filters.chips(),
        "page": page,
        "count": number,
        "total": total,
        "address": filters.address(),
        "contested": contested(Project.objects.visible_to(request.user).open()),
        "first_sight": FIRST_SIGHT,
    }
    return TemplateResponse(request, "projects/list.html", context)


@require_safe
@says_why
@transaction.atomic
def export(request):
    """The filtered list as a workbook; written into the audit log."""
    filters, at = doors.asked(request), timezone.now()
    file, rows = exports.workbook(filters.rows(), by=request.user, at=at)
    detail = {"list": "projects", "rows": rows, "filters": filters.words()}
    audit.record(request.user, "export", detail=detail, at=at)
    return FileResponse(file, as_attachment=True, filename=f"项目-{doors.today():%Y%m%d}.xlsx")
