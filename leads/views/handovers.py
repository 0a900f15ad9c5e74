"""流转: what was offered to the unit and by it, and the answer to one offer."""

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm.answers import says_why
from crm.errors import Refused
from crm.filtersets import refuse_others
from crm.paging import keyset_page
from crm.permissions import may
from crm.workdays import shanghai_day
from leads import handover
from leads.models import Handover

RELATED = ("from_unit", "to_unit", "to_owner", "by", "answered_by", "lead__city", "lead__sector")
RELATED += ("lead__project__city", "lead__project__sector")
SAID = {
    "accept": "已接收，现在由本单位负责。",
    "refuse": "已退回，对方收到理由。",
    "approve": "已同意，等待接收单位答复。",
    "withdraw": "移交已撤回。",
}


@require_safe
@says_why
def handover_list(request):
    """Hand-overs a person may see: those that wait, or the closed ones."""
    refuse_others(request, page=None, closed=("", "1"))
    return list_page(request)


def list_page(request, refusal=None, status=200):
    """The list, with the refusal of a deed done on it."""
    is_open = request.GET.get("closed") != "1"
    rows = Handover.objects.visible_to(request.user)
    rows = rows.open() if is_open else rows.exclude(state__in=Handover.OPEN)
    page = keyset_page(rows.select_related(*RELATED), request.GET.get("page", ""), by="at")
    for row in page:
        _dress(row, request.user)
    context = {"page": page, "is_open": is_open, "today": shanghai_day(timezone.now()), "refusal": refusal}
    return TemplateResponse(request, "leads/handovers.html", context, status=status)


def _dress(row, user):
    """What this person may do to the hand-over, and the stage of what is handed over in words."""
    row.kind = row.record._meta.verbose_name
    row.stage_label = row.record.stages.labels[row.record.stage]
    needs_approval = row.state == Handover.State.APPROVAL
    row.may_approve = needs_approval and may(user, "approve_handover", row)
    row.may_answer = row.state == Handover.State.PENDING and may(user, "answer_handover", row)
    row.may_refuse = row.may_approve or row.may_answer
    row.may_withdraw = row.is_open and user.unit_id == row.from_unit_id and may(user, "hand_over", row.lead)


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def answer(request, pk, deed):
    """Accept, refuse, approve or withdraw one hand-over."""
    if deed not in SAID:
        raise Http404
    if request.method != "POST":
        messages.warning(request, "刚才的操作没有写入，请再点一次。")
        return HttpResponseRedirect(reverse("leads:handovers"))
    row = get_object_or_404(Handover.objects.visible_to(request.user).select_related("lead__project"), pk=pk)
    more = {"reason": request.POST.get("reason", "")[:200]} if deed == "refuse" else {}
    try:
        getattr(handover, deed)(row, by=request.user, at=timezone.now(), **more)
    except Refused as refusal:
        return list_page(request, refusal, refusal.status)
    messages.success(request, SAID[deed])
    if deed == "accept" and request.user.unit_id == row.to_unit_id:
        return HttpResponseRedirect(row.record.get_absolute_url())
    return HttpResponseRedirect(reverse("leads:handovers"))
