"""A clause as the flags read it: folded to one way of writing, and the way back to the original. Pure."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache

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
    rf"|[0-9.]{{1,4}}:[0-9.]{{1,4}}|[0-9{NUMERALS}点.]{{1,6}}倍|{ANY}{{1,3}}个?(?:百分)?点(?!{ANY})"
    rf"|[{NUMERALS}]{{1,2}}折"
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
RATIO = re.compile("[0-9]:(?=[0-9])")  # 1:1.2 stops no clause
SENTENCE_STOPS, CLAUSE_STOPS, KEPT_MARKS = "。;!?", "。;!?,:", "。;!?,:、.%‰《》"
LIST_LINE = re.compile(
    r"\n(?=[ \t\u3000]{0,20}"
    r"(?:\n|[(（]?[0-9一二三四五六七八九十]{1,3}[)）、.．](?![0-9])|第[0-9一二三四五六七八九十]{1,4}条))"
)


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
        self.characters = frozenset(self.text)
        self.sentence_stops = self._positions(SENTENCE_STOPS)
        self.clause_stops = self._positions(CLAUSE_STOPS)
        self.turns = sorted({start for word in TURNS for start, _ in occurrences(self.text, word)})
        self._found = {}

    def _positions(self, marks):
        ratios = {match.end() - 1 for match in RATIO.finditer(self.text)}
        return [i for i, character in enumerate(self.text) if character in marks and i not in ratios]

    def find(self, step):
        """The spans of any of the step's words, by start; kept, as many patterns share their words."""
        found = self._found.get(step.wanted)
        if found is None:
            found = self._found[step.wanted] = sorted({*self._words(step), *self._shapes(step)})
        return found

    def _words(self, step):
        there = [word for word in step.words if word[0] in self.characters and word in self.text]
        return (span for word in there for span in occurrences(self.text, word))

    def _shapes(self, step):
        return (match.span() for shape in step.shapes for match in SHAPES[shape].finditer(self.text))

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
