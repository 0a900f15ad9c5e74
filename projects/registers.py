"""What the registers of spaces and compute share: a row written whole, its version, the words of a change."""

from datetime import date, datetime
from decimal import Decimal

from crm import audit, display
from crm.errors import Refused, StaleVersion


class RegisterRefused(Refused):
    """The row cannot be as asked; `field` names why."""

    code = "invalid"


def held(row, version):
    """The row as it stands, locked; StaleVersion for who acts on an older sight of it."""
    kept = type(row)._base_manager.select_for_update(of=("self",)).get(pk=row.pk)
    if kept.version != version:
        raise StaleVersion(kept)
    return kept


def fill(row, given):
    """Write the values of `given` {name: value} into the columns of `row`; saves nothing."""
    for name, value in given.items():
        setattr(row, name, list(value) if isinstance(value, tuple) else value)
    return row


def changes(row, given):
    """{column in words: before → after} of what `given` would change in `row`, for the audit log."""
    found = {}
    for name, value in given.items():
        field, before = row._meta.get_field(name), getattr(row, name, None)
        after = list(value) if isinstance(value, tuple) else value
        if before != after:
            found[str(field.verbose_name)] = f"{_said(field, before)} → {_said(field, after)}"
    return found


def _said(field, value):
    if value in (None, "", []):
        return "空"
    if isinstance(value, bool):
        return display.yes_no(value)
    if isinstance(value, list):
        options = dict(field.base_field.flatchoices)
        return "、".join(options.get(one, one) for one in value)
    if isinstance(value, Decimal):
        return display.number(value, None)
    if isinstance(value, date | datetime):
        return display.day(value)
    return str(dict(field.flatchoices).get(value, value))


def note(action, row, told, *, by, at):
    """Put what was done on record."""
    audit.record(by, action, row, detail={"object": str(row), **told}, at=at)


def check_period(given):
    """RegisterRefused when the row would be valid backwards."""
    if given["valid_from"] and given["valid_to"] and given["valid_from"] > given["valid_to"]:
        raise RegisterRefused("有效期至不能早于有效期自。", field="valid_to")
