"""A roadshow sheet of our own, with every trap, is judged row by row as its maker expects."""

import random
import time
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from crm.sheets.header import read_header
from crm.sheets.refusals import BadSheet
from crm.sheets.writer import csv_lines, write_rejected
from leads.sheet_columns import COLUMNS, write_roadshow_template
from leads.sheet_rows import Known, NothingKnown, check_sheet, from_json, to_json
from tests import make_sheets

TODAY = date(2026, 4, 20)


class OnFile:
    """An existing stock of companies that counts how often it is asked."""

    def __init__(self, *known):
        self.known, self.questions = known, 0

    def by_uscc(self, codes):
        self.questions += 1
        return {one.uscc: one for one in self.known if one.uscc in codes}

    def by_key(self, keys):
        self.questions += 1
        return {key: [one for one in self.known if key in one.name] for key in keys}


@pytest.fixture
def check(tmp_path):
    """Write a made sheet, read it, judge it."""

    def run(made, existing=None, **layout):
        path = tmp_path / "sheet.xlsx"
        make_sheets.write(path, made, **layout)
        return check_sheet(path, "对接表.xlsx", existing or NothingKnown(), today=TODAY)

    return run


@pytest.fixture
def verdicts(check):
    """The verdicts on a sheet with just these rows, below one title row."""

    def run(*rows, existing=None, headers=make_sheets.HEADERS):
        made = make_sheets.MadeSheet(rows=list(rows), headers=headers, titles=(["名单"],))
        return check(made, existing).verdicts

    return run


def facts(one):
    """A verdict in the words of the maker's expectations."""
    values = one.values
    return {
        "row": one.row,
        "verdict": one.verdict,
        "of_row": one.of_row,
        "field": one.field,
        "amount_wan": values["amount_wan"],
        "met_on": values["met_on"] and values["met_on"].isoformat(),
        "uscc": values["uscc"],
        "names_character": "O" if "字母 O" in one.reason else "",
    }


def assert_as_expected(checked, made):
    assert len(checked.verdicts) == len(made.expected)
    for one, expected in zip(checked.verdicts, made.expected, strict=True):
        found = facts(one)
        assert {key: found[key] for key in expected} == expected, one.reason


@pytest.mark.parametrize(
    ("header", "cell", "person"),
    [
        ("联系人 / 职务", "王一鸣 总经理", ("王一鸣", "总经理", "")),
        ("联系人（职务）", "刘岚（副总裁）", ("刘岚", "副总裁", "")),
        ("联系人及职务", "John Smith/CEO", ("John Smith", "CEO", "")),
        ("联系人及职务", "张三、李四", ("张三、李四", "", "")),
        ("联系人及联系方式", "王一鸣 138 0000 1001", ("王一鸣", "", "13800001001")),
        ("姓名、职务、电话", "赵六，招商总监，0755-12345678", ("赵六", "招商总监", "0755-12345678")),
        ("企业联系人与电话", "", ("", "", "")),
    ],
)
def test_a_contact_that_stands_in_one_cell_is_taken_apart(verdicts, header, cell, person):
    headers = (("name", "企业名称"), ("who", header))
    values = verdicts({"name": "甲乙丙科技有限公司", "who": cell}, headers=headers)[0].values
    assert (values["contact_name"], values["contact_title"], values["contact_phone"]) == person


def test_a_column_of_its_own_is_not_taken_out_of_the_cell_of_the_contact(verdicts):
    headers = (("name", "企业名称"), ("who", "联系人/职务/电话"), ("phone", "手机"))
    row = {"name": "甲乙丙科技有限公司", "who": "王一鸣 总经理", "phone": "13800001001"}
    values = verdicts(row, headers=headers)[0].values
    assert (values["contact_title"], values["contact_phone"]) == ("总经理", "13800001001")


