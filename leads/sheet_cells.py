"""How the cells of a roadshow sheet become values, column by column, or a BadValue. Pure."""

import re
from datetime import date, time
from decimal import Decimal
from functools import lru_cache, partial

from crm.display import UNNAMED, money
from crm.values import (
    FARTHEST,
    BadValue,
    amount_wan,
    area_sqm,
    as_text,
    city_name,
    clean_text,
    company_key,
    is_formula_error,
    is_money_unit,
    is_unknown,
    phone,
    plain,
    sheet_date,
    uscc,
)

DITTO = frozenset(["同上", "同 上", "同上。", "〃", "″"])
COUNTED = re.compile(r"^(?:[(（]?[0-9]{1,3}[)）、]|[(（]?[一二三四五六七八九十]{1,3}[)）、])\s*(?=\S)")
# signs in front of a name; a star before ST belongs to it
MARKS = re.compile(r"^(?:\s|\*(?!ST)|[※★☆●■◆▲√✓✔①-⑳❶-❿])+")
A_NUMBER = re.compile(r"[\d\s.,%/:-]+")
PERSONAL = ("contact_name", "contact_phone", "contact_email")
MASKED = re.compile(r"\S?\*{1,3}|[\d+-]{0,3}\*{4,}[\d-]{0,4}|\S\*{3}@\S+")  # as crm.display writes them
MOST_WAN = Decimal(10_000_000)  # 1000 亿元
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LENGTHS = {
    "name": 120, "contact_name": 40, "contact_title": 40, "next_step": 200, "contact_email": 100,
    "content": 4000, "note": 4000,
}  # fmt: skip


def own_unit(header, cells):
    """The unit that stands beside the amount of this row, or ""; under 单位 may stand anything else."""
    cell = header.cell(cells, "amount_unit")
    return plain(cell) if isinstance(cell, str) and is_money_unit(cell) else ""


def is_withheld(key, cell):
    """Whether a sheet of ours kept it back: 王**, 138****0001, or that there is no name. It tells nothing."""
    return key in PERSONAL and isinstance(cell, str) and (cell == UNNAMED or bool(MASKED.fullmatch(cell)))


def meant(cell):
    """The cell, unless it shows that a formula failed or points at a row above that is none of the table."""
    if is_formula_error(cell):
        raise BadValue(f"单元格里的公式出错（{cell.strip()}），请改成要填的内容；不知道就清空。")
    if cell in DITTO:
        raise BadValue("写的是「同上」，可是上一行没有填，请写出来。")
    return cell


@lru_cache(maxsize=16)
def parsers(unit, today, trip):
    """{column: (name of the value, parser, value of an empty cell)} in the order of telling problems."""
    day = partial(sheet_date, today=today, near=trip)
    return {
        "name": ("name", _name, ""),
        "uscc": ("uscc", uscc, ""),
        "city": ("city", lambda cell: "" if is_unknown(cell) else city_name(cell), ""),
        "contact_name": ("contact_name", _short("contact_name"), ""),
        "contact_title": ("contact_title", _short("contact_title"), ""),
        "contact_phone": ("contact_phone", phone, ""),
        "contact_email": ("contact_email", _email, ""),
        "amount": ("amount_wan", _amount(unit), None),
        "investor": ("investor_name", _short("investor"), ""),
        "sector": ("sector", _short("sector"), ""),
        "met_on": ("met_on", day, None),
        "area": ("area_sqm", area_sqm, None),
        "content": ("content", _lines("content"), ""),
        "next_step": ("next_step", _short("next_step"), ""),
        "next_contact_on": ("next_contact_on", _planned(day, today), None),
        "note": ("note", _lines("note"), ""),
    }


def _name(cell):
    """The name without the mark (★) or the number (1、) in front of it; a day or an amount is no name."""
    name = COUNTED.sub("", clean_text(MARKS.sub("", as_text(cell))))
    if is_unknown(name):
        raise BadValue("没有填，请补上企业名称。")
    if isinstance(cell, (date, time, bool)) or (A_NUMBER.fullmatch(name) and not name.isdecimal()):
        raise BadValue(f"「{name[:30]}」是日期或数字，不是企业名称，请核对列是否对应。")
    if len(company_key(name)) < 2:
        raise BadValue(f"「{name}」太短，请填企业全称（至少两个字）。")
    return _within(name, "name")


def _amount(unit):
    """A parser of amounts; more than anybody invests in a district is a unit mixed up."""

    def read(cell):
        found = amount_wan(cell, default_unit=unit)
        if found and found > MOST_WAN:
            raise BadValue(
                f"读作 {money(found)}，多半是单位弄混了，请核对表头、标题里的单位，或在金额后面写明单位。"
            )
        return found

    return read


def _planned(day, today):
    """A parser of days to come; one that is past is told of and left out when the row is written."""

    def read(cell):
        found = day(cell)
        if found and found > today + FARTHEST:
            raise BadValue(f"{found} 太远了，最多约到两年以后，请核对年份。")
        return found

    return read


def _short(key):
    """A parser of one line of text: a word for unknown is ""."""
    return lambda cell: "" if is_unknown(cell) else _within(clean_text(cell), key)


def _lines(key):
    """A parser of text of several lines."""
    return lambda cell: _within(clean_text(cell, multiline=True), key)


def _within(text, key):
    most = LENGTHS.get(key, 120)
    if len(text) > most:
        rest = "" if key in ("content", "note") else "，其余写到备注里"
        raise BadValue(f"有 {len(text)} 个字，最多 {most} 个，请缩短{rest}。")
    return text


def _email(cell):
    text = _short("contact_email")(cell)
    if text and not EMAIL.fullmatch(text):
        raise BadValue(f"「{text}」不是邮箱地址，请核对，例如 name@example.com。")
    return text
