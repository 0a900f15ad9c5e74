"""What the records of a fund and of a policy have in common: entered, corrected, all of it in the audit log.

What is special to either stands in funds.py and policies.py: what an Entry holds and when it is refused.
"""

import re
from dataclasses import fields
from decimal import Decimal

from django.db import IntegrityError, transaction

from crm import audit
from crm.errors import StaleVersion

CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CODE_MAX = 40


def entry_of(row, kind):
    """The record `row` as it stands, as an Entry of `kind`."""
    return kind(**{one.name: _held(row, one.name) for one in fields(kind)})


def check_code(code, refused):
    """Refuse, as `refused`, a code that partners could not type into their programs; it never changes."""
    if len(code) > CODE_MAX or not CODE.fullmatch(code):
        raise refused(
            f"代码只能用小写字母、数字和中间的连字符，最多 {CODE_MAX} 个，例如 gs-concept。", field="code"
        )


def enter(row, entry, *, taken, action, by, at):
    """Write the new `row` filled with `entry`; returns it. Raises `taken` when its code is used already, also
    by somebody who enters it at this very moment."""
    row.order = type(row).objects.count() + 1
    try:
        with transaction.atomic():
            _fill(row, entry).save(force_insert=True)
    except IntegrityError as error:
        if type(row).objects.filter(code=row.code).exists():
            raise taken from error
        raise
    _relate(row, entry)
    _record(action, row, changes(type(row), None, entry), by, at)
    return row


def hold(row, version):
    """`row` as it stands, kept from others until the end of the transaction; StaleVersion if it moved on."""
    kept = type(row).objects.select_for_update(no_key=True).get(pk=row.pk)
    if kept.version != version:
        raise StaleVersion(kept)
    return kept


def correct(kept, entry, *, action, by, at):
    """Let the held row `kept` say what `entry` says, if that is anything else."""
    told = changes(type(kept), entry_of(kept, type(entry)), entry)
    if told:
        _fill(kept, entry).version += 1
        kept.save()
        _relate(kept, entry)
        _record(action, kept, told, by, at)
    return kept


def changes(model, before, after):
    """{column in words: before → after} for the audit log; `before` None for what is new."""
    found = {}
    for one in fields(after):
        column, new = model._meta.get_field(one.name), getattr(after, one.name)
        nothing = False if isinstance(new, bool) else None
        old = getattr(before, one.name) if before else nothing
        if _said(column, old) != _said(column, new):
            found[str(column.verbose_name)] = f"{_said(column, old)} → {_said(column, new)}"
    return found


def _held(row, name):
    if row._meta.get_field(name).many_to_many:
        return tuple(getattr(row, name).order_by("pk").values_list("pk", flat=True))
    value = getattr(row, name)
    return tuple(value) if isinstance(value, list) else value


def _fill(row, entry):
    for one in fields(entry):
        if not row._meta.get_field(one.name).many_to_many:
            value = getattr(entry, one.name)
            setattr(row, one.name, list(value) if isinstance(value, tuple) else value)
    return row


def _relate(row, entry):
    for one in fields(entry):
        if row._meta.get_field(one.name).many_to_many:
            getattr(row, one.name).set(getattr(entry, one.name))


def _said(column, value):
    if column.many_to_many:
        rows = column.related_model._base_manager.filter(pk__in=value or ()).order_by("pk")
        return "、".join(map(str, rows)) or "空"
    if isinstance(value, tuple):
        return "、".join(value) or "空"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return dict(column.flatchoices).get(value, value and str(value)) or "空"


def _record(action, row, told, by, at):
    audit.record(by, action, row, detail={"object": str(row), **told}, at=at)
