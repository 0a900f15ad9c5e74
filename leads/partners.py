"""A partner system's report: written once per external number, whatever happens on the line."""

from django.db import IntegrityError

from leads.claims import AlreadyReported
from leads.intake import capture
from leads.models import Lead


def receive(data, *, by, at):
    """(lead, created): capture what partner `by` reports, or find what it reported before under this number.

    Raises what `capture` raises; a repeated number is no refusal, even when two calls race.
    """
    known = _known(by, data.external_id)
    if known:
        return known, False
    try:
        return capture(data, by=by, at=at), True
    except (AlreadyReported, IntegrityError):
        known = _known(by, data.external_id)
        if known is None:
            raise
        return known, False


def _known(partner, external_id):
    if not external_id:
        return None
    return Lead.objects.filter(partner__in=partner.token_ids, external_id=external_id).first()
