"""Automatic flags of 公平竞争审查 on incentive clauses (domain rule §4.2). Pure: item, rules → flags.

How a text is read stands in flag_text.py, how a wording is found in flag_patterns.py, the starting rules in
flag_seed.py.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from crm.values.text import is_unknown
from projects.flag_alike import likenesses
from projects.flag_basis import Clause, doubts
from projects.flag_names import called
from projects.flag_patterns import (
    ANY_ORDER,
    HIT,
    STRICT,
    BadPattern,
    joined,
    signs,
    spans_of,
)
from projects.flag_text import NUMERALS, Folded, fold, occurrences

KINDS = {
    "general_policy": "普惠政策条款",
    "rent": "租金",
    "fitout": "装修",
    "equipment": "设备补助",
    "rnd": "研发补助",
    "talent": "人才",
    "tax": "税收相关",
    "land": "土地",
    "compute": "算力券",
    "other": "其他",
}
SCOPES = {"all": "符合公开条件的所有企业", "single": "仅本企业"}
MOST_PATTERNS = 150  # wordings of a rule
CLAUSE_FIELDS = ("text", "formula", "conditions")
READABLE = (*CLAUSE_FIELDS, "basis")  # what a rule may read
PARTIES = (
    *("甲方", "乙方", "项目公司", "贵公司", "你公司", "贵司", "你司", "该公司", "该企业", "该集团", "该厂"),
    *("本项目", "该项目", "平台公司", "国资公司"),
)


@dataclass(frozen=True)
class Item:
    """One promise as the flags see it. Amounts in 万元; empty text and None mean unknown."""

    kind: str = "other"
    text: str = ""
    formula: str = ""
    conditions: str = ""
    scope: str = ""
    basis: str = ""
    basis_valid_to: date | None = None
    amount_wan: Decimal | None = None
    cap_wan: Decimal | None = None
    budget_source: str = ""
    has_case_approval: bool = False
    firm_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """What is flagged, why, and what to do: wordings, a test of the fields (`check`, see CHECKS), or both.

    `unless` names what spares an item the whole rule, see PARDONS. `clauses` is the 依据库 of the rule that
    asks it.
    """

    code: str
    name: str
    reason: str
    advice: str
    patterns: tuple[str, ...] = ()
    exempting: tuple[str, ...] = ()
    check: str = ""
    unless: str = ""
    fields: tuple[str, ...] = CLAUSE_FIELDS
    clauses: tuple[Clause, ...] = ()


@dataclass(frozen=True)
class Hit:
    """The words that triggered, as written; positions count in that field, None when the whole field did."""

    field: str
    start: int | None
    end: int | None
    words: str


@dataclass(frozen=True)
class Flag:
    """One rule's answer on one item. A flag is a question to a reviewer, never a verdict."""

    code: str
    name: str
    hits: tuple[Hit, ...]
    reason: str
    advice: str


def flags_of(item: Item, rules: Iterable[Rule], on: date) -> list[Flag]:
    """Every rule that finds something, once each, by code. `on` is the day of judging (Asia/Shanghai).

    The rule that compares is asked last, and only where no other has found words: it says less than they do.
    """
    folded: dict[str, Folded] = {}
    rules = list(rules)
    found = [_flag(rule, item, folded, on) for rule in rules if rule.check != COMPARES]
    if not _have_words(rules, item, folded, found):
        names = {rule.code: rule.name for rule in rules}
        found += [_alike(rule, item, folded, names) for rule in rules if rule.check == COMPARES]
    return sorted((flag for flag in found if flag), key=lambda flag: flag.code)


def flags_come_since(item: Item, rules: Iterable[Rule], since: date, on: date) -> list[Flag]:
    """The flags that the days from `since` to `on` have put on the item, and nothing else, by code."""
    dated = [rule for rule in rules if rule.check in DATED]
    before = {flag.code for flag in flags_of(item, dated, since)}
    return [flag for flag in flags_of(item, dated, on) if flag.code not in before]


def flags_by_names(item: Item, rules: Iterable[Rule], on: date) -> list[Flag]:
    """The flags that are on the item for no other reason than whom the deal is with, by code."""
    if not _single_firm(replace(item, scope=""), on):
        return []
    asking = [rule for rule in rules if rule.check == NAMES_FIRM or rule.unless == SPARES_PUBLIC]
    otherwise = {flag.code for flag in flags_of(replace(item, firm_names=()), asking, on)}
    return [flag for flag in flags_of(item, asking, on) if flag.code not in otherwise]


