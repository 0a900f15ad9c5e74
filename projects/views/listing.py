"""The list of projects, and its export."""

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
from leads.columns import sheet_headers
from leads.sums import counted
from leads.tagging import marks, share_out
from projects import exports, stages
from projects.columns import LISTING
from projects.models import Project
from projects.stays import with_pauses
from projects.views import doors

FIRST_SIGHT = ("q", "stage", "sector", "light")
OF_THE_PAGE = ("page", "count")


@require_safe
@says_why
@for_readers("项目", Project.objects.visible_to)
def project_list(request):
    """The projects a person may see, newest first, filtered by the address or the view it names."""
    view = lists.read(LISTING, request.GET, request.user, also=OF_THE_PAGE)
    if begins_with_default(request, view):
        return HttpResponseRedirect(view.default.get_absolute_url())
    also = (*OF_THE_PAGE, *lists.PARAMETERS)
    filters = doors.asked(request, also=also, data=view.data, around=view.address)
    try:
        found = broken(view, filters)
    except BrokenView as refusal:
        return refused_view(request, refusal)
    page = _page(request, found, view.order)
    seen, in_full = Project.objects.visible_to(request.user).open(), request.GET.get("count") == "exact"
    if request.GET.get("q") and page.rows:
        guide.note_search(request.user, at=timezone.now())
    chips = filters.chips()
    context = {
        "filters": filters,
        "chips": chips,
        "has_more": any(chip.name not in FIRST_SIGHT for chip in chips),
        **framed(view, filters, request.user),
        "page": page,
        **counted(found, seen, in_full=in_full, is_search="q" in filters.query()),
        "address": filters.address(),
        "first_sight": FIRST_SIGHT,
    }
    template = piece_or_page(request, "projects/_results.html", "projects/list.html")
    return at_its_address(request, TemplateResponse(request, template, context), filters.address())


def _page(request, found, order):
    """The page of rows the address asks for, each with its marks."""
    with joins.as_written():
        keys = keyset_page(found.only("pk", "created_at"), request.GET.get("page", ""), by=order)
        rows = with_pauses(Project.objects.select_related(*doors.ROW, "carrier"))
        tagged = marks(Project, [keys], request.user)
        (page,) = fill([keys], rows, tagged)
    share_out(tagged, [page])
    doors.dress(page.rows, request.user, timezone.now(), stages.MAP.labels)
    return page


@require_safe
@says_why
@transaction.atomic
def export(request):
    """The filtered list as a workbook, as the address orders it; a large one is asked for first."""
    filters, at = doors.asked(request, also=("columns", "sort")), timezone.now()
    columns = sheet_headers(LISTING, lists.columns_of(LISTING, request.GET.get("columns", "")))
    order = lists.order_of(LISTING, request.GET.get("sort", ""))
    rows = filters.rows().order_by().count()
    if exporting.way(rows, request.user) != exporting.NOW:
        query = request.GET.urlencode()
        return ask_page(request, "projects", rows, filters.words(), query=query)
    how = {"by": request.user, "at": at, "columns": columns, "order": order}
    file, rows = exports.workbook(filters.rows(), **how)
    detail = {"list": "projects", "rows": rows, "filters": filters.words()}
    audit.record(request.user, "export", detail=detail, at=at)
    return FileResponse(file, as_attachment=True, filename=f"项目-{doors.today():%Y%m%d}.xlsx")
