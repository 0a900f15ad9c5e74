"""批量操作 of both lists: choose records, say what, see what it would do, do it, take it back."""

from django.db import transaction
from django.http import FileResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from crm import audit, bulk, exporting, lists
from crm.addresses import query_of
from crm.answers import deed, refused, says_why
from crm.bell import ring
from crm.bulk import BulkRefused
from crm.errors import Refused
from crm.export_pages import ask_page
from crm.models import BulkJob, BulkRow
from crm.workdays import shanghai_day
from leads import exports as lead_exports
from leads.columns import LISTING as LEADS
from leads.columns import sheet_headers
from leads.filters import listed
from projects import exports
from projects.bulk import OF_KIND
from projects.bulk_forms import FORMS
from projects.columns import LISTING as PROJECTS
from projects.tasks import resume_bulk
from projects.views import doors

Action, State, Row = BulkJob.Action, BulkJob.State, BulkRow.State
LISTINGS = {"leads": LEADS, "projects": PROJECTS}
WORKBOOKS = {"leads": lead_exports.workbook, "projects": exports.workbook}
OF_THE_PAGE = ("page", "count")
NAMED = 100  # records listed under one reason
DIGITS = 18


@require_POST
def begin(request, kind):
    """A job on the ticked records, or on all the list shows under its filters; refused, back to that list."""
    try:
        return redirect(_begun(request, kind))
    except Refused as refusal:
        return refused(request, refusal, ways=_ways_on(request, kind))


def _begun(request, kind):
    action = request.POST.get("action", "")
    if action not in Action.values:
        raise BulkRefused("请选择要做什么：指定负责人、移动阶段、加标签、去标签或导出。", field="action")
    records, words = _chosen(request, kind)
    return bulk.begin(
        OF_KIND[kind], action, records, by=request.user, at=timezone.now(), words=words,
        back=query_of(request.POST.get("next", "")).urlencode(),
    )  # fmt: skip


def _ways_on(request, kind):
    """The list as it stood; and the export of the whole list, where that was wanted."""
    back = query_of(request.POST.get("next", "")).urlencode()
    ways = [("回到列表", f"{reverse(f'{kind}:list')}?{back}".rstrip("?"))]
    if request.POST.get("action") == Action.EXPORT and request.POST.get("all"):
        shown = QueryDict(request.POST.get("shown", ""), mutable=True)
        if codes := _columns_at(request, LISTINGS[kind], back):
            shown["columns"] = ".".join(codes)
        ways.append(("导出整个列表", f"{reverse(f'{kind}:export')}?{shown.urlencode()}".rstrip("?")))
    return ways


def _chosen(request, kind):
    """(records, words of the filters): what was ticked, or everything under the filters the page showed.

    These came along with the page: the view it was opened by may be another one by now.
    """
    visible = OF_KIND[kind].records(request.user)
    if not request.POST.get("all"):
        return visible.filter(pk__in=_numbers(request.POST.getlist("pk"))), ""
    if "shown" not in request.POST:
        raise BulkRefused("没有收到列表的筛选条件，没有选中任何记录。请回到列表刷新后再办。")
    shown, today = QueryDict(request.POST["shown"]), shanghai_day(timezone.now())
    if kind == "leads":
        filters = listed(request, today, shown)
    else:
        filters = doors.asked(request, data=shown)
    return filters.rows(), filters.words()


def _numbers(texts):
    return [int(text) for text in texts if text.isdecimal() and len(text) <= DIGITS]


def _found(request, pk):
    return get_object_or_404(BulkJob.objects.visible_to(request.user).select_related("by__unit"), pk=pk)


@require_safe
@says_why
def job(request, pk):
    """What to say, the preview, the progress or the outcome, by the job's state; htmx asks for the piece."""
    return _page(request, _found(request, pk))


def _page(request, found, form=None, status=200):
    hands, at = OF_KIND[found.kind], timezone.now()
    is_export = found.action == Action.EXPORT
    wants_form = found.state == State.DRAFT or (found.state == State.FORESEEN and "again" in request.GET)
    if form is None and wants_form and not is_export:
        form = FORMS[found.action](job=found, today=shanghai_day(at), initial=found.given)
    counts = bulk.numbers(hands, found)
    is_working = found.state in BulkJob.WORKING
    context = {
        "job": found,
        "form": form,
        "is_export": is_export,
        "is_working": is_working,
        "progress": bulk.progress(hands, found) if is_working else None,
        "total": sum(counts.values()),
        "ready": counts.get(Row.READY, 0),
        "done": counts.get(Row.DONE, 0),
        "undone": counts.get(Row.UNDONE, 0),
        "kept": counts.get(Row.KEPT, 0),
        "groups": _groups(hands, found, request.user),
        "may_undo": bulk.may_be_undone(found, at) and counts.get(Row.DONE, 0),
        "undo_until": found.finished_at and found.finished_at + bulk.UNDO,
        "back": found.given.get("back", ""),
    }
    template = "projects/_bulk.html" if request.htmx else "projects/bulk.html"
    return TemplateResponse(request, template, context, status=status)


