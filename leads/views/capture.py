"""记一家: the phone-first form for a company met at the door."""

from django.http import HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm.answers import keeps_draft, says_why
from crm.errors import Refused
from crm.models import Channel
from crm.permissions import require
from crm.values import BadValue, uscc
from crm.workdays import shanghai_day
from leads import intake, lookup, next_days
from leads.claims import AlreadyReported, tell_holder
from leads.forms import CaptureForm, running_trip
from leads.models import Lead, Roadshow

LINES = 40_000  # characters of a target list
LINES_SHOWN = 10


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_draft
@says_why
def capture(request):
    """Ask for a company, and write it; afterwards say so and offer the next one."""
    require(request.user, "capture")
    if request.method == "POST":
        return _write(request)
    today = shanghai_day(timezone.now())
    initial = {
        "company_name": request.GET.get("company", "")[:120],
        "roadshow": _trip(request, today),
        "next_contact_on": next_days.usual(today),
    }
    form = CaptureForm(user=request.user, today=today, initial=initial)
    saved = None
    if "saved" in request.GET:
        saved = get_object_or_404(Lead.objects.visible_to(request.user), pk=_number(request.GET["saved"]))
    return _page(request, form, today, saved=saved, saved_visit=saved and saved.visits.first())


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def known(request):
    """What is known of the company whose name is being typed, or of each in a list of them (a piece)."""
    require(request.user, "capture")
    given = request.POST if request.method == "POST" else request.GET
    if "lines" in given:
        found = lookup.lines(given["lines"][:LINES], request.user)
        context = {"lines": found[:LINES_SHOWN], "rest": max(len(found) - LINES_SHOWN, 0)}
        return TemplateResponse(request, "leads/_known_lines.html", context)
    further = _further(given)
    found = lookup.known(given.get("company_name", "")[:120], request.user, **further)
    context = {"known": found, "editing": further["besides"]}
    return TemplateResponse(request, "leads/_known.html", context)


def _further(given):
    """What else was typed beside the name, as far as it can be read already."""
    code, channel = given.get("uscc", "").strip(), _number(given.get("channel", ""))
    try:
        code = uscc(code)
    except BadValue:
        code = ""  # half a code tells nothing yet
    return {
        "uscc": code,
        "investor": given.get("investor", "")[:120],
        "channel": Channel.objects.filter(pk=channel).first() if channel else None,
        "besides": _number(given.get("besides", "")) or None,
    }


@require_safe
@says_why
def unsent(request):
    """What a telephone needs before it sends what it kept: who is logged in, the CSRF token, the hour.

    crm/static/crm/outbox.js asks for it; the record itself goes to the API, under a key of its own.
    """
    require(request.user, "capture")
    told = {"user": f"{request.user.pk}", "csrf": get_token(request), "now": timezone.now().isoformat()}
    return JsonResponse(told)


def _write(request):
    at = timezone.now()
    today = shanghai_day(at)
    form = CaptureForm(request.POST, user=request.user, today=today)
    if not form.is_valid():
        return _page(request, form, today, status=400)
    data = form.capture()
    try:
        lead = intake.capture(data, by=request.user, at=at)
    except AlreadyReported as refusal:
        if lookup.is_echo(refusal.claim, data, by=request.user, at=at):
            return _saved(refusal.claim.lead)
        tell_holder(refusal.claim, by=request.user, at=at)
        form.add_refusal(refusal)
        known = lookup.told(refusal.claim, request.user, data.name)
        return _page(request, form, today, status=409, known=known)
    except Refused as refusal:
        form.add_refusal(refusal)
        return _page(request, form, today, status=refusal.status)
    return _saved(lead)


def _saved(lead):
    trip = f"&roadshow={lead.roadshow_id}" if lead.roadshow_id else ""
    return HttpResponseRedirect(f"{reverse('leads:capture')}?saved={lead.pk}{trip}")


def _trip(request, today):
    """The trip asked for in the address, else the one the person is on."""
    asked = _number(request.GET.get("roadshow", ""))
    trips = Roadshow.objects.visible_to(request.user).filter(is_cancelled=False, starts_on__lte=today)
    chosen = asked and trips.filter(pk=asked).first()
    return chosen or running_trip(request.user, today)


def _number(text):
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _page(request, form, today, status=200, **more):
    context = {"form": form, "next_days": next_days.offers(today), **more}
    return TemplateResponse(request, "leads/capture.html", context, status=status)
