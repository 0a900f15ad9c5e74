"""Wordings found in Chinese clauses: patterns of words and gaps instead of regular expressions. Pure.

An officer can read a pattern, and no pattern can run away:

    税收|税款 ...20 返还|奖励     either word, then within 20 characters of the sentence either other word
    返投 比例                     next to one another
    ..8  or  ...8                 a gap of at most 8 characters; two dots stay within the clause (no comma)
    {rate} {share}                shapes of numbers: 30%、三成、0.3; the second also 一半、全额
    {years} {holiday}             十年、八个月; 三免三减半
    不以 ..10 @                   only in exempting patterns: @ is the hit that is let off

An exempting pattern without @ lets off the hits that lie within it and touch its words (依法 ..4 纳税). Gaps
of exempting patterns also end at a word that turns the sense (不、而、但、额外 …), and a negated refusal lets
off nothing (不得取消返还). Time grows with the length of the text times the number of words, in any text.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

LONGEST_GAP = 60
LONGEST_PATTERN = 400
FOREIGN = re.compile(r"[\\^$*+?\[\]()]")  # signs of regular expressions, which would silently mean nothing
MOST_STEPS = 6
NEGATORS = ("不得", "不能", "不可", "不会", "不应", "并非", "不")
TURNS = (
    "不", "未", "拒", "拖", "减少", "扣减", "降低", "低于", "少于", "停止", "停发", "中止", "延迟", "延期",
    "延误", "而", "但", "却", "改为", "改按", "改以", "仅", "只", "除", "额外", "上浮", "突破", "叠加",
    "基础上", "上限", "确保", "保证", "并由", "并按", "并给予", "收取",
)  # fmt: skip
NUMERALS = "零〇一二三四五六七八九十百千两半几数壹贰叁肆伍陆柒捌玖拾"
ANY = f"[0-9{NUMERALS}]"
RATE = (
    rf"[0-9]{{1,6}}(?:\.[0-9]{{1,4}})?[%‰]|[百千]分之[0-9{NUMERALS}点]{{1,6}}"
    rf"|[{NUMERALS}]{{1,3}}分之[{NUMERALS}]{{1,3}}|{ANY}{{1,3}}成[{NUMERALS}]?|0\.[0-9]{{1,4}}(?![0-9元万亿])"
    rf"|[0-9.]{{1,4}}:[0-9.]{{1,4}}|{ANY}{{1,3}}个?(?:百分)?点|[0-9{NUMERALS}.]{{1,4}}倍|[{NUMERALS}]{{1,2}}折"
)
SHAPES = {
    "rate": re.compile(RATE),
    "share": re.compile(RATE + "|一半|半数|减半|全额|等额|等值|同等金额"),
    "years": re.compile(rf"{ANY}{{1,4}}个?(?:周?年|月|会计年度|自然年度|年度)|长期|永久|终身|存续期|经营期"),
    "holiday": re.compile(rf"{ANY}{{1,2}}年?全?免[征收]?,?{ANY}{{1,2}}年?减半?"),
}
TRADITIONAL = str.maketrans(
    "稅還財貢獻獎勵納額繳徵級遷冊變單業議資產採購價減補貼註區縣屬設構關聯後經濟營執數據該對給與為僅適專鎖類項標準優"
    "電費險醫養統務實現際當設應須將從進駐離轉讓辦據條約總計劃",
    "税还财贡献奖励纳额缴征级迁册变单业议资产采购价减补贴注区县属设构关联后经济营执数据该对给与为仅适专锁类项标准优"
    "电费险医养统务实现际当设应须将从进驻离转让办据条约总计划",
)
FILLERS = "\u115f\u1160"  # letters by category, invisible on paper
SENTENCE_STOPS, CLAUSE_STOPS, KEPT_MARKS = "。;!?", "。;!?,:", "。;!?,:、.%‰《》"
LIST_LINE = re.compile(
    r"\n(?=[ \t\u3000]{0,20}"
    r"(?:\n|[(（]?[0-9一二三四五六七八九十]{1,3}[)）、.．](?![0-9])|第[0-9一二三四五六七八九十]{1,4}条))"
)
GAP = re.compile(r"(\.{2,3})([0-9]{1,2})")
HIT = "@"


class BadPattern(ValueError):
    """A pattern cannot be read. The message is Chinese: what is wrong and what to write."""


class Span(NamedTuple):
    """Where a pattern stands in a folded text, with the places of its words."""

    start: int
    end: int
    words: tuple[tuple[int, int], ...]


def spans_of(text: "Folded", patterns: Iterable[str], exempting: Iterable[str]) -> list[tuple[int, int]]:
    """Where any pattern stands and no exempting one lets it off, by start; what touches is joined."""
    spans = {span for pattern in patterns for span in _innermost(_chains(text, parse(pattern)))}
    for pattern in exempting if spans else ():
        is_off = _letting_off(text, parse(pattern))
        spans = {span for span in spans if not is_off(span)}
    return _joined(spans)


class Folded:
    """A text as patterns read it, with the way back to the places in the original."""

    def __init__(self, original):
        self.original = original or ""
        breaks = {match.start() for match in LIST_LINE.finditer(self.original)}
        pairs = [
            (folded, place)
            for place, character in enumerate(self.original)
            for folded in ("。" if place in breaks else _folded(character))
        ]
        pairs = [pair for index, pair in enumerate(pairs) if not _is_loose(pairs, index)]
        self.text = "".join(folded for folded, _ in pairs)
        self.places = [place for _, place in pairs]
        self.sentence_stops = self._positions(SENTENCE_STOPS)
        self.clause_stops = self._positions(CLAUSE_STOPS)
        self.turns = sorted({start for word in TURNS for start, _ in occurrences(self.text, word)})
        self._found = {}

    def _positions(self, marks):
        return [index for index, character in enumerate(self.text) if character in marks]

    def find(self, step):
        """The spans of any of the step's words, by start; kept, as many patterns share their words."""
        key = step.words, step.shapes
        if key not in self._found:
            spans = {span for word in step.words for span in occurrences(self.text, word)}
            spans.update(match.span() for shape in step.shapes for match in SHAPES[shape].finditer(self.text))
            self._found[key] = sorted(spans)
        return self._found[key]

    def is_clear(self, start, end, gap, exempting):
        """Whether `gap` may stretch over [start, end)."""
        if not 0 <= end - start <= gap.reach:
            return False
        stops = self.sentence_stops if gap.crosses_commas else self.clause_stops
        return not _any_within(stops, start, end) and not (exempting and _any_within(self.turns, start, end))

    def place(self, start, end):
        """The places of [start, end) in the original, and the words as written there."""
        first, last = self.places[start], self.places[end - 1] + 1
        return first, last, self.original[first:last]


