"""Roadshow sheets of our own making, with every trap; `python -m tests.make_sheets` ships one.

The firms and people are invented; the same seed gives the same sheet and the same expectations.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import xlsxwriter
from stdnum.cn.uscc import calc_check_digit

SHIPPED = Path(__file__).parent / "data" / "roadshow.xlsx"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CITIES = {"苏州": "320500", "南通": "320600", "宁波": "330200", "合肥": "340100", "杭州": "330100"}
BRANDS = (
    "栖岸",
    "禾纪",
    "望川",
    "澄明",
    "若木",
    "千帆",
    "听澜",
    "砚池",
    "云麓",
    "松间",
    "拾光",
    "沐野",
    "远岫",
    "青梧",
)
FIELDS = ("感知", "储能", "制剂", "影像", "冷链", "芯片", "文创", "机器视觉")
FORMS = ("科技有限公司", "技术有限公司", "科技股份有限公司", "有限责任公司")
PEOPLE = ("沈一舟", "陆知白", "顾安", "许望", "苏叶", "方既明", "叶知秋")
SECTORS = ("智能制造", "生命健康", "智慧物流", "文化旅游", "商贸金融", "城市治理", "基础层", "待定", None)
NOTES = ("有意来杭考察", "关注算力券\n已发政策汇编", "拟4月下旬回访", None)
AMOUNTS = {
    300: ("300", 300),
    1200: ("0.12亿", "0.12亿元", "1,200 万元", 1200),
    3000: ("3000万", "0.3亿元", 3000),
    8000: ("0.8亿", "8,000 万元", 8000),
    35000: ("3.5亿", "35000万", 35000),
}
TITLES = (
    ["2026年春季敲门招商企业对接汇总表"],
    ["填报单位：驻苏州工作站", None, None, None, "填报时间：2026年4月20日"],
)
HEADERS = (
    ("number", "序号"), ("name", "企业名称"), ("uscc", "统一社会信用代码"), ("city", "所在城市"),
    ("contact_name", "联 系 人"), ("contact_phone", "联系\n电话"), ("amount", "拟投资额（万元）"),
    ("sector", "融合赛道"), ("met_on", "对接日期"), ("area", "需求面积(㎡)"), ("content", "洽谈情况"),
)  # fmt: skip
FOOTNOTES = (["注：1.拟投资额没有写单位的按万元计；2.赛道待定的由研判岗确定。"],)
TRAPS = (
    "renamed", "same_name", "two_firms", "messy_code", "wide_code", "letter_in_code", "wrong_check",
    "no_name", "formula", "at_formula", "vague_date", "no_such_day", "vague_amount",
    "amount_range", "bad_phone",
)  # fmt: skip


@dataclass
class MadeSheet:
    """What to write: rows of {key: cell}, and what must come out: {verdict, of_row, field …} per row."""

    rows: list = field(default_factory=list)
    expected: list = field(default_factory=list)
    headers: tuple = HEADERS
    titles: tuple = TITLES
    footnotes: tuple = FOOTNOTES
    first_row: int = 4

    def cells(self):
        """All rows of the sheet from row 1 on, the totals row and the footnotes at the end."""
        head = [list(row) for row in self.titles] + [[text for _, text in self.headers]]
        body = [[row.get(key) for key, _ in self.headers] for row in self.rows]
        return [*head, *body, ["合计", *[None] * 5, "=SUM(G4:G99)"], *[list(row) for row in self.footnotes]]

    def not_data(self):
        """Numbers of the rows that hold no lead, the header apart."""
        last = len(self.titles) + 1 + len(self.rows)
        return [*range(1, len(self.titles) + 1), *range(last + 1, last + 2 + len(self.footnotes))]


def code(rng, city="320500"):
    """A valid 统一社会信用代码 of no firm: body MA and random characters."""
    body = f"91{city}MA" + "".join(rng.choice(ALPHABET) for _ in range(7))
    return body + calc_check_digit(body)


def sheet(seed=7, plain_rows=24, traps=TRAPS, **layout):
    """A sheet of `plain_rows` ordinary firms with the `traps` strewn behind them."""
    made = MadeSheet(**layout)
    made.first_row = len(made.titles) + 2
    maker = _Maker(made, random.Random(seed))
    for _ in range(plain_rows):
        maker.plain()
    for trap in traps:
        getattr(maker, trap)()
        maker.plain()
    return made


class _Maker:
    """Adds rows to a sheet, each with what must be said of it."""

    def __init__(self, made, rng):
        self.made, self.rng, self.numbers, self.names = made, rng, count(1), set()

    def add(self, expected, **cells):
        number = self.made.first_row + len(self.made.rows)
        self.made.rows.append({"number": next(self.numbers), **cells})
        self.made.expected.append({"row": number, **expected})
        return number

    def firm(self, **given):
        """Cells of an ordinary row and their cleaned amount (万元) and day."""
        rng, amount = self.rng, self.rng.choice(list(AMOUNTS))
        day = date(2026, 3, 1) + timedelta(days=rng.randrange(45))
        city = rng.choice(list(CITIES))
        cells = {
            "name": self.name(city),
            "uscc": code(rng, CITIES[city]),
            "city": rng.choice((city, f"{city}市")),
            "contact_name": rng.choice(PEOPLE),
            "contact_phone": _phone(rng),
            "amount": rng.choice(AMOUNTS[amount]),
            "sector": rng.choice(SECTORS),
            "met_on": _written(rng, day),
            "area": rng.choice((200, 500, 1200, None)),
            "content": rng.choice(NOTES),
        }
        return cells | given, {"verdict": "new", "amount_wan": amount, "met_on": day.isoformat()}

    def name(self, city):
        while True:
            name = city + "".join(self.rng.choice(part) for part in (BRANDS, BRANDS, FIELDS, FORMS))
            if name[:8] not in self.names:
                self.names.add(name[:8])
                return name

    def plain(self, **given):
        cells, expected = self.firm(**given)
        return self.add(expected, **cells), cells

    def wrong(self, column, cell, **more):
        cells, _ = self.firm(**{column: cell})
        self.add({"verdict": "error", "field": column, **more}, **cells)

    def renamed(self):
        original, known = self.plain()
        cells, _ = self.firm(uscc=known["uscc"])
        self.add({"verdict": "duplicate", "of_row": original}, **cells)

    def same_name(self):
        original, known = self.plain()
        cells, _ = self.firm(name=f"\u3000{known['name']} ", uscc=None)
        self.add({"verdict": "suspected", "of_row": original}, **cells)

    def two_firms(self):
        _, known = self.plain()
        self.plain(name=known["name"].replace("有限责任公司", "有限公司"))

    def messy_code(self):
        given = code(self.rng)
        cells, expected = self.firm(uscc=f" {given[:8].lower()}-{given[8:].lower()} ")
        self.add(expected | {"uscc": given}, **cells)

    def wide_code(self):
        given = code(self.rng)
        cells, expected = self.firm(uscc="".join(chr(ord(c) + 0xFEE0) for c in given))
        self.add(expected | {"uscc": given}, **cells)

    def letter_in_code(self):
        self.wrong("uscc", code(self.rng).replace("0", "O", 1), names_character="O")

    def wrong_check(self):
        given = code(self.rng)
        self.wrong("uscc", given[:-1] + next(c for c in ALPHABET if c != given[-1]))

    def no_name(self):
        self.wrong("name", None)

    def formula(self):
        cells, expected = self.firm()
        self.add(expected, **cells | {"name": f"=cmd|' /C calc'!A0{cells['name']}"})

    def at_formula(self):
        cells, expected = self.firm(uscc=None)
        self.add(expected, **cells | {"name": f"@SUM(1+1){cells['name']}"})

    def vague_date(self):
        self.wrong("met_on", "下周一")

    def no_such_day(self):
        self.wrong("met_on", "2026-02-31")

    def vague_amount(self):
        self.wrong("amount", "大概五千万")

    def amount_range(self):
        self.wrong("amount", "1-2亿")

    def bad_phone(self):
        self.wrong("contact_phone", "1380013")


def _phone(rng):
    """A mobile number of the unassigned range 1540 as text or, as sheets like to keep it, as a number."""
    number = f"1540{rng.randrange(10**7):07}"
    return rng.choice((number, int(number)))


def _written(rng, day):
    """The day in one of the ways officers write it, or as a date or serial number."""
    return rng.choice(
        (
            f"{day.year}年{day.month}月{day.day}日",
            f"{day.year}.{day.month}.{day.day}",
            f"{day:%Y/%m/%d}",
            f"{day.year}-{day.month}-{day.day}",
            (day - date(1899, 12, 30)).days,
            day,
        )
    )


def write(file, made, *, merged_title=True):
    """Write the sheet as .xlsx: text stays text where it looks like a formula, the total is a real one."""
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": date(2026, 4, 20)})
        day = book.add_format({"num_format": "yyyy/m/d"})
        page = book.add_worksheet("对接表")
        rows = made.cells()
        for number, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                _write_cell(page, number, column, cell, day)
        if merged_title and made.titles:
            page.merge_range(0, 0, 0, len(made.headers) - 1, made.titles[0][0])


def _write_cell(page, number, column, cell, day):
    if isinstance(cell, date):
        page.write_datetime(number, column, cell, day)
    elif isinstance(cell, str) and cell.startswith("=SUM("):
        page.write_formula(number, column, cell)
    elif cell is not None:
        page.write(number, column, cell)


if __name__ == "__main__":
    write(SHIPPED, sheet())
