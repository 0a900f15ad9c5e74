"""A row of the 工作台: a lead or project is worked on without leaving the page, by the calls of its own page.

Each deed opens a form in the row and is refused there; what was done leaves a line in its place, with 撤销
where that can be done. Without JavaScript the same addresses lead to the forms of the record's page.
"""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import history
from crm.answers import refused
from crm.errors import Refused, StaleVersion
from crm.permissions import require
from crm.workdays import shanghai_day
from leads import editing, handover, next_days, replanning
from leads.follow_up import log_visit
from leads.models import Handover, Lead
from projects import desk, mending
from projects.agenda import LISTS, Agenda
from projects.models import Project
from projects.work_forms import DEEDS, HAND_OVER, REPLAN, VISIT, deeds_for, form_for, over

MODELS = {"lead": Lead, "project": Project}
# where the record's own pages have the form of a deed
PLACES = {
    VISIT: ("detail", "visit"),
    REPLAN: ("edit", "id_next_contact_on"),
    HAND_OVER: ("detail", "id_handover-to_unit"),
}


class Row:
    """A record on a list of somebody's 工作台; Http404 for what there is none of, for this person."""

    def __init__(self, request, where, kind, pk):
        if where not in LISTS or kind not in MODELS:
            raise Http404
        self.request, self.where, self.kind, self.at = request, where, kind, timezone.now()
        self.day = shanghai_day(self.at)
        rows = MODELS[kind].objects.visible_to(request.user)
        related = ("unit", "owner", "lead__unit") if kind == "project" else ("unit", "owner", "project")
        self.record = get_object_or_404(rows.select_related(*related), pk=pk)
        self.agenda = Agenda(request.user, self.day)

    @property
    def lead(self):
        return self.record.lead if self.kind == "project" else self.record

    @property
    def prefix(self):
        """Of the names in its forms: the same record may stand on two lists."""
        return f"{self.where}-{self.kind}-{self.record.pk}"

    def place(self, deed):
        """Where the record's own pages have the form."""
        page, anchor = PLACES[deed]
        return f"{reverse(f'{self.kind}s:{page}', args=[self.record.pk])}#{anchor}"

    def show(self, piece, status=200, **more):
        """A piece in the place of the row."""
        context = {
            "where": self.where,
            "kind": self.kind,
            "record": self.record,
            "deeds": deeds_for(self.request.user),
            "show_owner": not self.agenda.is_personal,
            **more,
        }
        return TemplateResponse(self.request, f"home/_task{piece}.html", context, status=status)

    def task(self):
        """The record as its list has it; None when it stands there no more."""
        return self.agenda.find(self.where, self.kind, self.record.pk)

    def done(self, said, undo="", token=""):
        """The line that stands for the row now; the numbers of the page and its other rows follow."""
        if not self.request.htmx:
            messages.success(self.request, f"「{self.record}」{said}")
            return HttpResponseRedirect(reverse("home"))
        return self._told(self.show("_done", said=said, undo=undo, token=token, **self._numbers()))

    def back(self):
        """The row after something was taken back; a line when it stands on another list now."""
        task = self.task() if self.request.htmx else None
        if task is None:
            return self.done("已撤销，恢复原来的约定。")
        return self._told(self.show("", task=task, focus="title", is_back=True, **self._numbers()))

    def _numbers(self):
        return {"tiles": desk.tiles(self.agenda), "whole": desk.whole(self.agenda)}

    def _told(self, answer):
        answer.headers["HX-Trigger-After-Swap"] = f"done-{self.kind}-{self.record.pk}"
        return answer

    def refuse(self, refusal):
        """The refusal of something that has no form to show it in."""
        if not self.request.htmx:
            return refused(self.request, refusal, back=self.record.get_absolute_url())
        return self.show("_done", status=refusal.status, refusal=refusal)


