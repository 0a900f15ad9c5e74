"""Wordings found in Chinese clauses: patterns of words and gaps instead of regular expressions. Pure.

An officer can read a pattern, and no pattern can run away:

    税收|税款 ...20 返还|奖励     either word, then within 20 characters of the sentence either other word
    返投 比例                     next to one another
    ..8  or  ...8                 a gap of at most 8 characters; two dots stay within the clause (no comma)
    区级 ..8 实收 ~40 奖励          both sides of ~ in either order, within 40 characters of the sentence
    {rate} {share}                shapes of numbers: 30%、三成、0.3; the second also 一半、全额
    {years} {holiday}             十年、八个月; 三免三减半
    不以 ..10 @                   only in exempting patterns: @ is the hit that is let off
    ! 按 ..20 的 {rate}           no @ lets it off: nothing that merely stands nearby excuses it

An exempting pattern without @ lets off the hits that lie within it and touch its words (依法 ..4 纳税). Gaps
of exempting patterns also end at a word that turns the sense (不、而、但、额外 …), and a negated refusal lets
off nothing (不得取消返还). Time grows with the length of the text times the number of words, in any text.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

from projects.flag_text import SHAPES, Folded

LONGEST_GAP = 60
LONGEST_PATTERN = 600
PLACEHOLDERS = {  # shape of flag_text.SHAPES → what it stands for, with examples
    "rate": "比例或倍数，如 30%、三成、百分之五、0.3、1.5倍、七折",
    "share": "同 {rate}，还有 一半、减半、全额、等额",
    "years": "期限，如 十年、八个月、三个会计年度、长期、永久",
    "holiday": "免减，如 三免三减半、两免三减半",
}
BRACED = re.compile(r"\{([a-z]+)\}")
FOREIGN = re.compile(r"[\\^$*+?\[\]()]")  # signs of regular expressions, which would silently mean nothing
MOST_STEPS = 6
MOST_GROUPS = 3  # parts between ~: they are looked for in every order
NEGATORS = ("不得", "不能", "不可", "不会", "不应", "并非", "不")
GAP = re.compile(r"(\.{2,3}|~)([0-9]{1,2})")
ANY_ORDER = "~"
HIT = "@"
MARKED = "!", "！"
STRICT = "!"


class BadPattern(ValueError):
    """A pattern cannot be read. The message is Chinese: what is wrong and what to write."""


class Span(NamedTuple):
    """Where a pattern stands in a folded text, with the places of its words."""

    start: int
    end: int
    words: tuple[tuple[int, int], ...]


def spans_of(text: Folded, patterns: Iterable[str], exempting: Iterable[str]) -> list[tuple[int, int]]:
    """Where any pattern stands and no exempting one lets it off, by start; what touches is joined."""
    plain, strict = set(), set()
    for pattern in patterns if text.text else ():
        spans = strict if STRICT in signs(pattern) else plain
        chains = [span for steps in readings(pattern) for span in _chains(text, steps)]
        spans.update(_innermost(sorted(chains)) if chains else ())
    for pattern in exempting if plain or strict else ():
        is_off = _letting_off(text, parse(pattern))
        plain = {span for span in plain if not is_off(span)}
        if HIT not in signs(pattern):
            strict = {span for span in strict if not is_off(span)}
    return joined((span.start, span.end) for span in plain | strict)


@dataclass(frozen=True, slots=True)
class Gap:
    reach: int = 0
    crosses_commas: bool = False
    is_any_order: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """The words and shapes of a step: one object for every step that is written alike, known by itself."""

    words: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    by_head: dict[str, list[str]] = field(default_factory=dict)  # the words by their first two characters


@dataclass(frozen=True, slots=True)
class Step:
    """Any of some words and shapes, and the gap allowed after it; `is_hit` is the @."""

    wanted: Wanted
    after: Gap = Gap()
    is_hit: bool = False

    @property
    def words(self):
        return self.wanted.words

    @property
    def shapes(self):
        return self.wanted.shapes


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
    for token in reversed(_unmarked(pattern).split()):
        if match := GAP.fullmatch(token):
            if gap or not steps or int(match[2]) > LONGEST_GAP:
                raise BadPattern(f"「{pattern}」：间隔写在两个词之间，不超过 {LONGEST_GAP} 个字。")
            gap = Gap(int(match[2]), match[1] != "..", match[1] == ANY_ORDER)
        else:
            steps.append(_step(token, gap or Gap(), pattern))
            gap = None
    hits = sum(step.is_hit for step in steps)
    if gap or not hits < 2 or not hits < len(steps) <= MOST_STEPS:
        raise BadPattern(f"「{pattern}」：首尾要有词，最多 {MOST_STEPS} 段，{HIT} 最多一个且不能单独成条。")
    return tuple(reversed(steps))


@lru_cache(maxsize=4096)
def readings(pattern: str) -> tuple[tuple[Step, ...], ...]:
    """The steps of a pattern in every order that its ~ allow; raises BadPattern."""
    groups, group = [], []
    for step in parse(pattern):
        group.append(step)
        if step.after.is_any_order:
            groups.append(group)
            group = []
    groups.append(group)
    if len(groups) > MOST_GROUPS:
        raise BadPattern(f"「{pattern}」：{ANY_ORDER} 最多隔出 {MOST_GROUPS} 段，请分成几条。")
    gap = max((step.after for step in parse(pattern) if step.after.is_any_order), key=_reach, default=Gap())
    return tuple(_in_order(order, gap) for order in permutations(groups))


def _reach(gap):
    return gap.reach


def _in_order(groups, gap):
    """The steps of the groups one after another, with `gap` between the groups."""
    steps = [replace(step, after=gap) if step is group[-1] else step for group in groups for step in group]
    return (*steps[:-1], replace(steps[-1], after=Gap()))


@lru_cache(maxsize=4096)
def signs(pattern: str) -> frozenset[str]:
    """Which of !, ~ and @ a pattern uses; raises BadPattern."""
    steps = [step for reading in readings(pattern)[:1] for step in reading]
    used = {
        STRICT: pattern.startswith(MARKED),
        ANY_ORDER: any(step.after.is_any_order for step in parse(pattern)),
        HIT: any(step.is_hit for step in steps),
    }
    return frozenset(sign for sign, is_used in used.items() if is_used)


def _unmarked(pattern):
    return pattern[1:] if pattern.startswith(MARKED) else pattern


def _step(token, after, pattern):
    if token == HIT:
        return Step(Wanted(), after, is_hit=True)
    for part in token.split("|"):
        _check_braces(part, pattern)
    wanted = _wanted(token)
    if not all(wanted.words):
        raise BadPattern(f"「{pattern}」：「{token}」里有空的词，竖线两边都要有字。")
    return Step(wanted, after)


def _check_braces(part, pattern):
    """A placeholder stands alone and is one of those we know; anything else in braces would mean nothing."""
    if "{" not in part and "}" not in part:
        return
    found = BRACED.fullmatch(part)
    if found is None or found[1] not in SHAPES:
        known = "、".join(f"{{{name}}}" for name in PLACEHOLDERS)
        words = f"没有「{part}」这个占位符。能用的是 {known}，自成一词，前后用空格或竖线隔开。"
        raise BadPattern(f"「{pattern}」：{words}")


@lru_cache(maxsize=16384)
def _wanted(token):
    parts = token.split("|")
    shapes = tuple(part[1:-1] for part in parts if part.startswith("{"))
    words = tuple(Folded(part).text for part in parts if not part.startswith("{"))
    by_head = {}
    for word in words:
        by_head.setdefault(word[:2], []).append(word)
    return Wanted(words, shapes, by_head)


def _chains(text, steps, exempting=False):
    """Where the steps follow one another: the nearest of each, at most one span per start, by start."""
    if not all(map(text.find, reversed(steps))):
        return []
    chains = None
    for step in reversed(steps):
        # of words that start alike the last stays: the shortest that is looked for, the longest letting off
        found = text.find(step) if exempting else reversed(text.find(step))
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


def joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that touch, as one, by start."""
    found = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found
