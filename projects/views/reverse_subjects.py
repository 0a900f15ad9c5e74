"""What a page of 反向匹配 is about: a fund, a policy or a space, with what it asks and of whom."""

from collections.abc import Callable
from dataclasses import dataclass

from django.shortcuts import get_object_or_404
from django.urls import reverse

from crm import rules
from crm.errors import Refused
from crm.permissions import require
from crm.workdays import shanghai_day
from projects import reversing, seekers
from projects.models import CriteriaVersion, Fund, Policy, Space
from projects.offers import Settled, offer_of
from projects.space_fit import described

SETTLED = {
    Fund: "基金筹建中，尚不能出资，现在一律只列入储备；下面是设立以后的结论。",
    Policy: "下面是只按条件比对的结论。",
}
CLOSED = {
    Fund: Refused("基金已关闭，不再和项目、线索匹配。", code="fund_closed"),
    Policy: Refused("政策已废止，不再和项目、线索匹配。", code="policy_closed"),
}
LEADS_SAY_LITTLE = "线索没有用房需求，只比对写明的需求面积和赛道，其余算信息不足；没有写需求面积的线索不列。"


@dataclass(frozen=True)
class Subject:
    """What is asked, and of whom: its name and page, the plan in force, and the addresses of its list.

    `basis` and `paper` say what it goes by, `whom` is compared; `caution` is said above the list, of a fund
    that cannot invest yet, say, and `settled` is what then holds of all; `mend` is where what a project or
    lead says is filled in, and its words.
    """

    name: str
    url: str
    plan: rules.Plan
    address: str
    export: str
    basis: str
    version: CriteriaVersion | None = None
    caution: str = ""
    settled: Settled | None = None
    whom: str = "在办项目和还没有立项的线索"
    paper: str = "公布条件"
    seen_by: Callable = reversing.seen_by
    mend = {"project": ("projects:facts", "企业信息"), "lead": ("projects:lead_facts", "企业信息")}


@dataclass(frozen=True)
class SpaceSubject(Subject):
    """The same of a space: its register, and what is needed of a space."""

    whom: str = "登记了用房需求、还没有确定空间的在办项目，和写了需求面积、还没有立项的线索"
    paper: str = "载体台账"
    seen_by: Callable = seekers.seeking
    mend = {"project": ("projects:project_spaces", "用房需求"), "lead": ("leads:edit", "更正线索")}


def subject_of(request, whose, pk, day):
    """The Subject of a visible fund, policy or space; Refused when it is closed or taken, 404 when it is
    invisible."""
    if whose == "space":
        return _of_space(request, pk, day)
    return _of_criteria(request, MODELS[whose], pk, day)


MODELS = {Fund.FIELD: Fund, Policy.FIELD: Policy}


def _of_criteria(request, model, pk, day):
    one = get_object_or_404(model.objects.visible_to(request.user), pk=pk)
    offer = offer_of(one, day)
    if offer is None:
        raise CLOSED[model]
    version = CriteriaVersion.objects.filter(pk=offer.version_id).first()
    return Subject(
        name=one.name,
        url=one.get_absolute_url(),
        plan=offer.plan,
        version=version,
        basis=_basis(version, offer.plan.awaits),
        caution=_caution(offer, model),
        settled=offer.settled,
        **_addresses(model.FIELD, pk),
    )


def _of_space(request, pk, day):
    require(request.user, "see_spaces")
    one = get_object_or_404(described(Space.objects.visible_to(request.user)), pk=pk)
    if one.state != Space.State.FREE:
        raise Refused(f"这处空间{one.get_state_display()}，不再和项目、线索匹配。", code="not_on_offer")
    if not (one.valid_from or day) <= day <= (one.valid_to or day):
        raise Refused("这处空间今天不在登记有效期内，不和项目、线索匹配。", code="not_on_offer")
    return SpaceSubject(
        name=str(one),
        url=one.get_absolute_url(),
        plan=seekers.plan_of(one),
        basis=f"按 {shanghai_day(one.updated_at)} 的载体台账",
        caution=LEADS_SAY_LITTLE,
        **_addresses("space", pk),
    )


def _addresses(whose, pk):
    names = {"address": f"projects:{whose}_reverse", "export": f"projects:{whose}_reverse_export"}
    return {key: reverse(name, args=[pk]) for key, name in names.items()}


def _basis(version, awaits):
    if version is None:
        return awaits or "没有有效的条件版本"
    return f"按第 {version.number} 版条件{'（示例条件）' if version.is_example else ''}"


def _caution(offer, model):
    if offer.settled is None:
        return ""
    reason = f"{offer.settled.reason}；" if model is Policy else ""
    return f"{reason}{SETTLED[model]}"
