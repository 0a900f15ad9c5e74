"""The list of leads, and its export."""

from django.db import transaction
from django.http import FileResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import audit, exporting, guide, joins, lists
from crm.answers import for_readers, says_why
from crm.export_pages import ask_page
from crm.list_frames import at_its_address, begins_with_default, broken, framed, piece_or_page, refused_view
from crm.lists import BrokenView
from crm.paging import fill, keyset_page
from crm.permissions import may
from crm.workdays import shanghai_day
from leads import exports
from leads.columns import LISTING, sheet_headers
from leads.filters import listed
from leads.models import Lead
from leads.rows import ROW, dress
from leads.sums import counted
from leads.tagging import marks, share_out

FIRST_SIGHT = ("q", "stage", "light", "due")
OF_THE_PAGE = ("page", "count")


def asked(request, also=(), data=None, around=None):
    """The filter set of this request over what its person may see; `data` is what its view asks for."""
    return listed(request, shanghai_day(timezone.now()), data, also, around)


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
    """The leads a person may see, newest first, filtered by the address or the view it names."""
    view = lists.read(LISTING, request.GET, request.user, also=OF_THE_PAGE)
    if begins_with_default(request, view):
        return HttpResponseRedirect(view.default.get_absolute_url())
    filters = asked(request, (*OF_THE_PAGE, *lists.PARAMETERS), view.data, view.address)
    try:
        found = broken(view, filters)
    except BrokenView as refusal:
        return refused_view(request, refusal)
    page = _page(request, found, view.order)
    seen, in_full = Lead.objects.visible_to(request.user).open(), request.GET.get("count") == "exact"
    if request.GET.get("q") and page.rows:
        guide.note_search(request.user, at=timezone.now())
    context = {
        **frame(request, filters),
        **framed(view, filters, request.user),
        "page": page,
        **counted(found, seen, in_full=in_full, is_search="q" in filters.query()),
    }
    template = piece_or_page(request, "leads/_results.html", "leads/list.html")
    return at_its_address(request, TemplateResponse(request, template, context), filters.address())


def _page(request, found, order):
    """The page of rows the address asks for, each with its marks."""
    with joins.as_written():
        keys = keyset_page(found.only("pk", "created_at"), request.GET.get("page", ""), by=order)
        tagged = marks(Lead, [keys], request.user)
        (page,) = fill([keys], Lead.objects.select_related(*ROW), tagged)
    share_out(tagged, [page])
    dress(page.rows, request.user, timezone.now())
    return page


@require_safe
@says_why
@transaction.atomic
def export(request):
    """The filtered list as a workbook, as the address orders it; a large one is asked for first."""
    filters = asked(request, also=("contacts", "purpose", "columns", "sort"))
    at, given = timezone.now(), request.GET
    purpose = exports.checked_purpose(given.get("contacts"), given.get("purpose", ""), request.user)
    columns = sheet_headers(LISTING, lists.columns_of(LISTING, given.get("columns", "")))
    order = lists.order_of(LISTING, given.get("sort", ""))
    rows = filters.rows().order_by().count()
    if exporting.way(rows, request.user) != exporting.NOW:
        query = given.urlencode()
        return ask_page(request, "leads", rows, filters.words(), query=query, purpose=purpose)
    how = {"by": request.user, "at": at, "purpose": purpose, "columns": columns, "order": order}
    file, rows = exports.workbook(filters.rows(), **how)
    detail = {"list": "leads", "rows": rows, "filters": filters.words()}
    if purpose:
        detail["联系方式"] = f"完整，用途：{purpose}"
    audit.record(request.user, "export", detail=detail, at=at)
    return FileResponse(file, as_attachment=True, filename=f"线索-{shanghai_day(at):%Y%m%d}.xlsx")
