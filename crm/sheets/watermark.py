"""水印: who took a workbook out of the system, and when; on every printed page and on a sheet of its own."""

from crm.sheets.safe_cells import defuse, printable
from crm.workdays import SHANGHAI

TITLE = "导出信息"
LONGEST = 255  # characters Excel allows at the foot of a page


def watermark(by, at):
    """「张三（半山区块专班）2026-04-20 10:30 导出」 of a person and a moment."""
    unit = f"（{by.unit}）" if by.unit_id else ""
    return f"{by}{unit}{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} 导出"


def put(book, sheet, mark):
    """Write `mark` at the foot of the pages of `sheet` in a workbook being made, and on a sheet of its own
    behind it, so that reading the first sheet back gives the rows and nothing else."""
    sheet.set_footer(f"&C{mark.replace('&', '&&')}"[:LONGEST])
    book.add_worksheet(TITLE).write_string(0, 0, defuse(printable(mark)))
