"""What one tells an introducer: recorded on the page of the lead."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.utils import timezone

from crm.answers import deed
from crm.errors import Refused
from leads.feedback import Said, feed_back
from leads.feedback_forms import FeedbackForm
from leads.views.record import page, visible_lead


@deed("leads:detail", "feedback")
def record(request, pk):
    """Record a 回音."""
    lead = visible_lead(request, pk)
    form = FeedbackForm(request.POST, prefix="feedback")
    if not form.is_valid():
        return page(request, lead, status=400, feedback_form=form)
    try:
        feed_back(lead, Said(**form.cleaned_data), by=request.user, at=timezone.now())
    except Refused as refusal:
        form.add_refusal(refusal)
        return page(request, lead, status=refusal.status, feedback_form=form)
    messages.success(request, "回音已记录。")
    return HttpResponseRedirect(lead.get_absolute_url())