@lru_cache(maxsize=65536)
def _folded(character):
    """Half-width, lower case, simplified; empty for spaces, marks and whatever is no letter or number."""
    folded = unicodedata.normalize("NFKC", character).casefold().translate(TRADITIONAL)
    return "".join(
        c for c in folded if c in KEPT_MARKS or (unicodedata.category(c)[0] in "LN" and c not in FILLERS)
    )


def _is_loose(pairs, index):
    """A point outside a number, which is noise, or a comma inside one (1,000)."""
    character = pairs[index][0]
    if character not in ".,":
        return False
    inside = 0 < index < len(pairs) - 1 and (pairs[index - 1][0] + pairs[index + 1][0]).isdecimal()
    return inside == (character == ",")


def occurrences(text: str, word: str) -> Iterator[tuple[int, int]]:
    """Every place of the word, overlapping ones too."""
    start = text.find(word)
    while start >= 0:
        yield start, start + len(word)
        start = text.find(word, start + 1)


def _any_within(positions, start, end):
    index = bisect_left(positions, start)
    return index < len(positions) and positions[index] < end


@dataclass(frozen=True, slots=True)
class Gap:
    reach: int = 0
    crosses_commas: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """Any of some words and shapes, and the gap allowed after it; `is_hit` is the @."""

    words: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    after: Gap = Gap()
    is_hit: bool = False


@lru_cache(maxsize=4096)
def parse(pattern: str) -> tuple[Step, ...]:
    """The steps of a pattern; raises BadPattern."""
    if len(pattern) > LONGEST_PATTERN:
        raise BadPattern(f"「{pattern[:20]}…」：一条措辞最多 {LONGEST_PATTERN} 个字，请分成几条。")
    if found := FOREIGN.search(pattern):
        raise BadPattern(
            f"「{pattern}」：措辞不是正则表达式，不能用「{found[0]}」；“或”写 |，相隔几个字写 ..8。"
        )
    steps, gap = [], None
    for token in reversed(pattern.split()):
        if match := GAP.fullmatch(token):
            if gap or not steps or int(match[2]) > LONGEST_GAP:
                raise BadPattern(f"「{pattern}」：间隔写在两个词之间，不超过 {LONGEST_GAP} 个字。")
            gap = Gap(int(match[2]), len(match[1]) == 3)
        else:
            steps.append(_step(token, gap or Gap(), pattern))
            gap = None
    hits = sum(step.is_hit for step in steps)
    if gap or not hits < 2 or not hits < len(steps) <= MOST_STEPS:
        raise BadPattern(f"「{pattern}」：首尾要有词，最多 {MOST_STEPS} 段，{HIT} 最多一个且不能单独成条。")
    return tuple(reversed(steps))


