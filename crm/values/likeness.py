"""How alike two names and two amounts are: what tells firms apart in a name, and the pairs of its characters.

Two names are *the same* when their keys are equal: `company_key`, only that numbers are kept apart. They are
*similar* by their cores: the key without legal form, leading or bracketed place and words like 科技.
Basis: domain rule §2.8 (bigram Dice × 100; strip 有限公司/股份/（杭州）/科技, else all names look alike).
"""

import re
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from crm.values.name_words import LEADING_PLACE, NOTHING_ELSE, PLACE, SHARED, SHARED_LETTERS, TRAILING_PLACE
from crm.values.names import BRANCHES, NOT_A_WORD, company_key
from crm.values.text import as_text, is_unknown, plain

SHORTEST = 2  # characters that every stripping must leave: a name is never stripped to nothing

REMARK = r"筹|筹建|筹备|筹备组|拟|拟设|拟设立|拟注册|暂定|暂定名|中国"
BRACKETED = re.compile(rf"[(\[【〔〖「『<《](?:(?:{PLACE})+|{REMARK})[)\]】〕〗」』>》]")
ENGLISH_FILLERS = re.compile(
    r"\b(?:technology|technologies|tech|information|group|holdings?|china|international|pte)\b"
)
FILLERS = re.compile(r"科技|技术|信息|股份|集团|控股")
ASSOCIATION = re.compile(r"(?:合伙企业|个人独资企业)$")
PROJECT = re.compile(r"(?:投资|建设|产业化|落地|合作|招商|引进|新建|扩建|总部)*项目(?=\d+期|$)")
# registered apart from their parent
BRANCH = re.compile(rf"(.{{2,}}?公司|.{{2,}}?)((?:{PLACE})*\d*(?:{BRANCHES}))")
BRANCH_OF_FIRM = re.compile(rf"(.{{2,}}?(?<![分支子])公司)(.{{0,12}}?(?:{BRANCHES}))")

NUMERALS = "一二三四五六七八九"
_counted = "期|号|批|标段|阶段|地块|车间|厂区|分厂|分公司"
COUNTED = re.compile(
    rf"(?<![{NUMERALS}十百千])第?([{NUMERALS}]?十[{NUMERALS}]?|[{NUMERALS}])(?=(?:{_counted}))"
)
ORDINAL = re.compile(rf"第(?=\d+(?:{_counted}))")
ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}
ROMAN_PHASE = re.compile(rf"(?<![a-z])({'|'.join(sorted(ROMAN, key=len, reverse=True))})(?=期)")
POINT = re.compile(r"(?<=\d)\.(?=\d)")
RANGE = re.compile(r"(?<=\d)[\-~/:](?=\d)")
BESIDE_CHINESE = re.compile(r"(?<![a-z])\s+(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])\s+(?![a-z])")
LATIN = re.compile(r"[a-z]+")
NUMBER = re.compile(r"(\d+(?:[点至]\d+)*)([^\d点至]?)|(?<![a-z])([a-z])(区|座|栋|地块|标段)")


@dataclass(frozen=True)
class NameForm:
    """A name for comparison. All parts are "" or empty for a name that nobody knows yet (待定, 无, /)."""

    key: str = ""  # equal keys are the same name
    core: str = ""  # what is compared; at least two characters unless the name has only one
    telling: frozenset = frozenset()  # characters (of Latin words: pairs) outside the words that firms share
    branch: str = ""  # 上海分公司: registered apart from its parent
    numbers: frozenset = frozenset()  # numbers with what they count: 1期, 3点5万


def name_form(name):
    """The NameForm of any cell. Never raises."""
    return _form(as_text(name))


@lru_cache(maxsize=20000)
def _form(name):
    if is_unknown(name):
        return NameForm()
    text = _numbered(BESIDE_CHINESE.sub("", plain(name).lower()))
    key, bare = company_key(text), _bare(text)
    body, branch = _branch(bare)
    branch = _branch(key)[1] or branch  # 「（杭州）」 tells one branch from another
    core = _core(company_key(body))
    return NameForm(key, core + branch, _telling(core), branch, _numbers(key))


def is_same_name(one, other):
    """Whether two names differ only in width, case, spaces, brackets, punctuation or legal form; 二期 is 2期.

    A city, 集团, 科技, a branch or another number makes another name. Unknown names are nobody's.
    """
    return bool(name_form(one).key) and name_form(one).key == name_form(other).key


def similarity(one, other):
    """How similar two names are: `dice` of the cores in whole percent; the same name is 100. None: unknown.

    0 when the names share not one telling character: 朔川跨境供应链 is not like 砚山跨境供应链.
    """
    ours, theirs = name_form(one), name_form(other)
    if not ours.key or not theirs.key:
        return None
    if ours.key == theirs.key:
        return 100
    is_told_apart = ours.telling.isdisjoint(theirs.telling) and (ours.telling or theirs.telling)
    return 0 if is_told_apart else dice(ours.core, theirs.core)


