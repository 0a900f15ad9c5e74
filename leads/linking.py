"""企业关系: upstream and downstream, suppliers and customers, who introduced whom (domain §2.2).

Entered by who may edit a lead or project of one side; both sides show it, like the 资质 of the company.
"""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from crm.errors import Refused
from crm.models import Company, CompanyLink
from crm.permissions import require
from crm.values import clean_text, company_key
from crm.workdays import shanghai_day
from leads import claims
from leads.models import Claim, Lead

TOO_SHORT = 2


class LinkRefused(Refused):
    """The link cannot be as stated; `field` names what to mend."""

    code = "invalid"


@dataclass(frozen=True)
class Stated:
    """What somebody says: the other company, what it is to ours (a key of CompanyLink.SIDES), from where."""

    side: str
    name: str
    source: str
    known_on: date
    uscc: str = ""


@transaction.atomic
def link(record, stated, *, by, at):
    """Write what another company is to that of `record`, a lead or project; returns the CompanyLink.

    A company nobody has on file is written down by its name, without lead or claim. Raises NotAllowed,
    LinkRefused without company, source or a day that has come, for itself and for what stands there already.
    """
    require(by, "edit", record)
    if record.company_id is None:
        raise LinkRefused("还没有企业，先登记企业再写关系。", field="name")
    _check(stated, at)
    other = _company(stated, at)
    if other.pk == record.company_id:
        raise LinkRefused("这就是这家企业自己，请写另一家。", field="name")
    kind, gives, word = CompanyLink.SIDES[stated.side]
    giver, taker = (other.pk, record.company_id) if gives else (record.company_id, other.pk)
    if CompanyLink.objects.standing().filter(giver=giver, taker=taker, kind=kind).exists():
        raise LinkRefused(f"已经登记过：{other}是{word}。", field="name")
    return CompanyLink.objects.create(
        giver_id=giver, taker_id=taker, kind=kind, source=stated.source.strip(), known_on=stated.known_on,
        by=by, created_at=at,
    )  # fmt: skip


def _check(stated, at):
    if stated.side not in CompanyLink.SIDES:
        raise LinkRefused("请选择是什么关系。", field="side")
    if len(company_key(clean_text(stated.name))) < TOO_SHORT:
        raise LinkRefused("请填写企业全称。", field="name")
    if not stated.source.strip():
        raise LinkRefused("请写明从哪里知道的。", field="source")
    if stated.known_on > shanghai_day(at):
        raise LinkRefused("日期不能晚于今天。", field="known_on")


def _company(stated, at):
    """The company on file by this code or name, else a new one; reports of it wait until commit."""
    name = clean_text(stated.name)
    claims.lock(claims.claim_key(name), claims.claim_key(name, stated.uscc))
    found = _kept(list(Company.objects.same_as(name, stated.uscc).order_by("pk")), name)
    if found and stated.uscc and found.uscc == stated.uscc and not found.is_called(name):
        raise LinkRefused(f"这个信用代码登记的是「{found.name}」，请核对名称或代码。", field="uscc")
    return found or Company.objects.create(name=name, uscc=stated.uscc or None, created_at=at, updated_at=at)


def _kept(companies, name):
    """Of several of one name the one that took it over in a merge, else the oldest; None of none."""
    key = company_key(name)
    took_over = (one for one in companies if key in map(company_key, one.aliases))
    return next(took_over, companies[0] if companies else None)


@transaction.atomic
def end(record, row, *, by, at, reason):
    """Take a link back, for a reason; it stays to be read. Raises NotAllowed, LinkRefused."""
    require(by, "edit", record)
    kept = of_company(record.company_id).select_for_update(of=("self",)).get(pk=row.pk)
    if kept.ended_at:
        raise LinkRefused("这条关系已经撤销，请刷新后再看。")
    if not reason.strip():
        raise LinkRefused("请写明为什么撤销，例如登记有误、不再合作。", field="reason")
    kept.ended_at, kept.ended_by, kept.end_reason = at, by, reason.strip()[:200]
    kept.save(update_fields=["ended_at", "ended_by", "end_reason"])
    return kept


def of_company(company_id):
    """The links of a company in both directions, those taken back last."""
    rows = CompanyLink.objects.of([company_id]).select_related("giver", "taker", "by", "ended_by")
    return rows.order_by("-ended_at", "-known_on", "-pk")


def whereabouts(user, companies):
    """{company: its lead that `user` sees, else the open claim on it (which everybody is told of)}."""
    claims = Claim.objects.open().filter(company__in=companies).select_related("unit", "lead__unit")
    found = {claim.company_id: {"claim": claim} for claim in claims}
    seen = Lead.objects.visible_to(user).own().filter(company__in=companies).order_by("pk")
    return found | {lead.company_id: {"lead": lead} for lead in seen}
