"""列对应: which column of a sheet is what, as a person said it; equal headers are read like it again."""

import hashlib
import json
import re
from itertools import zip_longest

from crm.errors import Refused
from crm.sheets import bare
from crm.sheets.header import chosen_header, read_header
from crm.sheets.likely import may_head
from crm.values import BadValue, phone, uscc
from leads.models import ColumnChoice
from leads.sheet_columns import COLUMNS, LABELS

CHOICES = [(one.key, f"{one.label}（不读入）" if one.is_ignored else one.label) for one in COLUMNS]

FIRM_AT_LEAST = 6  # letters of a firm's name or a number; 公司 and 电话 are headers
HALF = 0.5  # of the filled cells of a column at least must look like it
A_FIRM = re.compile(r".*(公司|集团|厂|合伙企业|有限合伙|研究院|研究所|事务所|合作社)\W*")


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


def heads(lines):
    """[(row number, texts)] of those among the first `lines` of a sheet that may be its header."""
    return [(number, texts) for number, texts in lines if may_head(texts)]


def head(lines, number):
    """The Header that row `number` of the first `lines` would be, of places alone for bare.ROW;
    ColumnsRefused when it may be none.
    """
    if number == bare.ROW and lines:
        return read_header(number, bare.names(bare.width(lines)), COLUMNS)
    texts = dict(heads(lines)).get(number)
    if texts is None:
        raise ColumnsRefused("请从列出的几行里选哪一行是表头。", field="head")
    return read_header(number, texts, COLUMNS)


def bare_of(job):
    """What was said of the sheet of `job`, when that has no header (Bare); else None."""
    if job.header_row != bare.ROW or not job.lines:
        return None
    return bare.Bare(job.lines[0][1], job.mapping)


def named(job):
    """The headers of a job, in words: of a sheet without any what its columns are read as."""
    if job.header_row != bare.ROW:
        return job.columns
    read = {int(place): LABELS[key] for place, key in job.mapping.items() if key}
    return [read.get(place, text) for place, text in enumerate(job.columns)]


def is_data(texts):
    """Whether a row that was taken for a header is one of data: it holds a firm, a number to call, a code."""
    return any(is_one(text) for text in texts if len(text) >= FIRM_AT_LEAST for is_one in LOOKS.values())


def lists_firms(lines):
    """Whether one of the columns of these rows names firms, as far as one sees it."""
    columns = zip_longest(*(texts for _, texts in lines), fillvalue="")
    return any(_share([text for text in texts if text], LOOKS["name"]) >= HALF for texts in columns)


def likely(header, lines):
    """{place as text: key}: what a header says, and for firm, phone and code what stands in its columns."""
    found = guessed(header)
    first = bare.begins(lines) if header.row == bare.ROW else header.row + 1
    below = [texts for number, texts in lines if number >= first]
    for key, is_one in LOOKS.items():
        free = [n for n, text in enumerate(header.texts) if text and str(n) not in found]
        shares = {
            n: _share([texts[n] for texts in below if n < len(texts) and texts[n]], is_one) for n in free
        }
        best = max(shares, key=shares.get, default=None)
        if key not in found.values() and best is not None and shares[best] >= HALF:
            found[str(best)] = key
    return found


def _share(texts, is_one):
    return sum(map(is_one, texts)) / len(texts) if texts else 0


def _reads(read):
    """Whether a text is one of those that `read` takes."""

    def reads(text):
        try:
            return bool(text and read(text))
        except BadValue:
            return False

    return reads


LOOKS = {
    "uscc": _reads(uscc),
    "contact_phone": _reads(phone),
    "name": lambda text: bool(A_FIRM.fullmatch(text)),
}


def checked(headers, given):
    """The {place: key} of `given`, without those that are not read; raises ColumnsRefused."""
    places = {str(place) for place in range(len(headers))}
    mapping = {place: key for place, key in given.items() if key and place in places}
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
