"""A table without a header: its first row is data, and a person says by its place what each column is."""

from typing import NamedTuple

from crm.sheets.header import chosen_header
from crm.sheets.likely import first_lines
from crm.values import plain

ROW = 0  # the number of the header row of a table that has none


class Bare(NamedTuple):
    """What a person said: `first` are the texts of the first row, by which the sheet is known again, and
    `mapping` is {0-based place as text: key of a column or ""}."""

    first: list
    mapping: dict


def names(width):
    """What the columns are called while nobody has named them: 第1列, 第2列 …"""
    return [f"第{place}列" for place in range(1, width + 1)]


def width(lines):
    """The number of columns of the first rows, [(number, texts)]."""
    return max((len(texts) for _, texts in lines), default=0)


def begins(lines):
    """The number of the first row of data among [(number, cells)].

    Above a table stand titles, of one cell each; a list of one column begins with its first row.
    """
    filled = [(number, _filled(cells)) for number, cells in lines]
    several = [number for number, cells in filled if cells > 1]
    is_table = len(several) > sum(cells == 1 for _, cells in filled)
    return several[0] if is_table else next((number for number, cells in filled if cells), ROW)


def _filled(cells):
    return sum(bool(plain(cell)) for cell in cells if cell is not None)


def bare_header(rows, columns, bare):
    """The Header of a sheet that was said to have none; None for every other sheet."""
    lines = first_lines(rows)
    if bare is None or not lines or list(lines[0][1]) != list(bare.first):
        return None
    return chosen_header(ROW, names(max(len(row.cells) for row in rows)), columns, bare.mapping)
