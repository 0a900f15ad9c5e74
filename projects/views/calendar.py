"""日历订阅: the page where a person opens and closes it, and the calendar that their own device reads."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from crm import feeds, ics
from crm.models import CalendarFeed
from crm.workdays import shanghai_day
from projects.diary import diary

NAME = "拱墅招商"


@require_safe
def settings(request):
    """Whether the person's calendar may read along, since when, and how to let it."""
    return _page(request)


@require_POST
def open_feed(request):
    """Give the calendar a new secret address, shown this once; the former one is closed."""
    key = feeds.issue(request.user, at=timezone.now())
    address = request.build_absolute_uri(reverse("calendar_feed", args=[key]))
    return _page(request, address=address)


@require_POST
def close_feed(request):
    """Close the address: no calendar reads anything any more."""
    if feeds.revoke(request.user, at=timezone.now()):
        messages.success(request, "日历订阅已停用，原来的地址已失效。")
    return redirect("calendar")


@login_not_required
@require_safe
def feed(request, key):
    """The calendar behind a secret address, as the person sees their records now; 404 for any other."""
    found, now = feeds.recognise(key), timezone.now()
    if found is None:
        raise Http404
    try:
        feeds.count_read(found, at=now)
    except feeds.TooManyReads as refusal:
        answer = HttpResponse(refusal.detail, content_type="text/plain; charset=utf-8", status=429)
        answer.headers["Retry-After"] = str(refusal.wait)
        return _private(answer)
    site = request.build_absolute_uri("/").rstrip("/")
    events = diary(found.user, shanghai_day(now), site)
    answer = HttpResponse(ics.calendar(NAME, events), content_type=ics.TYPE)
    answer.headers["Content-Disposition"] = 'inline; filename="gongshu.ics"'
    return _private(answer)


def _private(answer):
    answer.headers["Cache-Control"] = "private"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _page(request, address=""):
    context = {
        "feed": CalendarFeed.objects.filter(user=request.user).first(),
        "address": address,
        "webcal": f"webcal:{address.partition(':')[2]}" if address else "",
        "reads": feeds.READS,
    }
    return TemplateResponse(request, "projects/calendar.html", context)
