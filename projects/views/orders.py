"""督办: the list of orders, one order with its answer and closing, and a new one for a lead or project."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm import preferences
from crm.answers import deed, says_why
from crm.errors import Refused
from crm.paging import count, keyset_page
from crm.permissions import may, require
from crm.reading import read_once
from leads.models import Lead
from projects import supervising
from projects.explaining import explain
from projects.models import Project, SupervisionOrder
from projects.order_filters import STATES, OrderFilter
from projects.order_forms import AnswerForm, ClosingForm, OrderForm
from projects.views import doors

SHOWN = ("unit", "issuer", "lead__owner", "project__owner")
RECORDS = {"lead": Lead, "project": Project}


def _orders(request):
    return SupervisionOrder.objects.visible_to(request.user).select_related(*SHOWN)


@require_safe
@says_why
def order_list(request):
    """The orders this person may see, open ones first asked for, newest first."""
    asked = request.GET.copy()
    asked.setdefault("state", "open")
    filters = OrderFilter(asked, _orders(request), request=request, today=doors.today(), also=("page",))
    rows = filters.rows()
    context = {
        "page": keyset_page(rows, request.GET.get("page", ""), by="issued_at"),
        "count": count(rows),
        "filters": filters,
        "states": [(code, label, filters.address(state=code)) for code, label in STATES],
        "state": asked["state"],
        "address": filters.address(),
        "chips": [chip for chip in filters.chips() if chip.name != "state"],
        "day": filters.today,
    }
    return TemplateResponse(request, "projects/orders.html", context)


@require_safe
@says_why
def order(request, pk):
    """One order: what is asked, what was answered, and what this person may do about it."""
    return _page(request, get_object_or_404(_orders(request), pk=pk))


def _page(request, found, refusal=None, **forms):
    is_open = found.closed_at is None
    context = {
        "order": found,
        "transfers": list(found.transfers.select_related("from_unit", "to_unit", "by")),
        "refusal": refusal,
        "answer_form": forms.get("answer") or AnswerForm(initial={"reply": found.reply}),
        "closing_form": forms.get("closing") or ClosingForm(),
        "may_answer": is_open and may(request.user, "answer_order", found),
        "may_close": is_open and found.replied_at and supervising.may_close(request.user, found),
        "day": doors.today(),
    }
    return TemplateResponse(
        request, "projects/order.html", context, status=refusal.status if refusal else 200
    )


@deed("projects:order", "answer")
def answer(request, pk):
    """The unit says what it did."""
    found = get_object_or_404(_orders(request), pk=pk)
    form = AnswerForm(request.POST)
    try:
        if not form.is_valid():
            raise doors.refusal_of(form)
        supervising.answer(found, text=form.cleaned_data["reply"], by=request.user, at=timezone.now())
    except Refused as refusal:
        return _page(request, found, refusal, answer=form)
    messages.success(request, "回复已写入，签发人会收到提醒。")
    return HttpResponseRedirect(found.get_absolute_url())


@deed("projects:order", "closing")
def close(request, pk):
    """The issuer is satisfied."""
    found = get_object_or_404(_orders(request), pk=pk)
    form = ClosingForm(request.POST)
    try:
        if not form.is_valid():
            raise doors.refusal_of(form)
        supervising.close(found, note=form.cleaned_data["note"], by=request.user, at=timezone.now())
    except Refused as refusal:
        return _page(request, found, refusal, closing=form)
    messages.success(request, f"督办 {found.number} 已办结。")
    return HttpResponseRedirect(found.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def issue(request, kind, pk):
    """A new order on a lead or project, for those who may supervise."""
    record = get_object_or_404(RECORDS[kind].objects.visible_to(request.user), pk=pk)
    require(request.user, "supervise", record)
    form = OrderForm(request.POST or None)
    context = {"record": record, "form": form, "refusal": None}
    if request.method != "POST":
        return TemplateResponse(request, "projects/order_form.html", context)
    try:
        if not form.is_valid():
            raise doors.refusal_of(form)
        made = supervising.issue(record, **form.cleaned_data, by=request.user, at=timezone.now())
    except Refused as refusal:
        context["refusal"] = refusal
        return TemplateResponse(request, "projects/order_form.html", context, status=refusal.status)
    messages.success(request, f"督办 {made.number} 已签发，责任单位已收到提醒。")
    return HttpResponseRedirect(made.get_absolute_url())


@require_safe
@read_once()
def reminders(request, kind, pk):
    """Why the system did or did not remind this person of a record."""
    record = get_object_or_404(RECORDS[kind].objects.visible_to(request.user), pk=pk)
    findings, log = explain(record, request.user, timezone.now())
    daily, others = ([one for one in findings if one.is_daily is of] for of in (True, False))
    context = {"record": record, "daily": daily, "others": others, "log": log}
    context["digest_at"] = preferences.of(request.user).digest_at
    return TemplateResponse(request, "projects/reminders.html", context)