def _step(token, after, pattern):
    if token == HIT:
        return Step(after=after, is_hit=True)
    parts = token.split("|")
    shapes = tuple(part[1:-1] for part in parts if part.startswith("{"))
    words = tuple(Folded(part).text for part in parts if not part.startswith("{"))
    if not all(words) or not set(shapes) <= set(SHAPES):
        raise BadPattern(f"「{pattern}」：「{token}」里有空的词或没有的数字写法。")
    return Step(words, shapes, after)


def _chains(text, steps, exempting=False):
    """Where the steps follow one another: the nearest of each, at most one span per start, by start."""
    chains = None
    for step in reversed(steps):
        found = reversed(text.find(step))  # so that the shortest word at a start comes last and stays
        if chains is None:
            chains = {start: Span(start, end, ((start, end),)) for start, end in found}
        else:
            chains = {span.start: span for span in _linked(text, found, step.after, chains, exempting)}
        if not chains:
            return []
    return sorted(chains.values())


def _linked(text, found, gap, following, exempting):
    starts = sorted(following)
    for start, end in found:
        index = bisect_left(starts, end)
        if index < len(starts) and text.is_clear(end, starts[index], gap, exempting):
            rest = following[starts[index]]
            yield Span(start, rest.end, ((start, end), *rest.words))


def _innermost(spans):
    """The spans that contain no other of the same pattern."""
    nearest = None
    for span in reversed(spans):
        if nearest is None or span.end < nearest:
            nearest = span.end
            yield span


def _letting_off(text, steps) -> Callable[[Span], bool]:
    """A test whether an exempting pattern lets a span off."""
    for index, step in enumerate(steps):
        if step.is_hit:
            return _beside(text, steps[:index], step, steps[index + 1 :])
    return _covered(_chains(text, steps, exempting=True))


def _covered(covers) -> Callable[[Span], bool]:
    """A test whether a span lies within one of `covers`, which stand by start, and touches its words."""
    starts = [cover.start for cover in covers]
    longest = max((cover.end - cover.start for cover in covers), default=0)

    def is_covered(span):
        near = slice(bisect_left(starts, span.end - longest), bisect_right(starts, span.start))
        return any(cover.end >= span.end and _touches(cover, span) for cover in covers[near])

    return is_covered


def _touches(cover, span):
    return any(start < span.end and span.start < end for start, end in cover.words)


def _beside(text, before, hit, after) -> Callable[[Span], bool]:
    """A test whether the steps before and after the @ stand beside a span."""
    left = sorted(_chains(text, before, exempting=True), key=_end) if before else []
    right = [span.start for span in _chains(text, after, exempting=True)] if after else []

    def is_refused(span):
        gap = before[-1].after
        return any(_stands_before(text, refusal, anchor, gap) for refusal, anchor in _anchors(left, span))

    def is_followed(span):
        index = bisect_left(right, span.end)
        return index < len(right) and text.is_clear(span.end, right[index], hit.after, True)

    return lambda span: (not before or is_refused(span)) and (not after or is_followed(span))


def _end(span):
    return span.end


def _anchors(left, span):
    """The nearest refusals before the span, across its first word (不要求) and before its last word."""
    index = bisect_right(left, span.start, key=_end)
    if index:
        yield left[index - 1], span.start
    if index < len(left) and left[index].start < span.start:
        yield left[index], left[index].end
    last = span.words[-1][0]
    inside = bisect_right(left, last, key=_end)
    if inside > index:
        yield left[inside - 1], last


def _stands_before(text, refusal, anchor, gap):
    is_negated = text.text.endswith(NEGATORS, 0, refusal.start)
    return not is_negated and text.is_clear(refusal.end, anchor, gap, True)


def _joined(spans):
    """Spans that touch, as one."""
    joined = []
    for start, end, _ in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
