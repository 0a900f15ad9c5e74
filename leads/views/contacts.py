"""The people at the company of a lead: adding one, looking at the numbers of one, correcting one."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone

from crm import audit
from crm.answers import deed
from crm.errors import Refused
from crm.permissions import may, require
from leads import contacts
from leads.forms import ContactForm, CorrectionForm
from leads.views.record import page, visible_lead


@deed("leads:detail", "contacts")
def add(request, pk):
    """Add a person at the company."""
    lead = visible_lead(request, pk)
    form = ContactForm(request.POST, prefix="contact")

    def act():
        contacts.add(lead, form.person(), by=request.user, at=timezone.now())

    return _answered(request, lead, form, act, "联系人已登记。", contact_form=form)


@deed("leads:detail", "contacts")
def correct(request, pk, contact_pk):
    """Correct a person whose numbers were looked at."""
    lead = visible_lead(request, pk)
    contact = get_object_or_404(contacts.of_lead(lead), pk=contact_pk)
    require(request.user, "edit", lead)
    form = CorrectionForm(request.POST, contact=contact)

    def act():
        seen = form.cleaned_data["seen"]
        contacts.correct(lead, contact, form.person(), seen=seen, by=request.user, at=timezone.now())

    return _answered(request, lead, form, act, "联系人已更正。", correcting=contact, correction=form)


def _answered(request, lead, form, act, said, **shown):
    """Act if the form is right; the refused form on the lead's page, else back to it with `said`."""
    try:
        if not form.is_valid():
            return page(request, lead, status=400, **shown)
        act()
    except Refused as refusal:
        form.add_refusal(refusal)
        return page(request, lead, status=refusal.status, **shown)
    messages.success(request, said)
    return HttpResponseRedirect(f"{lead.get_absolute_url()}#contacts")


@deed("leads:detail")
@transaction.atomic
def reveal(request, pk):
    """Show one contact's numbers in full, with the form to correct them, and note that this person looked."""
    lead = visible_lead(request, pk)
    require(request.user, "reveal", lead)
    wanted = request.POST.get("contact", "")
    contact = next((one for one in contacts.of_lead(lead) if str(one.pk) == wanted), None)
    if contact is None:
        return page(request, lead, status=404)
    detail = {"lead": lead.pk, "title": lead.title}
    audit.record(request.user, "reveal_contact", contact, detail=detail, at=timezone.now())
    shown = {}
    if may(request.user, "edit", lead):
        shown = {"correcting": contact, "correction": CorrectionForm(contact=contact)}
    if request.htmx:
        context = {"contact": contact, "lead": lead, "is_open": True, **shown}
        return TemplateResponse(request, "leads/_contact.html", context)
    return page(request, lead, revealed=contact, **shown)
