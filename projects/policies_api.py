"""The API's door to policies: the catalogue, and one with its document, window and papers."""

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from crm.api import paging, projection
from crm.api.schema import operation
from crm.api.viewsets import ApiViewSet
from projects.models import Policy

READ = ("projects:read", "projects:read_all")

POLICY = projection.Projection(
    "Policy",
    projection.number("id", about="政策编号（系统内）"),
    projection.text("code", about="政策代码"),
    projection.text("name", about="名称"),
    *projection.choice("level", Policy.Level.choices, "层级"),
    projection.text("issuer", about="发布单位"),
    projection.text("number", about="文号"),
    projection.day("issued_on", "发文日期；未知为 null"),
    *projection.choice("status", Policy.Status.choices, "状态；制定中的只给出储备"),
    projection.text("status_note", about="状态说明"),
    projection.amount("budget_wan", "每年资金总额，万元；未知为 null"),
    projection.Column(
        "documents", "documents", serializers.ListField(child=serializers.CharField(), help_text="申报材料")
    ),
    projection.day("window_from", "申报开始；未公布为 null"),
    projection.day("window_to", "申报截止；未公布为 null"),
    projection.text("window_note", about="申报时间说明"),
    projection.text("office", about="受理部门"),
)


class PoliciesAnswer(paging.WholeAnswer):
    results = POLICY.serializer(many=True)


class PolicyViewSet(ApiViewSet):
    """政策."""

    scopes = {"list": READ, "retrieve": READ}

    @operation("政策目录", "政策及其文件、申报时间和材料；资金单位万元。", answer=PoliciesAnswer)
    def list(self, request):
        self._refuse_parameters(request)
        return paging.whole(POLICY.entries(self._rows(), request.user))

    @operation(
        "读取政策",
        "一条政策；不可见的与不存在的同样 404。条件和支持内容见 criteria。",
        answer=POLICY.serializer,
    )
    def retrieve(self, request, pk):
        entries = POLICY.entries(self._rows().filter(pk=pk), request.user)
        if not entries:
            raise NotFound
        return Response(entries[0])

    def _rows(self):
        return Policy.objects.visible_to(self.request.user)
