"""The page on which a large export is asked for: it is made by a worker, or needs an approval first."""

from django.template.response import TemplateResponse

from crm import exporting
from crm.models import ExportJob
from crm.numbers import number


def ask_page(request, kind, rows, words, *, query="", bulk=None, purpose="", refusal=None, reason=""):
    """What will happen to an export of `rows` rows, and the form that asks for it.

    Above the person's limit nothing was exported, and the status says so.
    """
    needs = exporting.needs_approval(rows, request.user)
    context = {
        "kind": kind,
        "list_label": ExportJob.Kind(kind).label,
        "rows": rows,
        "words": words,
        "query": query,
        "bulk": bulk,
        "purpose": purpose,
        "needs_approval": needs,
        "limit": number("export_rows_max"),
        "most": exporting.MOST,
        "refusal": refusal,
        "reason": reason,
    }
    return TemplateResponse(request, "crm/export_ask.html", context, status=400 if needs or refusal else 200)
