"""The funnel as tables: each cell has its words, its number for the workbook, and the list behind it."""

from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from crm import display
from projects.reports import LINE
from projects.stays import LEAD_LINE

NOTHING = "—"
MEASURES = {
    "count": "现有数量",
    "amount": "现有投资额",
    "reached": "到过（同批）",
    "conversion": "转到下一阶段（同批）",
    "days": "停留天数中位数",
}
STAGE_HEADS = [
    "阶段",
    "现有\n（截面）",
    "现有投资额",
    "未填投资额",
    "到过\n（同批）",
    "转到下一阶段\n（同批转化）",
    "占线索\n（同批）",
    "停留天数\n中位数",
    "停留次数\n（在停）",
]


@dataclass(frozen=True)
class Cell:
    """One cell: what is read, the number behind it, and one or two lists that together make the number."""

    text: str
    value: object = None
    links: tuple = ()


@dataclass(frozen=True)
class Table:
    """A table with its heads; the last row is the total."""

    title: str
    heads: list
    rows: list = field(default_factory=list)

    def plain(self):
        """The table for a workbook: numbers as numbers, the rest as read."""
        rows = [[cell.text if cell.value is None else cell.value for cell in row] for row in self.rows]
        return self.title, [head.replace("\n", "") for head in self.heads], rows


@dataclass(frozen=True)
class Lists:
    """Where the lists behind the numbers are: the period and group every address of them carries."""

    start: date | None = None
    end: date | None = None
    group: str = ""

    def leads(self, key, **filters):
        return self._address("leads:list", {"created_from": self.start, "created_to": self.end}, key, filters)

    def projects(self, key, **filters):
        return self._address("projects:list", {"lead_from": self.start, "lead_to": self.end}, key, filters)

    def _address(self, name, period, key, filters):
        query = {**filters, **({self.group: key} if key else {}), **period}
        return f"{reverse(name)}?{urlencode({k: v for k, v in query.items() if v})}".rstrip("?")


def by_stage(row, lists):
    """The stages of one row (the total), with everything known of each."""
    rows = [_stage_row(row, line, lists) for line in row.lines]
    total = row.total
    rows.append(
        [
            Cell(row.label),
            _both(row, lists),
            Cell(display.money(total.amount), total.amount),
            _both(row, lists, unknown=True),
            *[Cell("")] * 5,
        ]
    )
    return Table("招商漏斗", STAGE_HEADS, rows)


def _stage_row(row, line, lists):
    stay = line.stay
    return [
        Cell(line.label),
        _now(row, line, lists),
        _money(line.now.amount, _list(row, line, lists)),
        _one(f"{line.now.unknown:,}", line.now.unknown, _list(row, line, lists, amount="unknown")),
        _reached(row, line, lists) if line.on_line else Cell(NOTHING),
        _share(line.next_share),
        _share(line.whole_share),
        _days(row, line, lists),
        Cell(f"{stay.closed + stay.open}（{stay.open}）" if stay.median is not None else NOTHING),
    ]


def by_group(funnel, measure, lists):
    """Groups as rows, stages as columns, one measure in the cells; the total below."""
    lines = [line for line in funnel.total.lines if measure in ("count", "amount") or line.on_line]
    if measure == "conversion":
        lines = [line for line in lines if line.code != LINE[-1]]
    heads = [funnel.group_label, *(line.label for line in lines)]
    adds_up = measure in ("count", "amount")
    heads += ["合计", "未填投资额"] if adds_up else []
    codes = [line.code for line in lines]
    rows = [_group_row(row, codes, measure, lists) for row in (*funnel.rows, funnel.total)]
    return Table(f"按{funnel.group_label}：{MEASURES[measure]}", heads, rows)


def _group_row(row, codes, measure, lists):
    cells = [_measured(row, row.line(code), measure, lists) for code in codes]
    if measure == "count":
        cells += [_both(row, lists), _both(row, lists, unknown=True)]
    if measure == "amount":
        cells += [Cell(display.money(row.total.amount), row.total.amount), _both(row, lists, unknown=True)]
    return [Cell(row.label), *cells]


def _measured(row, line, measure, lists):
    if measure == "count":
        return _now(row, line, lists)
    if measure == "amount":
        return _money(line.now.amount, _list(row, line, lists))
    if measure == "reached":
        return _reached(row, line, lists)
    return _share(line.next_share) if measure == "conversion" else _days(row, line, lists)


def _one(text, value, url):
    return Cell(text, value, ((text, url),))


def _money(amount, url):
    return _one(display.money(amount), amount, url)


def _now(row, line, lists):
    return _one(f"{line.now.count:,}", line.now.count, _list(row, line, lists))


def _reached(row, line, lists):
    """Those who came as far: leads that are no project, and projects; every project has been a lead."""
    if line.code not in LEAD_LINE:
        return _one(f"{line.reached:,}", line.reached, lists.projects(row.key, reached=line.code))
    leads = (line.reached_leads, lists.leads(row.key, project="no", reached=line.code))
    return _sum(leads, (line.reached_projects, lists.projects(row.key)))


def _both(row, lists, unknown=False):
    amount = "unknown" if unknown else ""
    numbers = [tally.unknown if unknown else tally.count for tally in (row.leads, row.projects)]
    return _sum(
        (numbers[0], lists.leads(row.key, project="no", amount=amount)),
        (numbers[1], lists.projects(row.key, amount=amount)),
    )


def _sum(leads, projects):
    """A number made of two lists, each with the part it contributes."""
    parts = ((f"线索 {leads[0]:,}", leads[1]), (f"项目 {projects[0]:,}", projects[1]))
    total = leads[0] + projects[0]
    return Cell(f"{total:,}", total, parts)


def _list(row, line, lists, **filters):
    where = lists.leads if line.source == "lead" else lists.projects
    return where(row.key, stage=line.code, **filters)


def _share(ratio):
    return Cell(NOTHING) if ratio is None else Cell(display.share(ratio, 1), round(ratio, 4))


def _days(row, line, lists):
    """The median with the list of those standing in the stage now."""
    if line.stay.median is None:
        return Cell(NOTHING)
    return _one(f"{line.stay.median:.1f}", round(line.stay.median, 2), _list(row, line, lists))