def test_every_trap_is_judged_as_expected(check):
    made = make_sheets.sheet()
    checked = check(made)
    assert checked.table.header.row == 3
    assert [number for number, _ in checked.table.skipped] == made.not_data()
    assert_as_expected(checked, made)
    assert checked.counts() == {"new": 47, "duplicate": 1, "suspected": 1, "error": 8}


@pytest.mark.parametrize("seed", range(6))
def test_any_seed_columns_order_and_number_of_titles(check, seed):
    rng = random.Random(seed)
    headers = rng.sample(make_sheets.HEADERS, len(make_sheets.HEADERS)) + [("extra", "内部编码")]
    titles = tuple([f"标题{n}"] for n in range(seed))
    made = make_sheets.sheet(seed=seed, headers=tuple(headers), titles=titles)
    checked = check(made)
    assert checked.table.header.row == seed + 1
    assert checked.table.header.unknown == ["内部编码"]
    assert_as_expected(checked, made)


def test_missing_optional_columns_leave_their_values_unknown(check):
    made = make_sheets.sheet(
        headers=(("name", "公司名称"), ("met_on", "拜访时间")), titles=(), traps=(), plain_rows=3
    )
    checked = check(made)
    assert [one.verdict for one in checked.verdicts] == ["new"] * 3
    assert checked.verdicts[0].values["amount_wan"] is None
    assert checked.verdicts[0].values["uscc"] == ""
    assert "amount" in [column.key for column in checked.table.header.missing]


def test_bare_numbers_take_the_unit_of_the_header(verdicts):
    headers = (("name", "企业名称"), ("amount", "投资额（亿元）"))
    rows = [
        {"name": f"苏州栖岸{n}有限公司", "amount": a} for n, a in enumerate((1.2, "0.5", "800万", "面议"))
    ]
    found = [one.values["amount_wan"] for one in verdicts(*rows, headers=headers)]
    assert found == [Decimal(12000), Decimal(5000), Decimal(800), None]


def test_equal_codes_are_one_company_whatever_the_names(verdicts):
    code = "91330105MADEMQ012G"
    first, second = verdicts(
        {"name": "甲芯有限公司", "uscc": code}, {"name": "乙芯有限公司", "uscc": code.lower()}
    )
    assert (first.verdict, second.verdict, second.of_row) == ("new", "duplicate", 3)
    assert "甲芯有限公司" in second.reason


def test_different_codes_are_two_companies_whatever_the_names(verdicts):
    codes = ("91330105MADEMQ012G", "91440300MA5DEMQ0X8")
    first, second = verdicts(*({"name": "甲芯有限公司", "uscc": code} for code in codes))
    assert (first.verdict, second.verdict) == ("new", "new")
    assert "信用代码不同" in second.hints[0]


@pytest.mark.parametrize(
    "codes", [(None, None), ("91330105MADEMQ012G", None), (None, "91330105MADEMQ012G"), ("待补", "/")]
)
def test_one_name_with_a_code_missing_is_suspected(verdicts, codes):
    names = ("杭州甲芯（中国）有限公司", "杭州甲芯中国有限责任公司 ")
    first, second = verdicts(*({"name": name, "uscc": code} for name, code in zip(names, codes, strict=True)))
    assert (first.verdict, second.verdict, second.of_row) == ("new", "suspected", 3)


def test_a_third_row_is_compared_with_all_above(verdicts):
    one, other = "91330105MADEMQ012G", "91440300MA5DEMQ0X8"
    found = verdicts(
        {"name": "甲芯有限公司", "uscc": None},
        {"name": "甲芯有限公司", "uscc": one},
        {"name": "甲芯有限公司", "uscc": one},
        {"name": "甲芯有限公司", "uscc": other},
    )
    assert [(v.verdict, v.of_row) for v in found] == [
        ("new", None), ("suspected", 3), ("duplicate", 4), ("suspected", 3)
    ]  # fmt: skip


