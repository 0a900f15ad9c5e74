"""行程小结: writing it, handing it in, and what was handed in as a page for A4 and as a Word file."""

from io import BytesIO

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm.answers import keeps_draft, says_why
from crm.clash_forms import rows_of
from crm.clashes import Clash, Clashing
from crm.errors import NotAllowed, Refused, StaleVersion
from crm.uploads import KINDS
from leads import reporting
from leads.models import Roadshow, TripReport
from leads.report_document import document
from leads.report_forms import ReportForm


def _seen(request, pk):
    trips = Roadshow.objects.visible_to(request.user).select_related("unit", "leader", "city")
    return get_object_or_404(trips, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_draft
@says_why
def report(request, pk):
    """The draft with the figures of now, and the reports handed in before."""
    trip = _seen(request, pk)
    if request.method == "POST":
        return _write(request, trip)
    found, draft = reporting.figures(trip, request.user), reporting.draft_of(trip)
    texts = draft.texts if draft else reporting.proposed(trip, found)
    form = ReportForm(initial={**texts, "version": draft.version if draft else None})
    return _page(request, trip, form, found=found, draft=draft)


def _write(request, trip):
    form = ReportForm(request.POST)
    is_final = request.POST.get("do") == "hand_in"
    act = reporting.hand_in if is_final else reporting.save
    if not form.is_valid():
        return _page(request, trip, form, 400)
    try:
        told = {"version": form.cleaned_data["version"], "shown": form.shown()}
        row = act(trip, _chosen(trip, form), by=request.user, at=timezone.now(), **told)
    except NotAllowed:
        raise
    except Clashing as refusal:
        return _clashing(request, trip, form, refusal)
    except StaleVersion as stale:
        return _stale(request, trip, form, stale)
    except Refused as refusal:
        if not refusal.field:
            return _page(request, trip, form, refusal.status, refusal=refusal)
        form.add_refusal(refusal)
        return _page(request, trip, form, refusal.status)
    if is_final:
        messages.success(request, "小结已提交，内容不再改动；可以打印或下载 Word。")
        return redirect("leads:report_final", trip.pk, row.number)
    messages.success(request, "草稿已保存。")
    return redirect("leads:report", trip.pk)


def _chosen(trip, form):
    """The texts the person wants; where he chose what stands there now, that.

    Raises Clashing while he has not chosen for each part that both wrote.
    """
    texts, shown = form.texts(), form.shown()
    asked, draft = form.asked(texts), reporting.draft_of(trip)
    if draft and None in asked.values():
        raise Clashing(draft, [Clash(name, texts[name], draft.texts[name]) for name in asked])
    return {name: shown[name] if shown and asked.get(name) == "theirs" else texts[name] for name in texts}


def _clashing(request, trip, form, refusal):
    """What was typed stays in the form, over the draft as it stands; parts both wrote show both texts."""
    draft = reporting.draft_of(trip)
    fresh = ReportForm(initial={**draft.texts, "version": draft.version})
    last = {one.name: (draft.by, draft.updated_at) for one in refusal.clashes}
    more = {"refusal": refusal, "draft": draft, "clashes": rows_of(form, refusal.clashes, last)}
    return _page(request, trip, ReportForm(form.typed_over(fresh)), refusal.status, **more)


def _stale(request, trip, form, stale):
    """What was typed stays in the form; the text somebody else saved meanwhile is shown beside it."""
    data = form.data.copy()
    data["version"] = stale.current.version
    again = ReportForm(data)
    return _page(request, trip, again, stale.status, refusal=stale, draft=stale.current, theirs=stale.current)


def _page(request, trip, form, status=200, **more):
    context = {
        "trip": trip,
        "form": form,
        "may_write": reporting.may_write(request.user, trip) and not trip.is_cancelled,
        "handed_in": trip.reports.readable_by(request.user).select_related("handed_in_by"),
        "found": more.pop("found", None) or reporting.figures(trip, request.user),
        "labels": reporting.PARTS,
        **more,
    }
    return TemplateResponse(request, "leads/report.html", context, status=status)


def _handed_in(request, pk, number):
    rows = TripReport.objects.readable_by(request.user).select_related("handed_in_by", "roadshow__unit")
    return get_object_or_404(rows, roadshow=_seen(request, pk), number=number)


@require_safe
def report_final(request, pk, number):
    """A report as it was handed in."""
    row = _handed_in(request, pk, number)
    parts = [(label, row.texts[name]) for name, label in reporting.PARTS.items()]
    context = {"report": row, "trip": row.roadshow, "found": row.figures, "parts": parts}
    return TemplateResponse(request, "leads/report_final.html", context)


@require_safe
def report_file(request, pk, number):
    """The same as a Word file."""
    row = _handed_in(request, pk, number)
    name = f"{row.roadshow.title}小结.docx"
    file = BytesIO(document(row, reader=request.user))
    return FileResponse(file, as_attachment=True, filename=name, content_type=KINDS["docx"][1])
