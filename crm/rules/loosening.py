"""What if: the nearest whole bound of one numeric rule by which more subjects would be 符合."""

import dataclasses
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil, floor
from typing import Any

from crm.rules.columns import YES, Table
from crm.rules.criteria import Group, Plan, Rule
from crm.rules.fields import NUMERIC
from crm.rules.operators import show_threshold

TRIED = 8  # bounds of one rule, the nearest first
# the whole bound that just lets a value in
BOUNDS = {"lte": ceil, "lt": lambda v: floor(v) + 1, "gte": floor, "gt": lambda v: ceil(v) - 1}
UPPER = ("lte", "lt")
PAIR = "between"  # its two bounds are one threshold; whichever of them keeps a value out is moved


@dataclass(frozen=True, slots=True)
class Loosening:
    """One rule with another bound: 「员工人数 不超过 100 人」 → 150 人, 符合 `before` → `after`.

    `gap` is how far the bound moves, as a share of what it was.
    """

    number: str
    sentence: str
    bound: str
    before: int
    after: int
    gap: Decimal


def loosenings(plan: Plan, table: Table, most: int = 3) -> list[Loosening]:
    """Of every hard numeric rule outside 不得 the smallest move that lets somebody in; the nearest first."""
    before = _fitting(plan, table)
    found = [one for rule in movable(plan) if (one := _nearest(plan, rule, table, before))]
    return sorted(found, key=lambda one: (one.gap, one.number))[:most]


def movable(plan: Plan, kinds: Container[str] = ("hard",), types: Container[str] = NUMERIC) -> list[Rule]:
    """The hard numeric rules with a bound or two, outside 不得, in the order written; `kinds` and `types` of
    field name others."""
    return list(_movable(plan.root, kinds, types))


def sentence_of(rule: Rule) -> str:
    """「员工人数 不超过 100 人」."""
    return f"{rule.field.label} {show_threshold(rule.operator, rule.field, rule.threshold)}"


def is_looser(rule: Rule, bound: Decimal | date) -> bool:
    """Whether the rule lets more in with this bound."""
    if _is_pair(rule):
        return not rule.operator.holds(bound, rule.threshold)
    return bound > rule.threshold if rule.operator.code in UPPER else bound < rule.threshold


def widened(rule: Rule, bound: Decimal | date) -> Any:
    """The threshold of the rule with this looser bound."""
    if not _is_pair(rule):
        return bound
    low, high = rule.threshold
    return min(low, bound), max(high, bound)


def shown(rule: Rule, bound: Decimal | date) -> str:
    """The looser threshold as it stands in a sentence: 「150 人」, 「介于 3 级 与 6 级 之间」."""
    if not _is_pair(rule):
        return rule.field.show(bound)
    return show_threshold(rule.operator, rule.field, widened(rule, bound))


def moved(plan: Plan, rule: Rule, bound: Decimal | date) -> Plan:
    """The plan with another bound of one of its rules."""
    other = dataclasses.replace(rule, threshold=widened(rule, bound))
    asked = tuple(other if one.number == rule.number else one for one in plan.asked)
    return dataclasses.replace(plan, root=_with(plan.root, other), asked=asked)


def _fitting(plan, table) -> int:
    return int((table.verdicts(plan).codes == YES).sum())


def _movable(node: Rule | Group, kinds, types) -> Iterator[Rule]:
    if isinstance(node, Group):
        for item in node.items if node.name != "not" else ():
            yield from _movable(item, kinds, types)
    elif (
        node.kind in kinds
        and not (node.broken or node.unstated)
        and node.field.type in types
        and node.operator.code in (*BOUNDS, PAIR)
    ):
        yield node


def _nearest(plan, rule, table, before) -> Loosening | None:
    for bound in _bounds(rule, table.column(rule.field).values):
        after = _fitting(moved(plan, rule, bound), table)
        if after > before:
            found = shown(rule, bound)
            return Loosening(rule.number, sentence_of(rule), found, before, after, _gap(rule, bound))
    return None


def _gap(rule, bound) -> Decimal:
    stood = _end(rule, bound)
    return abs(bound - stood) / (abs(stood) or 1)


def _end(rule, bound):
    """The bound of the rule that this one takes the place of."""
    return min(rule.threshold, key=lambda end: abs(bound - end)) if _is_pair(rule) else rule.threshold


def _is_pair(rule) -> bool:
    return rule.operator.code == PAIR


def _bounds(rule, values) -> list[Decimal]:
    """The bounds that would let in the values now kept out, the nearest first."""
    out = [value for value in values if not rule.operator.holds(value, rule.threshold)]
    if _is_pair(rule):
        nearest = sorted(out, key=lambda value: abs(value - _end(rule, value)))
    else:
        nearest = out if rule.operator.code in UPPER else reversed(out)
    bounds = dict.fromkeys(Decimal(_whole(rule, value)) for value in nearest)
    return [bound for bound in bounds if rule.field.is_plausible(bound)][:TRIED]


def _whole(rule, value):
    """The whole bound that just lets this value in."""
    if _is_pair(rule):
        return floor(value) if value < rule.threshold[0] else ceil(value)
    return BOUNDS[rule.operator.code](value)


def _with(node: Rule | Group, other: Rule) -> Rule | Group:
    """The tree with one rule in place of the one of its number."""
    if isinstance(node, Rule):
        return other if node.number == other.number else node
    return Group(node.number, node.name, [_with(item, other) for item in node.items])
