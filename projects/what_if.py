"""放宽一条看看: who would fit if one bound of the criteria were looser; nothing is saved."""

from dataclasses import dataclass

import numpy as np

from crm import values
from crm.errors import Refused
from crm.rules import loosening
from crm.rules.columns import YES
from crm.rules.fields import WrongValue, read_number
from projects import reversing

SHOWN = 50


class NotLooser(Refused):
    """The rule cannot be loosened to that; `field` is `rule` or `bound`."""

    code = "bad_parameter"


@dataclass(frozen=True)
class WhatIf:
    """One rule with a looser bound: how many fit before and after, and the best of those that come to fit,
    each with what kept it out."""

    sentence: str
    bound: str
    before: int
    after: int
    gained: list

    @property
    def added(self):
        return self.after - self.before


def loosenable(plan):
    """[(number, sentence)] of the rules whose bound may be moved."""
    return [(rule.number, loosening.sentence_of(rule)) for rule in loosening.movable(plan)]


def what_if(plan, number, text, records, day):
    """The WhatIf of moving the bound of rule `number` to what `text` says (in the field's unit, money as
    「1.2亿」 too). Raises NotLooser."""
    rule = next((one for one in loosening.movable(plan) if one.number == number), None)
    if rule is None:
        raise NotLooser("没有这条可以放宽的数值条件，请从列表里选。", field="rule")
    bound = _bound(rule, text)
    moved = loosening.moved(plan, rule, bound)
    before, after = reversing.judged([plan, moved], records, day)
    gained = np.flatnonzero((after.codes == YES) & (before.codes != YES))
    shown = reversing.explained(plan, before.keys(gained[:SHOWN]), records, day)
    return WhatIf(
        loosening.sentence_of(rule),
        rule.field.show(bound),
        int((before.codes == YES).sum()),
        int((after.codes == YES).sum()),
        shown,
    )


def _bound(rule, text):
    field = rule.field
    if not text.strip():
        raise NotLooser(f"请填放宽到多少，单位 {field.unit}。", field="bound")
    try:
        bound = values.amount_wan(text) if field.type == "money" else read_number(text)
    except (values.BadValue, WrongValue) as error:
        raise NotLooser(f"{field.label}请填数字，单位 {field.unit}。", field="bound") from error
    if not field.is_plausible(bound):
        bounds = f"{field.show(field.low)}–{field.show(field.high)}"
        raise NotLooser(f"{field.label}应在 {bounds} 之间。", field="bound")
    if not loosening.is_looser(rule, bound):
        side = "大于" if rule.operator.code in loosening.UPPER else "小于"
        raise NotLooser(
            f"要放宽，请填{side} {field.show(rule.threshold)}的数，现在填的是 {field.show(bound)}。",
            field="bound",
        )
    return bound
