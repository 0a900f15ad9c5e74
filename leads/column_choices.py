"""列对应: which column of a sheet is what, as a person said it; equal headers are read like it again."""

import hashlib
import json

from crm.errors import Refused
from crm.sheets.header import chosen_header
from leads.models import ColumnChoice
from leads.sheet_columns import COLUMNS, LABELS

CHOICES = [(one.key, f"{one.label}（不读入）" if one.is_ignored else one.label) for one in COLUMNS]


class ColumnsRefused(Refused):
    """The columns cannot be read like this; `field` names the place."""

    code = "columns"


def known_to(unit):
    """{texts of a header: {place: key}} of all that people of `unit` have said."""
    rows = ColumnChoice.objects.filter(unit=unit).order_by("at").values_list("headers", "mapping")
    return {tuple(headers): mapping for headers, mapping in rows}


def guessed(header):
    """{place as text: key} of a header that was read by its words."""
    return {str(found.index): key for key, found in header.columns.items() if key in LABELS}


def checked(headers, given):
    """The {place: key} of `given`, without those that are not read; raises ColumnsRefused."""
    mapping = {place: key for place, key in given.items() if key}
    keys = list(mapping.values())
    if double := next((key for key in keys if keys.count(key) > 1), None):
        raise ColumnsRefused(
            f"「{LABELS[double]}」选了两列，只能是一列，另一列请选「不读入」。", field=double
        )
    header = chosen_header(1, headers, COLUMNS, mapping)
    for column in COLUMNS:
        found = header.columns.get(column.key)
        if column.is_required and found is None:
            raise ColumnsRefused(f"请指出哪一列是「{column.label}」。", field=column.key)
        if found and found.unit in column.refused_units:
            said = f"「{found.text}」的单位是{found.unit}，不能读作「{column.label}」，请选「不读入」。"
            raise ColumnsRefused(said, field=column.key)
    return mapping


def remember(unit, headers, mapping, *, by, at):
    """Keep what was said for the next sheet of `unit` with these headers."""
    told = json.dumps(headers, ensure_ascii=False).encode()
    ColumnChoice.objects.update_or_create(
        unit=unit,
        fingerprint=hashlib.sha256(told).hexdigest(),
        defaults={"headers": headers, "mapping": mapping, "by": by, "at": at},
    )
