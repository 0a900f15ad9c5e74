"""载体空间: the register by floor, one space with the projects that fit, and the forms that keep them."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm.answers import keeps_draft, says_why
from crm.paging import count, keyset_page
from crm.permissions import may, require
from projects import spaces
from projects.floors import plans
from projects.models import Building, CandidateSpace, Project, Space
from projects.space_filters import SpaceFilter
from projects.space_fit import described, projects_for
from projects.space_forms import BuildingForm, SpaceForm
from projects.views import doors

DRAWN = 12  # buildings drawn beside a page of the list
FORM = "projects/space_form.html"


def _seen(request):
    require(request.user, "see_spaces")
    return Space.objects.visible_to(request.user)


@require_safe
@says_why
def space_list(request):
    """All spaces of the district, the newest entry first, with their buildings drawn."""
    filters = SpaceFilter(request.GET, _seen(request), request=request, today=doors.today(), also=("page",))
    rows = filters.rows()
    page = keyset_page(
        rows.select_related("building__carrier").prefetch_related("tracks"), request.GET.get("page", "")
    )
    houses = list({one.building_id: one.building for one in page.rows}.values())[:DRAWN]
    context = {
        "filters": filters,
        "chips": filters.chips(),
        "page": page,
        "count": count(rows),
        "address": filters.address(),
        "plans": plans(houses, Space.objects.visible_to(request.user).filter(building__in=houses)),
        "states": Space.State.choices,
        "may_edit": may(request.user, "edit_spaces"),
    }
    return TemplateResponse(request, "projects/spaces.html", context)


@require_safe
@says_why
def space(request, pk):
    """One space: what it is, who has it, and which projects it fits."""
    found = get_object_or_404(described(_seen(request)).prefetch_related("tracks"), pk=pk)
    at, user = timezone.now(), request.user
    mine = Project.objects.visible_to(user)
    final = CandidateSpace.objects.final().filter(space=found).select_related("final_by").first()
    live = CandidateSpace.objects.live().filter(space=found, project__in=mine)
    context = {
        "space": found,
        "plans": plans([found.building], Space.objects.visible_to(user).filter(building=found.building)),
        "states": Space.State.choices,
        "final": final,
        "final_project": mine.filter(pk=final.project_id).first() if final else None,
        "candidates": list(live.select_related("project__unit").order_by("-added_at", "-pk")[:50]),
        "fits": projects_for(found, mine.open(), at) if found.state == Space.State.FREE else None,
        "may_edit": may(user, "edit_spaces", found),
    }
    return TemplateResponse(request, "projects/space.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_draft
@says_why
def new(request):
    """A space that is not there yet; the address may name its building."""
    require(request.user, "edit_spaces")
    given = request.GET.get("building", "")
    initial = {"building": given, "available_from": doors.today()}
    form = SpaceForm(doors.sent(request), user=request.user, initial=initial)
    return _answered(request, form, lambda how: spaces.add_space(form.entry(), **how), {})


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_draft
@says_why
def edit(request, pk):
    """Correct a space."""
    found = get_object_or_404(_seen(request).select_related("building__carrier"), pk=pk)
    require(request.user, "edit_spaces", found)
    form = SpaceForm(doors.sent(request), user=request.user, row=found)

    def act(how):
        return spaces.change_space(found, form.entry(), version=form.cleaned_data["version"], **how)

    return _answered(request, form, act, {"row": found})


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_draft
@says_why
def building_new(request):
    """A building that is not there yet."""
    require(request.user, "edit_spaces")
    form = BuildingForm(doors.sent(request), user=request.user)
    return _answered(request, form, lambda how: spaces.add_building(form.house(), **how), {"is_house": True})


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_draft
@says_why
def building(request, pk):
    """Correct a building."""
    require(request.user, "see_spaces")
    rows = Building.objects.visible_to(request.user).select_related("carrier")
    found = get_object_or_404(rows, pk=pk)
    require(request.user, "edit_spaces", found)
    form = BuildingForm(doors.sent(request), user=request.user, row=found)

    def act(how):
        return spaces.change_building(found, form.house(), version=form.cleaned_data["version"], **how)

    return _answered(request, form, act, {"row": found, "is_house": True})


def _answered(request, form, act, context):
    """The form, or what `act` made of it; a new building goes on to its first space."""
    made = []
    how = {"by": request.user, "at": timezone.now()}
    status = doors.tried(form, lambda: made.append(act(how))) if form.is_bound else 200
    if status is None:
        messages.success(request, f"「{made[0]}」已保存，改了什么记入审计。")
        is_new_house = context.get("is_house") and "row" not in context
        on = f"{reverse('projects:space_new')}?building={made[0].pk}"
        return HttpResponseRedirect(on if is_new_house else made[0].get_absolute_url())
    return TemplateResponse(request, FORM, {"form": form, **context}, status=status)
