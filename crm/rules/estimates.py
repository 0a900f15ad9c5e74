"""支持金额的估算: what a policy would give to who fits, by the words it published; never a promise.

A benefit is tiers in order: the first whose `when` is fulfilled counts. Whatever is unknown on the way there
is named instead of guessed. Amounts in 万元, per firm and year.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from crm import display
from crm.rules.criteria import Plan, Problem, Vocabulary, check_offered, read
from crm.rules.dictionary import FIELDS
from crm.rules.drafting import is_too_big
from crm.rules.evaluation import judge, outcome_of
from crm.rules.explanations import as_json
from crm.rules.fields import Field, WrongValue, read_number
from crm.rules.logic import VerdictCode
from crm.rules.operators import show_threshold
from crm.rules.settling import missing_facts
from crm.rules.situation import Situation, in_order

KINDS = {"fixed": "定额", "rate": "按比例", "per_unit": "按数量"}
MOST = 10  # tiers of one benefit
KEYS = {"kind", "amount_wan", "rate", "of", "when", "clause"}
SIGNS = ("%", "％")
CENT = Decimal("0.0001")  # of a 万元: one yuan
DISCLAIMER = "仅为估算，不是承诺，以受理部门审核为准。"


@dataclass(frozen=True, slots=True)
class Tier:
    """One line of a benefit: for whom (`when`, None for all), and how much."""

    kind: str
    number: Decimal
    of: Field | None
    when: Plan | None
    clause: str


@dataclass(frozen=True, slots=True)
class Benefit:
    """Tiers as read, up to `cap_wan`; `problems` must be empty before they are published."""

    tiers: tuple[Tier, ...]
    cap_wan: Decimal | None
    problems: tuple[Problem, ...]

    @property
    def needs(self) -> frozenset[str]:
        """The facts an estimate may ask for."""
        found: set[str] = set()
        for tier in self.tiers:
            found |= _needs(tier.of) if tier.of else set()
            found |= tier.when.needs if tier.when else set()
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Estimate:
    """How much at most (None: not to be said), how that was reckoned, by which clause, or what is lacking."""

    amount_wan: Decimal | None = None
    text: str = ""
    clause: str = ""
    missing: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {
            "amount_wan": as_json(self.amount_wan),
            "text": self.text,
            "clause": self.clause,
            "missing": [{"key": key, "label": FIELDS[key].label} for key in self.missing],
            "disclaimer": DISCLAIMER,
        }


def read_benefit(raw, cap_wan, vocabulary: Vocabulary | None = None) -> Benefit:
    """Tiers of whatever was stored; never raises: what cannot be read is a problem and no tier."""
    tiers, problems = [], []
    if not isinstance(raw, list) or len(raw) > MOST:
        words = f"估算方法应是分档的清单，最多 {MOST} 档。"
        return Benefit((), cap_wan, (Problem("", "tiers", words),))
    for place, one in enumerate(raw, start=1):
        try:
            tiers.append(_tier(one, vocabulary))
        except WrongValue as error:
            problems.append(Problem("", "tier", f"估算方法第 {place} 档：{error}。"))
    if any(tier.when is None for tier in tiers[:-1]):
        problems.append(Problem("", "tier_order", "估算方法：没有写适用条件的一档只能放在最后。"))
    return Benefit(tuple(tiers), cap_wan, tuple(problems))


def _tier(raw, vocabulary) -> Tier:
    if not isinstance(raw, Mapping) or not set(raw) <= KEYS:
        raise WrongValue("写法不对")
    if not isinstance(raw.get("kind"), str) or raw["kind"] not in KINDS:
        raise WrongValue(f"请选计算方式：{'、'.join(KINDS.values())}")
    when = _when(raw["when"], vocabulary) if raw.get("when") else None
    clause = raw.get("clause", "")
    if not isinstance(clause, str) or not clause.strip():
        raise WrongValue("请写出自哪一条")
    return Tier(raw["kind"], _number(raw), _of(raw), when, clause.strip())


def _when(raw, vocabulary) -> Plan:
    if is_too_big(raw):
        raise WrongValue("适用条件太多或套得太深")
    if problems := check_offered(raw, vocabulary):
        raise WrongValue(f"适用条件有误，{problems[0].message.rstrip('。')}")
    return read(raw, vocabulary)


def _number(raw) -> Decimal:
    is_rate = raw["kind"] == "rate"
    given = raw.get("rate" if is_rate else "amount_wan")
    number = _rate(given) if is_rate else read_number(given)
    if number <= 0 or (is_rate and number > 100):
        raise WrongValue("比例写百分数，大于 0、不超过 100" if is_rate else "金额要大于 0 万元")
    return number


def _rate(given) -> Decimal:
    """In percent. A plain number below one is a fraction mistyped; 「0.5%」 with its sign is meant."""
    if isinstance(given, str) and given.strip().endswith(SIGNS):
        return read_number(given.strip()[:-1])
    number = read_number(given)
    if 0 < number < 1:
        meant, small = (f"{one.normalize():f}%" for one in (number * 100, number))
        raise WrongValue(f"{meant} 请写 {meant[:-1]}，不写小数；确实只有 {small} 的请写「{small}」")
    return number


def _of(raw) -> Field | None:
    """What a rate is taken of: an amount; what is counted per unit: a number."""
    if raw["kind"] == "fixed":
        return None
    found, wanted = FIELDS.get(str(raw.get("of", ""))), "money" if raw["kind"] == "rate" else "number"
    if found is None or found.type != wanted or found.is_note_only or found.is_need:
        raise WrongValue("请选按哪项金额计算" if wanted == "money" else "请选按哪项数量计算")
    return found


def _needs(of: Field) -> set[str]:
    return set(of.derived.needs) if of.derived else {of.key}


def in_words(raw, cap_wan, vocabulary: Vocabulary | None = None) -> list[str]:
    """The tiers as sentences: 「企业规模 属于 小型 的，年度算力合同额 × 50%（第三条）」."""
    return [_sentence(tier) for tier in read_benefit(raw, cap_wan, vocabulary).tiers]


def _sentence(tier) -> str:
    number = f"{tier.number.normalize():f}%" if tier.kind == "rate" else display.money(tier.number, None)
    share = f"{tier.of.label} × {number}" if tier.of else f"定额 {number}"
    demands = [_demand(rule, tier.when) for rule in (tier.when.asked if tier.when else ())]
    return f"{'，'.join(demands)} 的，{share}（{tier.clause}）" if demands else f"{share}（{tier.clause}）"


def _demand(rule, plan) -> str:
    about = rule.field
    return f"{about.label} {show_threshold(rule.operator, about, rule.threshold, plan.labels(about.key))}"


def estimate(benefit: Benefit, situation: Situation) -> Estimate:
    """What the benefit comes to for what is known; unknown facts are named and no amount is given.

    With a tier that cannot be read (its field was given up) nobody knows which one counts: no amount either.
    """
    if benefit.problems:
        return Estimate(text=f"{benefit.problems[0].message}改正以前不估算。")
    for tier in benefit.tiers:
        code, lacking = _applies(tier, situation)
        if code == VerdictCode.INCOMPLETE:
            return Estimate(missing=lacking, clause=tier.clause)
        if code == VerdictCode.FIT:
            return _of_tier(tier, benefit.cap_wan, situation)
    return Estimate(text="不在公布的支持范围内，没有可估算的金额")


def _applies(tier, situation) -> tuple[VerdictCode, list[str]]:
    if tier.when is None:
        return VerdictCode.FIT, []
    answers = judge(tier.when, situation)
    code = outcome_of(tier.when, answers).code
    return code, [fact["key"] for fact in missing_facts(answers)]


def _of_tier(tier, cap_wan, situation) -> Estimate:
    known = situation.known(tier.of) if tier.of else None
    if known and known.value is None:
        return Estimate(missing=list(in_order(known.needs)), clause=tier.clause)
    amount, words = _reckoned(tier, known and known.value)
    if cap_wan is not None and amount > cap_wan:
        amount, words = cap_wan, f"{words}，按上限计"
    amount = amount.quantize(CENT, ROUND_HALF_UP)
    ceiling = f"；单家每年上限 {display.money(cap_wan, None)}" if cap_wan is not None else ""
    return Estimate(amount, f"不超过 {display.money(amount, None)}（{words}{ceiling}）", tier.clause)


def _reckoned(tier, value) -> tuple[Decimal, str]:
    number = f"{tier.number.normalize():f}"
    if tier.kind == "fixed":
        return tier.number, f"定额 {display.money(tier.number, None)}"
    shown = f"{tier.of.label} {tier.of.show(value)}"
    if tier.kind == "rate":
        return value * tier.number / 100, f"{shown} × {number}%"
    return value * tier.number, f"{shown} × {display.money(tier.number, None)}"
