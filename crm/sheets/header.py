"""Finds the header row below the title rows, says which column is which, and which rows are data."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import zip_longest

from crm.sheets.likely import first_lines, likeliest
from crm.sheets.refusals import NoHeader
from crm.values import as_text, plain

SEARCH_ROWS = 60  # a header stands among the first rows of a sheet
BRACKETS = re.compile(r"[(\[{【〔<《](.*?)[)\]}】〕>》]")
NOT_A_WORD = re.compile(r"[\W_]+")
FOREIGN_UNIT = r"(?:亿|万|千)?(?:美元|欧元|港元|港币|日元|英镑)"
MONEY_UNIT = rf"{FOREIGN_UNIT}|亿元|万元|千元|亿|万|元"
AREA_UNIT = r"㎡|m2|平方米|平米|平方|亩|公顷"
UNIT = re.compile(rf"(?:金额)?(?:单位)?:?(?:人民币)?({MONEY_UNIT}|{AREA_UNIT})[,/]?(?:人民币)?")
UNIT_AT_END = re.compile(
    rf"(?:[/,:_-](?:单位:?)?({MONEY_UNIT}|{AREA_UNIT})|({FOREIGN_UNIT}|亿元|万元|千元|㎡|m2|平方米|亩))$"
)
UNIT_IN_TITLE = re.compile(
    rf"单位\s*:?\s*(?:均?为|是)?\s*(?:人民币)?\s*({MONEY_UNIT})(?!\w)"
    rf"|(?:按|以)\s*({MONEY_UNIT})\s*(?:计|为单位)"
)
PARTS = re.compile(r"[/、,，;&+|()（）]|及其?|和|与")
SUFFIX_LENGTH = 3  # a synonym this long also counts at the end of a longer header: 2026年拟投资额
NOT_THEIRS = ("我方", "我区", "本区", "区内", "拱墅", "法定", "上次", "首次")


@dataclass(frozen=True)
class Column:
    """A column that a sheet may have. `synonyms` are other headers, separated by spaces, without units.

    `refused_units` are units under which the column means something else (面积 in 亩 is land).
    `is_ignored` marks columns that are known and not read (序号). A sheet without the column of the key
    `stands_for` means this one by it (投资方 alone is the firm). `shares` are the keys of columns that may
    stand in one cell with it (联系人/职务).
    """

    key: str
    label: str
    synonyms: str = ""
    is_required: bool = False
    is_ignored: bool = False
    refused_units: tuple = ()
    stands_for: str = ""
    shares: tuple = ()


@dataclass(frozen=True)
class Found:
    """Where a column stands: its 0-based place, the header as written, the unit in it ("" when none), and
    the keys of the columns that share its cells."""

    index: int
    text: str
    unit: str = ""
    shares: tuple = ()


@dataclass
class Header:
    """A header row: `columns` by key, headers nobody knows, columns that are not there."""

    row: int
    columns: dict = field(default_factory=dict)
    unknown: list = field(default_factory=list)
    missing: list = field(default_factory=list)
    texts: list = field(default_factory=list)

    def cell(self, cells, key):
        """The cell of column `key` in a row, None when the sheet lacks the column or the row is short."""
        found = self.columns.get(key)
        return cells[found.index] if found and found.index < len(cells) else None


def read_header(number, cells, columns):
    """What row `number` would mean as a header: labels first, then other names, then endings."""
    header = Header(number, texts=[plain(cell) for cell in cells])
    parsed = [(index, *_name_and_unit(cell)) for index, cell in enumerate(cells) if as_text(cell).strip()]
    labels = {_squeeze(column.label): column for column in columns}
    known = _known_names(columns)
    for index, _, _ in parsed:
        _place(header, *_shared(header.texts[index], index, known))
    for meaning in (labels.get, known.get, lambda name: _by_its_end(name, known)):
        for index, name, unit in parsed:
            _place(header, meaning(name), Found(index, header.texts[index], unit))
    for column in columns:
        if column.stands_for and column.stands_for not in header.columns and column.key in header.columns:
            header.columns[column.stands_for] = header.columns.pop(column.key)
    placed = {found.index for found in header.columns.values()}
    header.unknown = [header.texts[index] for index, _, _ in parsed if index not in placed]
    header.missing = [c for c in columns if c.key not in header.columns and not c.is_ignored]
    return header


def chosen_header(number, cells, columns, chosen):
    """Row `number` as a person reads it: `chosen` is {0-based place as text: key of a column or ""}."""
    header = Header(number, texts=[plain(cell) for cell in cells])
    keys = {column.key for column in columns}
    for index, text in enumerate(header.texts):
        key = chosen.get(str(index), "")
        if key in keys:
            unit = _name_and_unit(cells[index])[1]
            column, shared = _shared(text, index, _known_names(columns))
            header.columns[key] = shared if column and column.key == key else Found(index, text, unit)
        elif text:
            header.unknown.append(text)
    header.missing = [c for c in columns if c.key not in header.columns and not c.is_ignored]
    return header


def find_header(rows, columns, chosen=()):
    """The header among the first rows: the row with most known columns, the required ones among them.

    `chosen` is {texts of a header, as a tuple: what a person said of its places}: such a row comes first.
    Raises NoHeader naming the required columns that no row has, with the row that comes nearest, or that
    looks like the header of a table nobody knows, and the rows among which a person may find it.
    """
    first = rows[:SEARCH_ROWS]
    for row in first:
        if how := dict(chosen).get(tuple(plain(cell) for cell in row.cells)):
            return chosen_header(row.number, row.cells, columns, how)
    headers = [read_header(row.number, row.cells, columns) for row in first]
    named = (_grown(header, first, columns) for header in headers if _has_required(header))
    fits = [header for header in named if _is_header(header)]
    if not fits:
        near = _near(headers) or _likeliest(headers, first)
        raise NoHeader(_not_found(headers, columns), near, first_lines(first, near and near.row))
    best = _last_of_merged(max(fits, key=lambda header: len(header.columns)), fits)
    if how := dict(chosen).get(tuple(best.texts)):
        return chosen_header(best.row, best.texts, columns, how)
    return best


def title_unit(texts):
    """The money unit that title rows or footnotes set for the whole sheet (单位：亿元, 按万元计), or ""."""
    for text in texts:
        if found := UNIT_IN_TITLE.search(plain(text)):
            return found[1] or found[2]
    return ""


@lru_cache(maxsize=8)
def _known_names(columns):
    """{normalised header: column} for all labels and synonyms."""
    return {_squeeze(text): column for column in columns for text in (column.label, *column.synonyms.split())}


def _place(header, column, found):
    """Take the leftmost header for a column, unless its unit says that it means something else."""
    if column is None or column.key in header.columns or found.unit in column.refused_units:
        return
    if all(found.index != other.index for other in header.columns.values()):
        header.columns[column.key] = found


def _shared(text, index, known):
    """(column, Found) of a header that names several columns in one: 联系人/职务, 联系人（职务、电话）; else
    (None, None)."""
    first, *others = [known.get(_squeeze(part)) for part in PARTS.split(text) if _squeeze(part)] or [None]
    keys = tuple(other.key for other in others if other)
    if first and keys and set(keys) <= set(first.shares) and len(keys) == len(others):
        return first, Found(index, text, shares=keys)
    return None, None


def _by_its_end(name, known):
    """The column of the longest known name at the end: 2026年拟投资额 is 拟投资额, 我方联系人 is nobody's."""
    if name in known or name.startswith(NOT_THEIRS):
        return None
    ends = (known.get(name[start:]) for start in range(1, len(name) - SUFFIX_LENGTH + 1))
    return next(filter(None, ends), None)


