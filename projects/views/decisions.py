"""The meetings of a project: recording a pass, taking one back."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from crm.answers import deed
from crm.errors import Refused
from projects.deciding import record_pass, withdraw_pass
from projects.step_forms import PassForm, WithdrawForm
from projects.views import doors
from projects.views.record import page


@deed("projects:detail", "decisions")
def passing(request, pk):
    """Record that a meeting passed the project."""
    project = doors.found(request, pk)
    form = PassForm(request.POST, prefix="pass")
    try:
        if not form.is_valid():
            return page(request, project, status=400, pass_form=form)
        found = record_pass(project, form.passing(), by=request.user, at=timezone.now())
    except Refused as refusal:
        form.add_refusal(refusal)
        return page(request, project, status=refusal.status, pass_form=form)
    return _back(request, project, f"「{found.name}」通过已登记。")


@deed("projects:detail", "decisions")
def withdrawal(request, pk, pass_pk):
    """Take a pass back, and with it those that rest on it."""
    project = doors.found(request, pk)
    found = get_object_or_404(project.passes, pk=pass_pk)
    form = WithdrawForm(request.POST, prefix=f"withdraw-{found.pk}")
    try:
        if not form.is_valid():
            return page(request, project, status=400, withdraw_form=form)
        fallen = withdraw_pass(found, form.withdrawal(), by=request.user, at=timezone.now())
    except Refused as refusal:
        form.add_refusal(refusal)
        return page(request, project, status=refusal.status, withdraw_form=form)
    names = "、".join(one.name for one in fallen)
    return _back(request, project, f"已撤回通过：{names}。")


def _back(request, project, said):
    messages.success(request, said)
    return HttpResponseRedirect(f"{project.get_absolute_url()}#decisions")