def test_a_row_with_an_error_is_nobodys_original_but_is_hinted_at(verdicts):
    code = "91330105MADEMQ012G"
    first, second = verdicts(
        {"name": "甲芯有限公司", "uscc": code, "met_on": "尽快"}, {"name": "甲芯有限公司", "uscc": code}
    )
    assert (first.verdict, first.field, second.verdict) == ("error", "met_on", "new")
    assert "第 3 行" in second.hints[0]


def test_all_problems_of_a_row_are_listed_and_the_first_names_the_field(verdicts):
    (one,) = verdicts(
        {"uscc": "9132O", "amount": "1-2亿", "met_on": "尽快", "contact_phone": "123", "area": "3亩"}
    )
    assert one.verdict == "error"
    assert one.field == "name"
    assert [p.field for p in one.problems] == ["name", "uscc", "contact_phone", "amount", "met_on", "area"]
    assert all(
        label in one.reason
        for label in ("企业名称：", "拟投资额：", "对接日期：", "联系电话：", "需求面积：")
    )


def test_what_is_on_file_is_asked_for_twice_and_decides_like_a_row_above(verdicts):
    code, other = "91330105MADEMQ012G", "91440300MA5DEMQ0X8"
    existing = OnFile(
        Known("旧名", code, 7, "线索「旧名」（半山区块）"),
        Known("甲芯", other, 8),
        Known("乙芯", "", 9, "首报告知"),
    )
    found = verdicts(
        {"name": "新名有限公司", "uscc": code},
        {"name": "甲芯有限公司", "uscc": "91310000MA1DEMQ029"},
        {"name": "甲芯有限公司", "uscc": None},
        {"name": "乙芯有限公司", "uscc": "91330000755918469E"},
        existing=existing,
    )
    assert [one.verdict for one in found] == ["duplicate", "new", "suspected", "suspected"]
    assert [one.known and one.known.lead_id for one in found] == [7, None, 8, 9]
    assert "线索「旧名」（半山区块）" in found[0].reason
    assert existing.questions == 2


def test_text_that_looks_like_a_formula_is_kept_exactly(verdicts):
    names = [
        "=cmd|' /C calc'!A0苏州栖岸有限公司",
        "@SUM(1+1)苏州澄明有限公司",
        "+苏州若木有限公司",
        "-苏州千帆有限公司",
    ]
    found = verdicts(*({"name": name, "content": name} for name in names))
    assert [one.values["name"] for one in found] == names
    assert [one.values["content"] for one in found] == names
    assert {one.verdict for one in found} == {"new"}


def test_doubts_are_hints_and_change_nothing(verdicts):
    first, second = verdicts(
        {"name": "苏州栖岸科技有限公司", "met_on": "2026-12-01", "amount": "200亿"},
        {"name": "苏州栖岸技术有限公司"},
    )
    assert (first.verdict, second.verdict) == ("new", "new")
    assert any("今天之后" in hint for hint in first.hints)
    assert any("100 亿元" in hint for hint in first.hints)
    assert "第 3 行" in second.hints[0]


def test_a_zero_is_no_blank_and_pointed_out(verdicts):
    (nothing,) = verdicts({"name": "苏州栖岸科技有限公司", "amount": 0})
    assert (nothing.verdict, nothing.values["amount_wan"]) == ("new", 0)
    assert "没谈到请留空" in nothing.hints[0]


def test_ditto_is_what_stands_in_the_row_above(verdicts):
    first, second, third = verdicts(
        {
            "name": "苏州栖岸科技有限公司",
            "contact_name": "沈一舟",
            "contact_phone": "13287530409",
            "city": "苏州",
        },
        {"name": "苏州澄明影像有限公司", "contact_name": "同上", "contact_phone": "〃", "city": "同 上"},
        {"name": "苏州若木芯片有限公司", "contact_name": "同上", "content": "同上"},
    )
    assert (second.values["contact_name"], second.values["contact_phone"]) == ("沈一舟", "13287530409")
    assert (second.values["city"], second.cells[4]) == ("苏州", "沈一舟")
    assert second.hints == ["所在城市、联系人、联系电话写着「同上」，按上一行读，请核对。"]
    assert third.values["contact_name"] == "沈一舟"
    (first,) = verdicts({"name": "苏州栖岸科技有限公司", "contact_name": "同上"})
    assert (first.verdict, first.field) == ("error", "contact_name")
    assert "上一行没有填" in first.reason


