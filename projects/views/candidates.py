"""载体 of one project: what it needs, which spaces fit, which are in question, and the final one."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.answers import deed, says_why
from crm.bell import ring
from crm.errors import Refused
from crm.permissions import may
from crm.workdays import shanghai_day
from projects import candidates
from projects.models import CandidateSpace, Space, SpaceNeed
from projects.space_fit import of_candidates, spaces_for
from projects.space_forms import CandidateForm, NeedForm, ProposeForm
from projects.space_needs import state_need
from projects.views import doors

ROOM = "projects:project_spaces"
SAID = {
    "show": "带看已记下。",
    "up": "顺序已改。",
    "down": "顺序已改。",
    "settle": "空间已确定，状态改为已预留；别的项目的候选里已退出。",
    "drop": "已退出候选。",
    "give_back": "空间已交还，重新可用。",
}


@require_safe
@says_why
def room(request, pk):
    """Everything about the spaces of a project."""
    return _page(request, doors.found(request, pk))


def _page(request, project, status=200, **given):
    at = timezone.now()
    live = list(project.candidates.live().shown_in_order().select_related("space__building__carrier"))
    need, can_edit = SpaceNeed.objects.filter(project=project).first(), may(request.user, "edit", project)
    free = Space.objects.visible_to(request.user).on_offer(shanghai_day(at))
    context = {
        "project": project,
        "need": need,
        "can_edit": can_edit,
        "need_form": NeedForm(project=project, need=need, prefix="need") if can_edit else None,
        "candidates": of_candidates(project, live, at),
        "reserved": candidates.RESERVED,
        "final": next((one for one in live if one.is_final), None),
        "fits": spaces_for(project, free.exclude(pk__in=[one.space_id for one in live]), at),
        "need_url": f"{reverse(ROOM, args=[project.pk])}#need",
    }
    return TemplateResponse(request, "projects/project_spaces.html", {**context, **given}, status=status)


@deed(ROOM, "need")
def need(request, pk):
    """Write down what the project needs."""
    project = doors.found(request, pk)
    row = SpaceNeed.objects.filter(project=project).first()
    form = NeedForm(request.POST, project=project, need=row, prefix="need")
    if not form.is_valid():
        return _page(request, project, status=400, need_form=form)
    try:
        version = form.cleaned_data["version"]
        state_need(project, form.need(), by=request.user, at=timezone.now(), version=version)
    except Refused as refusal:
        if refusal.status != 400:
            raise
        form.add_refusal(refusal)
        return _page(request, project, status=400, need_form=form)
    ring(doors.MATCHING, project.pk)
    messages.success(request, "用房需求已保存，匹配已按新的需求排序。")
    return HttpResponseRedirect(f"{reverse(ROOM, args=[pk])}#fits")


@deed(ROOM, "fits")
def propose(request, pk):
    """Put a space on the list."""
    project, at = doors.found(request, pk), timezone.now()
    form = ProposeForm(request.POST, spaces=Space.objects.visible_to(request.user))
    if not form.is_valid():
        raise doors.refusal_of(form)
    given = form.cleaned_data
    candidates.propose(project, given["space"], by=request.user, at=at, note=given["note"])
    messages.success(request, f"「{given['space']}」已列入候选。")
    return HttpResponseRedirect(f"{reverse(ROOM, args=[pk])}#candidates")


@deed(ROOM, "candidates")
def candidate(request, pk, row):
    """Do to one candidate what the button says."""
    project = doors.found(request, pk)
    rows = CandidateSpace.objects.filter(project=project).select_related("project__unit", "space")
    one, form = get_object_or_404(rows, pk=row), CandidateForm(request.POST)
    if not form.is_valid():
        raise doors.refusal_of(form)
    _do(form.cleaned_data, one, {"by": request.user, "at": timezone.now()})
    messages.success(request, SAID[form.cleaned_data["do"]])
    return HttpResponseRedirect(f"{reverse(ROOM, args=[pk])}#candidates")


def _do(given, one, how):
    reason = given["reason"]
    match given["do"]:
        case "show":
            candidates.describe(one, shown_on=given["shown_on"], note=given["note"], **how)
        case "up" | "down":
            candidates.move(one, -1 if given["do"] == "up" else 1, **how)
        case "settle":
            candidates.settle(one, **how)
        case "drop":
            candidates.drop(one, reason=reason, **how)
        case "give_back":
            candidates.give_back(one, reason=reason, **how)
