"""What a step still lacks, stage by stage and by 落地方式 (domain rule §1.4). Pure: facts in, list out.

docs/stages.md has the gates as tables, which a test holds against this module.
"""

from dataclasses import dataclass

from crm.errors import Missing


@dataclass(frozen=True)
class GateFacts:
    """What the gates ask about a project. Models answer with projects/models/readiness.py."""

    visit_kinds: frozenset = frozenset()
    has_decision_contact: bool = False
    has_amount: bool = False
    has_prior: bool = False
    has_area: bool = False
    has_land: bool = False
    has_sector: bool = False
    has_carrier: bool = False
    has_demands: bool = False
    landing_mode: str = ""
    papers: frozenset = frozenset()
    agreement_lacks: tuple | None = None
    registered_lacks: str = "company"
    decision_lacks: tuple = ("category",)
    has_route: bool = False
    undecided: tuple = ()
    unreviewed: tuple = ()


FACE_TO_FACE = frozenset({"out", "host", "site"})

TEXTS = {
    "proposal": "没有项目建议书与条款草案。",
    "diligence": "没有尽职调查报告。",
    "fair_competition": "没有公平竞争审查结论。",
    "legal_review": "没有合法性审查意见。",
    "agreement": "没有正式投资协议（框架协议不算），协议编号、金额、签约主体及其信用代码都要填。",
    "commitments": "没有承诺清单。",
    "registration": "没有拱墅注册的营业执照。",
    "premises": "没有租赁合同或产权证明。",
    "land_contract": "没有土地出让合同。",
    "capital": "没有到位资金凭证。",
    "construction": "没有施工许可或开工认定。",
    "move_in": "没有入驻证明（社保/税务）。",
    "operation": "没有投产、营收或纳税证明。",
}
TEXTS_BY_MODE = {
    ("registration", "expansion"): "没有增资变更后的营业执照。",
    ("registration", "relocation"): "没有迁入拱墅后的营业执照。",
    ("premises", "lease"): "没有租赁合同。",
    ("premises", "purchase"): "没有购房合同或产权证明。",
}
# what has pages of its own is mended there; everything else is a paper to be recorded
PLACES = {"agreement": "agreements", "commitments": "agreements", "capital": "receipts"}

REVIEWED = ("proposal", "diligence", "fair_competition", "legal_review", "agreement")
# Where the firm settles decides what shows that it has: land, rooms, or only the firm itself.
SETTLED = {
    "land": ("land_contract", "capital"),
    "purchase": ("premises", "capital"),
    "lease": ("premises", "capital"),
    "research": ("premises", "capital"),
    "expansion": ("capital",),
    "relocation": ("premises",),
}
STARTED = {"land": ("construction",)}
MEETINGS = "按决策路径登记每个会议的通过"
UNKNOWN_WAY = "没有选明落地方式；选明以后，还要按落地方式登记土地出让、租赁或购房合同和到位资金等材料。"


def missing_for(to, facts):
    """The Missing items before a project may enter stage `to`, in the order an officer mends them."""
    return GATES[to](facts)


def _to_review(facts):
    met = facts.visit_kinds & FACE_TO_FACE
    return [
        *_lack(met, "visit", "没有见面记录（外出拜访、来访接待或实地考察）。", "visit"),
        *_lack(facts.has_decision_contact, "decision_contact", "没有标明有决策权的联系人。", "contact"),
        *_lack(facts.has_amount, "amount", "没有投资额。", "amount_wan"),
        *_increment(facts),
        *_space(facts),
        *_lack(facts.has_sector, "sector", "没有融合赛道（基础层、未分类也请标明）。", "sector_kind"),
        *_lack(facts.has_carrier, "carrier", "没有候选载体。", "carriers"),
        *_lack(facts.has_demands, "demands", "没有书面的企业诉求。", "demands"),
        *_papers(facts, ("proposal",)),
    ]


