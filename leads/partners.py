"""A partner system's report: written once per external number, whatever happens on the line."""

from django.db import IntegrityError, transaction

from crm.models import Notification
from crm.notifications import notify, responsible
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
        with transaction.atomic():
            lead = capture(data, by=by, at=at)
            _announce(lead, by, at)
        return lead, True
    except (AlreadyReported, IntegrityError):
        known = _known(by, data.external_id)
        if known is None:
            raise
        return known, False


def _announce(lead, partner, at):
    """Tell those who answer for the receiving unit that a lead waits to be taken over."""
    for reader in responsible(lead.unit):
        notify(
            reader,
            kind=Notification.Kind.CLAIM,
            key=f"pushed:{lead.pk}",
            title=f"{partner}推送线索：{lead}",
            body="请指定负责人并在时限内首次响应。",
            url=lead.get_absolute_url(),
            at=at,
        )


def _known(partner, external_id):
    if not external_id:
        return None
    return Lead.objects.filter(partner__in=partner.token_ids, external_id=external_id).first()
