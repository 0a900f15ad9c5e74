"""Many subjects at once: the same rules over columns, for one verdict each and no explanation.

Every column keeps the distinct values of a field, read and compared by the very functions the explained
way uses, and for each subject which of them it has. So a rule is judged once per distinct value, and its
answers for all subjects are one look-up; groups are minima and maxima. Nothing is rounded: the two ways
agree by construction, and a test compares them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import lcm
from typing import Any

import numpy as np

from crm.rules.criteria import Group, Plan, Rule
from crm.rules.dictionary import FIELDS
from crm.rules.explanations import Outcome, score_of
from crm.rules.fields import ORDERED, Field, WrongValue
from crm.rules.logic import Result, VerdictCode, verdict_of

NO, UNKNOWN, YES = 0, 1, 2  # in this order: AND is the least, OR the greatest, NOT counts from the other end
RESULTS = (Result.NO, Result.UNKNOWN, Result.YES)
PLACES = {result: place for place, result in enumerate(RESULTS)}
VERDICTS: tuple[VerdictCode, ...] = tuple(verdict_of(result) for result in RESULTS)
# between these bounds of a sorted column lie the values for which the operator holds
SPANS = {
    "lt": lambda values, t: (0, bisect_left(values, t)),
    "lte": lambda values, t: (0, bisect_right(values, t)),
    "gt": lambda values, t: (bisect_right(values, t), len(values)),
    "gte": lambda values, t: (bisect_left(values, t), len(values)),
    "eq": lambda values, t: (bisect_left(values, t), bisect_right(values, t)),
    "between": lambda values, t: (bisect_left(values, t[0]), bisect_right(values, t[1])),
}

Raw = Iterable[tuple[Any, Any]]  # (a value as stored, the places of the subjects that have it)


@dataclass(frozen=True, slots=True)
class Column:
    """One field of all subjects: its distinct typed values (sorted where they have an order), and per
    subject the place of its value among them; the place after the last means unknown."""

    values: list
    places: np.ndarray

    def spread(self, answers: np.ndarray) -> np.ndarray:
        """An answer per distinct value, and one for the unknown, as an answer per subject."""
        return answers[self.places]


@dataclass(frozen=True, slots=True)
class Answers:
    """What one plan says of every subject: a place in VERDICTS, and what `outcome` makes a score of."""

    codes: np.ndarray
    won: np.ndarray | None
    known: np.ndarray | None
    total: int

    def outcome(self, place: int) -> Outcome:
        """Verdict, score and coverage of one subject, as the explained way gives them."""
        code = VERDICTS[self.codes[place]]
        if not self.total:
            return Outcome(code, None, None)
        return Outcome(code, *score_of(int(self.won[place]), int(self.known[place]), self.total))

    def scores(self) -> tuple[list[tuple[Decimal | None, Decimal | None]], np.ndarray]:
        """The distinct (score, coverage) that occur, and for each subject the place of its own among them."""
        if not self.total:
            return [(None, None)], np.zeros(len(self.codes), np.intp)
        base = self.total + 1
        pairs, places = np.unique(self.known * base + self.won, return_inverse=True)
        return [score_of(int(pair % base), int(pair // base), self.total) for pair in pairs], places


class Table:
    """The facts of `count` subjects on a day, a column per field, each made when a rule first asks.

    `raw` maps the key of a field to pairs of a stored value and the places of the subjects that have it;
    whoever stands nowhere is unknown. Values of the wrong kind count as unknown.
    """

    def __init__(self, count: int, raw: Mapping[str, Raw], on: date):
        self.count, self.on = count, on
        self._raw = raw
        self._columns: dict[str, Column] = {}
        self._judged: dict[tuple, np.ndarray] = {}

    def column(self, field: Field) -> Column:
        """What is known of a field."""
        if field.key not in self._columns:
            self._columns[field.key] = self._derive(field) if field.derived else self._read(field)
        return self._columns[field.key]

    def known(self, place: int) -> Callable[[str], Any]:
        """What is known of one subject: a function of the key of a field; None when unknown."""

        def known(key):
            column = self.column(FIELDS[key])
            which = column.places[place]
            return column.values[which] if which < len(column.values) else None

        return known

    def judge(self, rule: Rule) -> np.ndarray:
        """The answers NO, UNKNOWN, YES of one rule; the same question of several plans is asked once."""
        if rule.broken:
            return np.full(self.count, UNKNOWN, np.uint8)
        key = (rule.field.key, rule.operator.code, rule.threshold, bool(rule.unstated))
        if key not in self._judged:
            column = self.column(rule.field)
            self._judged[key] = column.spread(_answers(rule, column.values))
        return self._judged[key]

    def verdicts(self, plan: Plan) -> Answers:
        """What `plan` says of every subject."""
        codes = self._node(plan.root)
        if codes is None:
            codes = np.full(self.count, UNKNOWN, np.uint8)
        return Answers(codes, *self._points(plan))

    def _node(self, node: Rule | Group) -> np.ndarray | None:
        """The answers of a rule or group; None if it decides nothing."""
        if isinstance(node, Rule):
            return self.judge(node) if node.kind == "hard" else None
        parts = [part for item in node.items if (part := self._node(item)) is not None]
        if not parts:
            return None
        joined = (np.maximum if node.name == "any" else np.minimum).reduce(parts)
        return YES - joined if node.name == "not" else joined

    def _points(self, plan: Plan):
        """(won, known, total) weights of the bonus rules, as whole numbers of their smallest common part."""
        soft = [rule for rule in plan.asked if rule.kind == "soft" and rule.weight]
        weights = _whole([rule.weight for rule in soft])
        if not soft:
            return None, None, 0
        won, known = np.zeros(self.count, np.int64), np.zeros(self.count, np.int64)
        for rule, weight in zip(soft, weights, strict=True):
            answers = self.judge(rule)
            won += weight * (answers == YES)
            known += weight * (answers != UNKNOWN)
        return won, known, sum(weights)

    def _read(self, field: Field) -> Column:
        found: dict[Any, list] = {}
        for raw, places in self._raw.get(field.key, ()):
            value = _typed(field, raw)
            if value is not None:
                found.setdefault(value, []).append(places)
        return self._encoded(field, found)

    def _encoded(self, field: Field, found: Mapping[Any, list]) -> Column:
        values = sorted(found) if field.type in ORDERED else list(found)
        column = np.full(self.count, len(values), np.int32)
        for number, value in enumerate(values):
            for places in found[value]:
                column[places] = number
        return Column(values, column)

    def _derive(self, field: Field) -> Column:
        """Computed once for every combination of what it derives from that some subject has."""
        needs = [self.column(FIELDS[key]) for key in field.derived.needs]
        combinations, which = _combined([(need.places, len(need.values) + 1) for need in needs])
        found = [self._computed(field, needs, places) for places in combinations]
        known = {value for value in found if value is not None}
        values = sorted(known) if field.type in ORDERED else list(known)
        places = {value: place for place, value in enumerate(values)}
        numbers = np.array([places.get(value, len(values)) for value in found], np.int32)
        return Column(values, numbers[which])

    def _computed(self, field: Field, needs, places):
        """What the values at these places of its needs make; None if one of them is unknown."""
        if any(place == len(need.values) for need, place in zip(needs, places, strict=True)):
            return None
        known = [need.values[place] for need, place in zip(needs, places, strict=True)]
        values = dict(zip(field.derived.needs, known, strict=True))
        try:
            return field.derived.compute(values, self.on)
        except WrongValue:
            return None


def _combined(columns):
    """The combinations that occur of several (places, how many there are), and for each subject which."""
    (first, count), *others = columns
    if not others:
        return [(place,) for place in range(count)], first
    mixed = np.ravel_multi_index(*zip(*columns, strict=True))
    distinct, which = np.unique(mixed, return_inverse=True)
    parts = np.unravel_index(distinct, [count for _, count in columns])
    return list(zip(*(part.tolist() for part in parts), strict=True)), which


def _typed(field: Field, raw):
    try:
        return field.read(raw)
    except WrongValue:
        return None


def _answers(rule: Rule, values: list) -> np.ndarray:
    """The rule's answer for each distinct value, and for the unknown behind them."""
    if rule.is_boundless:
        return np.full(len(values) + 1, UNKNOWN, np.uint8)
    answers = _against_bound(rule, values)
    if rule.unstated:
        answers[answers == NO] = UNKNOWN
    return answers


def _against_bound(rule: Rule, values: list) -> np.ndarray:
    span = SPANS.get(rule.operator.code) if rule.field.type in ORDERED else None
    answers = np.empty(len(values) + 1, np.uint8)
    if span:
        first, last = span(values, rule.threshold)
        answers[:] = NO
        answers[first:last] = YES
    else:
        answers[:-1] = [PLACES[rule.operator.answer(value, rule.threshold)] for value in values]
    answers[-1] = UNKNOWN
    return answers


def _whole(weights: list[Decimal]) -> list[int]:
    """The weights as whole numbers in the same proportion."""
    ratios = [weight.as_integer_ratio() for weight in weights]
    common = lcm(*(below for _, below in ratios)) if ratios else 1
    return [above * (common // below) for above, below in ratios]
