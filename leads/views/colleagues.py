"""Who may be named with an @ in what one writes of a lead."""

from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from crm import mentions
from crm.values.text import clean_text
from leads.views.record import visible_lead


@require_safe
def colleagues(request, pk):
    """The people who may see the lead, their name as far as it is typed."""
    typed = clean_text(request.GET.get("q", ""))[:30]
    people = mentions.suggestions(visible_lead(request, pk), typed, request.user)
    return TemplateResponse(request, "crm/_colleagues.html", {"people": people})
