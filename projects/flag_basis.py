"""Whether the basis an item quotes is a known clause that carries what the item promises. Pure.

Bad words are endless, public clauses are few: a promise no known clause carries is questioned whatever its
words (domain rule §4.2). What is known stands in the 依据库; a doubt says which part nobody has read there.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from projects.flag_quoting import SHOWN, added
from projects.flag_text import NUMERALS, SHAPES, Folded

ANY_KIND = "general_policy"  # says nothing of what is given: any clause may carry it


@dataclass(frozen=True)
class Clause:
    """A clause of a public document as the library holds it. Amounts in 万元; None and empty ask nothing.

    `measures` are the words by which the benefit is counted or named: a wording without any of them promises
    something else.
    """

    document: str
    number: str = ""
    clause: str = ""
    kinds: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    most_percent: Decimal | None = None
    cap_wan: Decimal | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    is_read: bool = True  # somebody has looked the text up
    text: str = ""  # of the clause, as published; a wording may add nothing to it

    def __str__(self):
        return f"{self.number or self.document}{self.clause}"


class Doubt(NamedTuple):
    """What is not verified: the field, the words it is about, and why, in Chinese without a full stop."""

    field: str
    words: str
    why: str


def doubts(item, clauses: Iterable[Clause], on: date) -> list[Doubt]:
    """What of `item` no clause known on `on` carries; [] when one of the clauses it quotes carries all."""
    basis = _plain(item.basis)
    quoted = [clause for clause in clauses if _segment(clause, basis) is not None]
    if not quoted:
        return [Doubt("basis", item.basis, "依据库里没有这份文件")]
    cited = [clause for clause in quoted if _is_cited(clause, _segment(clause, basis))]
    if not cited:
        return [Doubt("basis", item.basis, "依据库里有这份文件，但没有所引的这一条，或文号对不上")]
    said = _plain("。".join((item.text, item.formula, item.conditions)))
    return min((_misfits(item, said, clause, on) for clause in cited), key=len)


@lru_cache(maxsize=8192)
def _plain(words):
    """The words as the flags read them; kept, as every item is held against the same clauses."""
    return Folded(words).text


TITLE = re.compile("《([^》]{1,80})》")
NUMBER = re.compile(r"[\u4e00-\u9fff]{2,10}(?:19|20)[0-9]{2}[0-9]{1,4}号")
PLACE = re.compile(rf"第([0-9{NUMERALS}]{{1,6}})([条章项款])")


def _segment(clause, basis):
    """The part of `basis` that speaks of the document of `clause`; None when none does."""
    name, number = _plain(clause.document), _plain(clause.number)
    titles = [match[1] for match in TITLE.finditer(basis)]
    is_named = name in titles if titles else bool(name) and name in basis
    ends = [
        basis.index(word) + len(word) for word in (name if is_named else "", number) if word in basis and word
    ]
    if not ends:
        return None
    begin = min(basis.index(word) for word in (name if is_named else "", number) if word and word in basis)
    stop = basis.find("《", max(ends))
    return basis[begin : stop if stop >= 0 else len(basis)]


def _is_cited(clause, segment):
    """Whether the segment names this clause, and no other number of a document than that of the clause."""
    number = _plain(clause.number)
    if number and number not in segment and NUMBER.search(segment):
        return False
    wanted = _places(_plain(clause.clause))
    return wanted <= _places(segment) if wanted else _plain(clause.clause) in segment


def _places(text):
    return {(_whole(match[1]), match[2]) for match in PLACE.finditer(text)}


def _misfits(item, said, clause, on):
    checks = (_unread, _out_of_date, _of_other_kind, _not_its_measure)
    found = (check(item, said, clause, on) for check in checks)
    over = [
        *_over_cap(item, said, clause),
        *_over_rate(said, clause),
        *_besides(said, clause),
        *_added(said, clause),
    ]
    return [doubt for doubt in (*found, *over) if doubt]


def _unread(item, said, clause, on):
    if clause.is_read:
        return None
    return Doubt("basis", item.basis, f"依据库里的{clause}还没有人核对过原文")


def _out_of_date(item, said, clause, on):
    if clause.valid_from and on < clause.valid_from:
        return Doubt("basis", item.basis, f"{clause}自 {clause.valid_from} 起才有效")
    if clause.valid_to and clause.valid_to < on:
        return Doubt("basis", item.basis, f"{clause}的有效期至 {clause.valid_to}，已过")
    return None


def _of_other_kind(item, said, clause, on):
    if not clause.kinds or item.kind in (ANY_KIND, *clause.kinds):
        return None
    return Doubt("kind", "", f"{clause}给的不是这一类优惠")


def _not_its_measure(item, said, clause, on):
    if not clause.measures or _names_measure(said, clause):
        return None
    return Doubt("text", "", f"{clause}按“{'、'.join(clause.measures)}”给，条款里没有写到")


def _names_measure(words, clause):
    return any(_plain(measure) in words for measure in clause.measures)


MORE = ("另", "额外", "叠加", "追加", "此外", "再给", "再按", "并给予", "同时给予", "还可", "除此")
GIVES = ("给予", "奖", "补", "扶持", "支持", "资助", "拨", "兑现", "返", "免", "享受", "支付")


def _besides(said, clause):
    """Parts that give something more, and not by a measure of the clause."""
    if not clause.measures:
        return []
    parts = [part for part in re.split("[。;!?,]", said) if not _names_measure(part, clause)]
    more = [part for part in parts if _has(part, MORE) and _has(part, GIVES)]
    return [Doubt("text", part, f"“{part[:24]}”不在{clause}里") for part in more]


def _added(said, clause):
    source = "。".join((clause.document, clause.number, clause.clause, clause.text))
    parts = added(said, source) if clause.text else ()
    return [Doubt("text", part, f"“{part[:SHOWN]}”在{clause}的原文里读不到") for part in parts]


def _has(part, words):
    return any(word in part for word in words)


GIVEN_SUM = re.compile(
    r"(?:最高|最多|上限|封顶|给予|奖励|补助|补贴|资助|支持|拨付|支付|每年不超过|企业不超过|项目不超过)[^。;,]{0,6}?"
    rf"([0-9]{{1,9}}(?:\.[0-9]{{1,4}})?|[{NUMERALS}]{{1,8}})(亿|万)?元"
)
IN_WAN = {"亿": Decimal(10000), "万": Decimal(1), None: Decimal("0.0001")}


def _over_cap(item, said, clause):
    if clause.cap_wan is None:
        return []
    stated = [("amount_wan", item.amount_wan), ("cap_wan", item.cap_wan)]
    written = [("text", _number(match[1]) * IN_WAN[match[2]]) for match in GIVEN_SUM.finditer(said)]
    sums = [
        (field, value) for field, value in (*stated, *written) if value is not None and not value.is_nan()
    ]
    return [
        Doubt(
            field,
            f"{value.normalize():f} 万元",
            f"{value.normalize():f} 万元超过{clause}的上限 {clause.cap_wan.normalize():f} 万元",
        )
        for field, value in sums
        if value > clause.cap_wan
    ][:1]


WHOLE = re.compile(
    "(?:全额|全部|等额|据实)[^。;,]{0,6}(?:补|奖|返|支持|兑现|承担|拨|资助)|免租|零租金|租金全免|租金全额"
)
NO_BENEFIT = re.compile(
    "(?:占比|比重|比例达|比例不低于|增长|增速|增幅|首期|首批|预拨|持股|股权|资本|不低于|达到?)[^。;,]{0,8}$"
)


def _over_rate(said, clause):
    if clause.most_percent is None:
        return []
    found = [
        (match[0], _percent(match[0])) for match in SHAPES["rate"].finditer(said) if _is_given(said, match)
    ]
    found += [(match[0], Decimal(100)) for match in WHOLE.finditer(said)]
    over = [words for words, rate in found if rate is not None and rate > clause.most_percent]
    most = f"{clause.most_percent.normalize():f}%"
    return [Doubt("text", over[0], f"“{over[0]}”高于{clause}的 {most}")] if over else []


def _is_given(said, match):
    return not NO_BENEFIT.search(said, max(0, match.start() - 16), match.start())


def _percent(words):
    """「30%」「百分之三十」「三成」「0.3」「1.5倍」 in percent; None for what is no such share (七折)."""
    if words.endswith("%"):
        return Decimal(words[:-1])
    if words.startswith("百分之"):
        return _number(words[3:])
    if "成" in words:
        whole, part = words.split("成")
        return _number(whole) * 10 + (_number(part) or 0 if part else 0)
    if words.endswith("倍"):
        value = _number(words[:-1])
        return value and value * 100
    return Decimal(words) * 100 if words.startswith("0.") else None


DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {
    **dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True)),
    **{"〇": 0, "两": 2},
}
TENS = {"十": 10, "拾": 10, "百": 100, "千": 1000}


def _whole(words):
    value = _number(words)
    return words if value is None else int(value)


def _number(words):
    """「12」「12.5」「十二」「三百五十」 as a Decimal; None for 半、几、数."""
    if re.fullmatch(r"[0-9]{1,12}(?:\.[0-9]{1,6})?", words):
        return Decimal(words)
    total, digit = 0, None
    for sign in words:
        if sign in TENS:
            total, digit = total + (1 if digit is None else digit) * TENS[sign], None
        elif sign in DIGITS:
            digit = DIGITS[sign] if digit is None else digit * 10 + DIGITS[sign]
        else:
            return None
    return Decimal(total + (digit or 0))
