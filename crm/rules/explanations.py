"""The answer in full: a JSON tree of groups and rules that shows, and re-computes, the verdict."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from crm.rules.criteria import KINDS, Group, Plan, Rule
from crm.rules.fields import Partly
from crm.rules.logic import GROUP_LABELS, Result, VerdictCode, combine, verdict_of
from crm.rules.operators import label_of, show_threshold, show_value
from crm.rules.situation import Judged

CAUTION = (
    "仅作政策提示，不参与判定和计分：国办发〔2025〕1号要求不以招商引资为目的设立政府投资基金，"
    "鼓励取消注册地限制、降低或取消返投比例。"
)


class Outcome(NamedTuple):
    """What a tree of explanations adds up to."""

    code: VerdictCode
    score: Decimal | None
    coverage: Decimal | None


def explain(node: Rule | Group, judged: Mapping[str, Judged], plan: Plan) -> dict[str, Any]:
    """The explanation of a rule, note or group, ready for JSON."""
    if isinstance(node, Group):
        items = [explain(item, judged, plan) for item in node.items]
        return {
            "type": "group",
            "number": node.number,
            "group": node.name,
            "label": GROUP_LABELS[node.name],
            "result": combine(node.name, (deciding_result(item) for item in items)),
            "items": items,
        }
    return _note(node) if node.is_note else _rule(judged[node.number], plan)


def deciding_result(item: Mapping[str, Any]) -> Result | None:
    """What an explained item brings to its group: bonus points and notes decide nothing."""
    if item["type"] == "group":
        return item["result"]
    return item["result"] if item.get("kind") == "hard" else None


def _papers(rule) -> dict[str, str]:
    return {key: rule.raw.get(key) or "" for key in ("message", "clause", "document", "document_date")}


def _note(rule) -> dict[str, Any]:
    return {
        "type": "note",
        "number": rule.number,
        "kind": "note",
        "caution": rule.raw.get("caution") or CAUTION,
        **_papers(rule),
    }


def _rule(answer: Judged, plan) -> dict[str, Any]:
    rule, known = answer.rule, answer.known
    return {
        "type": "rule",
        "number": rule.number,
        "kind": rule.kind,
        "kind_label": KINDS[rule.kind],
        "weight": _plain(rule.weight),
        **_demand(rule, plan),
        "value": as_json(known.value),
        "value_display": (
            show_value(rule.field, known.value, rule.threshold, plan.labels(rule.field.key))
            if rule.field
            else ""
        ),
        **_provenance(known, rule, plan),
        "result": answer.result,
        "result_label": answer.result.label,
        "reason": known.reason,
        "needs": list(known.needs),
        **_papers(rule),
    }


def _demand(rule, plan) -> dict[str, Any]:
    """The left and right side of the comparison; as written when the rule cannot be read."""
    sound = rule.field and rule.operator and not rule.broken
    demand = "条件有误" if not sound else rule.unstated
    return {
        "field": rule.field.key if rule.field else str(rule.raw.get("field", "")),
        "label": rule.field.label if rule.field else f"未知字段 {rule.raw.get('field', '')}".strip(),
        "op": rule.operator.code if rule.operator else str(rule.raw.get("op", "")),
        "op_label": label_of(rule.operator, rule.field) if sound else "",
        "threshold": as_json(rule.threshold),
        "unit": rule.field.unit if rule.field else "",
        "threshold_display": demand
        or show_threshold(rule.operator, rule.field, rule.threshold, plan.labels(rule.field.key)),
    }


def _provenance(known, rule, plan) -> dict[str, Any]:
    fact = known.fact
    others = fact.others if fact and rule.field and rule.field.derived is None else ()
    return {
        "source": fact.source if fact else "",
        "source_label": fact.source_label if fact else "",
        "as_of": as_json(fact.as_of) if fact else None,
        "stale": known.is_stale,
        "note": known.note,
        "conflicts": [_conflict(other, rule, plan) for other in others],
        "contested": list(known.contested),
        "chosen_on": as_json(fact.chosen_on) if fact else None,
    }


def _conflict(other, rule, plan) -> dict[str, Any]:
    return {
        "value_display": _shown_raw(other.value, rule, plan),
        "source_label": other.source_label,
        "as_of": as_json(other.as_of),
    }


def _shown_raw(value, rule, plan) -> str:
    try:
        return show_value(rule.field, rule.field.read(value), rule.threshold, plan.labels(rule.field.key))
    except ValueError:
        return str(value)


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def as_json(value) -> Any:
    """Typed values as JSON: exact numbers and dates as text, sets as sorted lists (partly known: two)."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, Partly):
        return value.to_json()
    if isinstance(value, tuple):
        return [as_json(item) for item in value]
    return value


def leaves(tree: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The explained rules of a tree in the order written, without the notes."""
    for item in tree.get("items", ()):
        if item["type"] == "group":
            yield from leaves(item)
        elif item["type"] == "rule":
            yield item


def lines(tree: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The groups inside a tree and the rules, each once, in the order written, without the notes."""
    for item in tree.get("items", ()):
        if item["type"] != "note":
            yield item
        if item["type"] == "group":
            yield from lines(item)


def notes(tree: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The policy notes of a tree in the order written."""
    for item in tree.get("items", ()):
        if item["type"] == "group":
            yield from notes(item)
        elif item["type"] == "note":
            yield item


def recomputed(item: Mapping[str, Any]) -> Result | None:
    """The result of an explained group from its rules' results alone, ignoring what groups claim."""
    if item["type"] == "group":
        return combine(item["group"], (recomputed(inner) for inner in item["items"]))
    return deciding_result(item)


def verdict_from(tree: Mapping[str, Any]) -> Outcome:
    """Verdict, score and coverage from the explanation alone; works on a stored JSON result too."""
    soft = [(Decimal(str(leaf["weight"])), leaf["result"]) for leaf in leaves(tree) if leaf["kind"] == "soft"]
    return Outcome(verdict_of(recomputed(tree)), *weighed(soft))


def weighed(soft) -> tuple[Decimal | None, Decimal | None]:
    """Points over the known bonus rules (0–100, one decimal) and known ÷ total weight (four decimals)."""
    total = sum(weight for weight, _ in soft)
    known = sum(weight for weight, result in soft if result != Result.UNKNOWN)
    if not total:
        return None, None
    return score_of(sum(weight for weight, result in soft if result == Result.YES), known, total)


@lru_cache(maxsize=2000)
def score_of(won, known, total) -> tuple[Decimal | None, Decimal | None]:
    """(score, coverage) of bonus rules worth `won` of the `known` of the `total` weight."""
    return _ratio(100 * won, known, "0.1"), _ratio(known, total, "0.0001")


def _ratio(part, whole, step) -> Decimal | None:
    return (Decimal(part) / whole).quantize(Decimal(step), ROUND_HALF_UP) if whole else None
