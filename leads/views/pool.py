"""公海: what waits there, taking one, what goes back tonight, and giving one up."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm.answers import deed, says_why
from crm.errors import Refused
from crm.filtersets import refuse_others
from crm.numbers import number
from crm.paging import keyset_page
from crm.permissions import may, require
from crm.workdays import shanghai_day
from leads import pool
from leads.claim_forms import GiveForm
from leads.models import PoolEntry
from leads.views.record import page, visible_lead

SHOWN = 200


@require_safe
@says_why
def pool_list(request):
    """The leads in the pool, newest first: what they are about, nobody's contacts and no notes."""
    refuse_others(request, page=None)
    return _list(request)


def _list(request, refusal=None, status=200):
    require(request.user, "see_pool")
    rows = PoolEntry.objects.visible_to(request.user).waiting().select_related("lead__city", "lead__sector")
    context = {
        "page": keyset_page(rows, request.GET.get("page", ""), by="entered_at"),
        "may_take": may(request.user, "take_from_pool"),
        "may_preview": may(request.user, "preview_pool"),
        "hours": number("pool_first_follow_up_hours"),
        "refusal": refusal,
    }
    return TemplateResponse(request, "leads/pool.html", context, status=status)


@require_safe
@says_why
def tonight(request):
    """What goes back tonight, of what the person sees."""
    require(request.user, "preview_pool")
    leads = pool.tonight(request.user, shanghai_day(timezone.now()))
    rows = leads.select_related("unit", "owner", "channel", "claim").order_by("pk")
    context = {"leads": rows[:SHOWN], "count": leads.count()}
    return TemplateResponse(request, "leads/pool_tonight.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def take(request, pk):
    """Take one."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("leads:pool"))
    require(request.user, "take_from_pool")
    entry = get_object_or_404(PoolEntry.objects.visible_to(request.user).select_related("lead"), pk=pk)
    try:
        row = pool.take(entry, by=request.user, at=timezone.now())
    except Refused as refusal:
        return _list(request, refusal, refusal.status)
    until = timezone.localtime(row.follow_up_by)
    messages.success(request, f"已领取，请在 {until:%Y-%m-%d %H:%M} 前完成首次有效跟进，否则退回公海。")
    return HttpResponseRedirect(entry.lead.get_absolute_url())


@deed("leads:detail", "pool")
def give(request, pk):
    """Put a lead into the pool."""
    lead = visible_lead(request, pk)
    form = GiveForm(request.POST, prefix="pool")
    if not form.is_valid():
        return page(request, lead, status=400, pool_form=form)
    try:
        pool.give(lead, by=request.user, at=timezone.now(), **form.cleaned_data)
    except Refused as refusal:
        form.add_refusal(refusal)
        return page(request, lead, status=refusal.status, pool_form=form)
    messages.success(request, f"「{lead.title}」已放入公海。")
    return HttpResponseRedirect(reverse("leads:pool"))