def test_a_name_that_counts_its_rows_is_the_same_firm(verdicts):
    names = [
        "苏州栖岸科技有限公司",
        "1、苏州栖岸科技有限公司",
        "（2）苏州栖岸科技有限公司",
        "三、苏州栖岸科技有限公司",
    ]
    first, *others = verdicts(*({"name": name, "city": "苏州"} for name in names))
    assert [one.values["name"] for one in others] == [names[0]] * 3
    assert [one.verdict for one in others] == ["suspected"] * 3
    marked = ["★苏州栖岸科技有限公司", "* 苏州栖岸科技有限公司", "①苏州栖岸科技有限公司"]
    assert {one.values["name"] for one in verdicts(*({"name": name} for name in marked))} == {names[0]}
    brands = ["360", "3D打印科技有限公司", "2.0实验室", "*ST栖岸科技股份有限公司", "○○科技有限公司"]
    assert [one.values["name"] for one in verdicts(*({"name": name} for name in brands))] == brands


@pytest.mark.parametrize("name", [3.14, "3,000", date(2026, 4, 9), "2026-04-09", "60%", True])
def test_a_number_or_a_day_is_no_name(verdicts, name):
    (one,) = verdicts({"name": name, "city": "苏州"})
    assert (one.verdict, one.field) == ("error", "name")


def test_the_unit_that_stands_beside_an_amount_counts_for_its_row(verdicts):
    headers = (("name", "企业名称"), ("amount", "投资额"), ("unit", "单位"), ("city", "城市"))
    rows = [("1.2", "亿元"), (3000, "万元"), (500, "万美元"), ("0.3亿", "元"), (800, "半山街道"), (900, None)]
    found = verdicts(
        *({"name": f"苏州栖岸{n}科技有限公司", "amount": a, "unit": u} for n, (a, u) in enumerate(rows)),
        headers=headers,
    )
    assert [one.values["amount_wan"] for one in found] == [12000, 3000, None, 3000, 800, 900]
    assert [one.verdict for one in found] == ["new", "new", "error", "new", "new", "new"]
    assert "金额的单位是「万美元」" in found[2].reason


def test_an_amount_in_the_wrong_unit_is_not_written_by_default(verdicts):
    headers = (("name", "企业名称"), ("amount", "投资额（亿元）"), ("city", "城市"))
    rows = [("甲", 3000), ("乙", 1000), ("丙", "3000万"), ("丁", "0.5")]
    found = verdicts(*({"name": f"苏州栖{n}科技有限公司", "amount": a} for n, a in rows), headers=headers)
    assert [one.values["amount_wan"] for one in found] == [None, 10_000_000, 3000, 5000]
    assert (found[0].verdict, found[0].field) == ("error", "amount")
    assert "读作 3,000 亿元，多半是单位弄混了" in found[0].reason


def test_what_is_too_long_for_the_pages_is_no_value(verdicts):
    short, long = verdicts(*({"name": "苏州栖岸科技有限公司", "content": "长" * n} for n in (4000, 4001)))
    assert (short.verdict, long.verdict, long.field) == ("new", "error", "content")
    assert "有 4001 个字，最多 4000 个，请缩短。" in long.reason


def test_a_name_must_be_a_name(verdicts):
    found = verdicts(
        *({"name": name, "city": "苏州"} for name in (None, "/", "待定", "有限公司", "长" * 121))
    )
    assert [(one.verdict, one.field) for one in found] == [("error", "name")] * 5