def check_rule(rule: Rule) -> list[str]:
    """What an editor must mend before the rule may be stored, in Chinese; empty when it is sound."""
    problems = (
        []
        if rule.check in ("", ASKS_LIBRARY, COMPARES, *CHECKS)
        else [f"没有名为「{rule.check}」的字段检查。"]
    )
    problems += [] if rule.unless in ("", *PARDONS) else [f"没有名为「{rule.unless}」的免除情形。"]
    if not rule.patterns and not rule.check:
        problems.append("没有措辞，也没有字段检查；请至少写一项。")
    if max(len(rule.patterns), len(rule.exempting)) > MOST_PATTERNS:
        problems.append(f"触发措辞、豁免措辞各最多 {MOST_PATTERNS} 条。")
    for pattern in rule.patterns:
        problems += _complaints(pattern, {HIT}, "豁免")
    for pattern in rule.exempting:
        problems += _complaints(pattern, {STRICT, ANY_ORDER}, "触发")
    return problems


def _complaints(pattern, foreign, others):
    """Why `pattern` cannot be read, and which of its signs stand in the `others` wordings only."""
    try:
        used = signs(pattern)
    except BadPattern as error:
        return [str(error)]
    return [f"「{pattern}」：{sign} 只能用在{others}措辞里。" for sign in sorted(used & foreign)]


def _flag(rule, item, folded, on):
    if rule.unless and PARDONS[rule.unless](item):
        return None
    if rule.check == ASKS_LIBRARY:
        return _unverified(rule, item, on)
    hits = {hit for field in rule.fields for hit in _word_hits(rule, item, field, folded)}
    hits.update(CHECKS[rule.check](item, on) if rule.check else ())
    if not hits:
        return None
    return Flag(rule.code, rule.name, tuple(sorted(hits, key=_by_place)), rule.reason, rule.advice)


def _unverified(rule, item, on):
    """Nothing while the basis is missing or vague: then that is asked first."""
    if _no_basis(item, on) or _vague_basis(item, on):
        return None
    found = doubts(item, rule.clauses, on)
    if not found:
        return None
    hits = sorted({Hit(doubt.field, None, None, doubt.words) for doubt in found}, key=_by_place)
    why = "；".join(dict.fromkeys(doubt.why for doubt in found))
    return Flag(rule.code, rule.name, tuple(hits), f"{why}。{rule.reason}", rule.advice)


def _have_words(rules, item, folded, found):
    """Whether a rule has found words, be it one that spares this item for them."""
    if any(hit.start is not None for flag in found if flag for hit in flag.hits):
        return True
    sparing = (rule for rule in rules if rule.unless)
    return any(_word_hits(rule, item, field, folded) for rule in sparing for field in rule.fields)


def _alike(rule, item, folded, names):
    """Sentences that read like known wrong ones: through which words, and like which clause."""
    found = [(field, one) for field in rule.fields for one in likenesses(_folded(item, field, folded))]
    if not found or _unreadable(item, None):
        return None
    hits = [Hit(field, *folded[field].place(one.start, one.end)) for field, one in found]
    like = max((one for _, one in found), key=lambda one: one.points)
    known = "、".join(names[code] for code in like.codes if code in names) or rule.name
    words = f"「{'」「'.join(like.fragments)}」这样的写法多见于有问题的条款"
    why = f"{words}；最接近的已知写法是「{like.nearest}」，当时的提示是：{known}。"
    return Flag(rule.code, rule.name, tuple(sorted(hits, key=_by_place)), why + rule.reason, rule.advice)


def _folded(item, field, folded):
    if field not in folded:
        folded[field] = Folded(getattr(item, field))
    return folded[field]


def _by_place(hit):
    return hit.field, -1 if hit.start is None else hit.start, hit.words


def _word_hits(rule, item, field, folded):
    if not rule.patterns:
        return []
    text = _folded(item, field, folded)
    return [Hit(field, *text.place(*span)) for span in spans_of(text, rule.patterns, rule.exempting)]


