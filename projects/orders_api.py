"""The API's doors to 督办单: reading, answering and closing; issuing stays with the pages."""

from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Greatest

from crm.api import inputs, paging, projection
from crm.api.idempotency import once
from crm.api.schema import IDEMPOTENCY_KEY, listed, operation
from crm.api.viewsets import ApiViewSet
from crm.workdays import shanghai_day
from leads.api import read
from projects import supervising
from projects.models import OrderTransfer, SupervisionOrder
from projects.order_filters import OrderFilter

NOBODY = ("orders",)  # no token has this scope: an order is between the leaders and a unit

ORDER = projection.Projection(
    "SupervisionOrder",
    projection.number("id", about="督办单编号（系统内）"),
    projection.text("number", about="督办编号，例如 DB2026-00001"),
    projection.number("lead", "lead_id", "督办的线索", nullable=True),
    projection.number("project", "project_id", "督办的项目", nullable=True),
    *projection.term("unit", "责任单位；记录移交或裁决变更，在办的督办单随之转给新单位"),
    projection.text("issuer_label", "issuer__name", "签发人；系统签发为 null"),
    projection.text("demand", about="督办要求"),
    projection.moment("issued_at", "签发时间"),
    projection.day("due_on", "办结期限"),
    projection.day("limit_on", "所超时限；由人签发为 null"),
    projection.text("reply", about="办理情况；还没有回复为空"),
    projection.text("replied_by_label", "replied_by__name", "回复人"),
    projection.moment("replied_at", "回复时间；还没有回复为 null"),
    projection.text("closing_note", about="办结意见"),
    projection.moment("closed_at", "办结时间；在办为 null"),
    projection.moment("updated_at", "最近变动时间"),
)


class ReplyInput(inputs.StrictSerializer):
    """What the unit did."""

    reply = inputs.Text(4000, required=True, multiline=True, help_text="办理情况，必填；办结之前可以再写")


class ClosingInput(inputs.StrictSerializer):
    """The issuer is satisfied."""

    note = inputs.Text(300, help_text="办结意见")


class OrderViewSet(ApiViewSet):
    """督办单."""

    scopes = dict.fromkeys(["list", "retrieve", "reply", "close"], NOBODY)

    @listed(ORDER, OrderFilter, "督办单列表", "可见的督办单，最新签发的在前；用 updated_since 时按变动先后。")
    def list(self, request):
        asked, also = request.query_params, paging.PARAMETERS
        rows = OrderFilter(asked, self._rows(), request=request, also=also, today=shanghai_day(self.now))
        rows = rows.rows().annotate(created_at=F("issued_at"))
        return paging.page(request, rows, lambda page, key: ORDER.keyed(page, key, request.user))

    @operation("读取督办单", "一张督办单；不可见的与不存在的同样 404。", answer=ORDER.serializer)
    def retrieve(self, request, pk):
        return self._answer(pk)

    @operation(
        "回复督办",
        "责任单位写明办理情况，签发人收到提醒；已经办结的 400 closed。",
        body=ReplyInput,
        answer=ORDER.serializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def reply(self, request, pk):
        text = read(ReplyInput, request)["reply"]
        supervising.answer(self._one(pk), text=text, by=request.user, at=self.now)
        return self._answer(pk)

    @operation(
        "办结督办",
        "只有签发人可以办结，系统签发的由区投促局办结；还没有回复的 400 not_answered。",
        body=ClosingInput,
        answer=ORDER.serializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def close(self, request, pk):
        note = read(ClosingInput, request).get("note", "")
        supervising.close(self._one(pk), note=note, by=request.user, at=self.now)
        return self._answer(pk)

    def _rows(self):
        rows = SupervisionOrder.objects.visible_to(self.request.user)
        passed = OrderTransfer.objects.filter(order=OuterRef("pk")).order_by("-at").values("at")[:1]
        changed = Greatest("issued_at", "replied_at", "closed_at", Subquery(passed))
        return rows.annotate(updated_at=changed)

    def _one(self, pk):
        found = self._rows().filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found

    def _answer(self, pk):
        self._one(pk)
        return Response(ORDER.entries(self._rows().filter(pk=pk), self.request.user)[0])
