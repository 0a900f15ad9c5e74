"""What a rule may compare with what: one table of operators."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crm.rules.fields import NUMERIC, ORDERED, Field, Partly, WrongValue
from crm.rules.logic import Result, negate

ANY_TYPE = ("number", "money", "percent", "date", "choice", "set", "bool", "text")


@dataclass(frozen=True, slots=True)
class Operator:
    """One comparison. `reads` says what stands on the right: one value, a list, a pair, a text or nothing.

    `holds` compares what is known completely; `partly` what of a set is known so far.
    """

    code: str
    label: str
    types: tuple[str, ...]
    reads: str
    holds: Callable[[Any, Any], bool]
    partly: Callable[[Partly, Any], Result] | None = None

    def answer(self, value, threshold) -> Result:
        """满足 or 不满足; 信息不足 where the known part of a set does not tell."""
        if isinstance(value, Partly):
            return self.partly(value, threshold) if self.partly else Result.UNKNOWN
        return Result.YES if self.holds(value, threshold) else Result.NO


def _overlaps(value: Partly, asked) -> Result:
    if value.has & asked:
        return Result.YES
    return Result.NO if value.lacks >= asked else Result.UNKNOWN


def _covers(value: Partly, asked) -> Result:
    if value.lacks & asked:
        return Result.NO
    return Result.YES if value.has >= asked else Result.UNKNOWN


def _disjoint(value: Partly, asked) -> Result:
    return negate(_overlaps(value, asked))


def _exists(value: Partly, asked) -> Result:
    return Result.YES if value.has else Result.UNKNOWN


OPERATORS = {
    operator.code: operator
    for operator in (
        Operator("eq", "为", (*ORDERED, "choice", "bool", "text"), "one", lambda v, t: v == t),
        Operator("ne", "不为", (*ORDERED, "choice", "text"), "one", lambda v, t: v != t),
        Operator("lt", "低于", ORDERED, "one", lambda v, t: v < t),
        Operator("lte", "不超过", ORDERED, "one", lambda v, t: v <= t),
        Operator("gt", "高于", ORDERED, "one", lambda v, t: v > t),
        Operator("gte", "不低于", ORDERED, "one", lambda v, t: v >= t),
        Operator("between", "介于", ORDERED, "pair", lambda v, t: t[0] <= v <= t[1]),
        Operator("in", "属于", (*NUMERIC, "choice", "text"), "list", lambda v, t: v in t),
        Operator("not_in", "不属于", (*NUMERIC, "choice", "text"), "list", lambda v, t: v not in t),
        Operator("overlaps", "至少含其一", ("set",), "codes", lambda v, t: bool(v & t), _overlaps),
        Operator("covers", "全部包含", ("set",), "codes", lambda v, t: v >= t, _covers),
        Operator("disjoint", "不含", ("set",), "codes", lambda v, t: not v & t, _disjoint),
        Operator("contains", "含有文字", ("text",), "one", lambda v, t: t in v),
        Operator("exists", "须有", ANY_TYPE, "nothing", lambda v, t: bool(v), _exists),
    )
}
DATE_LABELS = {"lt": "早于", "lte": "不晚于", "gt": "晚于", "gte": "不早于"}


def label_of(operator: Operator, field: Field) -> str:
    """The operator in Chinese, for dates in words of time."""
    return DATE_LABELS.get(operator.code, operator.label) if field.type == "date" else operator.label


def read_threshold(operator: Operator, field: Field, raw, factor) -> Any:
    """The right-hand side as typed values in the field's unit; WrongValue when it is of another kind."""
    if operator.reads == "nothing":
        if raw not in (None, True):
            raise WrongValue("「须有」不写比较值；要排除请放进「不得满足」组")
        return None
    if operator.reads == "one":
        return _one(field, raw, factor)
    items = _items(raw)
    if operator.reads == "codes":
        return field.read(items)
    values = tuple(_one(field, item, factor) for item in items)
    return _pair(values) if operator.reads == "pair" else values


def _one(field, raw, factor):
    value = field.read(raw)
    if value is None:
        raise WrongValue("没有写比较值")
    return value * factor if field.type in NUMERIC else value


def _items(raw) -> list:
    if raw is None:
        raise WrongValue("没有写比较值")
    if isinstance(raw, str) or not isinstance(raw, list | tuple) or not raw:
        raise WrongValue(f"应为不空的清单，现为“{raw}”")
    return list(raw)


def _pair(values):
    if len(values) != 2 or values[0] > values[1]:
        raise WrongValue("区间要写下限和上限两个值，且下限不大于上限")
    return values


def show_threshold(operator: Operator, field: Field, threshold, labels=None) -> str:
    """「不超过 1 亿元」, 「介于 3 级 与 5 级」, 「须有」."""
    label = label_of(operator, field)
    if operator.reads == "nothing":
        return label
    if operator.reads == "pair":
        return f"{label} {field.show(threshold[0])} 与 {field.show(threshold[1])} 之间"
    if operator.reads == "list":
        return f"{label} {'、'.join(field.show(item, labels) for item in threshold)}"
    return f"{label} {field.show(threshold, labels)}"


def show_value(field: Field, value, threshold, labels=None) -> str:
    """A value beside its threshold: 8.6 年, but 5.003 年 beside 5 年, where the third decimal decides."""
    bounds = threshold if isinstance(threshold, tuple) else (threshold,)
    return field.brief(value, labels, beside=bounds)
