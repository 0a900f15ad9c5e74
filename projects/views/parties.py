"""The firms behind a project: who invests, and what was registered in 拱墅."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.utils import timezone

from crm.answers import deed
from crm.bell import ring
from crm.errors import Refused
from projects.parties import link_investor, link_registered
from projects.step_forms import PartyForm
from projects.views import doors
from projects.views.record import page


@deed("projects:detail", "parties")
def investor(request, pk):
    """Link who puts in the money."""
    return _link(request, pk, link_investor, "investor", "投资主体")


@deed("projects:detail", "parties")
def registered(request, pk):
    """Link the firm registered in 拱墅."""
    return _link(request, pk, link_registered, "registered", "注册公司")


def _link(request, pk, link, role, label):
    project = doors.found(request, pk)
    form = PartyForm(request.POST, prefix=role)
    try:
        if not form.is_valid():
            return page(request, project, status=400, **{f"{role}_form": form})
        company = link(project, form.party(), by=request.user, at=timezone.now())
    except Refused as refusal:
        form.add_refusal(refusal)
        return page(request, project, status=refusal.status, **{f"{role}_form": form})
    ring(doors.MATCHING, project.pk)
    messages.success(request, f"{label}已关联：{company}。")
    return HttpResponseRedirect(f"{project.get_absolute_url()}#parties")
