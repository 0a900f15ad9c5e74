"""Judges the rows of a roadshow sheet: 新增, 已存在, 疑似重复 or 有误, with reasons. Pure: no database."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Protocol

from crm.sheets import guard, reader
from crm.sheets.safe_cells import undefuse
from crm.sheets.table import find_table
from crm.values import (
    BadValue,
    company_key,
    is_near,
    is_other_spelling,
    lacks_year,
    loose_key,
    uscc_warnings,
)
from leads.sheet_cells import DITTO, is_withheld, meant, own_unit, parsers
from leads.sheet_columns import COLUMNS, LABELS
from leads.sheet_contacts import contact_cells

NEW, DUPLICATE, SUSPECTED, ERROR = "new", "duplicate", "suspected", "error"
DAYS = ("met_on", "next_contact_on")
LARGE_WAN = Decimal(1_000_000)  # 100 亿元: above it people mostly mixed up 元 and 万元


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a row: the column's key and the Chinese sentence."""

    field: str
    text: str


@dataclass(frozen=True)
class Known:
    """A company we already have. `text` is what this reader may know of it: its name or the 首报 notice."""

    name: str
    uscc: str = ""
    lead_id: int | None = None
    text: str = ""
    investor: str = ""

    def may_be(self, row):
        """Whether `row`, of the same name, may be this company: not with two codes or two investors known."""
        return not _told_apart(row, self.uscc, self.investor)


class Existing(Protocol):
    """What is on file, asked once for a whole sheet."""

    def by_uscc(self, codes):
        """{code: Known} for the codes that are on file."""

    def by_key(self, keys):
        """{company_key: [Known, …]} for the normalised names that are on file."""


class NothingKnown:
    """An empty file: what a sheet looks like on its own."""

    def by_uscc(self, codes):
        """No company has any of these codes."""
        return {}

    def by_key(self, keys):
        """No company has any of these names."""
        return {}


@dataclass
class RowVerdict:
    """What we make of one row. `values` has name, uscc, amount_wan (万元), area_sqm (㎡), met_on …

    None is unknown. `field` is the column of the first problem; `of_row` is the row of this sheet, `known`
    the company on file, that it repeats. `hints` never change a verdict.
    """

    row: int
    cells: list
    values: dict
    problems: list = field(default_factory=list)
    hints: list = field(default_factory=list)
    verdict: str = NEW
    reason: str = ""
    field: str = ""
    of_row: int | None = None
    known: Known | None = None

    @cached_property
    def key(self):
        """The normalised name."""
        return company_key(self.values["name"])


@dataclass
class CheckedSheet:
    """A sheet with a verdict for every data row."""

    table: object
    verdicts: list

    def counts(self):
        """{verdict: number of rows}, all four verdicts present."""
        found = dict.fromkeys((NEW, DUPLICATE, SUSPECTED, ERROR), 0)
        for one in self.verdicts:
            found[one.verdict] += 1
        return found


def check_sheet(path, name, existing, *, today, trip=None, max_bytes=guard.MAX_BYTES, chosen=(), bare=None):
    """Read the file uploaded as `name` and judge its rows; `chosen` is what people said of headers before,
    `bare` (crm.sheets.bare.Bare) what of this sheet, which has none.

    `trip` is (first, last day) of the trip the sheet is of; days without a year are of its time.

    Raises BadSheet when the file cannot be taken.
    """
    table = find_table(reader.read(path, name, max_bytes=max_bytes), COLUMNS, "name", chosen, bare)
    return CheckedSheet(table, judge(clean_rows(table, today, trip), existing))


