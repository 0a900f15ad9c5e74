"""The board, its order, and the steps asked for on it: a drop or a small form asks the gate."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import arranging, history
from crm.addresses import query_of
from crm.answers import deed, for_readers, says_why
from crm.bell import ring
from crm.errors import Refused, StaleVersion
from crm.filtersets import BadParameters
from crm.list_frames import at_its_address, piece_or_page
from crm.models import LossReason
from crm.permissions import may
from crm.together import read
from leads import places as lead_places
from leads.dropping import PIECE as LEAD_DROPPED
from leads.dropping import dropped
from leads.models import Lead
from leads.tagging import tell
from projects import board as columns_of
from projects import places
from projects.forms import AcceptForm, MoveForm
from projects.losing import lose
from projects.models import Project, ProjectPlace
from projects.opening import accept
from projects.stages import MAP, ProjectStage
from projects.views import doors

FIRST_SIGHT = ("q", "owner", "sector", "light")


@require_safe
@says_why
@for_readers("项目", Project.objects.visible_to)
def board(request):
    """看板: columns in the order of the settings; the number of queries does not depend on the cards."""
    filters = doors.asked(request)
    found = filters.rows()
    settings, figures = columns_of.settings(), columns_of.figures(found)
    mine = arranging.places_of(request.user, ProjectPlace)
    read(settings, figures, mine)
    put = arranging.placed(mine, found)
    columns = columns_of.columns(found, put, columns_of.heads(figures, settings), request.user)
    _dress(request, [card for column in columns for card in column.cards], settings)
    chips = filters.chips()
    context = {
        "filters": filters,
        "chips": chips,
        "has_more": any(chip.name not in FIRST_SIGHT for chip in chips),
        "columns": columns,
        "address": filters.address(),
        "first_sight": FIRST_SIGHT,
        "total": sum(column.head.count for column in columns),
        "is_arranged": bool(put),
    }
    template = piece_or_page(request, "projects/_board.html", "projects/board.html")
    return at_its_address(request, TemplateResponse(request, template, context), filters.address())


@require_safe
@says_why
def column(request, stage):
    """The next cards of one column, as a piece."""
    if stage not in ProjectStage.values:
        raise Http404
    filters = doors.asked(request, also=["after"])
    found = filters.rows()
    put = arranging.placed(arranging.places_of(request.user, ProjectPlace), found)
    page = columns_of.more(found, put, stage, request.GET.get("after", ""), request.user)
    _dress(request, page.rows, columns_of.settings())
    context = {"cards": page.rows, "code": stage, "next": page.next, "address": filters.address()}
    return TemplateResponse(request, "projects/_cards.html", context)


def _dress(request, projects, settings):
    return doors.dress(projects, request.user, timezone.now(), {s.code: s.label for s in settings})


@require_safe
def missing(request, pk):
    """What a project still lacks for the next stage, as a piece; with `form` the way to move it, too."""
    project = doors.found(request, pk)
    doors.dress([project], request.user, timezone.now(), MAP.labels)
    with_form = "form" in request.GET and project.may_move
    context = {"project": project, "ahead": ahead(project, request.user), "with_form": with_form}
    return TemplateResponse(request, "projects/_missing.html", context)


def ahead(project, user):
    """The next stage on the line and what it still asks for, with places; None at its end or beside it."""
    to = doors.onward(project)
    if not to:
        return None
    items = places.beside(project, project.missing_for(to, on=doors.today()), user)
    return {"code": to, "label": columns_of.label(to), "items": items}


@deed("projects:detail")
def place(request, pk):
    """Put a card below another of its column, for this person alone."""
    project = get_object_or_404(doors.visible(request), pk=pk)
    after = arranging.after(request.POST)
    arranging.put(ProjectPlace, project, after, doors.visible(request), request.user)
    return HttpResponse(status=204) if request.htmx else redirect("projects:board")


def natural(request):
    """Let all cards of this person stand by the day they came into their column again."""
    if request.method == "POST":
        arranging.forget(ProjectPlace, request.user)
        messages.success(request, "看板已恢复默认次序：最近进入这一阶段的在最上面。")
    return redirect("projects:board")


@deed("projects:detail")
def move(request, pk):
    """Ask the gate: the record moves, or the answer says what is missing and it stays where it was."""
    project = doors.found(request, pk)
    form = MoveForm(request.POST)
    try:
        change = _step(project, form, by=request.user)
    except Refused as refusal:
        return _stays(request, pk, form, refusal)
    if request.htmx:
        return _travelled(request, pk)
    was, now = columns_of.label(change.previous), columns_of.label(change.stage)
    messages.success(request, f"「{project}」已从「{was}」移到「{now}」。")
    return redirect(project)


def _step(project, form, *, by):
    if not form.is_valid():
        raise doors.refusal_of(form)
    data, at = form.cleaned_data, timezone.now()
    if data["stage"] == ProjectStage.LOST:
        return lose(project, form.loss(), by=by, at=at, version=data["version"])
    how = {"reason": data["reason"], "forced": data["forced"], "version": data["version"]}
    return project.move_to(data["stage"], by=by, at=at, **how)


def _stays(request, pk, form, refusal):
    """The refusal, with the form that may still carry the step: a reason, a loss, or 强制推进."""
    project = doors.found(request, pk)
    asked = form.data.get("stage", "")
    to = asked if asked in ProjectStage.values else ""
    context = {
        "refusal": refusal,
        "places": places.beside(project, refusal.missing, request.user),
        "project": project,
        "to": to,
        "to_label": columns_of.label(to),
        "form": form,
        "asks": _asks(request.user, project, to, refusal),
        "latest": history.latest(project) if isinstance(refusal, StaleVersion) else None,
        "loss_reasons": LossReason.objects.active(doors.today()),
    }
    template = "projects/_stays.html" if request.htmx else "projects/stays.html"
    return TemplateResponse(request, template, context, status=refusal.status)


def _asks(user, project, to, refusal):
    """What may still be said: a loss, a reason, force, or nothing."""
    if to == ProjectStage.LOST:
        return "loss" if refusal.code == "invalid" else ""
    if refusal.code == "reason_required" and not project.stages.is_forward(project.stage, to):
        return "reason"
    can_force = refusal.code in {"gate", "skipped_stage", "reason_required"}
    can_force = can_force and project.stage != ProjectStage.LOST  # the way back is nobody's to force
    return "force" if can_force and may(user, "force", project) else ""


def _travelled(request, pk):
    """The card in its new place and all heads, counted under the filters of the board it stands on."""
    settings = columns_of.settings()
    rows = _shown_on(request)
    card = _dress(request, [doors.found(request, pk)], settings)[0]
    tell([card], request.user)
    context = {"card": card, "heads": columns_of.heads(columns_of.figures(rows), settings)}
    return TemplateResponse(request, "projects/_travelled.html", context)


def _shown_on(request):
    """The projects of the board the drop came from; the step is written, so a wrong filter counts as none."""
    query = query_of(request.POST.get("next", ""))
    try:
        return doors.asked(request, data=query, also=query).rows()
    except BadParameters:
        return doors.visible(request)


@deed("leads:detail", "steps")
def open_lead(request, pk):
    """An accepted lead becomes a project in 在谈, or the answer says what the lead still lacks."""
    lead = get_object_or_404(Lead.objects.visible_to(request.user), pk=pk)
    form = AcceptForm(request.POST)
    try:
        project = _accept(lead, form, by=request.user)
    except Refused as refusal:
        template = "projects/_not_opened.html" if request.htmx else "projects/not_opened.html"
        can_force = refusal.code in {"gate", "skipped_stage", "reason_required"} and may(
            request.user, "force", lead
        )
        lacking = lead_places.beside(lead, refusal.missing, request.user)
        context = {
            "refusal": refusal,
            "places": lacking,
            "lead": lead,
            "form": form,
            "can_force": can_force,
            "latest": history.latest(lead) if isinstance(refusal, StaleVersion) else None,
        }
        return TemplateResponse(request, template, context, status=refusal.status)
    ring(doors.MATCHING, project.pk)
    if request.htmx:
        return TemplateResponse(request, LEAD_DROPPED, dropped(lead, request, at=timezone.now()))
    messages.success(request, f"「{project}」已立项为 {project.code}，进入在谈。")
    return redirect(project)


def _accept(lead, form, *, by):
    if not form.is_valid():
        raise doors.refusal_of(form)
    data = form.cleaned_data
    how = {"reason": data["reason"], "forced": data["forced"], "version": data["version"]}
    return accept(lead, by=by, at=timezone.now(), **how)
