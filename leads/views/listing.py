"""The list of leads, and its export."""

from django.db import transaction
from django.http import FileResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import audit, guide, joins
from crm.answers import for_readers, says_why
from crm.paging import fill, keyset_page
from crm.permissions import may
from crm.workdays import shanghai_day
from leads import exports
from leads.filters import LeadFilter
from leads.models import Lead
from leads.rows import ROW, dress
from leads.stages import LeadStage
from leads.sums import contested, counted

FIRST_SIGHT = ("q", "stage", "light", "due")


def asked(request, also=()):
    """The filter set of this request over what its person may see."""
    leads = Lead.objects.visible_to(request.user)
    if request.GET.get("stage") != LeadStage.MERGED:
        leads = leads.own()
    return LeadFilter(request.GET, leads, request=request, today=shanghai_day(timezone.now()), also=also)


def frame(request, filters):
    """What the list and the board show around their rows."""
    chips = filters.chips()
    return {
        "filters": filters,
        "chips": chips,
        "has_more": any(chip.name not in FIRST_SIGHT for chip in chips),
        "address": filters.address(),
        "may_capture": may(request.user, "capture"),
        "may_reveal": may(request.user, "reveal"),
        "first_sight": FIRST_SIGHT,
    }


@require_safe
@says_why
@for_readers("线索", Lead.objects.visible_to)
def lead_list(request):
    """The leads a person may see, newest first, filtered by the address."""
    filters = asked(request, also=("page", "count"))
    found = filters.rows()
    with joins.as_written():
        keys = keyset_page(found.only("pk", "created_at"), request.GET.get("page", ""))
        (page,) = fill([keys], Lead.objects.select_related(*ROW))
    dress(page.rows, request.user, timezone.now())
    number, total = counted(
        found, in_full=request.GET.get("count") == "exact", is_search=bool(request.GET.get("q"))
    )
    if request.GET.get("q") and page.rows:
        guide.note_search(request.user, at=timezone.now())
    context = {
        **frame(request, filters),
        "page": page,
        "count": number,
        "total": total,
        "contested": contested(Lead.objects.visible_to(request.user).open()),
    }
    template = (
        "leads/_results.html"
        if request.htmx and not request.htmx.history_restore_request
        else "leads/list.html"
    )
    response = TemplateResponse(request, template, context)
    if request.htmx:
        response["HX-Push-Url"] = f"{request.path}?{filters.address()}".rstrip("?")
    return response


@require_safe
@says_why
@transaction.atomic
def export(request):
    """The filtered list as a workbook; written into the audit log."""
    filters = asked(request, also=("contacts", "purpose"))
    at, given = timezone.now(), request.GET
    purpose = exports.checked_purpose(given.get("contacts"), given.get("purpose", ""), request.user)
    file, rows = exports.workbook(filters.rows(), by=request.user, at=at, purpose=purpose)
    detail = {"list": "leads", "rows": rows, "filters": filters.words()}
    if purpose:
        detail["联系方式"] = f"完整，用途：{purpose}"
    audit.record(request.user, "export", detail=detail, at=at)
    return FileResponse(file, as_attachment=True, filename=f"线索-{shanghai_day(at):%Y%m%d}.xlsx")