def _groups(hands, found, user):
    """[(heading, [(reason, number, records)])]: what will be or was done, and what not and why."""
    headings = {
        State.FORESEEN: ((Row.READY, "可以办理"), (Row.REFUSED, "不能办理")),
        State.DONE: ((Row.DONE, "已办理"), (Row.REFUSED, "没有办理")),
        State.UNDONE: ((Row.UNDONE, "已撤销"), (Row.KEPT, "没有撤销"), (Row.REFUSED, "当时就没有办理")),
    }.get(found.state, ())
    return [(words, _reasons(hands, found, state, user)) for state, words in headings]


def _reasons(hands, found, state, user):
    """Each reason with its number and the records of it that the person still sees."""
    rows = hands.rows.objects.filter(job=found, state=state)
    groups = []
    for reason, number in bulk.reasons(hands, found, state):
        keys = list(rows.filter(reason=reason).values_list("record", flat=True)[:NAMED])
        groups.append((reason, number, hands.records(user).filter(pk__in=keys).order_by("-pk")))
    return groups


@deed("projects:bulk")
def ask(request, pk):
    """Take what the action needs and show what it would do."""
    found, at = _found(request, pk), timezone.now()
    if found.action == Action.EXPORT:
        raise BulkRefused("导出不需要填写，请直接导出。")
    form = FORMS[found.action](request.POST, job=found, today=shanghai_day(at))
    if not form.is_valid():
        return _page(request, found, form, status=400)
    bulk.ask(OF_KIND[found.kind], found, form.given())
    return _go_on(request, found, at)


@deed("projects:bulk")
def confirm(request, pk):
    """Do what was foreseen: at once when it is little, by a worker when it is much."""
    found, at = _found(request, pk), timezone.now()
    bulk.confirm(OF_KIND[found.kind], found, at=at)
    return _go_on(request, found, at)


@deed("projects:bulk")
def undo(request, pk):
    """Take back what nobody has touched since."""
    found, at = _found(request, pk), timezone.now()
    bulk.undo(OF_KIND[found.kind], found, at=at)
    return _go_on(request, found, at)


@deed("projects:bulk")
def stop(request, pk):
    """End the step that is under way; a worker that has not begun finds nothing more to do."""
    found = _found(request, pk)
    bulk.stop(found)
    ring(resume_bulk, found.pk)
    return redirect(found)


def _go_on(request, found, at):
    hands = OF_KIND[found.kind]
    if bulk.is_small(hands, found):
        bulk.carry_on(hands, found, at=at)
    else:
        ring(resume_bulk, found.pk)
    return redirect(found)


@deed("projects:bulk")
@transaction.atomic
def export(request, pk):
    """The chosen records as a workbook with the columns of the list; written into the audit log."""
    found, at = _found(request, pk), timezone.now()
    if found.action != Action.EXPORT:
        raise BulkRefused("这次批量操作不是导出。")
    hands, listing = OF_KIND[found.kind], LISTINGS[found.kind]
    keys = hands.rows.objects.filter(job=found).values("record")
    chosen = _columns(request, listing, found)
    records = hands.records(request.user).filter(pk__in=keys)
    rows = records.order_by().count()
    if exporting.way(rows, request.user) != exporting.NOW:
        shown = QueryDict(mutable=True)
        shown["columns"] = ".".join(_codes(request, listing, found))
        return ask_page(request, found.kind, rows, found.filters, query=shown.urlencode(), bulk=found.pk)
    file, rows = WORKBOOKS[found.kind](records, by=request.user, at=at, columns=chosen)
    audit.record(
        request.user, "export", detail={"list": found.kind, "rows": rows, "filters": found.filters}, at=at
    )
    name = f"{found.get_kind_display()}-{shanghai_day(at):%Y%m%d}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name)


def _columns(request, listing, found):
    """The headers of the columns the list showed when the records were chosen; none for the usual ones."""
    return sheet_headers(listing, _codes(request, listing, found))


def _codes(request, listing, found):
    return _columns_at(request, listing, found.given.get("back", ""))


def _columns_at(request, listing, address):
    """The codes of the columns the list showed at this address (its query); none for the usual ones."""
    try:
        view = lists.read(listing, query_of(f"?{address}"), request.user, OF_THE_PAGE)
    except Refused:
        return ()  # the view was removed since
    return view.columns if view.has_own_columns else ()
