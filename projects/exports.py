"""导出: a list of projects, or the funnel, as a workbook whose cells are never formulas."""

import tempfile

from crm.sheets.writer import SheetWriter
from crm.workdays import SHANGHAI
from leads.exports import checked_number
from projects import stages
from projects.models.projects import LandingMode

RELATED = ("company", "unit", "owner", "city", "channel", "sector", "roadshow", "carrier", "loss_reason")
CHUNK = 2000
COLUMNS = [
    ("项目编号", 16), ("项目名称", 30), ("企业", 30), ("统一社会信用代码", 22), ("阶段", 10),
    ("进入阶段日期", 13), ("赛道", 14), ("链条位置", 10), ("投资额（万元）", 14),
    ("固定资产投资（万元）", 18), ("用房面积（㎡）", 13), ("用地（亩）", 10), ("落地方式", 12),
    ("载体", 16), ("来源城市", 10), ("来源渠道", 12), ("来源行程", 26), ("责任单位", 16), ("负责人", 10),
    ("下次联系日期", 13), ("下一步", 30), ("企业诉求", 40), ("流失原因", 16), ("流向城市", 10),
    ("立项时间", 17),
]  # fmt: skip


def workbook(projects, *, by, at):
    """(open file, number of rows) of a workbook of `projects`; ExportRefused above the person's limit."""
    rows = checked_number(projects, by)
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    headers, widths = zip(*COLUMNS, strict=True)
    with SheetWriter(file, "项目", headers, widths=widths, created=_naive(at)) as sheet:
        for project in projects.order_by("-created_at", "-pk").select_related(*RELATED).iterator(CHUNK):
            sheet.write(_cells(project))
    file.seek(0)
    return file, rows


def funnel_workbook(table, *, at):
    """An open workbook of a funnel's table: `table` is (title, headers, rows) as the page shows it."""
    title, headers, rows = table
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    with SheetWriter(file, title, headers, created=_naive(at)) as sheet:
        for row in rows:
            sheet.write(row)
    file.seek(0)
    return file


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
    ]
