"""漏斗 and 大屏: counts over what the person sees; every number is the address of the list behind it."""

from datetime import timedelta

from django import forms
from django.db import transaction
from django.http import FileResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import audit
from crm.answers import says_why
from crm.filtersets import refuse_others
from crm.forms import AddressForm, PlausibleDayField
from crm.permissions import require
from leads.filters import midnight
from leads.models import Lead
from projects import exports, tables
from projects.groups import GROUPS
from projects.reports import funnel, funnels
from projects.views import doors

CITIES = 8


class FunnelForm(AddressForm):
    """What the funnel is asked for: leads recorded in a period, split by one dimension, one measure."""

    start = PlausibleDayField(label="线索登记不早于", required=False)
    end = PlausibleDayField(label="线索登记不晚于", required=False)
    group = forms.ChoiceField(
        label="分组", required=False, choices=[("", "不分组"), *((k, g.label) for k, g in GROUPS.items())]
    )
    measure = forms.ChoiceField(label="看", required=False, choices=list(tables.MEASURES.items()))

    def clean(self):
        super().clean()
        start, end = self.cleaned_data.get("start"), self.cleaned_data.get("end")
        if start and end and start > end:
            self.add_error("end", "结束日期早于开始日期。")
        return self.cleaned_data

    def words(self):
        """What was asked for, to be read: 「分组 赛道；看 现有数量」."""
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        options = {name: dict(getattr(self.fields[name], "choices", ())) for name in asked}
        return "；".join(
            f"{self.fields[name].label} {options[name].get(value, value)}" for name, value in asked.items()
        )


@require_safe
@says_why
def funnel_page(request):
    """漏斗: counts, sums, conversion and median days per stage and group; the tables are the truth."""
    form, found, table = _asked(request)
    groups = None
    if found.group:
        groups = tables.by_group(found, form.cleaned_data["measure"] or "count", _lists(form))
    context = {
        "form": form,
        "funnel": found,
        "stages": table,
        "groups": groups,
        "chart": _chart(found),
        "address": request.GET.urlencode(),
        "today": doors.today(),
    }
    return TemplateResponse(request, "projects/funnel.html", context)


@require_safe
@says_why
@transaction.atomic
def funnel_export(request):
    """The table of the page as a workbook; written into the audit log."""
    form, found, table = _asked(request)
    if found.group:
        table = tables.by_group(found, form.cleaned_data["measure"] or "count", _lists(form))
    at = timezone.now()
    audit.record(request.user, "export", detail={"list": "funnel", "filters": form.words()}, at=at)
    file = exports.funnel_workbook(table.plain(), by=request.user, at=at)
    return FileResponse(file, as_attachment=True, filename=f"招商漏斗-{doors.today():%Y%m%d}.xlsx")


def _asked(request):
    """The form, the funnel it asks for over what this person sees, and its table by stage."""
    require(request.user, "report")
    form = FunnelForm(request.GET)
    if not form.is_valid():
        raise doors.refusal_of(form, "地址里的条件有误，漏斗没有显示。请修改或去掉：")
    leads, projects = _rows(request, form)
    days = "group" if form.cleaned_data["measure"] == "days" else "total"
    found = funnel(leads, projects, at=timezone.now(), group=form.cleaned_data["group"], days=days)
    return form, found, tables.by_stage(found.total, _lists(form))


def _rows(request, form):
    """Visible leads recorded in the period, and the projects that came of such leads."""
    start, end = form.cleaned_data["start"], form.cleaned_data["end"]
    period = {}
    if start:
        period["created_at__gte"] = midnight(start)
    if end:
        period["created_at__lt"] = midnight(end + timedelta(days=1))
    leads = Lead.objects.visible_to(request.user).filter(**period)
    return leads, doors.visible(request).filter(**{f"lead__{name}": value for name, value in period.items()})


def _lists(form):
    data = form.cleaned_data
    return tables.Lists(data["start"], data["end"], data["group"], data["measure"])


def _chart(found):
    """The funnel for the picture: reached by stage on the line, and what stands there now."""
    lines = [line for line in found.total.lines if line.on_line]
    chart = {
        "stages": [
            {
                "label": line.label,
                "reached": line.reached,
                "now": line.now.count,
                "amount": None if line.now.known is None else float(line.now.known),
                "share": line.next_share,
            }
            for line in lines
        ]
    }
    if found.group:
        chart["group"] = found.group_label
        chart["rows"] = [{"label": row.label, "count": row.total.count} for row in found.rows][:20]
    return chart


@require_safe
@says_why
def screen(request):
    """大屏: the same numbers to be read from afar; no names, no contacts."""
    require(request.user, "report")
    refuse_others(request)
    leads, projects, at = Lead.objects.visible_to(request.user), doors.visible(request), timezone.now()
    by_sector, by_city = funnels(leads, projects, ["sector", "city"])
    lines = [line for line in by_sector.total.lines if line.on_line]
    cities = [row for row in by_city.rows if row.key != "none"][:CITIES]
    context = {
        "total": by_sector.total,
        "lines": _bars(lines, lambda line: line.reached),
        "sectors": _bars(by_sector.rows, lambda row: row.total.count),
        "cities": _bars(cities, lambda row: row.total.count),
        "signed": by_sector.total.line("signed"),
        "landed": by_sector.total.line("landed"),
        "at": at,
    }
    return TemplateResponse(request, "projects/screen.html", context)


def _bars(rows, size):
    """(row, number, per cent of the largest) for bars drawn without a script."""
    most = max(map(size, rows), default=0)
    return [(row, size(row), round(100 * size(row) / most, 1) if most else 0) for row in rows]
