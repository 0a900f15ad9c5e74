"""What we write never runs: no formula, no link, and it comes back as it was."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest

from crm.sheets import reader
from crm.sheets.safe_cells import defuse, undefuse
from crm.sheets.template import write_template
from crm.sheets.watermark import watermark
from crm.sheets.writer import REASON, SheetWriter, csv_lines, write_rejected, write_workbook

SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﹢")
BEFORE = ("", " ", "\u3000", "\t", "\r", "\n", "\u200b", "\ufeff", " \u200b ", "'", "''")
DANGERS = [f"{before}{sign}1+1" for before in BEFORE for sign in SIGNS] + [
    '=HYPERLINK("http://example.com","x")',
    "=cmd|' /C calc'!A0",
    "{=1+1}",
    "@SUM(1+1)深圳望川有限公司",
    "\tx",
    "\rx",
    "\nx",
    "-",
    "+86 13287530409",
]
HARMLESS = [
    "杭州望川有限公司",
    "http://example.com",
    "a=b",
    "3-5",
    "",
    "'引号'",
    "2026-03-13",
    "x@example.com",
    "_x0041_",
]


def rows_of(content):
    return openpyxl.load_workbook(io.BytesIO(content)).active


def written(*rows, headers=("甲", "乙", "丙")):
    file = io.BytesIO()
    write_workbook(file, "表", headers, rows)
    return file.getvalue()


@pytest.mark.parametrize("text", DANGERS)
def test_defusing_is_undone_exactly(text):
    assert undefuse(defuse(text)) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_is_left_alone(text):
    assert defuse(text) == undefuse(text) == text


def test_no_cell_of_a_workbook_is_a_formula_or_a_link():
    page = rows_of(written(*[[text] for text in DANGERS + HARMLESS]))
    cells = [row[0] for row in page.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    assert [cell for cell in cells if cell.hyperlink] == []
    assert [cell.value for cell in cells if str(cell.value or "").lstrip()[:1] in SIGNS] == []


def test_a_workbook_comes_back_as_it_was(tmp_path):
    path = tmp_path / "back.xlsx"
    texts = [text for text in DANGERS + HARMLESS if text]
    path.write_bytes(written(*[[text] for text in texts]))
    back = [undefuse(row.cells[0]) for row in reader.read(path)[0].rows[1:]]
    assert back == texts


def test_numbers_and_dates_stay_numbers_and_dates():
    page = rows_of(
        written([-5, Decimal("1200.50"), date(2026, 3, 1)], [True, 10**17, datetime(2026, 3, 1, 9, 30)])
    )
    assert [cell.value for cell in page[2]] == [-5, 1200.5, datetime(2026, 3, 1)]
    assert [cell.value for cell in page[3]] == ["是", str(10**17), datetime(2026, 3, 1, 9, 30)]


def test_characters_that_xml_cannot_carry_are_dropped_before_defusing():
    assert rows_of(written(["\x00=1+1", "a\x0bb\ud800", None]))[2][0].value == "'=1+1"


def test_csv_cells_are_defused_and_start_with_a_quote():
    lines = "".join(csv_lines(["甲", "=乙"], [[text, -5] for text in DANGERS]))
    assert lines.startswith("\ufeff")
    parsed = list(csv.reader(io.StringIO(lines.removeprefix("\ufeff"), newline="")))
    assert parsed[0] == ["甲", "'=乙"]
    assert {cell[:1] for cell, _ in parsed[1:] if cell != "{=1+1}"} == {"'"}
    assert {number for _, number in parsed[1:]} == {"-5"}
    assert [undefuse(cell) for cell, _ in parsed[1:]] == DANGERS


def test_csv_writes_values_as_people_read_them():
    line = list(csv_lines([], [[Decimal("1E+3"), date(2026, 3, 1), datetime(2026, 3, 1, 9), True, None]]))[1]
    assert line == "1000,2026-03-01,2026-03-01 09:00,是,\r\n"


def test_rejected_rows_keep_their_cells_and_say_why():
    file = io.BytesIO()
    headers = ["序号", None, "拟投资额（万元）"]
    write_rejected(file, headers, [([1.0, "=甲", "约一亿"], "拟投资额：看不出"), ([2.0], "企业名称：没有填")])
    page = rows_of(file.getvalue())
    assert [cell.value for cell in page[1]] == ["序号", None, "拟投资额（万元）", REASON]
    assert [cell.value for cell in page[2]] == [1, "'=甲", "约一亿", "拟投资额：看不出"]
    assert [cell.value for cell in page[3]] == [2, None, None, "企业名称：没有填"]


def test_a_mended_and_again_rejected_row_has_one_reason():
    file = io.BytesIO()
    write_rejected(file, ["企业名称", REASON, "城市"], [(["甲", "旧原因", "苏州"], "新原因")])
    assert [cell.value for cell in rows_of(file.getvalue())[2]] == ["甲", "新原因", "苏州"]


def test_a_template_marks_its_sample_and_explains_itself():
    file = io.BytesIO()
    write_template(file, "表", ["序号", "企业名称*"], ["", "=某公司"], ["说明一"], text_columns=[1])
    page = rows_of(file.getvalue())
    assert [cell.value for cell in page[2]] == ["示例", "'=某公司"]
    assert openpyxl.load_workbook(file)["填写说明"]["A1"].value == "说明一"


def test_the_watermark_stands_on_every_printed_page_and_behind_the_rows(owner):
    file, mark = io.BytesIO(), watermark(owner, datetime(2026, 4, 20, 2, 30, tzinfo=UTC))
    assert mark == f"{owner.name}（{owner.unit.name}）2026-04-20 10:30 导出"
    with SheetWriter(
        file, "线索", ["企业"], created=datetime(2026, 4, 20, 10, 30), mark=f"A&B {mark}"
    ) as sheet:
        sheet.write(["杭州望川有限公司"])
    book = openpyxl.load_workbook(file)
    assert book.properties.description == f"A&B {mark}"
    assert book.active.oddFooter.center.text == f"A&&B {mark}"
    assert [row[0].value for row in book.active] == ["企业", "杭州望川有限公司"]
    assert [row[0].value for row in book["导出信息"]] == [f"A&B {mark}"]
