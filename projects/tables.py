"""The funnel as tables: each cell has its words, its number for the workbook, and the list behind it."""

from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from crm import display
from projects.reports import LINE, SUSPENDED
from projects.stages import LINE as PROJECT_LINE
from projects.stays import LEAD_LINE

NOTHING = "—"
MEASURES = {
    "count": "现有数量",
    "amount": "现有投资额",
    "reached": "到过（同批）",
    "conversion": "转到下一阶段（同批）",
    "days": "停留天数中位数",
}
PERIODS = {"lead": ("created_from", "created_to"), "project": ("lead_from", "lead_to")}
STAGE_HEADS = [
    "阶段",
    "现有\n（截面）",
    "现有投资额",
    "未填投资额",
    "到过\n（同批）",
    "转到下一阶段\n（同批转化）",
    "占线索\n（同批）",
    "停留天数\n中位数",
    "已离开\n（次）",
    "还在停留\n（次）",
]


@dataclass(frozen=True)
class Cell:
    """One cell: what is read, the number behind it, and the lists behind the number.

    One list is behind the number itself; `parts` are lists that together make it, or that it was taken from,
    each with its own words; a part without an address is words only.
    """

    text: str
    value: object = None
    url: str = ""
    parts: tuple = ()


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
    """Where the lists behind the numbers are: every address carries the period and the group, and asks a
    list of records for its number and sum in full."""

    start: date | None = None
    end: date | None = None
    group: str = ""
    measure: str = ""

    def leads(self, key, **filters):
        return self._address(reverse("leads:list"), "lead", key, {**filters, "count": "exact"})

    def projects(self, key, **filters):
        return self._address(reverse("projects:list"), "project", key, {**filters, "count": "exact"})

    def stays(self, line, key):
        """The stays in a stage that have ended; their page leads back to the funnel as it was asked for."""
        back = {"group": self.group, "measure": self.measure}
        return self._address(reverse("stays", args=[line.code]), line.source, key, back)

    def _address(self, page, source, key, filters):
        """`page` with the filters, the group and the period in the words of leads or projects."""
        period = dict(zip(PERIODS[source], (self.start, self.end), strict=True))
        query = {**filters, **({self.group: key} if key else {}), **period}
        return f"{page}?{urlencode({k: v for k, v in query.items() if v})}".rstrip("?")


def by_stage(row, lists):
    """The stages of one row (the total), with everything known of each."""
    rows = [_stage_row(row, line, lists) for line in row.lines]
    rows.append(
        [
            Cell(row.label),
            _both(row, lists),
            _both_amounts(row, lists),
            _both(row, lists, unknown=True),
            *[Cell("")] * (len(STAGE_HEADS) - 4),
        ]
    )
    return Table("招商漏斗", STAGE_HEADS, rows)


def _stage_row(row, line, lists):
    return [
        Cell(line.label),
        _now(row, line, lists),
        _amount(row, line, lists),
        _count(line.now.unknown, _list(row, line, lists, amount="unknown")),
        _reached(row, line, lists) if line.on_line else Cell(NOTHING),
        _went_on(row, line, lists),
        _share(line.whole_share, row, line, lists),
        *_stays(row, line, lists),
    ]


def _stays(row, line, lists):
    """The median of the days, and the stays it is taken from: those that ended, those that go on."""
    stay = line.stay
    if stay.median is None:
        return [Cell(NOTHING)] * 3
    ended, url = lists.stays(line, row.key), _in_stage(row, line, lists)
    return [_median(stay, ended), _count(stay.closed, ended), _count(stay.open, url)]


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
        cells += [_both_amounts(row, lists), _both(row, lists, unknown=True)]
    return [Cell(row.label), *cells]


def _measured(row, line, measure, lists):
    if measure == "count":
        return _now(row, line, lists)
    if measure == "amount":
        return _amount(row, line, lists)
    if measure == "reached":
        return _reached(row, line, lists)
    return _went_on(row, line, lists) if measure == "conversion" else _days(row, line, lists)


def _count(number, url):
    return Cell(f"{number:,}", number, url)


def _amount(row, line, lists):
    return Cell(_money(line.now), line.now.known, _list(row, line, lists))


def _now(row, line, lists):
    return _count(line.now.count, _list(row, line, lists))


def _reached(row, line, lists):
    """Those who came as far: leads that are no project, and projects; every project has been a lead."""
    if line.code not in LEAD_LINE:
        return _count(line.reached, lists.projects(row.key, reached=line.code))
    leads = (f"线索 {line.reached_leads:,}", lists.leads(row.key, project="no", reached=line.code))
    projects = (f"项目 {line.reached_projects:,}", lists.projects(row.key, reached=PROJECT_LINE[0]))
    return Cell(f"{line.reached:,}", line.reached, parts=(leads, projects))


def _both(row, lists, unknown=False):
    """The number of leads and projects together, or of those that leave the amount open."""
    leads, projects = (one.unknown if unknown else one.count for one in (row.leads, row.projects))
    urls = _both_lists(row, lists, amount="unknown" if unknown else "")
    parts = zip((f"线索 {leads:,}", f"项目 {projects:,}"), urls, strict=True)
    return Cell(f"{leads + projects:,}", leads + projects, parts=tuple(parts))


def _both_amounts(row, lists):
    """The sum of leads and projects together."""
    words = f"线索 {_money(row.leads)}", f"项目 {_money(row.projects)}"
    parts = zip(words, _both_lists(row, lists), strict=True)
    return Cell(_money(row.total), row.total.known, parts=tuple(parts))


def _money(figures):
    """The sum in words; a dash where there are records and none says how much."""
    return NOTHING if figures.known is None else display.money(figures.known)


def _both_lists(row, lists, **filters):
    return lists.leads(row.key, project="no", **filters), lists.projects(row.key, **filters)


def _list(row, line, lists, **filters):
    """The records that stand in a stage: without the suspended, who have a line of their own."""
    if line.code == SUSPENDED:
        return lists.projects(row.key, suspended="1", **filters)
    still = {} if line.source == "lead" else {"suspended": "no"}
    return _in_stage(row, line, lists, **still, **filters)


def _in_stage(row, line, lists, **filters):
    """The records in a stage, suspended or not: their stays go on."""
    where = lists.leads if line.source == "lead" else lists.projects
    return where(row.key, stage=line.code, **filters)


def _went_on(row, line, lists):
    """The share that reached the next stage; behind it those that did."""
    if line.next_share is None:
        return Cell(NOTHING)
    following = row.line(LINE[LINE.index(line.code) + 1])
    return _share(line.next_share, row, following, lists)


def _share(ratio, row, line, lists):
    """A share of those who reached the stage of `line`, who are behind it."""
    if ratio is None:
        return Cell(NOTHING)
    return replace(_reached(row, line, lists), text=display.share(ratio, 1), value=round(ratio, 4))


def _days(row, line, lists):
    """The median with the stays it is taken from beside it; those that go on are the list of the stage."""
    stay = line.stay
    if stay.median is None:
        return Cell(NOTHING)
    url = lists.stays(line, row.key)
    ended, going_on = (f"已离开 {stay.closed:,}", url), (f"在停 {stay.open:,}", _in_stage(row, line, lists))
    return replace(_median(stay, url), parts=(ended, going_on))


def _median(stay, url):
    return Cell(f"{stay.median:.1f}", round(stay.median, 2), url)
