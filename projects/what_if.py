"""放宽一条看看: who would fit if one bound of the criteria were looser; nothing is saved."""

from dataclasses import dataclass

import numpy as np

from crm import values
from crm.errors import Refused
from crm.rules import loosening
from crm.rules.columns import NO, YES
from crm.rules.fields import WrongValue, read_number
from projects import reversing

SHOWN = 50


class NotLooser(Refused):
    """The rule cannot be loosened to that; `field` is `rule` or `bound`."""

    code = "bad_parameter"


@dataclass(frozen=True)
class WhatIf:
    """One rule with a looser bound: how many fit before and after, and the best of the `number` that gain by
    it, each as it stands now: those that come to fit; of a bonus, which decides nothing, those whose score
    rises and who are not 不符合."""

    sentence: str
    bound: str
    before: int
    after: int
    number: int
    gained: list
    is_bonus: bool = False

    @property
    def added(self):
        return self.after - self.before


def loosenable(plan, pool):
    """[(number, sentence)] of the rules whose bound may be moved."""
    return [(rule.number, _sentence(rule)) for rule in _movable(plan, pool)]


def what_if(plan, number, text, pool, day):
    """The WhatIf of moving the bound of rule `number` to what `text` says (in the field's unit, money as
    「1.2亿」 too, dates as 2026-04-20). Raises NotLooser."""
    rule = next((one for one in _movable(plan, pool) if one.number == number), None)
    if rule is None:
        raise NotLooser("没有这条可以放宽的数值或日期条件，请从列表里选。", field="rule")
    bound = _bound(rule, text)
    before, after = reversing.judged([plan, loosening.moved(plan, rule, bound)], pool, day)
    gained = _gained(rule, before, after)
    shown = reversing.explained(plan, before.keys(gained[:SHOWN]), pool, day)
    looser, is_bonus = loosening.shown(rule, bound), rule.kind == "soft"
    fitting = (int((one.codes == YES).sum()) for one in (before, after))
    return WhatIf(_sentence(rule), looser, *fitting, len(gained), shown, is_bonus)


def _movable(plan, pool):
    return loosening.movable(plan, pool.kinds, pool.types)


def _sentence(rule):
    bonus = "（加分项）" if rule.kind == "soft" else ""
    return f"{loosening.sentence_of(rule)}{bonus}"


def _gained(rule, before, after):
    """The places of those that gain by the looser rule."""
    if rule.kind == "soft":
        return np.flatnonzero((after.weights > before.weights) & (after.codes != NO))
    return np.flatnonzero((after.codes == YES) & (before.codes != YES))


def _bound(rule, text):
    bound = _read(rule.field, text.strip())
    if not rule.field.is_plausible(bound):
        bounds = f"{rule.field.show(rule.field.low)}–{rule.field.show(rule.field.high)}"
        raise NotLooser(f"{rule.field.label}应在 {bounds} 之间。", field="bound")
    if not loosening.is_looser(rule, bound):
        raise NotLooser(_other_side(rule, bound), field="bound")
    return bound


def _read(field, text):
    is_date = field.type == "date"
    if not text:
        wanted = "哪一天" if is_date else f"多少，单位 {field.unit}"
        raise NotLooser(f"请填放宽到{wanted}。", field="bound")
    try:
        if field.type == "money":
            return values.amount_wan(text)
        return field.read(text) if is_date else read_number(text)
    except (values.BadValue, WrongValue) as error:
        wanted = "日期，例如 2026-04-20" if is_date else f"数字，单位 {field.unit}"
        raise NotLooser(f"{field.label}请填{wanted}。", field="bound") from error


def _other_side(rule, bound):
    """Why a bound is no looser one."""
    less, more, what = ("早", "晚", " 的日期") if rule.field.type == "date" else ("小", "大", "的数")
    if rule.operator.code == loosening.PAIR:
        low, high = (rule.field.show(end) for end in rule.threshold)
        wanted = f"{less}于 {low} 或{more}于 {high}{what}"
    else:
        side = more if rule.operator.code in loosening.UPPER else less
        wanted = f"{side}于 {rule.field.show(rule.threshold)}{what}"
    return f"要放宽，请填{wanted}，现在填的是 {rule.field.show(bound)}。"
