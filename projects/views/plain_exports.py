"""承诺, 督办 and 载体空间 as workbooks, filtered like their pages."""

from django.db import transaction
from django.http import FileResponse, Http404
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import audit, exporting
from crm.answers import says_why
from crm.export_pages import ask_page
from crm.workdays import shanghai_day
from projects.export_filters import asked_of_plain
from projects.plain_lists import LISTS


@require_safe
@says_why
@transaction.atomic
def plain_export(request, kind):
    """The list as a workbook; a large one is asked for first. Written into the audit log."""
    if kind not in LISTS:
        raise Http404
    found, at = LISTS[kind], timezone.now()
    asked = asked_of_plain(kind, request, today=shanghai_day(at))
    rows = asked.rows()
    number = rows.order_by().count()
    if exporting.way(number, request.user) != exporting.NOW:
        return ask_page(request, kind, number, asked.words(), query=asked.query().urlencode())
    file, number = found.workbook(rows, by=request.user, at=at)
    detail = {"list": kind, "rows": number, "filters": asked.words()}
    audit.record(request.user, "export", detail=detail, at=at)
    name = f"{found.kind.label}-{shanghai_day(at):%Y%m%d}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name)
