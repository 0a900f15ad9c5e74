"""投资主体 and 注册公司 of a project: linked to firms we know, never written a second time (domain §9).

Investor, signer of the agreement and registered company may be three firms with three codes. A team needs
no firm before 注册; what it then registers takes the place of the team, with everything known of it.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from crm.errors import Refused
from crm.models import Company
from crm.permissions import require
from crm.values import clean_text, company_key
from crm.workdays import shanghai_day
from leads import claims
from leads.models import Conflict, Lead
from projects.models import Project

TOO_SHORT = 2


class PartyRefused(Refused):
    """The firm cannot be linked as stated; `field` names what is wrong."""

    code = "invalid"


@dataclass(frozen=True)
class Party:
    """A firm by name and 统一社会信用代码 (a foreign investor has none).

    `is_ours`: it is the company or team of the project itself, which now goes by this name and code.
    `reason`: why it is linked although another unit reported it first.
    """

    name: str
    uscc: str = ""
    is_ours: bool = False
    reason: str = ""


@transaction.atomic
def link_investor(project, party, *, by, at):
    """Link who puts in the money; a code is not needed. Returns the Company."""
    return _link(project, party, "investor", by, at)


@transaction.atomic
def link_registered(project, party, *, by, at):
    """Link the firm registered in 拱墅, by its code; a project without any firm gets it as its own.

    What another unit has reported first is linked only with a reason, or after our unit contested it: both
    stay visible with the project, and the other unit is told once (domain §1.7).
    """
    if not party.uscc:
        raise PartyRefused("请填写注册公司的统一社会信用代码。", field="uscc")
    return _link(project, party, "registered_company", by, at)


def _link(project, party, role, by, at):
    require(by, "edit", project)
    row = Project.objects.select_for_update(of=("self",)).select_related("company").get(pk=project.pk)
    theirs = _reported_elsewhere(row, party) if role == "registered_company" else None
    company = _ours(row, party, at) if party.is_ours and row.company else firm(party, at)
    setattr(row, role, company)
    if role == "investor":
        Lead.objects.get(pk=row.lead_id).brought_by(company.name)
    fields = {role, "grams"}
    if role == "registered_company":
        fields |= {"company", "registered_note"}
        row.company = row.company or company
        row.registered_note = _settled(theirs, row, party, at) if theirs else ""
    row.index_words()
    row.save_version(row.version, fields, at=at)
    for name in ("version", "company", role):
        setattr(project, name, getattr(row, name))
    return company


def _reported_elsewhere(project, party):
    """The open claim of another unit on the firm, or None; reports of the firm wait until commit.

    Raises PartyRefused, with what everybody may know of the claim, when nothing settles it.
    """
    name = clean_text(party.name)
    claims.lock(claims.claim_key(name), claims.claim_key(name, party.uscc))
    theirs = claims.of_others(name, party.uscc, project.lead.investor_name, project.unit_id)
    if theirs and not party.reason.strip() and not _contested(theirs, project.unit_id):
        told = claims.notice(theirs, project.unit_id)
        ask = "仍要关联为注册公司，请写明理由；理由会一直留在项目页上，首报单位会收到通知。"
        raise PartyRefused(f"{told}{ask}", field="reason")
    return theirs


def _contested(claim, unit_id):
    """The case in which our unit contests the claim, or was decided to share it; None without one."""
    cases = Conflict.objects.filter(Q(decided_at=None) | Q(verdict=Conflict.Verdict.JOINT))
    return cases.filter(claim=claim, unit=unit_id, opened_at__gte=claim.claimed_at).first()


def _settled(claim, project, party, at):
    """Tell the unit that reported first, and say what stays visible with the project."""
    claims.tell_registered(claim, project.unit, at)
    case = _contested(claim, project.unit_id)
    why = f"理由：{party.reason.strip()}"
    if case and not party.reason.strip():
        why = f"本单位已提出首报冲突（{case.get_verdict_display() or '等待裁决'}）"
    told = f"{claim.unit}于 {shanghai_day(claim.claimed_at):%Y-%m-%d} 首报，{claims.protection(claim)}"
    return f"{told}；{why}"[:400]


def firm(party, at):
    """The firm of this name and code: the one on file, else a new one; raises PartyRefused."""
    return _known(party) or _new(party, at)


def _known(party):
    """The firm with this code, without one of this name; PartyRefused when the code is another's."""
    name = _name(party)
    if not party.uscc:
        return Company.objects.same_as(name).order_by("pk").first()
    found = Company.objects.filter(uscc=party.uscc).first()
    if found and not found.is_called(name):
        raise PartyRefused(f"这个信用代码登记的是「{found.name}」，请核对名称或代码。", field="uscc")
    return found


def _new(party, at):
    name = _name(party)
    return Company.objects.create(name=name, uscc=party.uscc or None, created_at=at, updated_at=at)


def _ours(project, party, at):
    """The project's own company under the name and code of its licence; the name before is kept."""
    company, name = project.company, _name(party)
    if company.uscc and party.uscc and company.uscc != party.uscc:
        raise PartyRefused(
            f"{company}的信用代码是 {company.uscc}，不是同一家，请不要勾选同一主体。", field="uscc"
        )
    if party.uscc and Company.objects.filter(uscc=party.uscc).exclude(pk=company.pk).exists():
        raise PartyRefused("这个统一社会信用代码已登记在另一家企业名下，请核对。", field="uscc")
    if name != company.name:
        company.former_names = [*company.former_names, company.name]
        company.name = name
    company.uscc, company.updated_at = company.uscc or party.uscc or None, at
    company.save()
    return company


def _name(party):
    name = clean_text(party.name)
    if len(company_key(name)) < TOO_SHORT:
        raise PartyRefused("请填写企业全称。", field="name")
    return name
