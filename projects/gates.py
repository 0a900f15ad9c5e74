"""What a step still lacks, stage by stage and by 落地方式 (domain rule §1.4). Pure: facts in, list out."""

from dataclasses import dataclass

from crm.errors import Missing


@dataclass(frozen=True)
class GateFacts:
    """What the gates ask about a project."""

    visit_kinds: frozenset = frozenset()
    has_decision_contact: bool = False
    has_amount: bool = False
    has_space_need: bool = False
    has_sector: bool = False
    has_carrier: bool = False
    has_demands: bool = False
    landing_mode: str = ""
    has_uscc: bool = False
    evidence: frozenset = frozenset()


FACE_TO_FACE = frozenset({"out", "host", "site"})

TEXTS = {
    "proposal": "没有项目建议书与条款草案。",
    "diligence": "没有尽职调查报告。",
    "decision": "没有决策会议纪要。",
    "fair_competition": "没有公平竞争审查结论。",
    "legal_review": "没有合法性审查意见。",
    "agreement": "没有正式投资协议（框架协议不算）。",
    "commitments": "没有承诺清单。",
    "registration": "没有拱墅注册的营业执照。",
    "premises": "没有租赁合同或产权证明。",
    "land_contract": "没有土地出让合同。",
    "capital": "没有到位资金凭证。",
    "construction": "没有施工许可或开工认定。",
    "move_in": "没有入驻证明（社保/税务）。",
    "operation": "没有投产、营收或纳税证明。",
}

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


def missing_for(to, facts):
    """The Missing items before a project may enter stage `to`, in the order an officer mends them."""
    return GATES[to](facts)


def _to_review(facts):
    checks = [
        (
            facts.visit_kinds & FACE_TO_FACE,
            "visit",
            "没有见面记录（外出拜访、来访接待或实地考察）。",
            "visit",
        ),
        (facts.has_decision_contact, "decision_contact", "没有标明有决策权的联系人。", "contact"),
        (facts.has_amount, "amount", "没有投资额。", "amount_wan"),
        (facts.has_space_need, "space_need", "没有用房面积或用地亩数。", "area_sqm"),
        (facts.has_sector, "sector", "没有融合赛道（基础层、未分类也请标明）。", "sector_kind"),
        (facts.has_carrier, "carrier", "没有候选载体。", "carriers"),
        (facts.has_demands, "demands", "没有书面的企业诉求。", "demands"),
    ]
    return [Missing(code, text, field) for ok, code, text, field in checks if not ok]


def _to_signed(facts):
    kinds = ("proposal", "diligence", "decision", "fair_competition", "legal_review", "agreement")
    return _mode(facts) + _papers(facts, kinds)


def _to_registered(facts):
    missing = _papers(facts, ("commitments", "registration"))
    if not facts.has_uscc:
        missing.append(Missing("uscc", "没有注册公司的统一社会信用代码。", "uscc"))
    return missing


def _to_landed(facts):
    kinds = SETTLED.get(facts.landing_mode, ()) + STARTED.get(facts.landing_mode, ("move_in",))
    return _mode(facts) + _papers(facts, kinds)


def _to_operating(facts):
    return _papers(facts, ("operation",))


def _to_aftercare(facts):
    return []


def _mode(facts):
    return [] if facts.landing_mode else [Missing("landing_mode", "没有选明落地方式。", "landing_mode")]


def _papers(facts, kinds):
    return [Missing(kind, TEXTS[kind], "evidence") for kind in kinds if kind not in facts.evidence]


GATES = {
    "review": _to_review,
    "signed": _to_signed,
    "registered": _to_registered,
    "landed": _to_landed,
    "operating": _to_operating,
    "aftercare": _to_aftercare,
}
