"""导出: a list of leads as a workbook, defused, contacts masked for those who may not see them."""

import tempfile

from crm import joins, roles
from crm.collecting import seldom_collected
from crm.display import mask_name, mask_phone
from crm.errors import Refused
from crm.numbers import number
from crm.paging import NEWEST
from crm.permissions import may
from crm.sheets.watermark import watermark
from crm.sheets.writer import SheetWriter
from crm.workdays import SHANGHAI
from leads import stages
from leads.tagging import shown_tags

RELATED = ("company", "contact", "unit", "owner", "city", "channel", "sector", "roadshow")
CHUNK = 2000
TOLD = 500  # rows between two words of how far it is
COLUMNS = [
    ("企业", 30), ("统一社会信用代码", 22), ("阶段", 8), ("赛道", 14), ("投资额（万元）", 14),
    ("需求面积（㎡）", 14),
    ("来源城市", 10), ("来源渠道", 12), ("来源行程", 26), ("责任单位", 16), ("负责人", 10), ("联系人", 10),
    ("联系电话", 16), ("下次联系日期", 13), ("下一步", 30), ("情况说明", 40), ("登记时间", 17),
    ("标签", 20), ("投资方", 20), ("阶段时限", 13), ("最近联系", 17), ("更新时间", 17),
]  # fmt: skip


class ExportRefused(Refused):
    """More rows than this person may take along without approval."""

    code = "too_many_rows"


def workbook(leads, *, by, at, purpose="", columns=(), order=NEWEST):
    """(open file, number of rows) of a workbook of `leads`; raises ExportRefused above the person's limit.

    Contacts are masked unless the person says what for and may read them (contract: revealed on demand).
    `columns` are the headers that are wanted, in their order; none means all. `order` is that of the rows.
    """
    rows = checked_number(leads, by)
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    write(file, leads, by=by, at=at, purpose=purpose, columns=columns, order=order)
    file.seek(0)
    return file, rows


@seldom_collected()
def write(file, leads, *, by, at, purpose="", columns=(), order=NEWEST, tell=None):
    """Write the workbook of `leads` into `file`; `tell` is told now and then how many rows are written."""
    places = chosen_places(COLUMNS, columns)
    headers, widths = zip(*(COLUMNS[place] for place in places), strict=True)
    how = {
        "widths": widths,
        "created": at.astimezone(SHANGHAI).replace(tzinfo=None),
        "mark": watermark(by, at),
        "reader": by,
    }
    found = order.sorted(leads).select_related(*RELATED)
    found = found.prefetch_related(shown_tags(by))
    with joins.as_written(), SheetWriter(file, "线索", headers, **how) as sheet:
        for lead in told(found.iterator(CHUNK), tell):
            cells = _cells(lead, is_open=bool(purpose) and may(by, "reveal", lead))
            sheet.write([cells[place] for place in places])


def told(rows, tell):
    """The rows as they come; `tell`, if there is one, learns how many have passed."""
    for passed, row in enumerate(rows):
        if tell and passed % TOLD == 0:
            tell(passed)
        yield row


def chosen_places(columns, headers):
    """The places of these headers among `columns`, in their own order; of all when none are named."""
    places = {header: place for place, (header, _) in enumerate(columns)}
    return [places[header] for header in headers if header in places] or list(range(len(columns)))


def checked_purpose(contacts, purpose, by):
    """What the numbers are wanted for; "" when they were not asked for. Raises ExportRefused."""
    if contacts != "full":
        return ""
    if not may(by, "reveal"):
        raise ExportRefused("您的角色不能导出完整的联系方式。", code="not_allowed")
    if not purpose.strip():
        raise ExportRefused("导出完整的联系方式请写明用途，会记入审计。", code="required", field="purpose")
    return purpose.strip()[:100]


def checked_number(leads, by):
    """How many rows there are; only the bureau exports more than the limit of the settings."""
    return checked_rows(leads.order_by().count(), by)


def checked_rows(rows, by):
    """`rows`, the number of rows to be exported; raises ExportRefused above what `by` may take along."""
    most = number("export_rows_max")
    if by.role != roles.MANAGER and rows > most:
        raise ExportRefused(
            f"筛选结果有 {rows:,} 行，超过一次 {most:,} 行的导出上限，没有导出。"
            "请缩小筛选范围，或请区投促局导出。"
        )
    return rows


def _cells(lead, is_open):
    contact = lead.contact
    company = lead.company
    return [
        lead.title,
        (company and company.uscc) or "",
        stages.MAP.labels[lead.stage],
        lead.sector_label,
        lead.amount_wan,
        lead.area_sqm,
        lead.city.name if lead.city else "",
        lead.channel.name,
        lead.roadshow.title if lead.roadshow else "",
        lead.unit.name,
        str(lead.owner or ""),
        (contact.name if is_open else mask_name(contact.name)) if contact else "",
        (contact.phone if is_open else mask_phone(contact.phone)) if contact else "",
        lead.next_contact_on,
        lead.next_step,
        lead.note,
        _naive(lead.created_at),
        "、".join(map(str, lead.shown_tags)),
        lead.investor_name,
        lead.limit_on,
        lead.last_contact_at and _naive(lead.last_contact_at),
        _naive(lead.updated_at),
    ]


def _naive(at):
    return at.astimezone(SHANGHAI).replace(tzinfo=None)
