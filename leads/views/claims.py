"""What one does to a claim: extend its protection."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.utils import timezone

from crm.answers import deed
from crm.errors import Refused
from leads import claims
from leads.claim_forms import ExtensionForm
from leads.views.record import page, visible_lead


@deed("leads:detail", "claim")
def extend(request, pk):
    """Extend the protection of a lead's claim, once."""
    lead = visible_lead(request, pk)
    form = ExtensionForm(request.POST, prefix="extension")
    if not form.is_valid():
        return page(request, lead, status=400, extension_form=form)
    try:
        claim = claims.extend(lead, by=request.user, at=timezone.now(), **form.cleaned_data)
    except Refused as refusal:
        form.add_refusal(refusal)
        return page(request, lead, status=refusal.status, extension_form=form)
    more = "裁决以后，裁决用掉的天数另外加上。" if claim.is_contested else ""
    messages.success(request, f"首报保护延至 {claim.protected_until:%Y-%m-%d}。{more}")
    return HttpResponseRedirect(lead.get_absolute_url())
