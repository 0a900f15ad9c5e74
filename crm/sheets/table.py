"""A sheet as a table: its header, its data rows, and the rows that are no data, each with the reason."""

import re
from contextlib import suppress
from dataclasses import dataclass, field

from crm.sheets import bare
from crm.sheets.header import Header, find_header, title_unit
from crm.sheets.reader import Sheet
from crm.sheets.refusals import BadSheet
from crm.values import plain

COUNT = r"[\s:]*(?:共|计)?[\s\d,.]*(?:家|个|户|条|项|万元|亿元|元)?(?:企业|项目|线索)?\s*"
TOTAL = re.compile(
    r"(?:[\u4e00-\u9fff]{0,8}\s*(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计)|(?:本页|本表|以上|全部|各项)?\s*汇\s*总|total|sum)"
    rf"(?:\(?{COUNT}\)?)",
    re.IGNORECASE,
)
NOTE = re.compile(
    r"(?:附?注|备注|说明|填表说明|填报说明|注释|注意)(?:事项)?\s*(?:[:\d]|[一二三][、.]|$)|[*※]\s*\S"
)
SIGNATURE = re.compile(
    r"(?:填报|填表|制表|统计|审核|复核|审批|报送|联系|经办|负责|单位负责|分管|数据来源|截至|截止|打印)"
    r"\S{0,4}\s*:"
)
SECTION = re.compile(r"[(]?[一二三四五六七八九十]+[)、.]")
A_FIRM = re.compile(
    r"(?:有限(?:责任)?|股份)公司$|有限合伙\)?$"
)  # 一、某某有限公司 is a row, not the title of a group
NOTE_GOES_ON = re.compile(r"[(]?\d+[)、.]\s*\D|.*[。；;]")
SAMPLE = re.compile(r"示例|样例|例")
HEADER, TITLE, TOTALS, FOOTNOTE, PRE_NUMBERED, SECTION_ROW, SAMPLE_ROW = (
    "表头", "表头以上", "合计行", "附注", "只有序号", "分组标题", "示例行",
)  # fmt: skip


@dataclass
class Table:
    """The sheet taken apart. `skipped` is [(row number, why it is no data)] for all other filled rows.

    `set_aside` is [(row number, why, its first text)] of those below the header, for people to see; `unread`
    is {name: number of data rows} of the other sheets that are such tables too, `hidden` the headers of the
    columns that are read though nobody sees them in the sheet.
    """

    name: str
    header: Header
    rows: list = field(default_factory=list)
    skipped: list = field(default_factory=list)
    set_aside: list = field(default_factory=list)
    money_unit: str = ""
    unread: dict = field(default_factory=dict)
    hidden: list = field(default_factory=list)

    def unit(self, key, default=""):
        """The unit of a money column: from its header, else from title or footnote, else `default`."""
        found = self.header.columns.get(key)
        return (found.unit if found else "") or self.money_unit or default


def find_table(sheets, columns, key, chosen=(), said=None):
    """The first sheet that has the header, taken apart. `key` is the column that names a row (企业名称).

    `chosen` is what people said of headers (`find_header`), `said` (a Bare) what of a sheet
    that has none.

    Raises BadSheet when no sheet has it or no row stands below it, with the reason of the first sheet that a
    person could be asked about, or of the first.
    """
    refusal = None
    for number, sheet in enumerate(sheets, start=1):
        try:
            table = take_apart(sheet, columns, key, chosen, said)
        except BadSheet as error:
            refusal = _worth_asking(refusal, error)
            continue
        if table.rows:
            table.unread = _unread(sheets[number:], columns, key, chosen)
            return table
        refusal = BadSheet(f"第 {table.header.row} 行是表头，下面没有数据，请填写后再上传。", code="no_rows")
    raise refusal or BadSheet("工作表里没有内容，请核对后再上传。", code="empty_sheet")


def _worth_asking(before, error):
    """Of two refusals the one that leaves something to ask a person, else the earlier."""
    is_better = getattr(error, "near", None) and not getattr(before, "near", None)
    return error if before is None or is_better else before


