"""挂起 and 恢复 of a project."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone

from crm.answers import deed
from crm.errors import Refused
from projects.step_forms import ResumeForm, SuspendForm
from projects.suspending import resume, suspend
from projects.views import doors
from projects.views.record import page


@deed("projects:detail", "suspension")
def suspend_project(request, pk):
    """Stop the clock until the day of the form, or show the form again with what is wrong."""
    project = doors.found(request, pk)
    form = SuspendForm(request.POST, prefix="suspend")
    try:
        if not form.is_valid():
            return page(request, project, status=400, suspend_form=form)
        given = form.cleaned_data
        suspend(project, by=request.user, at=timezone.now(), **given)
    except Refused as refusal:
        form.add_refusal(refusal)
        return page(request, doors.found(request, pk), status=refusal.status, suspend_form=form)
    messages.success(request, f"「{project}」已挂起至 {given['until']}，到那天自动恢复。")
    return redirect(project)


@deed("projects:detail", "suspension")
def resume_project(request, pk):
    """Let the clock go on today."""
    project = doors.found(request, pk)
    form = ResumeForm(request.POST)
    if not form.is_valid():
        raise doors.refusal_of(form)
    resume(project, by=request.user, at=timezone.now(), version=form.cleaned_data["version"])
    limit = f"，时限 {project.limit_on}" if project.limit_on else ""
    messages.success(request, f"「{project}」已恢复{limit}。")
    return redirect(project)
