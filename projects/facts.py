"""补充企业信息: a value with its source and date, never overwritten; where sources disagree, one is chosen.

Which value is in use the database decides (crm/migrations/0013_choices_outlast_repetitions.py): the newest by
its date, but what a person chose holds until a source has said something newer that it had not said then.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import transaction

from crm import audit, roles, rules
from crm.errors import Missing, Refused
from crm.facts import worded
from crm.models import Company, Fact
from crm.permissions import require
from crm.rules.explanations import as_json
from crm.rules.fields import NUMERIC, read_number
from crm.values import BadValue, amount_wan, clean_text
from crm.workdays import shanghai_day
from projects.days import check_year

LONGEST_REASON = 200
CODE = re.compile(r"[a-z0-9_]{1,40}")
MOST_CODES = 50
WHOLE = ("人", "件")  # what is counted by these is no fraction
MOST_PLACES = 6
WORTHS = ("valuation", "last_post_money")
GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
OLDEST = rules.FIELDS["age_years"].high  # years a firm can be old
LEAST_WORTH_WAN = 10  # a firm valued at less is one valued in 亿元, typed where 万元 are read


class FactRefused(Refused):
    """The value is not what its field holds, or has no date; `field` names what to mend."""

    code = "invalid"


class NewerFact(Refused):
    """Something was recorded that the person who chose had not seen; nothing was written."""

    code = "newer_fact"
    status = 409

    def __init__(self):
        super().__init__("您打开页面以后又登记了新的值，没有选定。请看过新的值再选。")


@dataclass(frozen=True)
class Entry:
    """What somebody found out: the dictionary's key, the value, the day it was true, the source."""

    key: str
    value: Any
    as_of: date | None
    source: str = Fact.Source.OFFICER
    note: str = ""


def askable():
    """The fields of the dictionary a person can fill in."""
    return {key: field for key, field in rules.FIELDS.items() if field.is_recordable}


def answer(record, entry, *, by, at):
    """Record one fact about the company of a project or lead; returns the Fact. Raises as `answer_all`."""
    try:
        return answer_all(record, [entry], by=by, at=at)[0]
    except FactRefused as refusal:
        if refusal.missing and refusal.missing[0].field == entry.key:
            raise FactRefused(refusal.detail, field="value") from refusal
        raise


@transaction.atomic
def answer_all(record, entries, *, by, at):
    """Record what was found out about the company of a project or lead, all of it or nothing.

    Earlier rows stay, so that differing sources remain visible (domain §4.4). Raises NotAllowed for people
    who may not edit the record, and FactRefused: without a company, or naming every entry that has an unknown
    or derived key, a value of the wrong kind, no date or a future one.
    """
    require(by, "edit", record)
    if record.company_id is None:
        raise FactRefused("还没有企业，请先登记企业再补充信息。", code="no_company")
    lock(record.company_id)
    checked = _checked(entries, by, at)
    return [_written(record.company_id, entry, by, at) for entry in checked]


@transaction.atomic
def choose(record, pk, *, by, at, reason, seen=None):
    """Let fact `pk` of the company of `record` be the value in use; returns it.

    `seen` is the newest fact of the field that the person was shown. Raises NotAllowed; FactRefused for one
    that does not stand, or without a reason; NewerFact when more was recorded meanwhile.
    """
    fact = _standing(record, pk, by)
    reason = reasoned(reason, "请写明为什么选用这个值，例如已向企业核实。")
    newest = Fact.objects.filter(company=fact.company_id, key=fact.key).order_by("-pk").first().pk
    if seen is not None and newest > seen:
        raise NewerFact
    fact.chosen_by, fact.chosen_at, fact.chosen_reason, fact.chosen_over = by, at, reason, newest
    fact.save(update_fields=["chosen_by", "chosen_at", "chosen_reason", "chosen_over"])
    _audit(record, "choose_fact", fact, by, at, reason)
    return fact


@transaction.atomic
def withdraw(record, pk, *, by, at, reason):
    """Take back a mistaken fact of the company of `record`: it is kept and counts no more; returns it.

    Raises NotAllowed; FactRefused for one that does not stand, or without a reason.
    """
    fact = _standing(record, pk, by)
    reason = reasoned(reason, "请写明哪里登记错了。")
    fact.withdrawn_by, fact.withdrawn_at, fact.withdrawn_reason = by, at, reason
    fact.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_reason"])
    _audit(record, "withdraw_fact", fact, by, at, reason)
    return fact


def _standing(record, pk, by):
    require(by, "edit", record)
    fact = Fact.objects.filter(company=record.company_id or 0, pk=pk).first()
    if fact is None:
        raise FactRefused("没有这一条企业信息，请刷新页面再选。")
    lock(fact.company_id)
    fact.refresh_from_db()
    if fact.withdrawn_at:
        raise FactRefused("这一条已经撤回，请刷新页面再选。")
    return fact


def lock(company_id):
    """One after another for a company, so that what is chosen over is what was written before."""
    Company.objects.select_for_update(no_key=True).get(pk=company_id)


def reasoned(reason, complaint):
    """The reason as it is kept; FactRefused with `complaint` without one, or for one that is too long."""
    text = clean_text(reason)
    if not text:
        raise FactRefused(complaint, code="reason_required", field="reason")
    if len(text) > LONGEST_REASON:
        raise FactRefused(f"理由最多 {LONGEST_REASON} 个字，请写短一些。", field="reason")
    return text


