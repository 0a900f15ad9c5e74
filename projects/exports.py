"""导出: a list of projects, or the funnel, as a workbook whose cells are never formulas."""

import tempfile
from collections import ChainMap
from collections.abc import Callable
from dataclasses import dataclass

from crm.collecting import seldom_collected
from crm.paging import NEWEST
from crm.sheets.watermark import watermark
from crm.sheets.writer import SheetWriter
from crm.workdays import SHANGHAI, shanghai_day
from leads.exports import ExportRefused, checked_number, checked_rows, chosen_places, told
from leads.stages import MAP as LEAD_STAGES
from leads.tagging import shown_tags
from projects import stages, stays
from projects.models.projects import LandingMode
from projects.reversing import every_explained

RELATED = ("company", "unit", "owner", "city", "channel", "sector", "roadshow", "carrier", "loss_reason")
CHUNK = 2000
EXPLAINED_MOST = 10_000  # rows whose reasons one request can write: about ten seconds
COLUMNS = [
    ("项目编号", 16), ("项目名称", 30), ("企业", 30), ("统一社会信用代码", 22), ("阶段", 10),
    ("进入阶段日期", 13), ("赛道", 14), ("链条位置", 10), ("投资额（万元）", 14),
    ("固定资产投资（万元）", 18), ("用房面积（㎡）", 13), ("用地（亩）", 10), ("落地方式", 12),
    ("载体", 16), ("来源城市", 10), ("来源渠道", 12), ("来源行程", 26), ("责任单位", 16), ("负责人", 10),
    ("下次联系日期", 13), ("下一步", 30), ("企业诉求", 40), ("流失原因", 16), ("流向城市", 10),
    ("立项时间", 17), ("标签", 20), ("阶段时限", 13), ("最近联系", 17), ("更新时间", 17),
]  # fmt: skip

STAY_COLUMNS = [
    ("企业或项目", 30), ("项目编号", 16), ("责任单位", 16), ("停留天数", 10), ("另挂起天数", 12),
    ("进入时间", 17), ("离开时间", 17), ("之后", 10), ("进入时操作人", 14),
]  # fmt: skip
ANY_STAGE = ChainMap(stages.MAP.labels, LEAD_STAGES.labels)

REVERSE_COLUMNS = [
    ("类别", 8), ("名称", 30), ("企业", 30), ("责任单位", 16), ("来源城市", 10), ("赛道", 14), ("阶段", 10),
    ("结论", 10), ("得分", 8), ("覆盖率（%）", 11), ("原因", 60),
]  # fmt: skip


@dataclass(frozen=True)
class Listing:
    """A list ready to be written: its title, (head, width) of the columns, how many `lines()` there are."""

    title: str
    columns: tuple
    number: int
    lines: Callable


def workbook(projects, *, by, at, columns=(), order=NEWEST):
    """(open file, number of rows) of a workbook of `projects`; ExportRefused above the person's limit.

    `columns` are the headers that are wanted, in their order; none means all. `order` is that of the rows.
    """
    rows = checked_number(projects, by)
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    write(file, projects, by=by, at=at, columns=columns, order=order)
    file.seek(0)
    return file, rows


@seldom_collected()
def write(file, projects, *, by, at, columns=(), order=NEWEST, tell=None):
    """Write the workbook of `projects` into `file`; `tell` is told now and then how many rows are written."""
    places = chosen_places(COLUMNS, columns)
    headers, widths = zip(*(COLUMNS[place] for place in places), strict=True)
    found = order.sorted(projects).select_related(*RELATED)
    with SheetWriter(file, "项目", headers, widths=widths, **_made(by, at)) as sheet:
        for project in told(found.prefetch_related(shown_tags(by)).iterator(CHUNK), tell):
            cells = _cells(project)
            sheet.write([cells[place] for place in places])


def reverse_workbook(plan, standing, pool, *, by, at, settled=None):
    """(open file, number of rows) of a reverse list with the reasons; ExportRefused above the limit.

    `settled` is what holds of all whatever the criteria say: a fund in 筹建 has reserves alone.
    """
    rows = checked_rows(len(standing.numbers), by)
    if rows > EXPLAINED_MOST:
        raise ExportRefused(
            f"筛选结果有 {rows:,} 行，写明原因的表一次最多 {EXPLAINED_MOST:,} 行，没有导出。请缩小筛选范围。"
        )
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    write_reverse(file, plan, standing, pool, by=by, at=at, settled=settled)
    file.seek(0)
    return file, rows