NUMBERED = re.compile(rf"《|[0-9{NUMERALS}]号")
CLAUSE = re.compile(
    rf"第\s{{0,3}}[0-9{NUMERALS}]{{1,6}}\s{{0,3}}[条款项章点节部]|\([0-9{NUMERALS}]{{1,3}}\)"
    rf"|[0-9{NUMERALS}]{{1,3}}[、.](?![0-9])|§|附件|全文"
)
DAMAGE = re.compile("\ufffd|锟斤拷|烫烫烫|屯屯屯")
GARBAGE = re.compile("[\ue000-\uf8ff?]")  # also bullets of Word: a few are no harm
HAN = re.compile("[\u3400-\u9fff]")
SHORTEST_CLAUSE = 4  # characters: 免租一年
LEAST_HAN = Decimal("0.3")  # of the letters and digits; with less, the Chinese patterns see nothing
MOST_GARBAGE = Decimal("0.05")
MOST_RESTORED = Decimal("0.4")


def _field(name, words):
    return [Hit(name, None, None, words)]


def _no_basis(item, on):
    unfounded = is_unknown(item.basis) or not NUMBERED.search(fold(item.basis))
    return _field("basis", item.basis) if unfounded else []


def _vague_basis(item, on):
    if _no_basis(item, on) or CLAUSE.search(unicodedata.normalize("NFKC", item.basis)):
        return []
    return _field("basis", item.basis)


def _basis_expired(item, on):
    """The last day counts as valid."""
    ended = item.basis_valid_to is not None and item.basis_valid_to < on
    return _field("basis_valid_to", item.basis_valid_to.isoformat()) if ended else []


def _above_cap(item, on):
    amount, cap = item.amount_wan, item.cap_wan
    if amount is None or cap is None or amount.is_nan() or cap.is_nan() or amount <= cap:
        return []
    return _field("amount_wan", f"{amount} 万元，上限 {cap} 万元")


def _no_budget(item, on):
    return _field("budget_source", item.budget_source) if is_unknown(item.budget_source) else []


def _single_firm(item, on):
    named = called(item.firm_names)
    found = [
        Hit(field, *text.place(*span))
        for field in CLAUSE_FIELDS
        for text in [Folded(getattr(item, field) if named else "")]
        for span in joined(span for name in named for span in occurrences(text.text, name))
    ]
    return found + (_field("scope", SCOPES["single"]) if item.scope == "single" else [])


def _scope_unknown(item, on):
    return [] if item.scope in SCOPES else _field("scope", item.scope)


def _tax_kind(item, on):
    return _field("kind", KINDS["tax"]) if item.kind == "tax" else []


def _unreadable(item, on):
    return [] if _is_readable(item.text or "") else _field("text", (item.text or "")[:30])


def _is_readable(text):
    letters = fold(text)
    if is_unknown(text) or len(letters) < SHORTEST_CLAUSE or _is_misread(text):
        return False
    if DAMAGE.search(text) or len(GARBAGE.findall(text)) > len(text) * MOST_GARBAGE:
        return False
    return len(HAN.findall(letters)) >= len(letters) * LEAST_HAN


def _is_misread(text):
    """UTF-8 read as GBK: written back it is Chinese again, two characters for three; sound text is noise."""
    restored = text.encode("gb18030", "ignore").decode("utf-8", "ignore")
    return len(HAN.findall(restored)) > len(HAN.findall(text)) * MOST_RESTORED


NAMES_FIRM = "single_firm"  # the check that asks for the firms of the deal
SPARES_PUBLIC = "public"  # the pardon that a clause loses by naming one of them
CHECKS = {
    "no_basis": _no_basis,
    "vague_basis": _vague_basis,
    "basis_expired": _basis_expired,
    "above_cap": _above_cap,
    "no_budget": _no_budget,
    NAMES_FIRM: _single_firm,
    "scope_unknown": _scope_unknown,
    "tax_kind": _tax_kind,
    "unreadable": _unreadable,
}
ASKS_LIBRARY = "unverified_basis"  # a check of the basis against the clauses of the rule
COMPARES = "alike"  # a check of the whole wording against known ones
DATED = frozenset({"basis_expired", ASKS_LIBRARY})  # checks whose answer the day alone may change


def _is_public(item):
    """For all firms that meet a public condition, on a written basis, and no word of it names one of them.

    The scope is what the drafter says; a clause that speaks of 乙方 or of the firm by name says otherwise.
    """
    if item.scope != "all" or _no_basis(item, None):
        return False
    said = tuple(getattr(item, field) for field in CLAUSE_FIELDS)
    return not (_names_party(said) or _single_firm(item, None))


def _names_party(said):
    return any(word in fold(text) for text in said for word in PARTIES)


def _is_approved(item):
    return item.has_case_approval


PARDONS = {SPARES_PUBLIC: _is_public, "approved": _is_approved}
