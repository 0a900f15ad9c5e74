"""A list behind a number as a workbook: the same answer for 签约与到位 and 补链."""

from django.http import FileResponse
from django.utils import timezone

from crm import audit, exporting
from crm.export_pages import ask_page
from crm.workdays import shanghai_day
from projects import exports


def answered(request, kind, found, *, words, query):
    """The workbook of the Listing `found`, written into the audit log; a large one is asked for first.

    `kind` is the ExportJob.Kind that makes the same of `query`, `words` what was asked for.
    """
    if exporting.way(found.number, request.user) != exporting.NOW:
        return ask_page(request, kind, found.number, words, query=query.urlencode())
    at = timezone.now()
    file, rows = exports.listing_workbook(found, by=request.user, at=at)
    audit.record(request.user, "export", detail={"list": kind, "rows": rows, "filters": words}, at=at)
    name = f"{kind.label}-{found.title}-{shanghai_day(at):%Y%m%d}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name)
