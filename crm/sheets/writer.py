"""Writes workbooks and CSV files row by row in constant memory; no cell ever becomes a formula or a link."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal

import xlsxwriter

from crm import withholding
from crm.sheets import watermark
from crm.sheets.safe_cells import defuse, printable

REASON = "问题原因"
LONGEST_TEXT = 32_767  # characters in one Excel cell
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}
BOM = "\ufeff"  # makes Excel read a CSV as UTF-8


class SheetWriter:
    """One workbook with one sheet: a bold frozen header row, then rows as they come. A context manager.

    `mark` is the watermark of an export, `reader` who takes it along: numbers in its sentences are masked
    for somebody who may not see contacts.
    """

    def __init__(self, file, title, headers, *, widths=(), created=None, mark="", reader=None):
        self.is_withheld = withholding.is_withheld_from(reader)
        self.book = xlsxwriter.Workbook(file, OPTIONS)
        if created:
            self.book.set_properties({"created": created, "comments": mark})
        self.sheet = self.book.add_worksheet(title[:31])
        if mark:
            watermark.put(self.book, self.sheet, mark)
        self.formats = {
            "head": self.book.add_format(
                {"bold": True, "bg_color": "#E8EEF5", "text_wrap": True, "border": 1}
            ),
            "date": self.book.add_format({"num_format": "yyyy-mm-dd"}),
            "moment": self.book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            "warning": self.book.add_format({"font_color": "#B42318", "text_wrap": True}),
        }
        self.row = 0
        self._lay_out(headers, widths)
        self.write(headers, style="head")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.book.close()

    def write(self, cells, *, style=None):
        """Append one row; `style` names a format for all its cells."""
        for column, cell in enumerate(cells):
            self._cell(column, cell, self.formats.get(style))
        self.row += 1

    def write_with_reason(self, cells, reason, column):
        """Append one row and its reason, in red, at 0-based `column`."""
        for index, cell in enumerate(cells):
            if index != column:
                self._cell(index, cell, None)
        self._cell(column, reason, self.formats["warning"])
        self.row += 1

    def _lay_out(self, headers, widths):
        self.sheet.freeze_panes(1, 0)
        for column, header in enumerate(headers):
            width = widths[column] if column < len(widths) else max(10, min(40, 2 * len(str(header)) + 4))
            self.sheet.set_column(column, column, width)

    def _cell(self, column, value, style):
        if value is None or value == "":
            return
        if isinstance(value, bool):
            self.sheet.write_string(self.row, column, "是" if value else "否", style)
        elif isinstance(value, (int, float, Decimal)):
            self._number(column, value, style)
        elif isinstance(value, datetime):
            self.sheet.write_datetime(
                self.row, column, value.replace(tzinfo=None), style or self.formats["moment"]
            )
        elif isinstance(value, date):
            self.sheet.write_datetime(self.row, column, value, style or self.formats["date"])
        else:
            text = withholding.masked(str(value)) if self.is_withheld else str(value)
            text = defuse(printable(text))[:LONGEST_TEXT]
            self.sheet.write_string(self.row, column, text, style)

    def _number(self, column, value, style):
        """Whole numbers beyond 15 digits lose their last digits as numbers, so they are written as text."""
        if isinstance(value, int) and abs(value) >= 10**15:
            self.sheet.write_string(self.row, column, str(value), style)
        else:
            self.sheet.write_number(self.row, column, value, style)


def write_workbook(file, title, headers, rows, *, widths=()):
    """Write `rows` (any iterable) under `headers` as .xlsx into the binary `file`."""
    with SheetWriter(file, title, headers, widths=widths) as writer:
        for row in rows:
            writer.write(row)


def write_rejected(file, headers, rows):
    """Workbook of the rows that were not taken: the original cells as they stood, then 「问题原因」.

    `rows` yields (cells, reason). The sheet can be mended and uploaded again as it is.
    """
    columns = [str(header or "") for header in headers]
    if REASON not in columns:
        columns.append(REASON)
    place = columns.index(REASON)
    with SheetWriter(file, "未导入的行", columns) as writer:
        writer.sheet.set_column(place, place, 60)
        for cells, reason in rows:
            writer.write_with_reason(cells, reason, place)


def csv_lines(headers, rows):
    """The lines of a CSV file (UTF-8 with BOM, every text cell defused), one string per row."""
    yield BOM + _csv_line(headers)
    for row in rows:
        yield _csv_line(row)


def _csv_line(row):
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow([_csv_cell(cell) for cell in row])
    return buffer.getvalue()


def _csv_cell(value):
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (date, datetime)):
        return (
            value.isoformat(sep=" ", timespec="minutes") if isinstance(value, datetime) else value.isoformat()
        )
    return defuse(printable(value))
