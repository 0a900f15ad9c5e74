"""移交 of a project: it goes together with the lead it came of; it is answered on the list of hand-overs."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.utils import timezone

from crm.answers import deed
from crm.errors import Refused
from leads.forms import HandoverForm
from leads.handover import hand_over
from projects.views import doors
from projects.views.record import page


@deed("projects:detail", "handover")
def offer(request, pk):
    """Offer the project to another unit."""
    project = doors.found(request, pk)
    form = HandoverForm(request.POST, lead=project.lead, prefix="handover")
    try:
        if not form.is_valid():
            return page(request, project, status=400, handover_form=form)
        hand_over(project.lead, by=request.user, at=timezone.now(), **form.cleaned_data)
    except Refused as refusal:
        form.add_refusal(refusal)
        return page(request, project, status=refusal.status, handover_form=form)
    messages.success(request, f"已向{form.cleaned_data['to_unit']}提出移交，等待答复；答复前项目仍在本单位。")
    return HttpResponseRedirect(project.get_absolute_url())
