"""Blank workbooks for download: headers, one sample row that is never imported, and how to fill them in."""

import xlsxwriter

from crm.sheets.safe_cells import defuse
from crm.sheets.writer import OPTIONS

SAMPLE_MARK = "示例"


def write_template(file, title, headers, sample, notes, *, text_columns=()):
    """Write the template into the binary `file`.

    `headers` and `sample` are equally long, the first header is 序号 (the sample row carries 示例 there);
    `text_columns` are 0-based columns formatted as text (codes, telephone numbers); `notes` are the lines
    of a second sheet.
    """
    with xlsxwriter.Workbook(file, OPTIONS) as book:
        head = book.add_format({"bold": True, "bg_color": "#E8EEF5", "border": 1, "text_wrap": True})
        grey = book.add_format({"font_color": "#667085", "italic": True, "num_format": "@"})
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(title)
        sheet.freeze_panes(1, 1)
        for column, header in enumerate(headers):
            width = max(10, 2 * len(header) + 4)
            sheet.set_column(column, column, width, text if column in text_columns else None)
        _row(sheet, 0, headers, head)
        _row(sheet, 1, [SAMPLE_MARK, *sample[1:]], grey)
        _explain(book, notes)


def _row(sheet, number, cells, style):
    for column, cell in enumerate(cells):
        sheet.write_string(number, column, defuse(cell), style)


def _explain(book, notes):
    sheet = book.add_worksheet("填写说明")
    sheet.set_column(0, 0, 100)
    for number, line in enumerate(notes):
        sheet.write_string(number, 0, defuse(line))
