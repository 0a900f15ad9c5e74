"""承诺, 督办, 载体空间, 行程, 基金推荐 as workbooks: of each list the rows a person sees, and its columns."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from crm.collecting import seldom_collected
from crm.models import ExportJob
from crm.permissions import require
from crm.sheets.watermark import watermark
from crm.sheets.writer import SheetWriter
from crm.workdays import SHANGHAI, shanghai_day
from leads.exports import checked_number, told
from leads.models import Roadshow
from leads.trips import with_numbers
from projects.models import Commitment, Referral, ReferralStep, Space, SupervisionOrder
from projects.models.referrals import Step

CHUNK = 2000


@dataclass(frozen=True)
class PlainList:
    """How one list goes out: `visible(user)` gives its rows, `cells(row, day, by)` one line of the
    sheet as the person `by` may read it."""

    kind: ExportJob.Kind
    visible: Callable
    order: tuple
    columns: tuple
    cells: Callable

    def workbook(self, rows, *, by, at):
        """(open file, number of rows) of a workbook of `rows`; ExportRefused above the person's limit."""
        number = checked_number(rows, by)
        file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
        self.write(file, rows, by=by, at=at)
        file.seek(0)
        return file, number

    @seldom_collected()
    def write(self, file, rows, *, by, at, tell=None):
        """Write `rows` into `file` in the order of the page; `tell` learns now and then how many are done."""
        headers, widths = zip(*self.columns, strict=True)
        made = {"created": at.astimezone(SHANGHAI).replace(tzinfo=None), "mark": watermark(by, at)}
        made["reader"] = by
        found, day = rows.order_by(*self.order).iterator(CHUNK), shanghai_day(at)
        with SheetWriter(file, self.kind.label, headers, widths=widths, **made) as sheet:
            for row in told(found, tell):
                sheet.write(self.cells(row, day, by))


def _promises(user):
    related = ("project__unit", "agreement", "owner", "partner_owner")
    return Commitment.objects.visible_to(user).with_end().select_related(*related)


def _promise(one, day, by):
    return [
        one.item,
        one.get_side_display(),
        one.state(day).label,
        one.project.code,
        str(one.project),
        str(one.agreement),
        one.project.unit.name,
        one.metric,
        one.target,
        one.actual,
        one.measure,
        one.due_on,
        str(one.owner or ""),
        str(one.partner_owner or ""),
        one.evidence,
        one.reason,
    ]


def _orders(user):
    related = ("unit", "issuer", "lead__owner", "project__owner")
    return SupervisionOrder.objects.visible_to(user).select_related(*related)


def _order(one, day, by):
    return [
        one.number,
        str(one.record),
        "线索" if one.lead_id else "项目",
        one.state,
        one.demand,
        one.unit.name,
        str(one.record.owner or ""),
        str(one.issuer or "系统（超时限）"),
        shanghai_day(one.issued_at),
        one.due_on,
        one.replied_at and shanghai_day(one.replied_at),
        one.reply,
        one.closed_at and shanghai_day(one.closed_at),
        one.closing_note,
    ]


def _spaces(user):
    require(user, "see_spaces")
    return Space.objects.visible_to(user).select_related("building__carrier").prefetch_related("tracks")


def _space(one, day, by):
    return [
        one.building.carrier.name,
        one.building.name,
        one.label,
        one.get_state_display(),
        one.area_sqm,
        one.available_from,
        one.rent_daily,
        one.height_m,
        one.load_kg,
        one.power_kva,
        one.racks,
        "、".join(one.use_words),
        "、".join(str(track) for track in one.tracks.all()),
        one.limits,
        one.note,
    ]


def _trips(user):
    return with_numbers(Roadshow.objects.visible_to(user).select_related("city", "unit", "leader"), user)


def _trip(one, day, by):
    return [
        one.title,
        one.city.name,
        one.starts_on,
        one.ends_on,
        one.unit.name,
        str(one.leader or ""),
        one.targeted,
        one.unresolved,
        one.met,
        one.accepted,
    ]


def _referrals(user):
    funded = ReferralStep.objects.standing().filter(referral=OuterRef("pk"), to_step=Step.FUNDED)
    rows = Referral.objects.visible_to(user).select_related("project__unit", "fund", "by")
    return rows.annotate(funded_wan=Subquery(funded.values("amount_wan")[:1]))


def _referral(one, day, by):
    return [
        one.number_label,
        one.called_by(by),
        one.fund.name,
        one.project.unit.name,
        one.get_step_display(),
        shanghai_day(one.at),
        shanghai_day(one.moved_at),
        one.funded_wan,
        str(one.by),
    ]


LISTS = {
    found.kind.value: found
    for found in (
        PlainList(
            ExportJob.Kind.PROMISES, _promises, ("due_on", "pk"),
            (("承诺事项", 40), ("承诺方", 10), ("状态", 10), ("项目编号", 16), ("项目", 30), ("协议", 30),
             ("责任单位", 16), ("指标", 16), ("目标值", 12), ("实际值", 12), ("计量单位", 10), ("到期日", 13),
             ("我方责任人", 12), ("监管责任人", 12), ("证明材料", 30), ("原因与下一步", 30)), _promise,
        ),
        PlainList(
            ExportJob.Kind.ORDERS, _orders, ("-issued_at", "-pk"),
            (("督办编号", 18), ("线索或项目", 30), ("类别", 8), ("状态", 10), ("要求", 50), ("责任单位", 16),
             ("负责人", 10), ("签发", 16), ("签发日期", 13), ("期限", 13), ("答复日期", 13), ("答复", 50),
             ("办结日期", 13), ("办结意见", 30)), _order,
        ),
        PlainList(
            ExportJob.Kind.SPACES, _spaces, ("-created_at", "-pk"),
            (("载体", 20), ("楼宇", 20), ("楼层与单元", 16), ("状态", 8), ("面积（㎡）", 12),
             ("可用日期", 13),
             ("租金参考（元/㎡/天）", 18), ("层高（m）", 10), ("承重（kg/㎡）", 13), ("供电（kVA）", 12),
             ("机柜（个）", 10), ("允许用途", 20), ("适合赛道", 24), ("环境限制", 30), ("说明", 30)), _space,
        ),
        PlainList(
            ExportJob.Kind.TRIPS, _trips, ("-starts_on", "-pk"),
            (("行程", 34), ("城市", 10), ("开始", 13), ("结束", 13), ("单位", 16), ("带队", 10),
             ("目标企业（家）", 14), ("还没结果（家）", 14), ("记下线索（家）", 14),
             ("转为项目（个）", 14)), _trip,
        ),
        PlainList(
            ExportJob.Kind.REFERRALS, _referrals, ("-at", "-pk"),
            (("编号", 16), ("项目", 34), ("基金", 34), ("责任单位", 16), ("进展", 10), ("推荐日期", 13),
             ("最近进展", 13), ("出资（万元）", 14), ("推荐人", 10)), _referral,
        ),
    )
}  # fmt: skip