def _name_and_unit(cell):
    """拟投资额（万元） → (拟投资额, 万元); spaces, line breaks, stars and other brackets go."""
    text = plain(cell).lower()
    units = [
        found[1] for inner in BRACKETS.findall(text) if (found := UNIT.fullmatch(inner.replace(" ", "")))
    ]
    bare = BRACKETS.sub("", text).replace(" ", "")
    if not units and (found := UNIT_AT_END.search(bare)):
        units, bare = [found[1] or found[2]], bare[: found.start()]
    return _squeeze(bare), _square_metre(units[0]) if units else ""


def _square_metre(unit):
    return "㎡" if unit in ("m2", "平方米", "平米", "平方") else unit


def _squeeze(text):
    return NOT_A_WORD.sub("", plain(text).lower())


def _is_header(header):
    """Every required column and at least one more, unless the row has no other header at all."""
    return _has_required(header) and (len(header.columns) >= 2 or not header.unknown)


def _has_required(header):
    return not any(column.is_required for column in header.missing)


def _last_of_merged(best, fits):
    """Cells merged over two rows make two equal header rows; data begins below the last of them."""
    for header in fits:
        if header.row == best.row + 1 and header.columns == best.columns:
            best = header
    return best


def _grown(header, rows, columns):
    """The header with what the rows beside it add: finer names and units below, names over blank cells."""
    beside = {row.number: [plain(cell) for cell in row.cells] for row in rows}
    known = _known_names(columns)
    below = _with_below(header.texts, beside.get(header.row + 1, ()), known)
    texts = _with_above(below or header.texts, beside.get(header.row - 1, ()), known)
    if texts == header.texts:
        return header
    return read_header(header.row + (1 if below else 0), texts, columns)


def _with_below(texts, below, known):
    """The header over two rows in one, or None when the lower row is anything but a part of the header."""
    joined = []
    for own, under in zip_longest(texts, below, fillvalue=""):
        if not under or under == own:
            joined.append(own)
        elif own and _is_unit(under):
            joined.append(f"{own}({under.strip('()')})")
        elif _name_and_unit(under)[0] in known:
            joined.append(under)
        else:
            return None
    return joined if below and joined != texts else None


def _is_unit(text):
    return bool(UNIT.fullmatch(text.replace(" ", "").strip("()")))


def _with_above(texts, above, known):
    """The header with the names one row higher over its blank cells and bare units: cells nobody merged."""
    taken = {known.get(_name_and_unit(text)[0]) for text in texts}
    filled = []
    for own, over in zip_longest(texts, above, fillvalue=""):
        column = known.get(_name_and_unit(over)[0]) if not own or _is_unit(own) else None
        if column and column not in taken:
            own = f"{over}({own.strip('()')})" if own else over
        filled.append(own)
    while len(filled) > len(texts) and not filled[-1]:
        filled.pop()
    return filled


def _near(headers):
    """The row that looks most like a header, with two known columns at least; or None."""
    near = max(headers, key=lambda header: len(header.columns), default=None)
    return near if near and len(near.columns) >= 2 else None


def _likeliest(headers, rows):
    """The header of something that looks like a table, though hardly a column is known; or None."""
    place = likeliest(rows, [len(header.columns) for header in headers])
    return None if place is None else headers[place]


def _not_found(headers, columns):
    required = "、".join(f"「{column.label}」" for column in columns if column.is_required)
    if near := _near(headers):
        return f"第 {near.row} 行像是表头，但缺少{required}列，请补上这一列（或改列名）后再上传。"
    if named := next((header for header in headers if _has_required(header)), None):
        return (
            f"第 {named.row} 行有{required}，别的列名都不认识，看不出是不是表头。请下载模板对照列名后再上传。"
        )
    return f"没有找到表头：前 {SEARCH_ROWS} 行里没有一行含{required}列。请下载模板对照列名后再上传。"
