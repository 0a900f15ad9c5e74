"""From bytes to rows with true numbers, from rows to a header, data and what is no data."""

from datetime import date, datetime

import openpyxl
import pytest
import xlsxwriter

from crm.sheets import reader
from crm.sheets.header import Column, find_header, read_header
from crm.sheets.reader import Row, Sheet
from crm.sheets.refusals import BadSheet
from crm.sheets.table import find_table, take_apart
from tests.old_sheets import old_workbook

COLUMNS = (
    Column("number", "序号", "编号", is_ignored=True),
    Column("name", "企业名称", "公司名称 企业 企业全称", is_required=True),
    Column("contact", "联系人", "姓名"),
    Column("phone", "联系电话", "电话 手机"),
    Column("amount", "拟投资额", "投资额 总投资"),
    Column("area", "需求面积", "面积", refused_units=("亩",)),
    Column("day", "对接日期", "日期"),
    Column("next", "下次联系日期"),
)


@pytest.fixture
def book(tmp_path):
    """Write a workbook with the given function and read it back."""

    def make(write, name="名单.xlsx"):
        path = tmp_path / "book"
        with xlsxwriter.Workbook(path) as workbook:
            write(workbook)
        return reader.read(path, name)

    return make


@pytest.fixture
def text(tmp_path):
    """Read these bytes as a CSV file."""

    def read(content):
        path = tmp_path / "text"
        path.write_bytes(content)
        return reader.read(path, "名单.csv")[0].rows

    return read


def sheet(*rows):
    """A sheet with these rows from row 1 on; None is an empty row."""
    return Sheet("表", [Row(number, list(cells)) for number, cells in enumerate(rows, start=1) if cells])


def header_of(*cells):
    return read_header(1, list(cells), COLUMNS)


def test_rows_and_columns_keep_their_true_places(book):
    def write(workbook):
        page = workbook.add_worksheet()
        page.write_row(4, 2, ["企业名称", "联系人"])
        page.write_row(7, 2, ["甲公司", "沈一舟"])

    rows = book(write)[0].rows
    assert rows == [Row(5, [None, None, "企业名称", "联系人"]), Row(8, [None, None, "甲公司", "沈一舟"])]


def test_cells_come_as_text_numbers_dates_and_truth(book):
    def write(workbook):
        page = workbook.add_worksheet()
        page.write_row(0, 0, ["a", 1.5, 13287530409])
        page.write_datetime(0, 3, date(2026, 3, 1), workbook.add_format({"num_format": "yyyy/m/d"}))
        page.write_datetime(
            0, 4, datetime(2026, 3, 1, 9, 30), workbook.add_format({"num_format": "yyyy/m/d hh:mm"})
        )
        page.write_boolean(0, 5, True)
        page.write_string(0, 6, "=1+1")
        page.write_formula(0, 7, "=1+1", None, 2)

    cells = book(write)[0].rows[0].cells
    assert cells == ["a", 1.5, 13287530409, date(2026, 3, 1), datetime(2026, 3, 1, 9, 30), True, "=1+1", 2]


def test_hidden_and_empty_sheets_are_left_out(book):
    def write(workbook):
        workbook.add_worksheet("空")
        hidden = workbook.add_worksheet("隐藏")
        hidden.write(0, 0, "x")
        hidden.hide()
        workbook.add_worksheet("名单").write(0, 0, "企业名称")

    assert [one.name for one in book(write)] == ["名单"]


def test_a_workbook_without_content_says_so(book):
    with pytest.raises(BadSheet, match="没有内容"):
        book(lambda workbook: workbook.add_worksheet())


