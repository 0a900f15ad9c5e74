"""What would settle a verdict: the smallest set of missing facts, and the near-misses."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crm.rules.criteria import Group, Rule
from crm.rules.dictionary import FIELDS, ORDER
from crm.rules.fields import NUMERIC
from crm.rules.logic import Result, combine, negate
from crm.rules.operators import show_value
from crm.rules.situation import Judged, in_order

KEPT_WAYS = 64
SEARCHED_WAYS = 1000
SHOWN_WAYS = 6
NEAR_RATIO = Decimal("0.10")
UPPER, LOWER, BELOW, ABOVE = "上限", "下限", "须低于", "须高于"
BOUNDS = {"lt": BELOW, "lte": UPPER, "gt": ABOVE, "gte": LOWER}
UNWANTED = {"lt": LOWER, "lte": ABOVE, "gt": UPPER, "gte": BELOW}  # of a rule that must not hold

Ways = list[frozenset[str]]


@dataclass(slots=True)
class _Limits:
    """How many ways are kept at a time, and of how many facts at most; `was_cut` says that some were not."""

    most: int
    room: int
    was_cut: bool = False


def smallest_sets(root: Group, judged: Mapping[str, Judged]) -> list[tuple[str, ...]]:
    """The smallest sets of missing facts that, answered favourably, give 符合; equal ones beside each other.

    Empty when the verdict is settled already, or when no fact can settle it (the criteria are wrong).
    """
    found = _smallest_ways(root, judged)
    sizes = [len(way) for way in found]
    smallest = [in_order(way) for way in found if len(way) == min(sizes) and way]
    return sorted(smallest, key=_by_order)[:SHOWN_WAYS]


def _smallest_ways(root, judged) -> Ways:
    """Nearly always a few ways are all there are; where some were cut, the smallest may be one that only
    grows out of those, so it is looked for among the sets of one fact, of two and so on."""
    limits = _Limits(KEPT_WAYS, len(ORDER))
    found = _ways(root, judged, Result.YES, limits) or []
    for room in range(1, len(min(found, key=len)) + 1 if limits.was_cut and found else 1):
        if fewer := _ways(root, judged, Result.YES, _Limits(SEARCHED_WAYS, room)):
            return fewer
    return found


def _by_order(way) -> tuple:
    return len(way), [ORDER[key] for key in in_order(way)]


def _ways(node, judged, wanted: Result, limits) -> Ways | None:
    """The minimal sets of facts that could make `node` answer `wanted`; None if it decides nothing."""
    if isinstance(node, Rule):
        return _rule_ways(node, judged, wanted, limits)
    if node.name == "not":
        wanted = negate(wanted)
    parts = [ways for item in node.items if (ways := _ways(item, judged, wanted, limits)) is not None]
    if not parts:
        return None
    needs_all = (node.name == "any") == (wanted == Result.NO)
    return (
        _together(parts, limits) if needs_all else _minimal([way for ways in parts for way in ways], limits)
    )


def _rule_ways(rule, judged, wanted, limits) -> Ways | None:
    if rule.kind != "hard":
        return None
    answer = judged[rule.number]
    if answer.result == Result.UNKNOWN:
        needs = answer.known.needs
        return [frozenset(needs)] if 0 < len(needs) <= limits.room else []
    return [frozenset()] if answer.result == wanted else []


def _together(parts: list[Ways], limits) -> Ways:
    """One way of every part at once; parts in a fixed order, so that the order of rules does not matter."""
    ways: Ways = [frozenset()]
    for part in sorted(parts, key=lambda part: sorted(map(_by_order, part))):
        both = (one | other for one in ways for other in part)
        ways = _minimal([way for way in both if len(way) <= limits.room], limits)
    return ways


def _minimal(ways: Ways, limits) -> Ways:
    """Without supersets, the smallest first, as many as the limits let be kept."""
    kept: Ways = []
    for way in sorted(set(ways), key=_by_order):
        if not any(smaller <= way for smaller in kept):
            kept.append(way)
    limits.was_cut |= len(kept) > limits.most
    return kept[: limits.most]


def failing(node: Rule | Group, judged, wanted=Result.YES) -> list[tuple[Judged, Result]]:
    """The rules that keep `node` from answering `wanted`, with the answer wanted of each; bonus too."""
    if isinstance(node, Rule):
        fails = not node.is_note and judged[node.number].result == negate(wanted)
        return [(judged[node.number], wanted)] if fails else []
    if node.name == "not":
        return [pair for item in node.items for pair in failing(item, judged, negate(wanted))]
    one_is_enough = (node.name == "any") == (wanted == Result.YES)
    if one_is_enough and result_of(node, judged) == wanted:
        return []
    return [pair for item in node.items for pair in failing(item, judged, wanted)]


def result_of(node: Rule | Group, judged: Mapping[str, Judged]) -> Result | None:
    """What the answers of the rules make of a rule or group; None if it decides nothing."""
    if isinstance(node, Rule):
        return judged[node.number].result if node.kind == "hard" else None
    return combine(node.name, (result_of(item, judged) for item in node.items))


def near_misses(root, judged, ratio: Decimal = NEAR_RATIO) -> list[dict[str, Any]]:
    """Failed numeric rules whose value is within `ratio` of the bound: 「估值 1.05 亿元，上限 1 亿元」."""
    found = [_near(answer, wanted, ratio) for answer, wanted in failing(root, judged)]
    unique = {tuple(sorted(miss.items())): miss for miss in found if miss}
    return sorted(unique.values(), key=lambda miss: (not miss["hard"], ORDER[miss["field"]], miss["text"]))


def _near(answer, wanted, ratio) -> dict[str, Any] | None:
    rule, value = answer.rule, answer.known.value
    if rule.field.type not in NUMERIC or not (found := _bound(rule, value, wanted)):
        return None
    word, bound = found
    gap = abs(value - bound) / abs(bound) if bound else None
    if gap is None or gap > ratio:
        return None
    text = f"{rule.field.label} {show_value(rule.field, value, bound)}，{word} {rule.field.show(bound)}"
    return {"field": rule.field.key, "text": text, "gap": f"{gap:.4f}", "hard": rule.kind == "hard"}


def _bound(rule, value, wanted) -> tuple[str, Decimal] | None:
    """The bound a value missed and its name, which says whether the bound itself would do; a rule that must
    not hold has its bound on the other side."""
    code, threshold = rule.operator.code, rule.threshold
    if code == "between":
        low, high = threshold
        if wanted == Result.NO:
            return (BELOW, low) if value - low < high - value else (ABOVE, high)
        return (LOWER, low) if value < low else (UPPER, high)
    if code not in BOUNDS:
        return None
    return (BOUNDS if wanted == Result.YES else UNWANTED)[code], threshold


def missing_facts(judged: Mapping[str, Judged]) -> list[dict[str, Any]]:
    """Every fact some rule asks for and nobody knows, each once, in the dictionary's order."""
    hard: dict[str, bool] = {}
    for answer in judged.values():
        for key in answer.known.needs if answer.result == Result.UNKNOWN else ():
            hard[key] = hard.get(key, False) or answer.rule.kind == "hard"
    return [{"key": key, "label": FIELDS[key].label, "hard": hard[key]} for key in in_order(hard)]
