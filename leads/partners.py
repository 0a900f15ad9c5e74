"""A partner system's report: written once per external number, whatever happens on the line."""

from django.db import IntegrityError, transaction

from crm.errors import Refused
from crm.models import Notification
from crm.notifications import notify, responsible
from leads.claims import AlreadyReported
from leads.intake import capture
from leads.models import Lead


class NumberTaken(Refused):
    """The partner's own number stands for another company; nothing happened."""

    code = "external_id_taken"
    status = 409


def receive(data, *, by, at):
    """(lead, created): capture what partner `by` reports, or find what it reported before under this number.

    Raises what `capture` raises; a repeated number is no refusal, even when two calls race. NumberTaken when
    it comes with another company: an answer of 200 would let that company get lost.
    """
    known = _known(by, data)
    if known:
        return known, False
    try:
        with transaction.atomic():
            lead = capture(data, by=by, at=at)
            _announce(lead, by, at)
        return lead, True
    except (AlreadyReported, IntegrityError):
        known = _known(by, data)
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


def _known(partner, data):
    if not data.external_id:
        return None
    mine = Lead.objects.filter(partner__in=partner.token_ids, external_id=data.external_id)
    lead = mine.select_related("company").first()
    if lead and lead.company and not _is_same(lead.company, data):
        raise NumberTaken(
            f"编号 {data.external_id} 已用于「{lead.company}」。另一家企业请用新的编号；改名请用 PATCH。",
            field="external_id",
        )
    return lead


def _is_same(company, data):
    """Whether it is reported by its code, or by a name it bears or bore."""
    return company.is_called(data.name) or bool(data.uscc) and data.uscc == company.uscc
