"""Reads one table file under limits and prints its rows as JSON lines. Run as a script, alone in its process.

Imports nothing of ours: it must start fast, and may die of what it reads without taking anybody along.
"""

import codecs
import csv
import html
import io
import json
import re
import resource
import sys
import zipfile
from collections import Counter
from datetime import date

from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

MEMORY = 1024**3  # bytes of address space
OUTPUT = 256 * 1024**2  # bytes written
MAX_ROWS, MAX_COLUMNS, MAX_CELLS = 200_000, 200, 3_000_000
MAX_FILLED = 1_000_000  # cells given a value because they are merged with the one above
DELIMITERS = ",;\t"
CHUNK, OVERLAP = 4 * 1024**2, 4096
SHEET = re.compile(rb'<(?:\w+:)?sheet\s[^>]*?:id="([^"]*)"')
RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
# a formula without a result, as programs write them that calculate nothing, and the cell that it stands in
FORMULA = re.compile(rb"<f\b[^>]{0,300}?(?:/>|>([^<]{0,3000})</f>)\s*(?=<v\s*/>|<v></v>|</c>)")
CELL = re.compile(rb'<c\s(?=[^>]*?\br="([A-Z]{1,3})(\d{1,7})")([^>]*)>\s*$')
# a formula that failed: its cell shows #DIV/0!, #N/A …, and calamine takes it for empty
FAILED = re.compile(
    rb'<c\s(?=[^>]*?\br="([A-Z]{1,3})(\d{1,7})")[^>]*?\bt="e"[^>]*>'
    rb"(?:<f\b[^>]{0,300}?(?:/>|>[^<]{0,3000}</f>))?\s*<v>([^<]{1,20})</v>"
)
HIDDEN_COLUMN = re.compile(rb'<(?:\w+:)?col\s(?=[^>]{0,300}?\bhidden="(?:1|true)")[^>]{0,300}>')
HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\s(?=[^>]{0,300}?\bhidden="(?:1|true)")[^>]{0,300}?\br="(\d{1,7})"')


class TooMuch(Exception):
    """A limit is passed; the message is the code of the refusal."""


def main(kind, path, seconds):
    """Print one line per sheet and row; the last line says done or why not."""
    limit(int(seconds))
    try:
        for line in read_text(path) if kind == "csv" else read_workbook(path):
            emit(line)
        last = {"done": True}
    except TooMuch as refusal:
        last = {"refused": str(refusal)}
    except PasswordError:
        last = {"refused": "encrypted"}
    emit(last)


def emit(line):
    """Write one line of JSON."""
    sys.stdout.write(json.dumps(line, default=encode, separators=(",", ":")) + "\n")