@require_safe
def row(request, where, kind, pk):
    """The row itself: after a form was closed, or when the record was worked on in another list."""
    one = Row(request, where, kind, pk)
    task = one.task()
    return one.show("", task=task, focus=request.GET.get("focus", "")) if task else HttpResponse("")


@require_http_methods(["GET", "HEAD", "POST"])
def deed(request, where, kind, pk, deed):
    """The form of a deed in the row, or the deed."""
    if deed not in DEEDS:
        raise Http404
    one = Row(request, where, kind, pk)
    try:
        require(request.user, DEEDS[deed].verb, one.record)
        return _do(one, deed) if request.method == "POST" else _ask(one, deed)
    except Refused as refusal:
        return one.refuse(refusal)


def _ask(one, deed):
    if not one.request.htmx:
        return HttpResponseRedirect(one.place(deed))
    form = form_for(deed, one.record, today=one.day, prefix=one.prefix)
    return _form(one, deed, form)


def _form(one, deed, form, status=200, **more):
    more |= {"deed": DEEDS[deed], "form": form, "place": one.place(deed)}
    return one.show("_form", status, next_days=next_days.offers(one.day), **more)


def _stale(one, deed, form, refusal):
    """What was typed stays, over the row as it stands; above it what is agreed now and whose it is."""
    form.add_refusal(refusal)
    current = refusal.current
    more = {}
    if deed == REPLAN:
        more = {"current": current, "last": history.last_changes(current, replanning.PLAN)}
    return _form(one, deed, over(form, current.version), refusal.status, **more)


def _do(one, deed):
    form = form_for(deed, one.record, today=one.day, data=one.request.POST, prefix=one.prefix)
    if not form.is_valid():
        return _form(one, deed, form, 400)
    try:
        return ACTS[deed](one, form)
    except StaleVersion as refusal:
        return _stale(one, deed, form, refusal)
    except Refused as refusal:
        form.add_refusal(refusal)
        return _form(one, deed, form, refusal.status)


def _visit(one, form):
    target = one.record if one.kind == "project" else None
    talk = log_visit(one.lead, form.follow_up(one.at), by=one.request.user, at=one.at, target=target)
    return one.done(f"已记下，下次联系 {next_days.said(talk.next_on)}。" if talk.next_on else "已记下。")


def _replan(one, form):
    edit = mending.edit if one.kind == "project" else editing.edit
    before = [getattr(one.record, name) for name in replanning.PLAN]
    version = form.cleaned_data["version"]
    new = edit(one.record, form.plan(), by=one.request.user, at=one.at, version=version)
    is_new = before != [getattr(new, name) for name in replanning.PLAN]
    return one.done(
        f"已改到 {next_days.said(new.next_contact_on)} 联系。",
        REPLAN if is_new else "",
        one.request.request_id,
    )


def _hand_over(one, form):
    offer = handover.hand_over(one.lead, by=one.request.user, at=one.at, **form.cleaned_data)
    return one.done(f"已向{offer.to_unit}提出移交，等待答复。", HAND_OVER, offer.pk)


ACTS = {VISIT: _visit, REPLAN: _replan, HAND_OVER: _hand_over}


@require_POST
def undo(request, where, kind, pk):
    """Take a 改期 or the offer of a 移交 back: the row stands again where it stood."""
    one = Row(request, where, kind, pk)
    deed, token = request.POST.get("deed"), request.POST.get("token", "")
    if deed not in (REPLAN, HAND_OVER):
        raise Http404
    try:
        if deed == REPLAN:
            replanning.take_back(one.record, token[:40], by=request.user, at=one.at)
        else:
            _withdraw(one, token)
    except Refused as refusal:
        return one.refuse(refusal)
    return one.back()


def _withdraw(one, token):
    offers = Handover.objects.visible_to(one.request.user).filter(lead=one.lead)
    offer = get_object_or_404(offers, pk=token if token.isdecimal() and len(token) < 19 else 0)
    handover.withdraw(offer, by=one.request.user, at=one.at)
