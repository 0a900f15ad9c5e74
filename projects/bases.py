"""The 依据库 as data of the bureau: what a change would do is looked at first, every change is on record.

It counts from its saving on, like a changed rule: conclusions reached before stand, and a review and a change
wait for one another (projects/ruling.py).
"""

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from django.db import transaction

from crm import audit
from crm.errors import Refused, StaleVersion
from crm.permissions import require
from crm.workdays import shanghai_day
from projects.flags import ASKS_LIBRARY, KINDS
from projects.models import BasisClause, FlagRule
from projects.models.bases import known_clauses
from projects.ruling import compare, hold_rules

FULL = Decimal(100)


class BasisRefused(Refused):
    """The clause cannot be as asked; `field` names why."""

    code = "invalid"


@dataclass(frozen=True)
class Entry:
    """What is known of a clause. Amounts in 万元; None and empty ask nothing of a promise."""

    document: str
    number: str = ""
    clause: str = ""
    area: str = ""
    kinds: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    most_percent: Decimal | None = None
    cap_wan: Decimal | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    text: str = ""
    summary: str = ""
    read_on: date | None = None
    is_withdrawn: bool = False

    @classmethod
    def of(cls, row):
        """What stands in `row`."""
        given = {field.name: getattr(row, field.name) for field in fields(cls)}
        return cls(**{**given, "kinds": tuple(row.kinds), "measures": tuple(row.measures)})

    @property
    def mark(self):
        """Its fingerprint: what was looked at is what is written."""
        text = json.dumps(vars(self), ensure_ascii=False, sort_keys=True, default=_plain_text)
        return hashlib.sha256(text.encode()).hexdigest()


def preview(row, entry, *, by, at):
    """The Effect on today's items of knowing `entry` instead of `row` (None: a new one); writes nothing.

    Raises NotAllowed, and BasisRefused for what could not be saved either.
    """
    require(by, "see_bases")
    day = shanghai_day(at)
    _check(row, entry, day)
    asking = FlagRule.objects.active(day).filter(check_name=ASKS_LIBRARY)
    others = tuple(one.as_clause() for one in BasisClause.objects.in_use().exclude(pk=row and row.pk))
    ours = () if entry.is_withdrawn else (_filled(BasisClause(), entry).as_clause(),)
    before = [rule.as_rule(known_clauses()) for rule in asking]
    after = [rule.as_rule((*others, *ours)) for rule in asking]
    return compare(before, after, day)


def check_seen(entry, seen):
    """Raise BasisRefused unless `seen` is the mark of `entry`: its effect was looked at as it is."""
    if seen != entry.mark:
        said = "请先预览同样的内容，看过影响再保存：previewed 写预览得到的 mark。"
        raise BasisRefused(said, code="preview_required", field="previewed")


@transaction.atomic
def add(entry, *, by, at):
    """Enter a clause; returns the row. Raises NotAllowed, BasisRefused."""
    require(by, "edit_bases")
    hold_rules(to_change=True)
    _check(None, entry, shanghai_day(at))
    made = _filled(BasisClause(), entry)
    made.save()
    _record("add_basis", made, _changes(BasisClause(), entry), by, at)
    return made


@transaction.atomic
def change(row, entry, *, by, at, version):
    """Correct a clause from now on; returns the row. Raises NotAllowed, StaleVersion, BasisRefused."""
    require(by, "edit_bases")
    hold_rules(to_change=True)
    kept = BasisClause.objects.select_for_update().get(pk=row.pk)
    if kept.version != version:
        raise StaleVersion(kept)
    _check(kept, entry, shanghai_day(at))
    changes = _changes(kept, entry)
    if not changes:
        return kept
    _filled(kept, entry).version += 1
    kept.save()
    _record("change_basis", kept, changes, by, at)
    return kept


def _record(action, row, changes, by, at):
    audit.record(by, action, row, detail={"object": str(row), **changes}, at=at)


def _filled(row, entry):
    for name, value in vars(entry).items():
        setattr(row, name, list(value) if isinstance(value, tuple) else value)
    return row


def _check(row, entry, day):
    if not entry.document.strip():
        raise BasisRefused("请填写文件名称。", code="required", field="document")
    if not set(entry.kinds) <= set(KINDS):
        raise BasisRefused("没有这样的条款类别，请从列表里选。", field="kinds")
    if entry.most_percent is not None and not 0 < entry.most_percent <= FULL:
        raise BasisRefused("最高比例写百分数，大于 0、不超过 100。", field="most_percent")
    if entry.cap_wan is not None and entry.cap_wan <= 0:
        raise BasisRefused("单家上限要大于 0 万元；没有上限的请留空。", field="cap_wan")
    if entry.valid_from and entry.valid_to and entry.valid_from > entry.valid_to:
        raise BasisRefused("有效期至不能早于生效日期。", field="valid_to")
    if entry.read_on and entry.read_on > day:
        raise BasisRefused("核对原文日期不能晚于今天。", field="read_on")
    same = BasisClause.objects.in_use().exclude(pk=row and row.pk)
    if not entry.is_withdrawn and same.filter(**_key(entry)).exists():
        raise BasisRefused("依据库里已经有这一条，请在原来的一条上修改。", field="clause")


def _key(entry):
    names = ("document", "number", "clause", "kinds", "measures")
    given = {name: getattr(entry, name) for name in names}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}


def _changes(row, entry):
    """{column in words: before → after} for the audit log."""
    pairs = {name: (_plain(getattr(row, name)), _plain(value)) for name, value in vars(entry).items()}
    return {
        str(BasisClause._meta.get_field(name).verbose_name): f"{_said(before)} → {_said(after)}"
        for name, (before, after) in pairs.items()
        if before != after
    }


def _plain(value):
    return list(value) if isinstance(value, tuple) else value


def _plain_text(value):
    """A Decimal without trailing zeros, so that 30 and 30.00 are one value; a day as it is written."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _said(value):
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(KINDS.get(one, one) for one in value) or "空"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value or "空")
