"""What a person decides by before a merge: where the two leads say different things, and what each has."""

from dataclasses import dataclass

from django.db.models import Q

from crm.display import money, number
from crm.models import Contact, QualificationProof
from leads import carrying
from leads.merging import CHOSEN
from leads.models import Claim, RoadshowTarget, Visit, VisitPhoto

LABELS = {
    "title": "名称",
    "city": "来源城市",
    "sector_kind": "赛道",
    "chain_position": "链条位置",
    "amount_wan": "投资额",
    "area_sqm": "需求面积",
    "investor_name": "投资方",
    "city_code": "市级项目编码",
    "contact": "联系人",
    "next_step": "下一步",
    "next_contact_on": "下次联系日期",
    "note": "情况说明",
}
LONGEST = 120


@dataclass(frozen=True)
class Differing:
    """A column of which both leads say something, and not the same; `texts` as read on screen."""

    name: str
    label: str
    texts: tuple


def differing(one, other):
    """The Differing of two leads, in the order of CHOSEN."""
    return _differing(one, other, CHOSEN)


def _differing(one, other, names):
    found = []
    for name in names:
        ours, theirs = getattr(one, name), getattr(other, name)
        if name == "sector_kind":
            ours, theirs = (one.sector_kind and one.sector_label), (other.sector_kind and other.sector_label)
        if ours not in (None, "") and theirs not in (None, "") and ours != theirs:
            found.append(Differing(name, LABELS[name], (_said(one, name), _said(other, name))))
    return found


@dataclass(frozen=True)
class OfProject:
    """What a merge means to the project of one of two leads: `filled` are its gaps as (label, text)."""

    project: object
    lead: object  # whose project it is, and which has to be kept
    differing: list
    filled: list
    left: tuple = carrying.LEFT


def of_project(one, other):
    """The OfProject of two leads, None unless exactly one of them has become a project."""
    with_one = [lead for lead in (one, other) if carrying.project_of(lead)]
    if len(with_one) != 1:
        return None
    lead, gone = with_one[0], other if with_one[0] is one else one
    project = lead.project
    filled = [(LABELS[name], _said(gone, name)) for name in carrying.gaps(project, gone)]
    return OfProject(project, lead, _differing(project, gone, carrying.CHOSEN), filled)


def _said(record, name):
    value = getattr(record, name)
    if name == "sector_kind":
        return record.sector_label
    if name == "chain_position":
        return record.get_chain_position_display()
    words = {"amount_wan": money, "area_sqm": lambda area: f"{number(area)} ㎡"}
    return words.get(name, str)(value)[:LONGEST]


def belongings(*leads):
    """(label, of the first, of the second) of what goes over with a merge, or decides which one is kept."""
    counts = [_counts(lead) for lead in leads]
    return [(label, *(count[label] for count in counts)) for label in counts[0]]


def _counts(lead):
    company = lead.company
    people = Contact.objects.filter(Q(company=lead.company_id, unit=lead.unit_id) | Q(pk=lead.contact_id))
    return {
        "拜访和跟进": Visit.objects.filter(lead=lead).count(),
        "现场照片": VisitPhoto.objects.filter(visit__lead=lead).count(),
        "联系人": people.count(),
        "行程目标": RoadshowTarget.objects.filter(lead=lead).count(),
        "标签": "、".join(map(str, lead.tags.given_in(lead.unit_id))) or "没有",
        "资质": company.qualifications.count() if company else 0,
        "资质证明文件": QualificationProof.objects.filter(qualification__company=company).count()
        if company
        else 0,
        "企业信息": company.facts.count() if company else 0,
        "首报": "有效" if Claim.objects.open().filter(lead=lead).exists() else "没有",
        "项目": "已转为项目" if hasattr(lead, "project") else "没有",
    }
