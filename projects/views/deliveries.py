"""签约与到位: the year by unit, and the list behind every number."""

from dataclasses import replace
from urllib.parse import urlencode

from django.db import transaction
from django.http import FileResponse, Http404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import audit, display
from crm.answers import says_why
from crm.models import ExportJob
from crm.paging import count, keyset_page
from crm.permissions import require
from projects import exports
from projects.deliveries import year_of
from projects.delivery_filters import YearForm
from projects.delivery_lists import TITLES, behind, listing_of
from projects.tables import NOTHING, Cell, Table
from projects.views import doors
from projects.views.listings import answered

HEADS = ["责任单位", "签约\n（个）", "解除\n（个）", "签约额\n（净增）", "注册\n（个）", "落地\n（个）"]
HEADS += ["到位资金\n（笔）", "到位资金", "到期承诺\n（条）", "履约率", "部分\n（条）", "已豁免\n（条）"]
HEADS += ["已终止\n（条）"]
CREDITED = ["单位", "签约\n（按份额）", "有份额的\n签约项目（个）", "解除\n（按份额）", "签约额\n（按份额）"]
CREDITED += ["注册\n（按份额）", "落地\n（按份额）", "到位资金\n（按份额）"]


def asked(request):
    """The checked conditions; this year when none is named."""
    form = YearForm(request.GET)
    if not form.is_valid():
        raise doors.refusal_of(form)
    return form.asked(doors.today())


@require_safe
@says_why
def delivery(request):
    """The table: every number by 统计日期, every number a list."""
    year, today = asked(request)["year"], doors.today()
    rows = year_of(request.user, year, today)
    context = {
        "year": year,
        "years": range(today.year, today.year - 6, -1),
        "table": _responsible(rows, year),
        "credited": _by_shares(rows, year),
        "total": rows[-1],
        "is_empty": all(row.is_empty for row in rows),
        "today": today,
    }
    return TemplateResponse(request, "projects/delivery.html", context)


@require_safe
@says_why
@transaction.atomic
def delivery_export(request, table):
    """One of the two tables as a workbook; written into the audit log."""
    if table not in TABLES:
        raise Http404
    year, at = asked(request)["year"], timezone.now()
    found = TABLES[table](year_of(request.user, year, doors.today()), year)
    audit.record(request.user, "export", detail={"list": "delivery", "filters": f"{year} 年"}, at=at)
    file = exports.funnel_workbook(found.plain(), by=request.user, at=at)
    name = f"{found.title}-{year}-{doors.today():%Y%m%d}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name)


def _responsible(rows, year):
    shown = [row for row in rows if not (row.unit and row.is_empty)]
    return Table("签约与到位", HEADS, [_cells(row, year) for row in shown])


def _by_shares(rows, year):
    return Table("按业绩份额", CREDITED, [_credited(row, year) for row in rows])


TABLES = {"responsible": _responsible, "credited": _by_shares}


def _linked(number, kind, text=None, **query):
    """A number with the list behind it; what is 0 has none."""
    asked = urlencode({name: value for name, value in query.items() if value})
    url = f"{reverse('delivery_list', args=[kind])}?{asked}" if number else ""
    return Cell(text or f"{number:,}", number, url)


def _cells(row, year):
    signings, keeping = row.signings, row.keeping
    unit = row.unit.code if row.unit else ""

    def linked(number, kind, text=None):
        return _linked(number, kind, text, year=year, unit=unit)

    def promises(number, text=None, **query):
        asked = urlencode({name: value for name, value in {"unit": unit, **query}.items() if value})
        url = f"{reverse('projects:commitments')}?{asked}" if number else ""
        return Cell(text or f"{number:,}", number, url)

    amount = linked(len(signings.changed), "amount", display.money(signings.amount_wan))
    share = NOTHING if keeping.rate is None else display.share(keeping.rate, 1)
    rate = promises(keeping.due, share, due="past")
    return [
        Cell(row.unit.name if row.unit else "合计"),
        linked(len(signings.signed), "signed"),
        linked(len(signings.ended), "ended"),
        replace(amount, value=signings.amount_wan),
        linked(row.registered, "registered"),
        linked(row.landed, "landed"),
        linked(row.receipts, "receipts"),
        linked(row.received_wan, "receipts", display.money(row.received_wan)),
        promises(keeping.due, due="past"),
        replace(rate, value=keeping.rate),
        promises(keeping.partial, state="partial"),
        promises(keeping.waived, state="waived"),
        promises(keeping.ended, state="ended"),
    ]


def _credited(row, year):
    """What the shares of a unit come to; the plain number of projects stands beside the divided one."""
    credit, unit = row.credit, row.unit.code if row.unit else ""

    def linked(number, kind, text=None):
        return _linked(number, kind, text or display.number(number, None), year=year, credited=unit)

    return [
        Cell(row.unit.name if row.unit else "合计"),
        linked(credit.signed, "signed"),
        linked(credit.projects, "signed"),
        linked(credit.ended, "ended"),
        linked(credit.amount_wan, "amount", display.money(credit.amount_wan, None)),
        linked(credit.registered, "registered"),
        linked(credit.landed, "landed"),
        linked(credit.received_wan, "receipts", display.money(credit.received_wan, None)),
    ]


@require_safe
@says_why
def delivery_list(request, kind):
    """The rows behind one number of the table."""
    given, found = asked(request), _behind(request, kind)
    page = keyset_page(found.rows, given["page"])
    found.mark(page.rows)
    address = found.query().urlencode()
    context = {
        "kind": kind,
        "title": TITLES[kind],
        **given,
        "number": _number(found),
        "hidden": found.hidden,
        "page": page,
        "address": address,
        "export": f"{reverse('delivery_list_export', args=[kind])}?{address}",
        **found.sums(),
    }
    return TemplateResponse(request, "projects/delivery_list.html", context)


@require_safe
@says_why
@transaction.atomic
def delivery_list_export(request, kind):
    """The same list as a workbook; a large one is asked for first. Written into the audit log."""
    found = _behind(request, kind)
    query = found.query(of=kind)
    return answered(request, ExportJob.Kind.DELIVERIES, listing_of(found), words=found.words(), query=query)


def _behind(request, kind):
    """What stands behind one number, for who reads reports; 404 for what is no column of the table."""
    require(request.user, "report")
    if kind not in TITLES:
        raise Http404
    return behind(request.user, kind, asked(request))


def _number(found):
    """How many there are; what is credited without being seen belongs to the list of a unit with a share."""
    number = count(found.rows)
    return replace(number, number=number.number + len(found.hidden)) if found.given["credited"] else number
