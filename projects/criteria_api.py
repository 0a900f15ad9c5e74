"""The API's door to a fund's criteria: every version, and publishing the next one by the page's own verb."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from crm.api import inputs, paging, projection
from crm.api.idempotency import once
from crm.api.schema import IDEMPOTENCY_KEY, operation
from crm.api.viewsets import ApiViewSet
from crm.bell import ring
from crm.permissions import require
from crm.rules import drafting
from crm.workdays import shanghai_day
from leads.api import read
from projects import publishing
from projects.matching import in_force
from projects.models import Fund
from projects.tasks import match_fund

READ = ("projects:read", "projects:read_all")
NOBODY = ("criteria",)  # no token has this scope: criteria are published by people

VERSION = projection.Projection(
    "CriteriaVersion",
    projection.number("number", about="版本号"),
    projection.Column("criteria", "criteria", serializers.JSONField(help_text="条件：规则和组的 JSON")),
    projection.flag("is_example", about="示例条件，不是基金正式公布的"),
    projection.text("source", about="来源文件"),
    projection.day("source_date", "文件日期；未知为 null"),
    projection.day("valid_from", "生效日期"),
    projection.day("valid_to", "失效日期（当天仍有效）；未定为 null，早于生效日期即未生效就被取代"),
    projection.moment("published_at", "发布时间"),
)


class VersionAnswer(VERSION.serializer):
    """A version, and whether matching goes by it today."""

    is_in_force = serializers.BooleanField(help_text="今天匹配所依据的一版")

    class Meta:
        ref_name = "CriteriaVersion"


class VersionsAnswer(paging.WholeAnswer):
    results = VersionAnswer(many=True)


@extend_schema_field({"type": "object"})
class Criteria(serializers.Field):
    """Criteria as JSON; what is wrong inside them the rules say."""

    def to_internal_value(self, data):
        return data if drafting.is_too_big(data) else drafting.exact(data)

    def to_representation(self, value):
        return value


class VersionInput(inputs.StrictSerializer):
    """The next version of a fund's criteria."""

    after = serializers.IntegerField(
        min_value=0, max_value=30_000, help_text="起草时最新一版的版本号；还没有版本写 0"
    )
    criteria = Criteria(help_text="条件：规则和组（all、any、not）的 JSON")
    valid_from = serializers.DateField(help_text="生效日期，不早于今天")
    source = inputs.Text(200, required=True, help_text="来源文件，必填")
    source_date = serializers.DateField(required=False, allow_null=True, help_text="文件日期")
    is_example = serializers.BooleanField(default=False, help_text="示例条件")


class CriteriaViewSet(ApiViewSet):
    """基金条件."""

    scopes = {"versions": READ, "publish": NOBODY}

    @operation(
        "基金条件的版本",
        "一只基金的全部条件版本，最新的在前；is_in_force 是今天匹配所依据的一版。",
        answer=VersionsAnswer,
    )
    def versions(self, request, pk):
        return paging.whole(self._entries(self._fund(pk)))

    @operation(
        "发布基金条件",
        "发布为新的一版，检查与页面相同；条件有误 400 criteria，missing 逐条列出，什么都不写。"
        "after 之后已有新版 409 published_meanwhile。"
        "只有区投促局和这只基金的基金方账号（登录用户）可以发布，令牌得到 403。",
        body=VersionInput,
        answer=VersionAnswer,
        status=201,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def publish(self, request, pk):
        fund = self._fund(pk)
        require(request.user, "edit_criteria")
        given = read(VersionInput, request)
        criteria, after = given.pop("criteria"), given.pop("after")
        edition = publishing.Edition(**given)
        publishing.publish(fund, criteria, edition, by=request.user, at=self.now, after=after)
        ring(match_fund, fund.pk)
        return Response(self._entries(fund)[0], status=201)

    def _fund(self, pk):
        found = Fund.objects.visible_to(self.request.user).filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found

    def _entries(self, fund):
        now = in_force(fund.versions.all(), shanghai_day(self.now))
        entries = VERSION.entries(fund.versions.order_by("-number"), self.request.user)
        return [
            {**entry, "is_in_force": now is not None and entry["number"] == now.number} for entry in entries
        ]