def test_merged_cells_count_for_every_row(check, tmp_path):
    file = tmp_path / "merged.xlsx"
    book = openpyxl.Workbook()
    page = book.active
    for row in (["企业名称", "联系方式", None, "所在城市"], [None, "联系人", "电话"],
                ["甲芯有限公司", "沈一舟", None, "苏州"], ["乙芯有限公司", "陆知白"]):  # fmt: skip
        page.append(row)
    for cells in ("A1:A2", "B1:C1", "D1:D2", "D3:D4"):
        page.merge_cells(cells)
    book.save(file)
    checked = check_sheet(file, "x.xlsx", NothingKnown(), today=TODAY)
    assert checked.table.header.row == 2
    assert [one.values["city"] for one in checked.verdicts] == ["苏州", "苏州"]
    assert [one.values["contact_name"] for one in checked.verdicts] == ["沈一舟", "陆知白"]


def test_the_same_rows_as_a_csv_file_are_judged_alike(tmp_path):
    made = make_sheets.sheet()
    lines = made.cells()
    path = tmp_path / "sheet.csv"
    text = "".join(csv_lines(lines[0], lines[1:]))
    path.write_bytes(text.removeprefix("\ufeff").encode("gb18030"))
    assert_as_expected(check_sheet(path, "对接表.csv", NothingKnown(), today=TODAY), made)


def test_rejected_rows_can_be_mended_and_uploaded_again(check, tmp_path):
    made = make_sheets.sheet()
    checked = check(made)
    faulty = [one for one in checked.verdicts if one.verdict == "error"]
    path = tmp_path / "rejected.xlsx"
    with open(path, "wb") as file:
        write_rejected(file, checked.table.header.texts, [(one.cells, one.reason) for one in faulty])
    again = check_sheet(path, "rejected.xlsx", NothingKnown(), today=TODAY)
    assert [one.field for one in again.verdicts] == [one.field for one in faulty]
    assert again.table.header.unknown == []


def test_values_survive_json(check):
    for one in check(make_sheets.sheet()).verdicts:
        assert from_json(to_json(one.values)) == one.values


def test_the_template_reads_back_and_its_sample_is_not_imported(tmp_path):
    path = tmp_path / "template.xlsx"
    with open(path, "wb") as file:
        write_roadshow_template(file)
    with pytest.raises(BadSheet, match="下面没有数据"):
        check_sheet(path, "模板.xlsx", NothingKnown(), today=TODAY)
    book = openpyxl.load_workbook(path)
    book.active.append([1, "苏州栖岸有限公司", None, "苏州", "沈一舟", None, "0512-66668888", 300])
    book.save(path)
    (one,) = check_sheet(path, "模板.xlsx", NothingKnown(), today=TODAY).verdicts
    assert (one.row, one.verdict, one.values["amount_wan"]) == (3, "new", 300)


def test_the_shipped_sheet_is_what_the_generator_makes(tmp_path):
    shipped = check_sheet(make_sheets.SHIPPED, "roadshow.xlsx", NothingKnown(), today=TODAY)
    assert_as_expected(shipped, make_sheets.sheet())


def test_twenty_thousand_rows_take_two_questions(tmp_path, record_property):
    path, existing = tmp_path / "long.csv", OnFile()
    rows = ([f"苏州栖岸{n}号店有限公司", "0.3亿", "2026.3.16"] for n in range(20_000))
    path.write_text("".join(csv_lines(["企业名称", "拟投资额", "对接日期"], rows)))
    began = time.monotonic()
    checked = check_sheet(path, "long.csv", existing, today=TODAY)
    record_property("seconds", round(time.monotonic() - began, 1))
    assert checked.counts() == {"new": 20_000, "duplicate": 0, "suspected": 0, "error": 0}
    assert existing.questions == 2


@pytest.mark.parametrize("head", ["客户", "客商名称", "意向企业"])
def test_a_sheet_that_calls_the_company_a_customer_is_read(head):
    found = read_header(1, [head, "手机号码", "打算怎么投"], COLUMNS)
    assert found.columns["name"].text == head
    assert found.unknown == ["打算怎么投"]