def clean_rows(table, today, trip=None):
    """Every data row with its cells cleaned, its problems in the order of the columns, and its hints.

    同上 is read as what stands in the row above, as the sheet was read by people.
    """
    unit = table.unit("amount", "万元")
    rows, above = [], ()
    for row in table.rows:
        cells = row.cells if DITTO.isdisjoint(row.cells) else _spoken_out(row.cells, above)
        one = _clean(row._replace(cells=cells), table.header, unit, today, trip)
        if copied := _copied(table.header, row.cells, cells):
            one.hints.append(f"{copied}写着「同上」，按上一行读，请核对。")
        rows.append(one)
        above = cells
    return rows


def judge(rows, existing):
    """Give each cleaned row its verdict, in the order of the sheet; two questions to `existing` in all.

    Equal USCCs are one company whatever the names; known and different USCCs are two; equal names with a USCC
    missing are suspected (domain rule §2.8). Rows with problems are 有误 and are nobody's original.
    """
    good = [row for row in rows if not row.problems]
    codes = existing.by_uscc({row.values["uscc"] for row in good if row.values["uscc"]})
    names = existing.by_key({row.key for row in good})
    seen = _Seen()
    for row in rows:
        if row.problems:
            _mark_error(row)
        else:
            _compare(row, seen, codes, names)
            seen.add(row)
        seen.hint(row)
    return rows


@dataclass
class _Seen:
    """Rows above, by code, by name and by the loose name; codes of rows with errors for a hint."""

    codes: dict = field(default_factory=dict)
    names: dict = field(default_factory=dict)
    loose: dict = field(default_factory=dict)
    faulty: dict = field(default_factory=dict)

    def add(self, row):
        code = row.values["uscc"]
        if code:
            self.codes.setdefault(code, row)
        self.names.setdefault(row.key, []).append(row)

    def hint(self, row):
        """Say which row above is near, and remember this one. Near is no verdict."""
        code = row.values.get("uscc")
        if row.problems:
            self.faulty.setdefault(code, row.row)
            return
        near = self.loose.setdefault(loose_key(row.values["name"]), row)
        if near is not row and row.verdict == NEW:
            differ = code and near.values["uscc"] and code != near.values["uscc"]
            row.hints.append(
                f"名称与第 {near.row} 行相近"
                + ("，但信用代码不同，按两家企业处理。" if differ else "，请留意。")
            )
        if code and code in self.faulty:
            row.hints.append(f"信用代码与有误的第 {self.faulty[code]} 行相同。")


def _compare(row, seen, codes, names):
    code = row.values["uscc"]
    if code and (known := codes.get(code)):
        _mark(
            row,
            DUPLICATE,
            known=known,
            reason=f"系统里已有这家企业（信用代码相同）：{known.text or known.name}",
        )
    elif code and (original := seen.codes.get(code)):
        _mark(row, DUPLICATE, of=original, reason=_same_code(row, original))
    elif known := next((k for k in names.get(row.key, ()) if k.may_be(row)), None):
        spelled = f"（写作「{known.name}」）" if is_other_spelling(row.values["name"], known.name) else ""
        told = known.text or known.name
        reason = f"系统里有同名企业{spelled}，但信用代码不全，请确认是否同一家：{told}"
        _mark(row, SUSPECTED, known=known, reason=reason)
    elif original := next((one for one in seen.names.get(row.key, ()) if _may_be_one(row, one)), None):
        reason = f"名称与第 {original.row} 行相同，至少一方没有信用代码，请确认是否同一家。"
        _mark(row, SUSPECTED, of=original, reason=reason)


def _may_be_one(row, other):
    return not _told_apart(row, other.values["uscc"], other.values["investor_name"])


def _told_apart(row, uscc, investor):
    """Whether two of one name are two: both codes known, or no code to decide and other investors (§2.8)."""
    if row.values["uscc"] and uscc:
        return True
    ours, theirs = company_key(row.values["investor_name"]), company_key(investor)
    return bool(ours and theirs) and ours != theirs


def _same_code(row, original):
    renamed = (
        "" if row.key == original.key else f"，名称不同（那一行是「{original.values['name']}」），可能改过名"
    )
    return f"与第 {original.row} 行是同一家企业：信用代码相同{renamed}。"