def _to_signed(facts):
    papers = _papers(facts, REVIEWED)
    return [*_mode(facts), *_increment(facts), *_decisions(facts), *facts.unreviewed, *papers]


def _to_registered(facts):
    missing = [*_in_force(facts), *_papers(facts, ("commitments", "registration"))]
    if facts.registered_lacks == "company":
        text = "没有关联注册公司（连同其统一社会信用代码）。"
        missing.append(Missing("registered_company", text, "parties"))
    elif facts.registered_lacks:
        missing.append(Missing("uscc", "没有注册公司的统一社会信用代码。", "parties"))
    return missing


def _in_force(facts):
    """A formal agreement that still stands: forced into 签约, or ended since, nobody goes on without one."""
    is_there = "agreement" in facts.papers or facts.agreement_lacks is not None
    return _lack(is_there, "agreement", "没有仍然有效的正式协议（框架协议、已解除的不算）。", "agreements")


def _to_landed(facts):
    kinds = SETTLED.get(facts.landing_mode, ()) + STARTED.get(facts.landing_mode, ("move_in",))
    mode = _lack(facts.landing_mode, "landing_mode", UNKNOWN_WAY, "landing_mode")
    return mode + _papers(facts, kinds)


def _to_operating(facts):
    return _papers(facts, ("operation",))


def _to_aftercare(facts):
    return []


def _lack(is_there, code, text, field):
    return [] if is_there else [Missing(code, text, field)]


def _mode(facts):
    return _lack(facts.landing_mode, "landing_mode", "没有选明落地方式。", "landing_mode")


def _increment(facts):
    """增资 counts the increment only, so what the firm had invested before must be said apart."""
    is_told = facts.landing_mode != "expansion" or facts.has_prior
    return _lack(is_told, "prior", "增资项目没有填原有投资（投资额只计新增部分）。", "prior_wan")


def _space(facts):
    """How much land or how many rooms; a firm that expands may stay where it is."""
    if facts.landing_mode == "expansion":
        return []
    if facts.landing_mode == "land":
        return _lack(facts.has_land, "space_need", "没有用地亩数。", "land_mu")
    if facts.landing_mode:
        return _lack(facts.has_area, "space_need", "没有用房面积。", "area_sqm")
    return _lack(facts.has_area or facts.has_land, "space_need", "没有用房面积或用地亩数。", "area_sqm")


def _decisions(facts):
    """What decides the route, else each meeting of the route that has not passed."""
    if "category" in facts.decision_lacks:
        return [Missing("category", f"没有选明项目分类；选明以后，还要{MEETINGS}。", "category")]
    if facts.decision_lacks:
        text = f"没有填财政或国资出资（没有请填 0）；填了以后，可能还要{MEETINGS}。"
        return [Missing("public_equity", text, "public_equity_wan")]
    if not facts.has_route:
        return [Missing("route", "没有适用的决策路径，请联系系统管理员设置。", "decisions")]
    return [_meeting(*one) for one in facts.undecided]


def _meeting(code, name, after):
    text = f"「{name}」在「{after}」之前通过，按决策路径须重新确认。" if after else f"「{name}」还没有通过。"
    return Missing(f"pass_{code}", text, "decisions")


def _papers(facts, kinds):
    return [_paper(facts, kind) for kind in kinds if kind not in facts.papers]


def _paper(facts, kind):
    text = TEXTS_BY_MODE.get((kind, facts.landing_mode), TEXTS[kind])
    if kind == "agreement" and facts.agreement_lacks:
        text = f"正式协议还缺{'、'.join(facts.agreement_lacks)}。"
    return Missing(kind, text, PLACES.get(kind, "evidence"))


GATES = {
    "review": _to_review,
    "signed": _to_signed,
    "registered": _to_registered,
    "landed": _to_landed,
    "operating": _to_operating,
    "aftercare": _to_aftercare,
}
