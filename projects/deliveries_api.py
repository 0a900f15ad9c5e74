"""The API's door to 签约与到位: the two tables of a year, one entry per unit and the total as the last."""

import re

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from crm.api import paging, projection
from crm.api.schema import operation
from crm.api.viewsets import ApiViewSet
from crm.errors import Missing
from crm.filtersets import BadParameters
from crm.workdays import shanghai_day
from projects.deliveries import year_of

NOBODY = ("reports",)  # no token has this scope: credit is between our own units
FIRST, LAST = 2015, 2100
NUMBERS = ("signed", "ended", "registered", "landed")
AMOUNTS = ("amount_wan", "received_wan")


class DeliverySchema(serializers.Serializer):
    """One unit's year, by 统计日期; `unit` null is the total."""

    unit = serializers.CharField(allow_null=True, help_text="单位代码；合计为 null")
    unit_label = serializers.CharField(help_text="单位（中文）；最后一行是合计")
    signed = serializers.IntegerField(help_text="签约项目，个，按责任单位")
    ended = serializers.IntegerField(help_text="解除，个，按责任单位")
    amount_wan = serializers.CharField(help_text="签约额（净增），万元，按责任单位")
    registered = serializers.IntegerField(help_text="注册，个，按责任单位")
    landed = serializers.IntegerField(help_text="落地，个，按责任单位")
    receipts = serializers.IntegerField(help_text="到位资金，笔，按责任单位")
    received_wan = serializers.CharField(help_text="到位资金，万元，按责任单位")
    credited_signed = serializers.CharField(help_text="签约，按业绩份额")
    credited_projects = serializers.IntegerField(help_text="有份额的签约项目，个")
    credited_ended = serializers.CharField(help_text="解除，按业绩份额")
    credited_amount_wan = serializers.CharField(help_text="签约额（净增），万元，按业绩份额")
    credited_registered = serializers.CharField(help_text="注册，按业绩份额")
    credited_landed = serializers.CharField(help_text="落地，按业绩份额")
    credited_received_wan = serializers.CharField(help_text="到位资金，万元，按业绩份额")

    class Meta:
        ref_name = "Delivery"


class DeliveriesAnswer(paging.WholeAnswer):
    results = DeliverySchema(many=True)


YEAR = OpenApiParameter(
    "year",
    {"type": "integer", "minimum": FIRST, "maximum": LAST},
    OpenApiParameter.QUERY,
    description="年份；不写是今年。",
)


class DeliveryViewSet(ApiViewSet):
    """签约与到位."""

    scopes = {"list": NOBODY}

    @operation(
        "签约与到位",
        "一年的签约、解除、签约额、注册、落地、到位资金，按责任单位和按业绩份额（credited_ 开头），同页面。"
        "只计看得到的项目；本单位有份额而看不到的项目（联合裁决、已移交），只有本单位的部分计入按份额的各项。",
        answer=DeliveriesAnswer,
        parameters=[YEAR],
    )
    def list(self, request):
        self._refuse_parameters(request, but=("year",))
        today = shanghai_day(self.now)
        year = _year(request.query_params.get("year", str(today.year)))
        return paging.whole(_entry(row) for row in year_of(request.user, year, today))


def _year(text):
    """The year asked for; BadParameters for what is none."""
    if re.fullmatch(r"[0-9]{4}", text) and FIRST <= int(text) <= LAST:
        return int(text)
    told = f"年份要写成 {FIRST} 到 {LAST} 之间的四位数字。"
    raise BadParameters("地址里的参数有误，请修改：", missing=[Missing("bad_value", told, "year")])


def _entry(row):
    """One row as JSON: whole numbers of the responsible unit, decimals of the shares as text."""
    signings, credit = row.signings, row.credit
    return {
        "unit": row.unit.code if row.unit else None,
        "unit_label": row.unit.name if row.unit else "合计",
        "signed": len(signings.signed),
        "ended": len(signings.ended),
        "amount_wan": projection.plain(signings.amount_wan),
        "registered": row.registered,
        "landed": row.landed,
        "receipts": row.receipts,
        "received_wan": projection.plain(row.received_wan),
        "credited_projects": credit.projects,
        **{f"credited_{name}": projection.plain(getattr(credit, name)) for name in (*NUMBERS, *AMOUNTS)},
    }