def _unread(sheets, columns, key, chosen):
    found = {}
    for sheet in sheets:
        with suppress(BadSheet):
            found[sheet.name] = len(take_apart(sheet, columns, key, chosen).rows)
    return {name: rows for name, rows in found.items() if rows}


def take_apart(sheet: Sheet, columns, key, chosen=(), said=None):
    """Split one sheet into header, data and the rest. Raises BadSheet when it has no header, unless it is the
    one of which a person said so (`said`, a Bare).
    """
    header = bare.bare_header(sheet.rows, columns, said) or find_header(sheet.rows, columns, chosen)
    table = Table(sheet.name, header)
    first = _first_of_data(sheet, header)
    table.skipped = [
        (row.number, TITLE) for row in sheet.rows if row.number < first and row.number != header.row
    ]
    ignored = {header.columns[c.key].index for c in columns if c.is_ignored and c.key in header.columns}
    _sort_rows(table, [row for row in sheet.rows if row.number >= first], key, ignored)
    table.hidden = [found.text for found in header.columns.values() if found.index in sheet.hidden]
    table.money_unit = title_unit(_loose_texts(sheet, table))
    return table


def _first_of_data(sheet, header):
    lines = [(row.number, row.cells) for row in sheet.rows]
    return bare.begins(lines) if header.row == bare.ROW else header.row + 1


def _sort_rows(table, rows, key, ignored):
    in_notes = False
    for row in rows:
        why = _not_data(table.header, row.cells, key, ignored, in_notes)
        in_notes = in_notes or why in (TOTALS, FOOTNOTE)
        if why:
            table.skipped.append((row.number, why))
            if why != HEADER:
                table.set_aside.append((row.number, why, _first_text(row.cells)))
        else:
            table.rows.append(row)


def _first_text(cells):
    return next((text for text in map(plain, cells) if text), "")


def _not_data(header, cells, key, ignored, in_notes):
    """Why a row below the header is no data, or None."""
    filled = [index for index, cell in enumerate(cells) if cell is not None and plain(cell)]
    if not filled:
        return PRE_NUMBERED
    first = plain(cells[filled[0]])
    if [first, plain(header.cell(cells, key))] == [
        *header.texts[filled[0] : filled[0] + 1],
        header.columns[key].text,
    ]:
        return HEADER
    if any(TOTAL.fullmatch(text) for text in (first, plain(header.cell(cells, key)))):
        return TOTALS
    if filled[0] in ignored and SAMPLE.fullmatch(first):
        return SAMPLE_ROW
    return _loose_text(filled, first, header.columns[key].index, ignored, in_notes)


def _loose_text(filled, first, name_index, ignored, in_notes):
    """Notes, signatures and section titles: text that starts a row and has no company in it.

    `filled` are the places of the cells with content, `first` the text in the first of them. Behind 备注： in
    the column of numbers stands the note, not a company.
    """
    has_name = name_index in filled[1:] and not (filled[0] in ignored and len(filled) == 2)
    is_firm = filled[0] == name_index and bool(A_FIRM.search(first))
    if NOTE.match(first) and (not has_name or len(filled) == 1) and not (is_firm and first[0] in "*※"):
        return FOOTNOTE
    if SIGNATURE.match(first) and (not has_name or filled[0] in ignored):
        return FOOTNOTE
    if len(filled) > 1:
        return None
    if in_notes and not is_firm and (filled[0] != name_index or NOTE_GOES_ON.match(first)):
        return FOOTNOTE
    if SECTION.match(first) and not is_firm:
        return SECTION_ROW
    return PRE_NUMBERED if filled[0] in ignored else None


def _loose_texts(sheet, table):
    """The texts of title rows and footnotes, in this order."""
    wanted = {number for number, why in table.skipped if why in (TITLE, FOOTNOTE)}
    return [
        plain(cell)
        for row in sheet.rows
        if row.number in wanted
        for cell in row.cells
        if isinstance(cell, str)
    ]
