"""Facts on a day: what each field is worth, where that came from, and why it is unknown when it is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from crm.rules.criteria import Rule
from crm.rules.dictionary import FIELDS, ORDER
from crm.rules.facts import Fact, add_months
from crm.rules.fields import Field, Partly, WrongValue
from crm.rules.logic import Result

STALE_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Known:
    """The value of one field with its provenance; when unknown, the facts lacking and the reason.

    `contested` are the facts behind it on which sources disagree.
    """

    value: Any = None
    fact: Fact | None = None
    needs: tuple[str, ...] = ()
    reason: str = ""
    note: str = ""
    is_stale: bool = False
    contested: tuple[str, ...] = ()


class Judged(NamedTuple):
    """One rule held against what is known."""

    rule: Rule
    known: Known
    result: Result


class Situation:
    """Facts of one company or project on a day; reads each field once however many funds ask."""

    def __init__(self, facts: Mapping[str, Fact], on: date, stale_months: int = STALE_MONTHS):
        self.facts, self.on, self.stale_months = facts, on, stale_months
        self._known: dict[str, Known] = {}

    def known(self, field: Field) -> Known:
        """What is known of a field; values of the wrong kind count as unknown, with the reason."""
        if field.key not in self._known:
            self._known[field.key] = self._derive(field) if field.derived else self._read(field)
        return self._known[field.key]

    def judge(self, rule: Rule) -> Judged:
        """The rule's answer: 满足, 不满足, or 信息不足 when the value or the rule itself is unusable."""
        if rule.broken:
            return Judged(rule, Known(reason=f"条件本身有误：{rule.broken}"), Result.UNKNOWN)
        known = self.known(rule.field)
        if known.value is None:
            return Judged(rule, known, Result.UNKNOWN)
        result = Result.NO if rule.is_boundless else rule.operator.answer(known.value, rule.threshold)
        if rule.unstated and result == Result.NO:
            return Judged(rule, replace(known, reason=rule.unstated), Result.UNKNOWN)
        if result == Result.UNKNOWN:
            return Judged(rule, _too_little(rule.field, known), result)
        return Judged(rule, known, result)

    def _read(self, field) -> Known:
        fact = self.facts.get(field.key)
        try:
            value = field.read(fact.value) if fact else None
        except WrongValue as error:
            return Known(fact=fact, needs=(field.key,), reason=f"{field.label}的数据有误：{error}")
        if value is None:
            return Known(fact=fact, needs=(field.key,), reason=f"缺少{field.label}")
        contested = (field.key,) if fact.is_contested else ()
        return Known(
            value, fact, note=fact.note, is_stale=self._is_stale(field, value, fact), contested=contested
        )

    def _derive(self, field) -> Known:
        parts = {key: self.known(FIELDS[key]) for key in field.derived.needs}
        if lacking := [part for part in parts.values() if part.value is None]:
            needs = {key for part in lacking for key in part.needs}
            reason = "；".join(part.reason for part in lacking)
            return Known(fact=lacking[0].fact, needs=in_order(needs), reason=reason)
        try:
            value = field.derived.compute({key: part.value for key, part in parts.items()}, self.on)
        except WrongValue as error:
            oldest = _oldest(parts.values())
            return Known(fact=oldest.fact, needs=in_order(parts), reason=str(error))
        return self._derived(value, parts)

    def _derived(self, value, parts) -> Known:
        shown = "，".join(
            f"{FIELDS[key].label} {FIELDS[key].show(part.value)}" for key, part in parts.items()
        )
        return Known(
            value,
            _oldest(parts.values()).fact,
            note=f"由{shown} 推算至 {self.on}",
            is_stale=any(part.is_stale for part in parts.values()),
            contested=tuple(key for part in parts.values() for key in part.contested),
        )

    def _is_stale(self, field, value, fact) -> bool:
        """What papers make of a set that is not complete ends by the days on the papers, not by age."""
        if field.is_lasting or fact.as_of is None or isinstance(value, Partly):
            return False
        return add_months(fact.as_of, self.stale_months) < self.on


def _too_little(field, known) -> Known:
    """What is known of a set, where that does not answer the rule: the rest is lacking."""
    return replace(known, needs=(field.key,), reason=f"{field.label}还没有核对齐全，不能认定有没有")


def in_order(keys) -> tuple[str, ...]:
    """Fact keys in the order of the dictionary, whatever order the rules are written in."""
    return tuple(sorted(keys, key=lambda key: ORDER[key]))


def _oldest(parts) -> Known:
    return min(parts, key=lambda part: part.fact.as_of or date.min)
