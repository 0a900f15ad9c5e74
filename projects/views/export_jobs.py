"""导出 as a job: asking, the page with the progress, the decision, the file, and the list of one's own."""

from django.http import FileResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from crm import exporting
from crm.answers import says_why
from crm.bell import ring
from crm.errors import Refused
from crm.export_pages import ask_page
from crm.models import BulkJob, ExportJob
from crm.permissions import may
from crm.workdays import shanghai_day
from leads.exports import checked_purpose
from projects.bulk import OF_KIND
from projects.export_filters import HANDS
from projects.tasks import make_export

SHOWN = 50


@require_safe
@says_why
def export_list(request):
    """One's own exports, and for those who approve what waits."""
    rows = ExportJob.objects.visible_to(request.user).select_related("by__unit")
    may_decide = may(request.user, "approve_export")
    context = {
        "own": rows.filter(by=request.user)[:SHOWN],
        "may_decide": may_decide,
        "to_decide": rows.to_decide().order_by("created_at")[:SHOWN] if may_decide else [],
    }
    return TemplateResponse(request, "projects/exports.html", context)


@require_POST
@says_why
def export_new(request):
    """Ask for an export of a list, or of what was ticked in it."""
    given, at = request.POST, timezone.now()
    kind = given.get("kind", "")
    if kind not in HANDS:
        raise exporting.ExportRefused("请从线索或项目的列表里导出。")
    query, keys, bulk = QueryDict(given.get("query", "")), None, None
    if given.get("bulk"):
        bulk = get_object_or_404(BulkJob.objects.visible_to(request.user), pk=_number(given["bulk"]))
        keys = list(OF_KIND[bulk.kind].rows.objects.filter(job=bulk).values_list("record", flat=True))
        kind = bulk.kind
    purpose = checked_purpose(query.get("contacts"), query.get("purpose", ""), request.user)
    rows = HANDS[kind].number(HANDS[kind].rows(request.user, query, keys, at))
    told = {"query": query.urlencode(), "words": given.get("words", ""), "purpose": purpose}
    try:
        job = exporting.begin(
            kind, rows, by=request.user, at=at, keys=keys, reason=given.get("reason", ""), **told
        )
    except Refused as refusal:
        more = {"query": told["query"], "purpose": purpose, "bulk": bulk and bulk.pk}
        return ask_page(request, kind, rows, told["words"], refusal=refusal, **more)
    ring(make_export, job.pk)
    return redirect(job)


def _number(text):
    return int(text) if text.isdecimal() and len(text) < 18 else 0


def _job(request, token, **which):
    rows = ExportJob.objects.visible_to(request.user).filter(**which)
    return get_object_or_404(rows.select_related("by__unit", "decided_by"), token=token)


def _own(request, token):
    return _job(request, token, by=request.user)


@require_safe
@says_why
def export_job(request, token):
    """One export: what it waits for, how far it is, its file; htmx asks for the piece."""
    job = _job(request, token)
    context = {
        "job": job,
        "is_own": job.by_id == request.user.pk,
        "is_working": job.state in ExportJob.WORKING,
        "may_decide": may(request.user, "approve_export"),
    }
    template = "projects/_export_job.html" if request.htmx else "projects/export_job.html"
    return TemplateResponse(request, template, context)


@require_POST
@says_why
def export_cancel(request, token):
    """Give it up."""
    return redirect(exporting.cancel(_own(request, token), at=timezone.now()))


@require_POST
@says_why
def export_decide(request, token):
    """Approve or refuse it."""
    said = {"approve": True, "refuse": False}.get(request.POST.get("decision", ""))
    job = _job(request, token)
    if said is None:
        raise exporting.ExportRefused("请选择批准或不批准。")
    row = exporting.decide(
        job, said, by=request.user, at=timezone.now(), opinion=request.POST.get("opinion", "")
    )
    ring(make_export, row.pk)
    return redirect(row)


@require_safe
@says_why
def export_file(request, token):
    """The workbook, for the person alone; each download is written down."""
    job, at = _own(request, token), timezone.now()
    exporting.note_download(job, by=request.user, at=at)
    name = f"{job.get_kind_display()}-{shanghai_day(job.finished_at):%Y%m%d}.xlsx"
    return FileResponse(job.file.open(), as_attachment=True, filename=name)
