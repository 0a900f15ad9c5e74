"""补充企业信息: a value with its source and date, never overwritten; the next one follows it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from crm import rules
from crm.errors import Refused
from crm.models import Fact
from crm.permissions import require
from crm.rules.explanations import as_json
from crm.workdays import shanghai_day


class FactRefused(Refused):
    """The value is not what its field holds, or has no date; `field` names what to mend."""

    code = "invalid"


@dataclass(frozen=True)
class Entry:
    """What somebody found out: the dictionary's key, the value, the day it was true, the source."""

    key: str
    value: Any
    as_of: date | None
    source: str = Fact.Source.OFFICER
    note: str = ""


def askable():
    """The fields of the dictionary a person can fill in: neither derived, for notes only, nor a need."""
    return {
        key: field
        for key, field in rules.FIELDS.items()
        if not (field.derived or field.is_note_only or field.is_need)
    }


@transaction.atomic
def answer(project, entry, *, by, at):
    """Record a fact about the company of `project`; NotAllowed for people who may not edit the project."""
    require(by, "edit", project)
    if project.company is None:
        raise FactRefused("这个项目还没有企业，请先登记企业再补充信息。", code="no_company")
    return record_fact(project.company, entry, by=by, at=at)


def record_fact(company, entry, *, by, at):
    """Write one fact row; earlier rows stay, so that differing sources remain visible (domain §4.4).

    Raises FactRefused for an unknown or derived key, a value of the wrong kind, no date or a future one.
    """
    field = askable().get(entry.key)
    if field is None:
        raise FactRefused("没有这一项企业信息，请从列表里选择。", field="key")
    value = _value(field, entry.value)
    _check_day(entry.as_of, at)
    return Fact.objects.create(
        company=company,
        key=field.key,
        value=as_json(value),
        source=entry.source,
        as_of=entry.as_of,
        note=entry.note.strip(),
        recorded_by=by,
        created_at=at,
    )


def _value(field, raw):
    try:
        value = field.read(raw)
    except rules.WrongValue as error:
        raise FactRefused(f"{field.label}：{error}。", field="value") from error
    if value is None:
        raise FactRefused(f"请填写{field.label}。", field="value")
    if not field.is_plausible(value):
        bounds = f"{field.show(field.low)}–{field.show(field.high)}"
        raise FactRefused(f"{field.label}应在 {bounds} 之间，请核对单位（{field.unit}）。", field="value")
    _check_choice(field, value)
    return value


def _check_choice(field, value):
    if not field.choices or field.is_open:
        return
    chosen = value if isinstance(value, frozenset) else {value}
    if strange := sorted(chosen - set(field.choices)):
        raise FactRefused(f"{field.label}没有「{strange[0]}」这个选项。", field="value")


def _check_day(as_of, at):
    if as_of is None:
        raise FactRefused("请填写数据日期：这个值是哪一天的。", field="as_of")
    if as_of > shanghai_day(at):
        raise FactRefused("数据日期不能晚于今天。", field="as_of")
