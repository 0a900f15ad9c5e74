"""去补充: where each thing a lead still lacks is filled in."""

from django.urls import reverse

from crm.permissions import may
from leads.models import Screening

# field of a Missing → the anchor on the page of the lead
ANCHORS = {
    "visit": "visit",
    "duplicates": "duplicates",
    "verdict": "id_verdict_0",
    "sector": "id_sector",
    "chain_position": "id_chain_position",
    "tracks": "id_tracks_0",
    **{name: f"id_{name}" for name in Screening.ASPECTS},
}


def beside(lead, missing, user):
    """[(Missing, address)]: beside each thing where `user` can fill it in, "" if nowhere."""
    can_edit = may(user, "edit", lead)
    return [(item, _place(lead, item, user) if can_edit else "") for item in missing]


def _place(lead, item, user):
    if item.field in ANCHORS:
        return f"{lead.get_absolute_url()}#{ANCHORS[item.field]}"
    if item.field == "owner" and may(user, "assign", lead):
        return f"{reverse('leads:edit', args=[lead.pk])}#id_owner"
    return ""
