"""What if: the nearest whole bound of one numeric rule by which more subjects would be 符合."""

import dataclasses
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil, floor

from crm.rules.columns import YES, Table
from crm.rules.criteria import Group, Plan, Rule
from crm.rules.fields import NUMERIC
from crm.rules.operators import show_threshold

TRIED = 8  # bounds of one rule, the nearest first
# the whole bound that just lets a value in
BOUNDS = {"lte": ceil, "lt": lambda v: floor(v) + 1, "gte": floor, "gt": lambda v: ceil(v) - 1}
UPPER = ("lte", "lt")


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
    """The hard numeric rules with one bound, outside 不得, in the order written; `kinds` and `types` of field
    name others."""
    return list(_movable(plan.root, kinds, types))


def sentence_of(rule: Rule) -> str:
    """「员工人数 不超过 100 人」."""
    return f"{rule.field.label} {show_threshold(rule.operator, rule.field, rule.threshold)}"


def is_looser(rule: Rule, bound: Decimal | date) -> bool:
    """Whether the rule lets more in with this bound."""
    return bound > rule.threshold if rule.operator.code in UPPER else bound < rule.threshold


def moved(plan: Plan, rule: Rule, bound: Decimal | date) -> Plan:
    """The plan with another bound of one of its rules."""
    other = dataclasses.replace(rule, threshold=bound)
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
        and node.operator.code in BOUNDS
    ):
        yield node


def _nearest(plan, rule, table, before) -> Loosening | None:
    for bound in _bounds(rule, table.column(rule.field).values):
        after = _fitting(moved(plan, rule, bound), table)
        if after > before:
            gap = abs(bound - rule.threshold) / (abs(rule.threshold) or 1)
            return Loosening(rule.number, sentence_of(rule), rule.field.show(bound), before, after, gap)
    return None


def _bounds(rule, values) -> list[Decimal]:
    """The bounds that would let in the values now kept out, the nearest first."""
    out = [value for value in values if not rule.operator.holds(value, rule.threshold)]
    nearest = out if rule.operator.code in UPPER else reversed(out)
    bounds = dict.fromkeys(Decimal(BOUNDS[rule.operator.code](value)) for value in nearest)
    return [bound for bound in bounds if rule.field.is_plausible(bound)][:TRIED]


def _with(node: Rule | Group, other: Rule) -> Rule | Group:
    """The tree with one rule in place of the one of its number."""
    if isinstance(node, Rule):
        return other if node.number == other.number else node
    return Group(node.number, node.name, [_with(item, other) for item in node.items])