def test_cells_merged_downwards_have_the_value_in_every_row(book):
    def write(workbook):
        page = workbook.add_worksheet()
        page.write_row(0, 0, ["企业名称", "城市"])
        page.merge_range(1, 1, 3, 1, "苏州")
        for row, name in enumerate(("甲", "乙", "丙", "丁"), start=1):
            page.write(row, 0, name)

    assert [row.cells for row in book(write)[0].rows[1:]] == [
        ["甲", "苏州"],
        ["乙", "苏州"],
        ["丙", "苏州"],
        ["丁"],
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_files_in_every_encoding_and_with_every_delimiter(text, encoding, delimiter):
    lines = [
        ["企业名称", "拟投资额", "情况"],
        ["杭州镕芯有限公司", '"1,200 万元"', "有意; 来杭"],
        [],
        ["乙", "300", ""],
    ]
    if delimiter == ";":
        lines[1][2] = '"有意; 来杭"'
    content = "\r\n".join(delimiter.join(line) for line in lines).encode(encoding)
    assert text(content) == [
        Row(1, ["企业名称", "拟投资额", "情况"]),
        Row(2, ["杭州镕芯有限公司", "1,200 万元", "有意; 来杭"]),
        Row(4, ["乙", "300"]),
    ]


def test_a_line_break_inside_a_text_cell_is_no_new_row(text):
    assert text('企业名称,情况\n甲,"第一行\n第二行"\n乙,x\n'.encode())[2] == Row(3, ["乙", "x"])


def test_the_delimiter_that_excel_names_is_taken(text):
    assert text("sep=;\n企业名称;金额\n甲,乙;3\n".encode()) == [
        Row(1, ["企业名称", "金额"]),
        Row(2, ["甲,乙", "3"]),
    ]


def test_text_in_no_known_encoding_is_refused(text):
    with pytest.raises(BadSheet, match="编码"):
        text("企业名称\n".encode() + b"\xff\xff\xff\n")


def test_a_quote_that_nobody_closes_is_refused_and_one_inside_a_cell_is_none(text):
    with pytest.raises(BadSheet, match="引号不成对"):
        text('企业名称,电话\n"甲公司,1\n乙公司,2\n丙公司,3\n'.encode())
    rows = text('企业名称,需求\n甲公司,15" 屏\n"乙""公司",2\n'.encode())
    assert [row.cells for row in rows[1:]] == [["甲公司", '15" 屏'], ['乙"公司', "2"]]


def test_too_many_rows_or_columns_of_text_are_refused(text):
    with pytest.raises(BadSheet, match="200000 行"):
        text(b"a,b\n" + b"\n" * 200_000 + b"c,d\n")
    with pytest.raises(BadSheet, match="200 列"):
        text(b"," * 200 + b"x\n")


@pytest.mark.parametrize(
    "written, key, unit",
    [
        ("企业名称", "name", ""),
        (" 企 业\n名 称 * ", "name", ""),
        ("企业全称（与营业执照一致）", "name", ""),
        ("联 系 人", "contact", ""),
        ("联系\n电话", "phone", ""),
        ("企业联系电话", "phone", ""),
        ("拟投资额（万元）", "amount", "万元"),
        ("拟投资额(单位：亿元)", "amount", "亿元"),
        ("拟投资额/元", "amount", "元"),
        ("拟投资额万元", "amount", "万元"),
        ("投资额【人民币万元】", "amount", "万元"),
        ("总投资（万美元）", "amount", "万美元"),
        ("2026年拟投资额（亿元）", "amount", "亿元"),
        ("需求面积(㎡)", "area", "㎡"),
        ("面积（平方米）", "area", "㎡"),
        ("ＮＯ对接日期", "day", ""),
        ("下次联系日期", "next", ""),
    ],
)
def test_headers_are_known_by_spaces_units_and_endings(written, key, unit):
    header = header_of(written)
    assert {found: place.unit for found, place in header.columns.items()} == {key: unit}


@pytest.mark.parametrize("written", ["我方联系人", "法定代表人", "需求面积（亩）", "成立日期啊", "行业"])
def test_headers_that_mean_something_else_stay_unknown(written):
    header = header_of("企业名称", written)
    assert list(header.columns) == ["name"]
    assert header.unknown == [written.replace("（", "(").replace("）", ")")]


def test_the_proper_name_of_a_column_goes_before_its_other_names():
    header = header_of("日期", "对接日期", "姓名", "联系人", "企业名称")
    assert (header.columns["day"].index, header.columns["contact"].index) == (1, 3)
    assert header.unknown == ["日期", "姓名"]
    assert [column.key for column in header.missing] == ["phone", "amount", "area", "next"]


def test_the_header_is_found_below_any_number_of_title_rows():
    titles = [
        ("2026年企业对接情况",),
        ("填报单位：驻深工作站", None, "联系人：沈一舟"),
        None,
        ("企业名称汇总",),
    ]
    rows = sheet(*titles, ("序号", "企业名称", "联系人", "电话"), (1, "甲公司")).rows
    assert find_header(rows, COLUMNS).row == 5


def test_the_second_row_of_a_merged_header_is_the_header():
    top = ("序号", "企业名称", "联系方式", None)
    below = ("序号", "企业名称", "姓名", "电话")
    assert find_header(sheet(top, below, (1, "甲公司")).rows, COLUMNS).row == 2
    assert find_header(sheet(below, below, (1, "甲公司")).rows, COLUMNS).row == 2


def test_names_over_cells_that_were_not_merged_belong_to_the_header():
    top = ("序号", "企业信息", None, "联系方式", None, "拟投资额", "面积")
    below = (None, "企业名称", "下次联系日期", "联系人", "联系电话", "（亿元）", None)
    table = take_apart(sheet(("名单",), top, below, (1, "甲公司", None, "沈一舟", None, 3)), COLUMNS, "name")
    assert {key: found.index for key, found in table.header.columns.items()} == {
        "name": 1, "next": 2, "contact": 3, "phone": 4, "amount": 5, "area": 6, "number": 0,
    }  # fmt: skip
    assert table.unit("amount") == "亿元"
    assert [row.number for row in table.rows] == [4]


@pytest.mark.parametrize("below", [(None, None, "（亿元）"), ("企业名称", "联系人", "亿元")])
def test_a_unit_that_stands_alone_below_its_header_counts(below):
    rows = sheet(("企业名称", "联系人", "拟投资额"), below, ("甲公司", "沈一舟", 3))
    table = take_apart(rows, COLUMNS, "name")
    assert table.unit("amount", "万元") == "亿元"
    assert [row.number for row in table.rows] == [3]


def test_finer_names_below_a_group_title_belong_to_the_header():
    rows = sheet(("企业名称", "对接人", None), (None, "联系人", "联系电话"), ("甲公司", "沈一舟", "0571"))
    table = take_apart(rows, COLUMNS, "name")
    assert (table.header.columns["contact"].index, table.header.columns["phone"].index) == (1, 2)
    assert [row.number for row in table.rows] == [3]


def test_a_row_with_gaps_below_the_header_stays_data():
    rows = sheet(("企业名称", "联系人", "备考"), ("甲公司", None, "万元"), (None, None, "乙"))
    table = take_apart(rows, COLUMNS, "name")
    assert [row.number for row in table.rows] == [2, 3]


def test_a_stacked_header_is_read_as_the_person_said_before():
    top, below = ("企业名称", "情况", None), (None, None, "联系人")
    chosen = {("企业名称", "情况", "联系人"): {"0": "name", "1": "contact"}}
    header = find_header(sheet(top, below, ("甲公司", "沈一舟", "x")).rows, COLUMNS, chosen)
    assert (header.row, header.columns["contact"].index) == (2, 1)


def test_a_bare_list_of_names_is_a_sheet_too():
    assert [row.number for row in take_apart(sheet(("企业名称",), ("甲公司",)), COLUMNS, "name").rows] == [2]


def test_a_sheet_without_the_required_column_says_which_row_came_near():
    with pytest.raises(BadSheet, match="第 2 行像是表头，但缺少「企业名称」"):
        find_header(sheet(("名单",), ("序号", "联系人", "电话"), (1, "沈一舟")).rows, COLUMNS)
    with pytest.raises(BadSheet, match="没有找到表头"):
        find_header(sheet(("随便", "写写")).rows, COLUMNS)


def test_totals_notes_signatures_and_numbers_alone_are_no_data():
    table = take_apart(
        sheet(
            ("序号", "企业名称", "联系人", "拟投资额"),
            (1, "合计软件有限公司", "沈一舟", 300),
            ("一、苏州",),
            (None, "二、某某科技有限公司"),
            (None, "*某某智能有限公司"),
            (2, None, "陆知白"),
            (3,),
            ("序号", "企业名称", "联系人", "拟投资额"),
            ("示例", "某某公司", "某人", 1),
            (4, "注意力科技有限公司"),
            ("小 计", None, None, 300),
            (None, "1、某某影像有限公司"),
            (None, "总计：4家", None, 300),
            ("注：1.没有写单位的按万元计",),
            ("2.其他见附件",),
            ("填表人：沈一舟", None, None, "审核人：陆知白"),
        ),
        COLUMNS,
        "name",
    )
    assert [row.number for row in table.rows] == [2, 4, 5, 6, 10, 12]
    assert [number for number, _ in table.skipped] == [3, 7, 8, 9, 11, 13, 14, 15, 16]
    assert table.set_aside[0] == (3, "分组标题", "一、苏州")
    assert [number for number, *_ in table.set_aside] == [3, 7, 9, 11, 13, 14, 15, 16]


def test_notes_and_signatures_behind_the_column_of_numbers_are_no_company():
    table = take_apart(
        sheet(
            ("序号", "企业名称", "联系人", "拟投资额"),
            (1, "小计量科技有限公司", "沈一舟", 300),
            (None, "深圳小计", None, 300),
            (2, "备注互动科技有限公司"),
            ("备注：", "1. 拟投资额为初步估计；以实际签约为准。"),
            (None, "其余企业待接洽后补报。"),
            ("填表人：", "沈一舟", "审核人：", "陆知白"),
        ),
        COLUMNS,
        "name",
    )
    assert [row.number for row in table.rows] == [2, 4]


@pytest.mark.parametrize(
    "title, head, note, unit",
    [
        ("名单", "拟投资额（亿元）", "注：没有写单位的按万元计", "亿元"),
        ("名单（单位：亿元）", "拟投资额", "注：", "亿元"),
        ("填报单位：元亨公司", "拟投资额", "注：", "万元"),
        ("名单", "拟投资额", "注：金额未注明的均按亿元计。", "亿元"),
    ],
)
def test_the_unit_of_bare_numbers_comes_from_header_title_or_note(title, head, note, unit):
    table = take_apart(sheet((title,), ("企业名称", head), ("甲公司", 3), (note,)), COLUMNS, "name")
    assert table.unit("amount", "万元") == unit


def test_the_sheet_that_has_the_header_is_taken():
    sheets = [sheet(("填写说明",)), sheet(("企业名称", "联系人"), ("甲公司", "沈一舟"))]
    assert find_table(sheets, COLUMNS, "name").rows[0].cells[0] == "甲公司"


def test_the_other_tables_of_a_workbook_are_told():
    head = ("企业名称", "联系人")
    more = Sheet("苏州", sheet(head, ("乙公司", "顾安"), ("丙公司",)).rows)
    table = find_table([sheet(head, ("甲公司",)), sheet(("填写说明",)), more], COLUMNS, "name")
    assert [row.cells[0] for row in table.rows] == ["甲公司"]
    assert table.unread == {"苏州": 2}


def test_hidden_rows_are_read_and_told_apart(book):
    def write(workbook):
        workbook.add_worksheet("空的")
        page = workbook.add_worksheet("名单")
        for number, text in enumerate(("企业名称", "甲公司", "乙公司", "丙公司")):
            page.write(number, 0, text)
        page.set_row(2, None, None, {"hidden": True})

    assert [row.is_hidden for row in book(write)[0].rows] == [False, False, True, False]


def test_a_formula_without_its_result_stands_as_written_and_one_with_it_as_its_result(tmp_path, book):
    """A program writes formulas that nothing has calculated: such a cell is not empty."""
    written = openpyxl.Workbook()
    for cells in (("企业名称", "拟投资额"), ("甲公司", '=1+IF("a"<>"b",2)'), ("=A2", 3)):
        written.active.append(cells)
    written.save(tmp_path / "book")
    rows = reader.read(tmp_path / "book", "名单.xlsx")[0].rows
    assert [row.cells for row in rows[1:]] == [["甲公司", '=1+IF("a"<>"b",2)'], ["=A2", 3]]

    def calculated(workbook):
        page = workbook.add_worksheet("名单")
        page.write_row(0, 0, ("企业名称", "拟投资额"))
        page.write_formula(1, 0, '="甲"&"公司"', None, "甲公司")
        page.write_formula(1, 1, "=1+2", None, 3)

    assert book(calculated)[0].rows[1].cells == ["甲公司", 3]


def test_a_header_without_rows_below_is_refused():
    with pytest.raises(BadSheet, match="下面没有数据"):
        find_table([sheet(("企业名称", "联系人"))], COLUMNS, "name")


def test_an_old_workbook_is_read(tmp_path):
    path = tmp_path / "old.xls"
    path.write_bytes(old_workbook([[], [], [None, "NAME"], ["企业"]]))
    assert reader.read(path, "old.xls")[0].rows == [Row(3, [None, "NAME"]), Row(4, ["企业"])]