def _mark(row, verdict, *, reason, of=None, known=None):
    row.verdict, row.reason, row.known = verdict, reason, known
    row.of_row = of.row if of else None


def _mark_error(row):
    row.verdict = ERROR
    row.field = row.problems[0].field
    row.reason = "；".join(problem.text.rstrip("。") for problem in row.problems) + "。"


def _spoken_out(cells, above):
    """The cells with what 同上 stands for; where nothing stands above, 同上 stays."""
    return [
        above[place] if cell in DITTO and place < len(above) and above[place] is not None else cell
        for place, cell in enumerate(cells)
    ]


def _copied(header, before, cells):
    """The labels of the columns that 同上 was read in, or ""."""
    if before is cells:
        return ""
    changed = {place for place, (old, new) in enumerate(zip(before, cells, strict=True)) if old is not new}
    return "、".join(LABELS[key] for key, found in header.columns.items() if found.index in changed)


def _clean(row, header, unit, today, trip):
    one, withheld = RowVerdict(row.number, row.cells, {}), False
    apart = contact_cells(header, row.cells)
    unit = own_unit(header, row.cells) or unit
    for key, (into, parse, if_empty) in parsers(unit, today, trip).items():
        cell = apart[key] if key in apart else header.cell(row.cells, key)
        if is_withheld(key, cell):
            cell, withheld = None, True
        if cell is None and key != "name":
            one.values[into] = if_empty
        else:
            _read(one, key, cell, into, parse)
    one.hints += _doubts(one.values, today, trip)
    if withheld:
        one.hints.append("联系人的姓名、号码在表里是遮蔽的，没有读入。")
    if row.is_hidden:
        one.hints.append("这一行在表里是隐藏的，请核对要不要写入。")
    return one


def _read(one, key, cell, into, parse):
    """The cell of column `key` as a value of the row, or as a problem of it."""
    try:
        one.values[into] = parse(undefuse(meant(cell)))
    except BadValue as error:
        one.values[into] = None
        one.problems.append(Problem(key, f"{LABELS[key]}：{error.detail}"))
        return
    if key in DAYS and lacks_year(cell):
        told = f"{LABELS[key]}「{cell.strip()}」没有写全年份，按行程读作 {one.values[into]}，请核对。"
        one.hints.append(told)


def _doubts(values, today, trip):
    """What a person should look at again, though nothing is wrong."""
    found = uscc_warnings(values["uscc"]) if values["uscc"] else []
    if values["met_on"] and values["met_on"] > today:
        found.append(f"对接日期 {values['met_on']} 在今天之后，请核对年份。")
    elif values["met_on"] and trip and not is_near(values["met_on"], *trip):
        found.append(f"对接日期 {values['met_on']} 离行程很远，请核对年份。")
    if values["next_contact_on"] and values["next_contact_on"] < today:
        found.append(f"下次联系日期 {values['next_contact_on']} 已经过了，不登记，原文记入情况说明。")
    if values["amount_wan"] == 0:
        found.append("拟投资额写的是 0，会当作不投资；没谈到请留空，请核对。")
    if values["amount_wan"] and values["amount_wan"] > LARGE_WAN:
        found.append("拟投资额超过 100 亿元，请核对单位。")
    return found


def to_json(values):
    """Values as JSON types: Decimals as strings, dates as ISO text."""
    kinds = {Decimal: lambda v: format(v, "f"), date: date.isoformat}
    return {key: kinds.get(type(value), lambda v: v)(value) for key, value in values.items()}


def from_json(stored):
    """The inverse of `to_json`."""
    values = dict(stored)
    for key in ("amount_wan", "area_sqm"):
        values[key] = Decimal(values[key]) if values.get(key) is not None else None
    for key in ("met_on", "next_contact_on"):
        values[key] = date.fromisoformat(values[key]) if values.get(key) else None
    return values