def dice(one, other):
    """Twice the common pairs of neighbouring characters by all pairs, × 100, rounded down.

    Pairs that occur twice count twice. A text of one character has no pair: 100 with itself, else 0.
    An empty text has nothing in common with any, not even with another empty one.
    """
    if one == other:
        return 100 if one else 0
    ours, theirs = pairs(one), pairs(other)
    common = sum((Counter(ours) & Counter(theirs)).values())
    return 200 * common // (len(ours) + len(theirs)) if common else 0


def pairs(text):
    """The pairs of neighbouring characters (bigrams) in their order."""
    return [text[start : start + 2] for start in range(len(text) - 1)]


def lookups(name, limit):
    """Words of which two names share one whenever their `similarity` is at least `limit` percent (1–100).

    Of n pairs of a core then at least n·t/(200−t) are common (t: the limit). They cannot all be among
    the last n·t/(200−t) − 1 of an order that is the same for every name, so the words are the ones before.
    A pair of letters that many firms bear (智能) is looked up together with each telling character.
    """
    form = name_form(name)
    of = pairs(form.core)
    ranked = sorted((_is_frequent(pair), pair, of[:place].count(pair)) for place, pair in enumerate(of))
    fewest = -(-len(of) * limit // (200 - limit))
    telling = form.telling or {""}
    found = {form.key, form.core} - {""}
    for is_frequent, pair, again in ranked[: len(of) - fewest + 1]:
        word = pair + str(again or "")
        found |= {f"{word}|{part}" for part in telling} if is_frequent else {word}
    return found


def _is_frequent(pair):
    return SHARED_LETTERS.issuperset(pair)


def clash(one, other):
    """What makes two names other names however similar they are: ("1期", "2期"), ("", "上海分公司") or None.

    Numbers clash when both names count the same thing differently; one name without the number does not.
    """
    ours, theirs = name_form(one), name_form(other)
    if ours.branch != theirs.branch:
        return ours.branch, theirs.branch
    counted = {_what(number) for number in ours.numbers} & {_what(number) for number in theirs.numbers}
    left = {number for number in ours.numbers if _what(number) in counted}
    right = {number for number in theirs.numbers if _what(number) in counted}
    return None if left == right else (_read(left - right), _read(right - left))


def deviation(one, other):
    """|a − b| / max(|a|, |b|) as an exact Fraction; two zeros deviate by 0; None when one is no number."""
    try:
        ours, theirs = Fraction(one), Fraction(other)
    except (TypeError, ValueError, ArithmeticError):
        return None
    largest = max(abs(ours), abs(theirs))
    return abs(ours - theirs) / largest if largest else Fraction(0)


def _numbered(text):
    """第二期, 二期, Ⅱ期 become 2期; what parts two digits stays (3.5 is not 35)."""
    text = COUNTED.sub(lambda found: str(_value(found[1])), text)
    text = ROMAN_PHASE.sub(lambda found: str(ROMAN[found[1]]), ORDINAL.sub("", text))
    return RANGE.sub("至", POINT.sub("点", text))


def _value(numeral):
    if "十" not in numeral:
        return NUMERALS.index(numeral) + 1
    tens, ones = ((NUMERALS.index(part) + 1 if part else None) for part in numeral.split("十"))
    return 10 * (tens or 1) + (ones or 0)


def _numbers(key):
    return frozenset("".join(filter(None, found)) for found in NUMBER.findall(key))


def _what(number):
    """What a number counts: 期 of 1期, 区 of a区."""
    return re.sub(r"^(?:[\d点至]+|[a-z](?=.))", "", number)


def _read(numbers):
    return "、".join(number.replace("点", ".") for number in sorted(numbers))


def _branch(key):
    found = BRANCH_OF_FIRM.fullmatch(key) or BRANCH.fullmatch(key)
    return found.groups() if found else (key, "")


def _bare(text):
    """The key of a name without 「（杭州）」, 「（筹）」 and the English words that all firms share."""
    return company_key(_without(ENGLISH_FILLERS, _without(BRACKETED, text)))


def _core(key):
    for pattern in (PROJECT, ASSOCIATION):
        key = company_key(_without(pattern, key))
    for pattern in (LEADING_PLACE, TRAILING_PLACE):
        rest = pattern.sub("", key)
        key = key if NOTHING_ELSE.fullmatch(rest) else _without(pattern, key)
    return _without(FILLERS, key)


def _telling(core):
    rest = SHARED.sub("|", core)
    if not (parts := _parts(re.sub(PLACE, "|", rest))):
        parts = _parts(rest)  # 杭州银行: the place tells
    return frozenset(parts)


def _parts(text):
    """Single Chinese characters and pairs of Latin letters; no digits, for 2期 is the second of anything."""
    latin = {part for word in LATIN.findall(text) for part in (pairs(word) or [word])}
    return latin | set(re.sub(r"[\W\d_]|点", "", LATIN.sub("", text)))


def _without(pattern, text):
    """The text without the pattern, or as it was when too little would remain."""
    rest = pattern.sub("", text)
    return rest if len(NOT_A_WORD.sub("", rest)) >= SHORTEST else text
