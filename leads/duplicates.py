"""判重 L1–L4: whether two records may be one project, how sure we are and why. Pure: no database, no clock.

Basis: domain rules §2.8 (levels, bigram similarity, USCC decisive both ways), §1.13 (85/60/40 %, 10 %).
What is not known agrees with nothing and contradicts nothing. docs/duplicates.md is this page for officers;
its tables are executed by the tests.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from crm.values import BadValue, as_text, clean_text, is_unknown, plain, uscc
from crm.values.likeness import clash, deviation, is_same_name, lookups, name_form, similarity

CAPS = {"L1": 99, "L2": 89, "L3": 64, "L4": 39}  # no heap of weak reasons outranks one strong reason
FURTHER = 3  # confidence for each further rule that hits
KINDS = ("名称", "曾用名", "简称/品牌")
ALIAS_COSTS = (0, 3, 5)  # confidence lost when the names meet only by a former name or by a brand
MOST_WAN = 10**12  # no column holds more
CENTIWAN = Decimal("0.0001")  # amounts are stored in 万元 with four places


class Sameness(StrEnum):
    """What one field says: equal, different, or unknown because a side is empty."""

    SAME = "same"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Limits:
    """The numbers of the rule in whole percent; near ≥ similar ≥ weak ≥ 1."""

    near: int = 85  # similarity of names for L2
    similar: int = 60  # for L3
    weak: int = 40  # for L4
    amount: int = 10  # the largest deviation of amounts that are about equal


# words are stored for the lowest limits an administrator may set: no change of a limit asks for new ones
LOWEST = Limits(near=70, similar=50, weak=30)


@dataclass(frozen=True)
class Subject:
    """What is compared of a record: the company or, without one, the project. Empty and 待定 are unknown."""

    name: str = ""
    former_names: tuple = ()
    brand: str = ""
    uscc: str = ""  # of the company; one that fails its check character counts as unknown
    investor: str = ""
    investor_uscc: str = ""
    city_project_code: str = ""
    amount_wan: Decimal | None = None  # 万元
    industry: str = ""
    sub_industry: str = ""
    importer: str = ""  # who brought it


class Reason(NamedTuple):
    """Why: a code for the machine, a sentence for the officer."""

    code: str
    text: str


class FieldComparison(NamedTuple):
    """One line of the comparison side by side."""

    label: str
    ours: str
    theirs: str
    sameness: Sameness


@dataclass(frozen=True)
class Likeness:
    """The verdict of the machine: L1 (surest) to L4, or None. A person decides 同一项目 or 视为新项目."""

    level: str | None
    confidence: int  # 0–100
    reasons: tuple[Reason, ...]
    fields: tuple[FieldComparison, ...]


@dataclass(frozen=True)
class Pairing:
    """The two names, of all that the sides bear, that speak most for one project."""

    ours: str
    theirs: str
    kinds: tuple = (0, 0)  # places in KINDS
    is_same: bool = False
    similarity: int = 0  # whole percent
    clash: tuple | None = None  # the numbers or branches by which they are different names for certain

    def __str__(self):
        if self.kinds == (0, 0):
            return f"名称「{self.ours}」与「{self.theirs}」"
        left, right = (KINDS[kind] for kind in self.kinds)
        return f"本方{left}「{self.ours}」与对方{right}「{self.theirs}」"


@dataclass(frozen=True)
class Evidence:
    """All that the rules look at. Of the yes-or-no fields None is unknown."""

    pairing: Pairing | None = None  # None: a side has no name
    deviation: Fraction | None = None
    is_same_uscc: bool | None = None
    is_same_code: bool | None = None
    is_same_investor: bool | None = None
    is_same_industry: bool | None = None
    is_same_sub_industry: bool | None = None
    is_same_importer: bool | None = None

    def is_like(self, limit):
        """Whether the names are similar by at least `limit` percent."""
        return bool(self.pairing) and self.pairing.similarity >= limit

    def is_within(self, limit):
        """Whether the amounts, both known, deviate by no more than `limit` percent."""
        return self.deviation is not None and self.deviation * 100 <= limit


CONDITIONS = {
    "same": lambda e, _: bool(e.pairing) and e.pairing.is_same,
    # 二期 is never near to 一期, nor a 分公司 to its parent
    "near": lambda e, limits: e.is_like(limits.near) and not e.pairing.clash,
    "similar": lambda e, limits: e.is_like(limits.similar),
    "weak": lambda e, limits: e.is_like(limits.weak),
    "code": lambda e, _: e.is_same_code is True,
    "investor": lambda e, _: e.is_same_investor is True,
    "other_investor": lambda e, _: e.is_same_investor is False,
    "no_investor": lambda e, _: e.is_same_investor is None,
    "amount": lambda e, limits: e.is_within(limits.amount),
    "industry": lambda e, _: e.is_same_industry is True,
    "sub_industry": lambda e, _: e.is_same_sub_industry is True,
    "importer": lambda e, _: e.is_same_importer is True,
}
BY_NAME = frozenset(["same", "near", "similar", "weak"])


class Rule(NamedTuple):
    """One row of the rule table; `least` confidence at the limit of similarity, `most` at 100 %."""

    level: str
    code: str
    title: str
    least: int
    most: int
    conditions: tuple  # all must hold; the one on the name comes first

    @property
    def is_by_name(self):
        """Whether the rule looks at the names."""
        return self.conditions[0] in BY_NAME

    def holds(self, evidence, limits):
        """Whether all conditions hold."""
        return all(CONDITIONS[name](evidence, limits) for name in self.conditions)

    def confidence(self, evidence, limits):
        """0–100, before what further rules add."""
        if not self.is_by_name:
            return self.least
        pairing, limit = evidence.pairing, getattr(limits, self.conditions[0], 100)
        rise = (self.most - self.least) * (pairing.similarity - limit) // (100 - limit) if limit < 100 else 0
        return self.least + rise - ALIAS_COSTS[max(pairing.kinds)]

    def reason(self, evidence, limits):
        """The sentence, with the names and numbers at hand."""
        pairing, limit = evidence.pairing, getattr(limits, self.conditions[0], limits.amount)
        like = f"{pairing}相似 {pairing.similarity if pairing else 0}%（达到 {limit}%）"
        off = f"投资额相差 {_deviation_percent(evidence)}%（不超过 {limits.amount}%）"
        return Reason(self.code, TEXTS[self.code].format(names=pairing, like=like, off=off))


RULES = (
    Rule("L1", "same_code", "同编码", 98, 98, ("code",)),
    Rule("L1", "same_name_and_investor", "同名＋同投资方", 95, 95, ("same", "investor")),
    Rule("L2", "near_name_and_investor", "很像＋同投资方", 80, 85, ("near", "investor")),
    Rule("L2", "same_name", "同名", 70, 70, ("same", "no_investor")),
    Rule("L3", "same_name_other_investor", "同名＋不同投资方", 60, 60, ("same", "other_investor")),
    Rule("L3", "similar_name", "名称相似", 50, 60, ("similar",)),
    Rule("L3", "investor_and_amount", "同投资方＋金额相近", 55, 55, ("investor", "amount")),
    Rule("L3", "amount_and_industry", "金额相近＋同行业", 40, 40, ("no_investor", "amount", "industry")),
    Rule("L4", "investor_and_importer", "同投资方＋同引荐人", 30, 30, ("investor", "importer")),
    Rule("L4", "investor_and_industry", "同投资方＋同行业", 25, 25, ("investor", "industry")),
    Rule("L4", "weak_name_and_sub_industry", "有些像＋同细分行业", 20, 25, ("weak", "sub_industry")),
)
TEXTS = {
    "same_code": "城市项目编码相同。",
    "same_name_and_investor": "{names}相同，投资方也相同。",
    "near_name_and_investor": "{like}，投资方相同。",
    "same_name": "{names}相同；投资方至少一方不知道，可信度降低。",
    "same_name_other_investor": "{names}相同，但投资方不同。",
    "similar_name": "{like}。",
    "investor_and_amount": "投资方相同，{off}。",
    "amount_and_industry": "投资方至少一方不知道；{off}，行业相同。",
    "investor_and_importer": "投资方相同，引荐人相同。",
    "investor_and_industry": "投资方相同，行业相同。",
    "weak_name_and_sub_industry": "{like}，细分行业相同。",
}
SAME_USCC = Reason("same_uscc", "统一社会信用代码相同，是同一家企业，名称不同也算。")
OTHER_USCC = Reason("other_uscc", "统一社会信用代码不同，是两家企业，名称再像也不算重复。")
BAD_USCC = Reason("bad_uscc", "有一方的统一社会信用代码校验不符，没有用来判断，请核对营业执照。")
CLASH = "编号或分支机构不同（{}／{}），不是同一个名称，按名称最高只到 L3。"


def compare(one, other, limits=None):
    """The Likeness of two Subjects. Swapping them swaps only ours and theirs. Never raises."""
    limits = limits or Limits()
    evidence = weigh(one, other, limits)
    level, confidence, reasons = judge(evidence, limits)
    notes = [BAD_USCC] if _is_bad_code(one.uscc) or _is_bad_code(other.uscc) else []
    return Likeness(level, confidence, (*reasons, *notes), _fields(one, other, evidence, limits))


def weigh(one, other, limits):
    """The Evidence that two Subjects give: the yes-or-no answers and the names that go together best."""
    pairings = [_pairing(ours, theirs) for ours, theirs in product(_names(one), _names(other))]
    return Evidence(
        pairing=min(pairings, key=lambda pairing: _order(pairing, limits), default=None),
        deviation=deviation(one.amount_wan, other.amount_wan),
        is_same_uscc=_equal(_code(one.uscc), _code(other.uscc)),
        is_same_code=_equal(_word(one.city_project_code), _word(other.city_project_code)),
        is_same_investor=_is_same_investor(one, other),
        is_same_industry=_equal(_word(one.industry), _word(other.industry)),
        is_same_sub_industry=_equal(_word(one.sub_industry), _word(other.sub_industry)),
        is_same_importer=_equal(_word(one.importer), _word(other.importer)),
    )


def judge(evidence, limits):
    """(level, confidence, reasons): the strongest rule gives the level, all that hit are told.

    Of the rules by name only the strongest counts. Known USCCs decide before any other rule, both ways.
    """
    if evidence.is_same_uscc is not None:
        return ("L1", 100, [SAME_USCC]) if evidence.is_same_uscc else (None, 0, [OTHER_USCC])
    hits, notes = _hits(evidence, limits), _clash_note(evidence, limits)
    if not hits:
        return None, 0, notes
    level = hits[0].level
    best = max(rule.confidence(evidence, limits) for rule in hits if rule.level == level)
    confidence = min(best + FURTHER * (len(hits) - 1), CAPS[level])
    return level, confidence, [rule.reason(evidence, limits) for rule in hits] + notes


def _hits(evidence, limits):
    hits = [rule for rule in RULES if rule.holds(evidence, limits)]
    weaker = [rule for rule in hits if rule.is_by_name][1:]
    return [rule for rule in hits if rule not in weaker]


def _clash_note(evidence, limits):
    if not (evidence.is_like(limits.similar) and evidence.pairing.clash):
        return []
    return [Reason("clash", CLASH.format(*(side or "无" for side in evidence.pairing.clash)))]


def _deviation_percent(evidence):
    """Rounded up to a tenth, so that what is told never looks smaller than what was judged."""
    return _figure(_decimal((evidence.deviation or Fraction(0)) * 100, Decimal("0.1"), ROUND_CEILING))


def _names(subject):
    """(place in KINDS, name) of every known name."""
    former = [(1, name) for name in subject.former_names or ()]
    bearing = [(0, subject.name), *former, (2, subject.brand)]
    return [(kind, clean_text(name)) for kind, name in bearing if _key(name)]


def _pairing(ours, theirs):
    (our_kind, our_name), (their_kind, their_name) = ours, theirs
    both = our_name, their_name
    return Pairing(*both, (our_kind, their_kind), is_same_name(*both), similarity(*both), clash(*both))


def _order(pairing, limits):
    """The same name first, then the stronger similarity, then full names before aliases; whoever asks."""
    strength = min(pairing.similarity, limits.near - 1) if pairing.clash else pairing.similarity
    kinds, texts = sorted(pairing.kinds, reverse=True), sorted((pairing.ours, pairing.theirs))
    return not pairing.is_same, -strength, bool(pairing.clash), kinds, texts


def _is_same_investor(one, other):
    """By USCC when both are known, else by name; None when a side is unknown."""
    codes = _equal(_code(one.investor_uscc), _code(other.investor_uscc))
    return _equal(_key(one.investor), _key(other.investor)) if codes is None else codes


def _equal(ours, theirs):
    return None if not ours or not theirs else ours == theirs


def _key(name):
    return name_form(name).key


def _word(value):
    """A code or a word for comparison: half-width, lower-case, without spaces; "" when unknown."""
    return "" if is_unknown(value) else "".join(plain(value).lower().split())


def _code(value):
    return _checked(as_text(value))


@lru_cache(maxsize=20000)
def _checked(text):
    try:
        return uscc(text)
    except BadValue:
        return ""


def _is_bad_code(value):
    return not is_unknown(value) and not _code(value)


def _fields(one, other, evidence, limits):
    """Every field side by side, always all of them and in this order."""
    within = None if evidence.deviation is None else evidence.is_within(limits.amount)
    former = [{_key(name) for name in side.former_names or ()} - {""} for side in (one, other)]
    rows = (
        ("名称", "name", _equal(_key(one.name), _key(other.name))),
        ("曾用名", "former_names", bool(former[0] & former[1]) if all(former) else None),
        ("简称/品牌", "brand", _equal(_key(one.brand), _key(other.brand))),
        ("统一社会信用代码", "uscc", evidence.is_same_uscc),
        ("城市项目编码", "city_project_code", evidence.is_same_code),
        ("投资方", "investor", _equal(_key(one.investor), _key(other.investor))),
        ("投资方信用代码", "investor_uscc", _equal(_code(one.investor_uscc), _code(other.investor_uscc))),
        ("投资额（万元）", "amount_wan", within),
        ("行业", "industry", evidence.is_same_industry),
        ("细分行业", "sub_industry", evidence.is_same_sub_industry),
        ("引荐人", "importer", evidence.is_same_importer),
    )
    return tuple(
        FieldComparison(label, _shown(getattr(one, name)), _shown(getattr(other, name)), _sameness(same))
        for label, name, same in rows
    )


def _sameness(same):
    return Sameness.UNKNOWN if same is None else (Sameness.SAME if same else Sameness.DIFFERS)


def _shown(value):
    if isinstance(value, (tuple, list)):
        return "、".join(filter(None, map(clean_text, value)))
    return _figure(value) if isinstance(value, Decimal) else clean_text(value)


def _figure(number):
    """A Decimal without needless zeros: 5000, not 5000.0000 and not 5E+3."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decimal(exact, places, way):
    return (Decimal(exact.numerator) / exact.denominator).quantize(places, way)


