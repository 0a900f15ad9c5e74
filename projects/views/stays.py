"""停留名单: the single stays behind the days of the funnel."""

from collections import ChainMap
from math import isfinite

from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.answers import says_why
from crm.paging import Order, fill, keyset_page
from crm.permissions import require
from leads import stages as leads
from leads.filters import LeadFilter
from leads.models import Lead
from projects import stages as projects
from projects.filters import ProjectFilter
from projects.reports import LINE
from projects.stays import LEAD_LINE, ended_stays, stay_of
from projects.views import doors


def _days(text):
    """Days as a token holds them."""
    days = float(text)
    if not isfinite(days):
        raise ValueError(text)
    return days


WORDS = ChainMap(projects.MAP.labels, leads.MAP.labels)
LONGEST = Order("days", _days)


@require_safe
@says_why
def stays_page(request, stage):
    """The stays in one stage that have ended, the longest first; filtered in the words of the lists."""
    require(request.user, "report")
    if stage not in LINE:
        raise Http404
    is_lead = stage in LEAD_LINE
    visible = Lead.objects.visible_to(request.user) if is_lead else doors.visible(request)
    kind = LeadFilter if is_lead else ProjectFilter
    asked = kind(request.GET, visible, request=request, also=("page",))
    rows = ended_stays(stage, asked.rows())
    found = keyset_page(rows.only("days"), request.GET.get("page", ""), by=LONGEST)
    beside = ("lead__company", "lead__unit") if is_lead else ("project__company", "project__unit")
    (page,) = fill([found], rows.select_related(*beside, "by"))
    records = reverse("leads:list" if is_lead else "projects:list")
    for one in page:
        one.record, one.went_to = (one.lead if is_lead else one.project), WORDS.get(one.went_to, "")
    context = {
        "word": WORDS[stage],
        "asked": asked,
        "stay": stay_of(stage, asked.qs, at=timezone.now()),
        "still_here": f"{records}?{asked.query(stage=stage).urlencode()}",
        "page": page,
    }
    return TemplateResponse(request, "projects/stay_list.html", context)
