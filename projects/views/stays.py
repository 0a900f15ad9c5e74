"""停留名单: the single stays behind the days of the funnel."""

from math import isfinite
from urllib.parse import urlencode

from django.db import transaction
from django.http import FileResponse, Http404, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import audit, exporting
from crm.answers import says_why
from crm.export_pages import ask_page
from crm.paging import Order, fill, keyset_page
from crm.permissions import require
from projects import exports
from projects.exports import ANY_STAGE
from projects.reports import LINE
from projects.stay_filters import asked_of, period_of, stays_behind
from projects.stays import LEAD_LINE, record_of, stay_of
from projects.views import doors
from projects.views.reports import FunnelForm


def _days(text):
    """Days as a token holds them."""
    days = float(text)
    if not isfinite(days):
        raise ValueError(text)
    return days


LONGEST = Order("days", _days)
BACK = ("group", "measure")  # what the funnel was asked for besides its period: how to come back to it


@require_safe
@says_why
def stays_page(request, stage):
    """The stays in one stage that have ended, the longest first; filtered in the words of the lists."""
    asked = _asked(request, stage, also=("page", *BACK))
    rows = stays_behind(stage, asked)
    back = _back(request, stage, asked)
    found = keyset_page(rows.select_related(None).only("days"), request.GET.get("page", ""), by=LONGEST)
    (page,) = fill([found], rows)
    records = reverse("leads:list" if stage in LEAD_LINE else "projects:list")
    for one in page:
        one.record, one.went_to = record_of(one), ANY_STAGE.get(one.went_to, "")
    context = {
        "word": ANY_STAGE[stage],
        "asked": asked,
        "stay": stay_of(stage, asked.qs, at=timezone.now()),
        "still_here": f"{records}?{asked.query(stage=stage).urlencode()}",
        "export": f"{reverse('stays_export', args=[stage])}?{asked.query().urlencode()}".rstrip("?"),
        "back": back,
        "address": asked.address(),
        "page": page,
    }
    return TemplateResponse(request, "projects/stay_list.html", context)


@require_safe
@says_why
@transaction.atomic
def stays_export(request, stage):
    """The same list as a workbook; a large one is asked for first. Written into the audit log."""
    at, asked = timezone.now(), _asked(request, stage)
    rows = stays_behind(stage, asked)
    number = rows.order_by().count()
    words = "，".join(filter(None, (f"「{ANY_STAGE[stage]}」的停留", asked.words())))
    if exporting.way(number, request.user) != exporting.NOW:
        query = asked.query()
        query["of"] = stage
        return ask_page(request, "stays", number, words, query=query.urlencode())
    file, number = exports.stays_workbook(stage, rows, by=request.user, at=at)
    audit.record(request.user, "export", detail={"list": "stays", "rows": number, "filters": words}, at=at)
    name = f"停留名单-{ANY_STAGE[stage]}-{doors.today():%Y%m%d}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name)


def _asked(request, stage, also=()):
    """The filters of the address, for who may read reports; 404 for what is no stage of the line."""
    require(request.user, "report")
    if stage not in LINE:
        raise Http404
    came = urlencode({name: request.GET[name] for name in BACK if name in also and request.GET.get(name)})
    return asked_of(
        request, stage, also=also, around=lambda query: "&".join(filter(None, (query.urlencode(), came)))
    )


def _back(request, stage, asked):
    """The address of the funnel this list was opened from: its period, group and measure.

    Raises what the funnel says of a group or measure that there is none of.
    """
    start, end = period_of(stage, asked)
    asked_for = {"start": start, "end": end, **{name: request.GET.get(name, "") for name in BACK}}
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in asked_for.items() if value})
    form = FunnelForm(query)
    if not form.is_valid():
        raise doors.refusal_of(form, "地址里的条件有误，名单没有显示。请修改或去掉：")
    return f"{reverse('reports')}?{query.urlencode()}".rstrip("?")
