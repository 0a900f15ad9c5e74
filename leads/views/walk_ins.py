"""扫码登记: the public form under the secret address of a trip, and the page of our own people about it."""

from datetime import timedelta
from urllib.parse import urlencode

import segno

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from crm import audit
from crm.addresses import client_ip
from crm.answers import deed, says_why
from crm.errors import NotAllowed, Refused
from crm.permissions import may
from crm.workdays import shanghai_day
from leads import walk_ins
from leads.models import Roadshow, TripDoor, WalkIn
from leads.views.record import visible_lead
from leads.walk_in_forms import DoorForm, WalkInForm, is_ours, stamp

BIGGEST = 20_000  # bytes of a form
SHOWN = 100


# csrf_exempt: the form acts for nobody. It reads no session and no cookie; the stamp says it was ours.
@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def walk_in(request, secret):
    """The public form of a trip; anybody who has the address may tell of their company."""
    door = TripDoor.objects.select_related("roadshow__unit", "roadshow__leader", "roadshow__created_by")
    door = door.filter(secret=secret).first()
    at = timezone.now()
    if door is None:
        raise Http404
    if not TripDoor.objects.open(at).filter(pk=door.pk).exists():
        return _public({"is_over": True}, 410)
    if request.method == "POST":
        return _register(request, door, at)
    if "done" in request.GET:
        return _public({"is_done": True})
    return _public({"form": WalkInForm(), "stamp": stamp(door), "trip": door.roadshow})


def _register(request, door, at):
    if int(request.META.get("CONTENT_LENGTH") or 0) > BIGGEST:
        return _public({"is_too_long": True}, 413)
    form = WalkInForm(request.POST)
    if form.is_trapped():
        return _done(request)
    again = {"form": form, "stamp": stamp(door), "trip": door.roadshow}
    if not form.is_valid():
        return _public(again, 400)
    if not is_ours(request.POST.get("stamp", ""), door):
        return _public({**again, "is_stale": True}, 400)
    try:
        walk_ins.register(door, form.told(), address=client_ip(request), at=at)
    except Refused as refusal:
        form.add_refusal(refusal)
        return _public(again, refusal.status)
    return _done(request)


def _done(request):
    return HttpResponseRedirect(f"{request.path}?{urlencode({'done': 1})}")


def _public(context, status=200):
    """The page, the same for everybody: written without the request, so that no session is touched."""
    text = render_to_string("leads/walk_in.html", context)
    return HttpResponse(text, status=status, headers={"X-Robots-Tag": "noindex"})


def _seen(request, pk):
    trips = Roadshow.objects.visible_to(request.user).select_related("unit", "leader", "city")
    return get_object_or_404(trips, pk=pk)


@require_safe
@says_why
def door(request, pk):
    """The QR code of a trip, to be shown or printed, and who came by it."""
    return _door_page(request, _seen(request, pk))


def _door_page(request, trip, status=200, **given):
    at = timezone.now()
    may_read = walk_ins.may_read(request.user, trip)
    rows = WalkIn.objects.filter(door__roadshow=trip).select_related("lead")[:SHOWN]
    seen = set(trip.leads.visible_to(request.user).values_list("pk", flat=True))
    context = {
        "trip": trip,
        "code": code_of(request, trip, at) if may_read else None,
        "may_open": may(request.user, "plan_trip", trip) and not trip.is_cancelled,
        "may_read": may_read,
        "rows": rows,
        "seen": seen,
        "form": DoorForm(initial={"last_day": walk_ins.usual_last_day(trip, at)}),
        **given,
    }
    return TemplateResponse(request, "leads/door.html", context, status=status)


def code_of(request, trip, at):
    """{"address", "image", "last_day"} of the address that is open now, or None."""
    found = TripDoor.objects.open(at).filter(roadshow=trip).first()
    if found is None:
        return None
    address = request.build_absolute_uri(reverse("leads:walk_in", args=[found.secret]))
    image = segno.make(address, error="m", micro=False).svg_data_uri(scale=8, border=4, light="#fff")
    last_day = shanghai_day(found.expires_at - timedelta(seconds=1))
    return {"address": address, "image": image, "last_day": last_day}


@deed("leads:door")
def door_open(request, pk):
    """Open a new address; the code printed before works no more."""
    trip = _seen(request, pk)
    form = DoorForm(request.POST)
    if not form.is_valid():
        return _door_page(request, trip, 400, form=form)
    try:
        walk_ins.open_door(trip, form.cleaned_data["last_day"], by=request.user, at=timezone.now())
    except NotAllowed:
        raise
    except Refused as refusal:
        form.add_refusal(refusal)
        return _door_page(request, trip, refusal.status, form=form)
    messages.success(request, "扫码登记已开启，以前印的码不再有效。")
    return redirect("leads:door", pk)


@deed("leads:door")
def door_close(request, pk):
    """Let the address work no more."""
    walk_ins.close_door(_seen(request, pk), by=request.user, at=timezone.now())
    messages.success(request, "扫码登记已停用，印出去的码打不开了。")
    return redirect("leads:door", pk)


@deed("leads:door")
@transaction.atomic
def door_reveal(request, pk, row):
    """The contact of a company that became no lead; looking is written into the audit log."""
    trip = _seen(request, pk)
    found = get_object_or_404(WalkIn.objects.filter(door__roadshow=trip), pk=row)
    if not walk_ins.may_read(request.user, trip):
        raise NotAllowed("登记人的号码只给同行人员、站长和单位负责人看。")
    audit.record(request.user, "reveal_contact", trip, detail={"name": found.company_name}, at=timezone.now())
    return _door_page(request, trip, revealed=found.pk)


@deed("leads:detail")
def take(request, pk):
    """Take over a pending lead of the own unit."""
    lead = visible_lead(request, pk)
    walk_ins.take(lead, by=request.user, at=timezone.now())
    messages.success(request, f"「{lead}」现在由您负责，请尽快联系企业。")
    return redirect(lead)