@seldom_collected()
def write_reverse(file, plan, standing, pool, *, by, at, settled=None, tell=None):
    """Write the workbook of a reverse list into `file`; `tell` learns now and then how many are written."""
    headers, widths = zip(*REVERSE_COLUMNS, strict=True)
    with SheetWriter(file, "反向匹配", headers, widths=widths, **_made(by, at)) as sheet:
        for one in told(every_explained(plan, standing, pool, shanghai_day(at)), tell):
            sheet.write(_reverse_cells(one, settled))


def stays_workbook(stage, rows, *, by, at):
    """(open file, number of rows) of a workbook of the ended stays in `stage`; ExportRefused above the limit
    of the person."""
    number = checked_number(rows, by)
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    write_stays(file, stage, rows, by=by, at=at)
    file.seek(0)
    return file, number


@seldom_collected()
def write_stays(file, stage, rows, *, by, at, tell=None):
    """Write the workbook of ended stays into `file`, the longest first, as their page shows them."""
    headers, widths = zip(*STAY_COLUMNS, strict=True)
    found = rows.order_by("-days", "-pk").iterator(CHUNK)
    with SheetWriter(file, f"停留-{ANY_STAGE[stage]}", headers, widths=widths, **_made(by, at)) as sheet:
        for one in told(found, tell):
            sheet.write(_stay_cells(one))


def listing_workbook(found, *, by, at):
    """(open file, number of rows) of a workbook of a Listing; ExportRefused above the limit of the person."""
    number = checked_rows(found.number, by)
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    write_listing(file, found, by=by, at=at)
    file.seek(0)
    return file, number


@seldom_collected()
def write_listing(file, found, *, by, at, tell=None):
    """Write a Listing into `file`; `tell` is told now and then how many rows are written."""
    headers, widths = zip(*found.columns, strict=True)
    with SheetWriter(file, found.title, headers, widths=widths, **_made(by, at)) as sheet:
        for line in told(found.lines(), tell):
            sheet.write(line)


def funnel_workbook(table, *, by, at):
    """An open workbook of a funnel's table: `table` is (title, headers, rows) as the page shows it."""
    title, headers, rows = table
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    with SheetWriter(file, title, headers, **_made(by, at)) as sheet:
        for row in rows:
            sheet.write(row)
    file.seek(0)
    return file


def _made(by, at):
    """When a workbook was made and for whom, and its watermark."""
    return {"created": _naive(at), "mark": watermark(by, at), "reader": by}


def _naive(at):
    return at.astimezone(SHANGHAI).replace(tzinfo=None)


def _cells(project):
    company = project.company
    return [
        project.code,
        project.name,
        company.name if company else "",
        (company and company.uscc) or "",
        stages.MAP.labels[project.stage],
        project.entered_at.astimezone(SHANGHAI).date(),
        project.sector_label,
        project.get_chain_position_display(),
        project.amount_wan,
        project.fixed_wan,
        project.area_sqm,
        project.land_mu,
        LandingMode(project.landing_mode).label if project.landing_mode else "",
        project.carrier.name if project.carrier else "",
        project.city.name if project.city else "",
        project.channel.name,
        project.roadshow.title if project.roadshow else "",
        project.unit.name,
        str(project.owner or ""),
        project.next_contact_on,
        project.next_step,
        project.demands,
        project.loss_reason.name if project.loss_reason else "",
        project.winning_city,
        _naive(project.created_at),
        "、".join(map(str, project.shown_tags)),
        project.limit_on,
        project.last_contact_at and _naive(project.last_contact_at),
        _naive(project.updated_at),
    ]


def _stay_cells(stay):
    record = stays.record_of(stay)
    return [
        str(record),
        getattr(record, "code", ""),
        record.unit.name,
        round(stay.days, 1),
        round(getattr(stay, "paused_days", 0), 1),
        _naive(stay.entered_at),
        _naive(stay.left_at),
        ANY_STAGE.get(stay.went_to, ""),
        str(stay.by or "系统"),
    ]


def _reverse_cells(one, settled):
    record, verdict = one.record, one.verdict
    words = LEAD_STAGES if one.kind == "lead" else stages.MAP
    return [
        one.kind_label,
        str(record),
        record.company.name if record.company else "",
        record.unit.name,
        record.city.name if record.city else "",
        record.sector_label,
        words.labels[record.stage],
        f"{settled.code.label}（按条件：{verdict.label}）" if settled else verdict.label,
        verdict.score,
        None if verdict.coverage is None else round(verdict.coverage * 100, 1),
        "；".join([settled.reason, *one.why] if settled else one.why),
    ]
