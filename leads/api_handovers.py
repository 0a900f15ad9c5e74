"""The API's doors to 流转: offer a lead, list the offers, answer one."""

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from django.db.models import F

from crm.api import inputs, paging, projection
from crm.api.idempotency import once
from crm.api.schema import IDEMPOTENCY_KEY, listed, operation
from crm.api.viewsets import ApiViewSet
from crm.filtersets import StrictFilterSet
from crm.models import Unit, User
from leads import handover
from leads.api import read
from leads.models import Handover, Lead

NOBODY = ("handovers",)  # no token has this scope: hand-overs are between units

HANDOVER = projection.Projection(
    "Handover",
    projection.number("id", about="流转编号"),
    projection.number("lead", "lead_id", "线索编号；接收以前接收方还打不开"),
    projection.number("project", "lead__project__id", "已转为项目的，项目编号", nullable=True),
    projection.text("company_name", "lead__title", "企业或项目名称"),
    *projection.term("from_unit", "移出单位"),
    *projection.term("to_unit", "接收单位"),
    projection.text("to_owner_label", "to_owner__name", "接收人；由接收单位指定为 null"),
    projection.text("reason", about="移交理由"),
    projection.number("share", about="移出单位保留的业绩，%"),
    projection.choice("state", Handover.State.choices, "状态"),
    projection.day("due_on", "接收期限；待审批为 null"),
    projection.text("answer", about="答复"),
    projection.moment("at", "提出时间"),
    projection.moment("answered_at", "答复时间"),
    projection.moment("updated_at", "最近变动时间"),
)


class HandoverFilter(StrictFilterSet):
    """No filters: a person has few hand-overs."""


class HandoverInput(inputs.StrictSerializer):
    """To whom and why."""

    to_unit = inputs.Code(Unit.objects.filter(is_active=True), required=True, help_text="接收单位代码")
    to_owner = serializers.IntegerField(required=False, min_value=1, help_text="接收人编号")
    share = serializers.IntegerField(
        required=False, min_value=0, max_value=100, help_text="移出单位保留的业绩，%；不写按设置"
    )
    reason = inputs.Text(200, help_text="移交理由，必填")


class RefusalInput(inputs.StrictSerializer):
    """Why the lead goes back."""

    reason = inputs.Text(200, help_text="退回理由，必填")


ANSWER = {"answer": HANDOVER.serializer, "parameters": [IDEMPOTENCY_KEY]}


class HandoverViewSet(ApiViewSet):
    """流转."""

    actions = ["list", "hand_over", "accept", "refuse", "approve", "withdraw"]
    scopes = dict.fromkeys(actions, NOBODY)

    @listed(
        HANDOVER,
        HandoverFilter,
        "流转列表",
        "移出的，和交给自己或自己单位接收的；最新提出的在前。没有联系人。",
    )
    def list(self, request):
        asked, also = request.query_params, paging.PARAMETERS
        rows = HandoverFilter(asked, self._rows(), request=request, also=also).rows()
        rows = rows.annotate(created_at=F("at"))
        return paging.page(request, rows, lambda page, key: HANDOVER.keyed(page, key, request.user))

    @operation(
        "提出移交",
        "把线索移交给另一个单位，等对方接收；已转为项目的连项目一起移交。超过免审批次数时先等区投促局审批。"
        "储备、流失的和已在移交中的 400。",
        body=HandoverInput,
        status=201,
        **ANSWER,
    )
    @once
    def hand_over(self, request, pk):
        return self.offer(Lead.objects.visible_to(request.user).filter(pk=pk).first())

    def offer(self, lead):
        """Offer `lead`, None when there is none for this person, as the body of the request asks."""
        if lead is None:
            raise NotFound
        request = self.request
        given = read(HandoverInput, request)
        if number := given.pop("to_owner", None):
            given["to_owner"] = User.objects.filter(pk=number, is_active=True).first()
            if given["to_owner"] is None:
                raise handover.HandoverRefused("没有这个接收人。", field="to_owner")
        given.setdefault("reason", "")
        row = handover.hand_over(lead, by=request.user, at=self.now, **given)
        return self._answer(row, 201)

    @operation("接收移交", "接收线索和它形成的项目；逾期、已答复的拒绝。", **ANSWER)
    @once
    def accept(self, request, pk):
        return self._answer(handover.accept(self._one(pk), by=request.user, at=self.now))

    @operation("退回移交", "退回线索，须写理由；待审批时由区投促局退回。", body=RefusalInput, **ANSWER)
    @once
    def refuse(self, request, pk):
        row, reason = self._one(pk), read(RefusalInput, request).get("reason", "")
        return self._answer(handover.refuse(row, by=request.user, at=self.now, reason=reason))

    @operation("同意再次移交", "区投促局审批再次移交，接收期限从现在起算。", **ANSWER)
    @once
    def approve(self, request, pk):
        return self._answer(handover.approve(self._one(pk), by=request.user, at=self.now))

    @operation("撤回移交", "移出单位在答复以前撤回。", **ANSWER)
    @once
    def withdraw(self, request, pk):
        return self._answer(handover.withdraw(self._one(pk), by=request.user, at=self.now))

    def _rows(self):
        return Handover.objects.visible_to(self.request.user)

    def _one(self, pk):
        found = self._rows().select_related("lead").filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found

    def _answer(self, row, status=200):
        found = HANDOVER.entries(Handover.objects.filter(pk=row.pk), self.request.user)
        return Response(found[0], status=status)