class Keys(NamedTuple):
    """How possible partners are found without comparing all: they share a word, or they answer the question.

    Every pair with a level does, as long as both were keyed with the limits in force or lower ones.
    """

    words: frozenset
    amount: tuple | None  # (industry, lowest, highest 万元 or None), for 金额相近＋同行业


def candidates_key(subject, limits=None):
    """The Keys of a Subject: store `words` as a text[] with GIN, ask `words && ARRAY[…]`, then `compare`."""
    limits = limits or Limits()
    names = [name for _, name in _names(subject)]
    words = {("uscc", _code(subject.uscc)), ("code", _word(subject.city_project_code))}
    words |= {("investor", _code(subject.investor_uscc)), ("investor", _key(subject.investor))}
    words |= {("name", word) for name in names for word in lookups(name, limits.similar)}
    if sub := _word(subject.sub_industry):
        words |= {(f"sub:{sub}", word) for name in names for word in lookups(name, limits.weak)}
    found = frozenset(f"{kind}:{word}" for kind, word in words if word)
    return Keys(found, _amount_question(subject, limits))


def _amount_question(subject, limits):
    if not _word(subject.industry) or deviation(subject.amount_wan, 0) is None:
        return None
    amount, room = min(abs(Fraction(subject.amount_wan)), MOST_WAN), 1 - Fraction(limits.amount, 100)
    low, high = amount * max(room, 0), amount / room if room > 0 else None
    lowest = _decimal(low, CENTIWAN, ROUND_FLOOR)
    highest = None if high is None else _decimal(high, CENTIWAN, ROUND_CEILING)
    return clean_text(subject.industry), lowest, highest