def _audit(record, action, fact, by, at, reason):
    told = worded(fact)
    audit.record(by, action, record, detail={"name": f"{told.label} {told.shown}", "reason": reason}, at=at)


def _checked(entries, by, at):
    """The entries with their values as they are stored; all complaints at once, each at its field."""
    if not entries:
        raise FactRefused("没有填任何一项，什么都没有登记。")
    good, wrong = [], []
    for entry in entries:
        try:
            good.append(_check(entry, by, at))
        except FactRefused as error:
            wrong.append(
                Missing(error.code, error.detail, entry.key if error.field == "value" else error.field)
            )
    if wrong:
        raise FactRefused(wrong[0].text, missing=list(dict.fromkeys(wrong)))
    return good


def _check(entry, by, at):
    field = askable().get(entry.key)
    if field is None:
        raise FactRefused("没有这一项企业信息，请从列表里选择。", field="key")
    if by.role == roles.PARTNER and entry.source == Fact.Source.OFFICER:
        raise FactRefused("伙伴系统的数据来源不能写招商员填报。", field="source")
    value = _value(field, entry.value)
    if field.key == "established_on" and value > shanghai_day(at):
        raise FactRefused("成立日期不能晚于今天；还没有成立的请留空。", field="value")
    if field.key == "established_on" and shanghai_day(at).year - value.year > OLDEST:
        raise FactRefused(f"成立日期 {value} 太早了，请核对年份。", field="value")
    _check_day(entry.as_of, at)
    return replace(entry, value=as_json(value), note=clean_text(entry.note))


def _written(company_id, entry, by, at):
    is_partner = by.role == roles.PARTNER
    return Fact.objects.create(
        company_id=company_id,
        key=entry.key,
        value=entry.value,
        source=entry.source,
        as_of=entry.as_of,
        note=entry.note,
        recorded_by=None if is_partner else by,
        partner_id=by.token_id if is_partner else None,
        created_at=at,
    )


def _value(field, raw):
    try:
        value = _READERS.get(field.type, field.read)(raw) if raw is not None else None
    except rules.WrongValue as error:
        raise FactRefused(f"{field.label}：{str(error)[:200]}。", field="value") from error
    if value is None:
        raise FactRefused(f"请填写{field.label}。", field="value")
    if isinstance(value, rules.Partly):
        raise FactRefused(f"{field.label}请写完整的清单：没有列出的就是没有。", field="value")
    if not field.is_plausible(value):
        bounds = f"{field.show(field.low)}–{field.show(field.high)}"
        raise FactRefused(f"{field.label}应在 {bounds} 之间，请核对单位（{field.unit}）。", field="value")
    if field.key in WORTHS and value < LEAST_WORTH_WAN:
        shown = f"{field.label} {field.show(value)} 不像一家企业的估值"
        raise FactRefused(
            f"{shown}，请核对：只写数字的单位是{field.unit}，亿元请写成 1.05亿。", field="value"
        )
    _check_digits(field, value)
    _check_choice(field, value)
    return value


def _check_digits(field, value):
    if field.type not in NUMERIC:
        return
    if field.unit in WHOLE and value != value.to_integral_value():
        raise FactRefused(f"{field.label}要写整数，现为 {field.show(value)}。", field="value")
    if -value.as_tuple().exponent > MOST_PLACES:
        raise FactRefused(f"{field.label}最多写 {MOST_PLACES} 位小数。", field="value")


def _percent(raw):
    """A percentage; 0.3 is taken for 30% written as a fraction unless the sign says otherwise: 「0.3%」."""
    is_plain = not (isinstance(raw, str) and raw.strip().endswith(("%", "％")))
    value = read_number(raw if is_plain else raw.strip()[:-1])
    if is_plain and 0 < value < 1:
        shown, meant = (f"{one.normalize():f}" for one in (value, value * 100))
        raise rules.WrongValue(
            f"{shown} 像是把 {meant}% 写成了小数，请写 {meant}；确实不到 1% 的请写 {shown}%"
        )
    return value


def _money(raw):
    """An amount in 万元; written with its unit too: 「1.05亿」."""
    if not isinstance(raw, str):
        return read_number(raw)
    try:
        return amount_wan(raw)
    except BadValue as error:
        raise rules.WrongValue(error.detail.rstrip("。")) from error


def _number(raw):
    """A number; as typed or pasted, 「1,200」 too."""
    is_grouped = isinstance(raw, str) and GROUPED.fullmatch(raw.strip())
    return read_number(raw.replace(",", "") if is_grouped else raw)


_READERS = {"percent": _percent, "money": _money, "number": _number}


def _check_choice(field, value):
    chosen = value if isinstance(value, frozenset) else {value}
    if field.is_open:
        if len(chosen) > MOST_CODES or any(not CODE.fullmatch(code) for code in chosen):
            raise FactRefused(
                f"{field.label}请写代码，每个不超过 40 个字符，最多 {MOST_CODES} 个。", field="value"
            )
        return
    if not field.choices:
        return
    if strange := sorted(chosen - set(field.choices)):
        raise FactRefused(f"{field.label}没有「{strange[0]}」这个选项。", field="value")


def _check_day(as_of, at):
    if as_of is None:
        raise FactRefused("请填写数据日期：这个值是哪一天的。", field="as_of")
    if as_of > shanghai_day(at):
        raise FactRefused("数据日期不能晚于今天。", field="as_of")
    check_year(as_of, "数据日期", FactRefused, field="as_of")
