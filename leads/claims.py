"""首报首谈: the first unit to report a company holds it for a while; the next is told who and until when."""

from datetime import timedelta

from crm import roles
from crm.errors import Refused
from crm.models import Notification
from crm.notifications import notify, responsible
from crm.numbers import number
from crm.values import company_key
from crm.workdays import shanghai_day
from leads.models import Claim


class AlreadyReported(Refused):
    """Another report holds the company. Says unit, date and protection, never contact details."""

    code = "already_reported"
    status = 409

    def __init__(self, claim, by=None):
        is_own = by is not None and by.role != roles.PARTNER and by.unit_id == claim.unit_id
        super().__init__(_own_notice(claim) if is_own else notice(claim), field="company_name")
        self.claim = claim


def notice(claim):
    """The 首报 notice everybody may read: unit, date, protected until (domain rule §1.7)."""
    day = shanghai_day(claim.claimed_at)
    return (
        f"这家企业已由{claim.unit}于 {day:%Y-%m-%d} 首报，保护至 {claim.protected_until:%Y-%m-%d}。"
        "如有不同意见，请联系区投促局。"
    )


def _own_notice(claim):
    day = shanghai_day(claim.claimed_at)
    return f"本单位已于 {day:%Y-%m-%d} 首报这家企业（线索「{claim.lead}」），请直接在那条线索上记录跟进。"


def claim_key(name, uscc=""):
    """The key under which a report holds a company: its USCC, else its normalised name."""
    return f"uscc:{uscc}" if uscc else f"name:{company_key(name)}"


def holder(company, key):
    """The open claim on this company or key, or None."""
    open_claims = Claim.objects.filter(released_at=None).select_related("unit", "lead")
    found = open_claims.filter(key=key).first()
    return found or (open_claims.filter(company=company).first() if company else None)


def claim(lead, key, *, at):
    """Write the claim of a new lead; the caller has checked `holder` under the intake lock."""
    return Claim.objects.create(
        lead=lead,
        company=lead.company,
        key=key,
        unit=lead.unit,
        person=lead.reporter,
        claimed_at=at,
        protected_until=shanghai_day(at) + timedelta(days=number("protection_days")),
    )


def _readers(lead, person):
    """The first reporter while he sees the lead; after a hand-over those who answer for it now."""
    if person and person.is_active and type(lead).objects.visible_to(person).filter(pk=lead.pk).exists():
        return [person]
    return [lead.owner] if lead.owner and lead.owner.is_active else responsible(lead.unit)


def tell_holder(claim, *, by, at):
    """Tell the first reporter that another unit met the same company: once per claim, unit and day.

    For the doors, after they caught AlreadyReported: the refused capture has been rolled back, so this
    notice commits on its own. `by` is the person or partner who was refused.
    """
    if by.unit_id == claim.unit_id:
        return
    lead = claim.lead
    for reader in _readers(lead, claim.person):
        notify(
            reader,
            kind=Notification.Kind.CLAIM,
            key=f"claim:{claim.pk}:{by.unit_id}:{shanghai_day(at)}",
            title=f"{by.unit}也在接触「{claim.lead}」",
            body=f"本单位首报受保护至 {claim.protected_until:%Y-%m-%d}，请尽快跟进。",
            url=claim.lead.get_absolute_url(),
            at=at,
        )
