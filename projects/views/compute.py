"""算力: what the bases supply against what projects ask for, the register's form, one project's demand."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm.answers import deed, keeps_draft, says_why
from crm.errors import Refused
from crm.permissions import may, require
from crm.workdays import shanghai_day
from projects import compute, compute_fit
from projects.compute_forms import ChooseForm, DemandForm, OfferForm
from projects.models import ComputeDemand, ComputeOffer, Project
from projects.views import doors

ROOM = "projects:project_compute"
LISTED = 100  # demands shown on the page, the latest first


def _offers(request):
    require(request.user, "see_spaces")
    return ComputeOffer.objects.visible_to(request.user)


@require_safe
@says_why
def offer_list(request):
    """Demand against supply per unit and base, the register, and who asks."""
    today, rows = doors.today(), list(_offers(request))
    asking = ComputeDemand.objects.filter(project__in=Project.objects.visible_to(request.user).open())
    demands = list(asking.select_related("project__unit", "offer").order_by("-updated_at", "pk"))
    for one in rows:
        one.is_old = one.is_stale(today)
    context = {
        "offers": rows,
        "balances": compute_fit.balances(ComputeOffer.objects.on_offer(today), demands, today),
        "demands": demands[:LISTED],
        "number": len(demands),
        "may_edit": may(request.user, "edit_compute"),
        "today": today,
    }
    return TemplateResponse(request, "projects/compute.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_draft
@says_why
def new(request):
    """An offer that is not there yet."""
    require(request.user, "edit_compute")
    form = OfferForm(doors.sent(request))
    return _answered(request, form, lambda how: compute.add_offer(form.entry(), **how), None)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_draft
@says_why
def offer(request, pk):
    """Correct an offer."""
    found = get_object_or_404(_offers(request), pk=pk)
    require(request.user, "edit_compute")
    form = OfferForm(doors.sent(request), row=found)

    def act(how):
        return compute.change_offer(found, form.entry(), version=form.cleaned_data["version"], **how)

    return _answered(request, form, act, found)


def _answered(request, form, act, row):
    how = {"by": request.user, "at": timezone.now()}
    status = doors.tried(form, lambda: act(how)) if form.is_bound else 200
    if status is None:
        messages.success(request, "算力台账已保存，改了什么记入审计。")
        return HttpResponseRedirect(reverse("projects:compute"))
    return TemplateResponse(request, "projects/compute_form.html", {"form": form, "row": row}, status=status)


@require_safe
@says_why
def room(request, pk):
    """Everything about the compute of a project."""
    return _page(request, doors.found(request, pk))


def _page(request, project, status=200, **given):
    at, can_edit = timezone.now(), may(request.user, "edit", project)
    row = ComputeDemand.objects.filter(project=project).select_related("offer").first()
    offers = ComputeOffer.objects.visible_to(request.user).on_offer(shanghai_day(at))
    context = {
        "project": project,
        "demand": row,
        "can_edit": can_edit,
        "form": DemandForm(project=project, row=row, prefix="demand") if can_edit else None,
        "fits": compute_fit.offers_for(row, offers, at) if row else None,
        "need_url": f"{reverse(ROOM, args=[project.pk])}#demand",
    }
    return TemplateResponse(request, "projects/project_compute.html", {**context, **given}, status=status)


@deed(ROOM, "demand")
def demand(request, pk):
    """Write down what the project asks for."""
    project = doors.found(request, pk)
    form = DemandForm(request.POST, project=project, prefix="demand")
    if not form.is_valid():
        return _page(request, project, status=400, form=form)
    try:
        version = form.cleaned_data["version"]
        compute.demand(project, form.asked(), by=request.user, at=timezone.now(), version=version)
    except Refused as refusal:
        if refusal.status != 400:
            raise
        form.add_refusal(refusal)
        return _page(request, project, status=400, form=form)
    messages.success(request, "算力需求已保存，匹配已按新的需求排序。")
    return HttpResponseRedirect(f"{reverse(ROOM, args=[pk])}#fits")


@deed(ROOM, "fits")
def choose(request, pk):
    """Note which offer the project means to use."""
    project = doors.found(request, pk)
    form = ChooseForm(request.POST, offers=ComputeOffer.objects.visible_to(request.user))
    if not form.is_valid():
        raise doors.refusal_of(form)
    chosen = form.cleaned_data["offer"]
    compute.choose(project, chosen, by=request.user, at=timezone.now())
    messages.success(request, f"拟用{chosen}已记下。" if chosen else "不再拟用。")
    return HttpResponseRedirect(f"{reverse(ROOM, args=[pk])}#fits")