def limit(seconds):
    """Cap memory, CPU seconds and output of this process; no core file."""
    for what, most, hard in (
        (resource.RLIMIT_AS, MEMORY, MEMORY),
        (resource.RLIMIT_CPU, seconds, seconds + 5),
        (resource.RLIMIT_FSIZE, OUTPUT, OUTPUT),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(what, (most, hard))


def encode(value):
    """Dates and datetimes as {"@": ISO}; times and durations as text."""
    return {"@": value.isoformat()} if isinstance(value, date) else str(value)


def read_workbook(path):
    """Each visible worksheet that has content: its name, then its rows."""
    parts = sheet_parts(path)
    with CalamineWorkbook.from_path(path) as book:
        for place, meta in enumerate(book.sheets_metadata):
            if meta.visible == SheetVisibleEnum.Visible and meta.typ == SheetTypeEnum.WorkSheet:
                sheet = book.get_sheet_by_name(meta.name)
                hidden, columns, formulas = untold(path, parts[place]) if place < len(parts) else ((), (), {})
                yield {"sheet": meta.name, "hidden": sorted(columns)}
                yield from numbered(sheet_rows(sheet, formulas), hidden)


def sheet_parts(path):
    """The parts of an .xlsx that hold its sheets, in their order; none for an .xls or another layout."""
    if not zipfile.is_zipfile(path):
        return []
    with zipfile.ZipFile(path) as package:
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= set(package.namelist()):
            return []
        relations = {}
        for tag in RELATION.findall(package.read("xl/_rels/workbook.xml.rels")):
            told = dict(re.findall(rb'\b(Id|Target)="([^"]*)"', tag))
            relations[told.get(b"Id")] = told.get(b"Target", b"").decode(errors="replace")
        names = [relations.get(one, "") for one in SHEET.findall(package.read("xl/workbook.xml"))]
    return [name[1:] if name.startswith("/") else f"xl/{name}" for name in names]


def untold(path, part):
    """What calamine does not tell of a sheet: (hidden rows by number, hidden columns by place, cells).

    The cells are {row number: {column: text}}: of those that have a formula and no result, or a failed one.
    """
    hidden, columns, formulas, kept = set(), set(), {}, b""
    with zipfile.ZipFile(path) as package:
        if part not in package.namelist():
            return hidden, columns, formulas
        with package.open(part) as file:
            while piece := file.read(CHUNK):
                window = kept + piece
                if b'hidden="' in window:
                    hidden.update(int(number) for number in HIDDEN_ROW.findall(window))
                    columns.update(place for tag in HIDDEN_COLUMN.findall(window) for place in spanned(tag))
                for number, place, formula in (*uncalculated(window), *failed(window)):
                    formulas.setdefault(number, {})[place] = formula
                kept = window[-OVERLAP:]
    return hidden, columns, formulas


def spanned(tag):
    """The 0-based places that a <col min="3" max="5"> means, as far as a table may reach."""
    told = {name: int(number) for name, number in re.findall(rb'\b(min|max)="(\d{1,5})"', tag)}
    return range(told.get(b"min", 1) - 1, min(told.get(b"max", 0), MAX_COLUMNS))


def uncalculated(window):
    """(row number, 0-based column, formula) of the cells whose formula has no result; t="str" with none is
    the result of no letters."""
    for found in FORMULA.finditer(window):
        start = max(window.rfind(b"<c ", max(found.start() - 400, 0), found.start()), 0)
        cell = CELL.match(window, start, found.start())
        if cell and b't="str"' not in cell[3]:
            told = html.unescape((found[1] or b"").decode(errors="replace")) or "公式"
            yield int(cell[2]), place_of(cell[1]), f"={told}"


def failed(window):
    """(row number, 0-based column, what is shown) of the cells whose formula failed."""
    if b't="e"' in window:
        for letters, number, shown in FAILED.findall(window):
            yield int(number), place_of(letters), html.unescape(shown.decode(errors="replace"))


def place_of(letters):
    """The 0-based place of column A, B … XFD."""
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1


def sheet_rows(sheet, formulas):
    """(row number, cells) with cells at their true columns and vertically merged cells filled down; a
    formula without a result stands as it is written, so that nobody takes the cell for empty."""
    if sheet.start is None:
        return
    if sheet.total_height > MAX_ROWS or sheet.total_width > MAX_COLUMNS:
        raise TooMuch("far_cell")
    left = [None] * sheet.start[1]
    merges = vertical_merges(sheet)
    carried = {}
    for index, row in enumerate(sheet.iter_rows()):
        cells = [*left, *(None if cell == "" else cell for cell in row)]
        for column, formula in formulas.get(index + 1, {}).items():
            cells += [None] * (column + 1 - len(cells))
            cells[column] = cells[column] or formula
        if any(cell is not None for cell in cells):
            fill(cells, index, carried)
        for column, last in merges.get(index, ()):
            if column < len(cells) and cells[column] is not None:
                carried[column] = (cells[column], last)
        yield index + 1, cells


def vertical_merges(sheet):
    """{first row: [(column, last row)]} of the ranges that span rows."""
    found, filled = {}, 0
    for (top, column), (bottom, _) in sheet.merged_cell_ranges or ():
        if bottom > top:
            found.setdefault(top, []).append((column, bottom))
            filled += bottom - top
    if filled > MAX_FILLED:
        raise TooMuch("merged")
    return found


def fill(cells, index, carried):
    """A cell merged with the one above has its value."""
    for column, (value, last) in list(carried.items()):
        if index > last:
            del carried[column]
        elif cells[column] is None:
            cells[column] = value


def read_text(path):
    """The rows of a CSV file; the delimiter is the one that gives the steadiest columns."""
    with open(path, "rb") as file:
        text = decode(file.read())
    csv.field_size_limit(1_000_000)
    given = text[:5].lower() == "sep=\t" or (text[:4].lower() == "sep=" and text[5:6] in "\r\n")
    delimiter = text[4] if given else likely_delimiter(text)
    body = text.split("\n", 1)[-1] if given else text
    if body.count('"') % 2 and ends_inside_quotes(body, delimiter):
        raise TooMuch("csv")
    yield {"sheet": ""}
    yield from numbered(enumerate(csv_rows(body, delimiter), start=1))


def ends_inside_quotes(text, delimiter):
    """Whether a quote that nobody closed makes one cell of all that follows it."""
    try:
        for _ in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def decode(content):
    """Text from UTF-8 (with or without BOM), UTF-16 with BOM, or GB 18030."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TooMuch("encoding")


def csv_rows(text, delimiter):
    """Records of `text`; a field over the limit is a refusal."""
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise TooMuch("csv") from error


def likely_delimiter(text):
    """Of comma, semicolon and tab the one whose commonest number of fields covers most of the first rows."""
    start = "".join(text[:100_000].splitlines(keepends=True)[:60])

    def steadiness(delimiter):
        counts = Counter(len(row) for row in csv_rows(start, delimiter) if len(row) > 1)
        return max((fields * rows for fields, rows in counts.items()), default=0)

    return max(DELIMITERS, key=steadiness)


def numbered(rows, hidden=()):
    """Rows with content as [number, cells], and True behind a hidden one; counts against the limits."""
    total = 0
    for number, cells in rows:
        while cells and (cells[-1] is None or cells[-1] == ""):
            cells.pop()
        if not any(cell is not None and cell != "" for cell in cells):
            continue
        total += len(cells)
        if number > MAX_ROWS or len(cells) > MAX_COLUMNS:
            raise TooMuch("far_cell")
        if total > MAX_CELLS:
            raise TooMuch("cells")
        yield [
            number,
            [None if cell == "" else cell for cell in cells],
            *([True] if number in hidden else []),
        ]


if __name__ == "__main__":
    main(*sys.argv[1:])
