"""What one does to a lead: move it, log a visit, judge it, hand it over. Each is one call and an answer."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from crm import history
from crm.answers import deed
from crm.clash_forms import rows_of
from crm.clashes import Clash, Clashing
from crm.errors import Gone, Refused, StaleVersion
from crm.models import LossReason
from crm.permissions import may
from crm.workdays import shanghai_day
from leads import handover, next_days, places
from leads import screening as screening_of
from leads.follow_up import log_visit
from leads.forms import HandoverForm, MoveForm, ScreeningForm, VisitForm
from leads.losing import step
from leads.models import Lead
from leads.stages import MAP, LeadStage
from leads.views.board import moved
from leads.views.record import page, visible_lead


@deed("leads:detail", "steps")
def move(request, pk):
    """Move to another stage; on the board answer with the card, else go back where one came from.

    The step to 跟进 opens a project: the door that does, and says what is lacking, gets the form as it is.
    """
    lead = visible_lead(request, pk)
    if request.POST.get("stage") == LeadStage.ACCEPTED:
        return HttpResponseRedirect(reverse("projects:open", args=[pk]), preserve_request=True)
    form = MoveForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused("；".join(error for errors in form.errors.values() for error in errors))
        to = form.cleaned_data["stage"]
        step(lead, to, by=request.user, at=timezone.now(), **form.step())
    except Gone:
        raise  # there is no page of it any more
    except Refused as refusal:
        return _not_moved(request, lead, refusal)
    if request.htmx:
        return moved(request, lead)
    messages.success(request, f"「{lead.title}」已移到「{MAP.labels[lead.stage]}」。")
    return HttpResponseRedirect(_back(request, lead))


def _not_moved(request, lead, refusal):
    current = Lead.objects.select_related("unit").get(pk=lead.pk)
    context = {
        "refusal": refusal,
        "places": places.beside(current, refusal.missing, request.user),
        "lead": current,
        "wants_reason": refusal.code == "reason_required",
        "wants_loss": refusal.code == "invalid" and request.POST.get("stage") == LeadStage.DROPPED,
        "loss_reasons": LossReason.objects.active(shanghai_day(timezone.now())),
        "may_force": bool(refusal.missing) and may(request.user, "force", current),
        "wanted": request.POST.get("stage", ""),
        "wanted_label": MAP.labels.get(request.POST.get("stage", ""), ""),
        "latest": history.latest(current) if isinstance(refusal, StaleVersion) else None,
    }
    if request.htmx:
        return TemplateResponse(request, "leads/_not_moved.html", context, status=refusal.status)
    del context["lead"]
    return page(request, visible_lead(request, lead.pk), status=refusal.status, **context)


def _back(request, lead):
    """Where the person came from, if that is one of our addresses."""
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return wanted
    return lead.get_absolute_url()


@deed("leads:detail", "visit")
def visit(request, pk):
    """Log a visit or call."""
    lead = visible_lead(request, pk)
    at = timezone.now()
    form = VisitForm(request.POST, record=lead, today=shanghai_day(at), prefix="visit")
    if not form.is_valid():
        return page(request, lead, status=400, visit_form=form)
    try:
        talk = log_visit(lead, form.follow_up(at), by=request.user, at=at)
    except Refused as refusal:
        form.add_refusal(refusal)
        return page(request, lead, status=refusal.status, visit_form=form)
    planned = f"下次联系 {next_days.said(talk.next_on)}" if talk.next_on else "已流失的不约下次联系"
    messages.success(request, f"已记下这次联系，{planned}。")
    return HttpResponseRedirect(_back(request, lead))


@deed("leads:detail", "screening")
def screening(request, pk):
    """Save the 研判 opinion and the classification."""
    lead = visible_lead(request, pk)
    at = timezone.now()
    form = ScreeningForm(request.POST, lead=lead, today=shanghai_day(at))
    if not form.is_valid():
        return page(request, lead, status=400, screening_form=form)
    try:
        shown, version = form.shown(), form.cleaned_data["version"]
        screening_of.revise(
            lead, _chosen(lead, form, shown), by=request.user, at=at, version=version, shown=shown
        )
    except Clashing as refusal:
        return _clashing(request, lead, form, refusal)
    except Refused as refusal:
        form.add_refusal(refusal)
        return page(request, lead, status=refusal.status, screening_form=form)
    messages.success(request, "研判意见已保存。")
    return HttpResponseRedirect(f"{lead.get_absolute_url()}#screening")


def _chosen(lead, form, shown):
    """What the person wants to stand there; where he chose what stands there now, that.

    Raises Clashing while he has not chosen for each field that both changed.
    """
    values = form.values()
    asked = form.asked(values)
    if None in asked.values():
        theirs = screening_of.standing(lead)
        raise Clashing(lead, [Clash(name, values[name], theirs[name]) for name in asked])
    return {name: shown[name] if asked.get(name) == "theirs" else value for name, value in values.items()}


def _clashing(request, lead, form, refusal):
    """What was typed stays in the form, over the row as it stands; fields both changed show both values."""
    current = visible_lead(request, lead.pk)
    last = history.last_changes(current, [one.name for one in refusal.clashes])
    if written := getattr(current, "screening", None):
        last |= dict.fromkeys(screening_of.WRITTEN, (written.by, written.updated_at))
    rows = rows_of(form, refusal.clashes, last)
    return page(
        request, current, status=refusal.status, screening_form=form.over(current), stale=refusal,
        clashes=rows,
    )  # fmt: skip


@deed("leads:detail", "handover")
def hand_over(request, pk):
    """Pass the lead to another unit."""
    lead = visible_lead(request, pk)
    form = HandoverForm(request.POST, lead=lead, prefix="handover")
    if not form.is_valid():
        return page(request, lead, status=400, handover_form=form)
    try:
        handover.hand_over(lead, by=request.user, at=timezone.now(), **form.cleaned_data)
    except Refused as refusal:
        form.add_refusal(refusal)
        return page(request, lead, status=refusal.status, handover_form=form)
    messages.success(request, f"已向{form.cleaned_data['to_unit']}提出移交，等待答复；答复前线索仍在本单位。")
    return HttpResponseRedirect(lead.get_absolute_url())
