"""The API's doors to 公海: what waits there, taking one, giving one up."""

from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from django.db.models import F

from crm.api import inputs, paging, projection
from crm.api.idempotency import once
from crm.api.schema import IDEMPOTENCY_KEY, listed, operation
from crm.api.viewsets import ApiViewSet
from crm.filtersets import StrictFilterSet
from crm.permissions import require
from leads import pool
from leads.api import read
from leads.models import Lead, PoolEntry

NOBODY = ("pool",)  # no token has this scope: the pool is for our own people

ENTRY = projection.Projection(
    "PoolEntry",
    projection.number("id", about="公海记录编号"),
    projection.text("company_name", "lead__title", "企业或项目名称"),
    *projection.term("city", "来源城市"),
    projection.amount("amount_wan", "投资额，万元；未知为 null", "lead__amount_wan"),
    *projection.choice("why", PoolEntry.Why.choices, "进入公海的原因"),
    projection.moment("entered_at", "进入公海的时间"),
    *projection.term("taken_unit", "领取单位；还在公海为 null"),
    projection.moment("follow_up_by", "最迟首次有效跟进；还在公海为 null"),
)


class PoolFilter(StrictFilterSet):
    """No filters yet: the pool is read from the newest on."""


class GiveInput(inputs.StrictSerializer):
    """Why the lead is given up."""

    reason = inputs.Text(200, help_text="放入公海的理由，必填")


class PoolViewSet(ApiViewSet):
    """公海."""

    scopes = dict.fromkeys(["list", "take", "give"], NOBODY)

    @listed(ENTRY, PoolFilter, "公海列表", "等待领取的线索，最新进入的在前；没有联系人和情况说明。")
    def list(self, request):
        require(request.user, "see_pool")
        asked, also = request.query_params, paging.PARAMETERS
        rows = PoolEntry.objects.visible_to(request.user).waiting()
        rows = PoolFilter(asked, rows, request=request, also=also).rows()
        moment = F("entered_at")
        rows = shaped(rows).annotate(created_at=moment, updated_at=moment)
        return paging.page(request, rows, lambda page, key: ENTRY.keyed(page, key, request.user))

    @operation(
        "领取公海线索",
        "线索归领取人和其单位，首报重新开始。超过每天或持有上限、原负责人未满等待期的 400，已被领取的 409。",
        answer=ENTRY.serializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def take(self, request, pk):
        require(request.user, "take_from_pool")
        entry = PoolEntry.objects.visible_to(request.user).filter(pk=pk).first()
        if entry is None:
            raise NotFound
        return self._answer(pool.take(entry, by=request.user, at=self.now))

    @operation(
        "放入公海",
        "负责人、单位负责人或区投促局放弃一条线索，须写理由；只限公海渠道的小额在办线索。",
        body=GiveInput,
        answer=ENTRY.serializer,
        status=201,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def give(self, request, pk):
        lead = Lead.objects.visible_to(request.user).filter(pk=pk).first()
        if lead is None:
            raise NotFound
        reason = read(GiveInput, request).get("reason", "")
        return self._answer(pool.give(lead, by=request.user, at=self.now, reason=reason), 201)

    def _answer(self, row, status=200):
        found = ENTRY.entries(shaped(PoolEntry.objects.filter(pk=row.pk)), self.request.user)
        return Response(found[0], status=status)


def shaped(rows):
    """Entries with the city of their lead, as the projection looks it up."""
    return rows.annotate(city_id=F("lead__city_id"))
