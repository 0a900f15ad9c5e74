"""The API's door to criteria: every version, and publishing the next one by the page's own verb."""

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
from projects.models import Fund, Policy
from projects.offers import in_force
from projects.tasks import match_fund, match_policy

READ = ("projects:read", "projects:read_all")
NOBODY = ("criteria",)  # no token has this scope: criteria are published by people

COLUMNS = (
    projection.number("number", about="版本号"),
    projection.Column("criteria", "criteria", serializers.JSONField(help_text="条件：规则和组的 JSON")),
    projection.flag("is_example", about="示例条件，不是正式公布的"),
    projection.text("source", about="来源文件"),
    projection.day("source_date", "文件日期；未知为 null"),
    projection.day("valid_from", "生效日期"),
    projection.day("valid_to", "失效日期（当天仍有效）；未定为 null，早于生效日期即未生效或生效当天就被取代"),
    projection.moment("published_at", "发布时间"),
)
VERSION = projection.Projection("CriteriaVersion", *COLUMNS)
POLICY_VERSION = projection.Projection(
    "PolicyVersion",
    *COLUMNS,
    projection.text("benefit", about="支持内容"),
    projection.Column("tiers", "tiers", serializers.JSONField(help_text="估算方法：分档的 JSON，从上到下")),
    projection.amount("cap_wan", "单家每年上限，万元；没有公布为 null"),
)


class VersionAnswer(VERSION.serializer):
    """A version, and whether matching goes by it today."""

    is_in_force = serializers.BooleanField(help_text="今天匹配所依据的一版")

    class Meta:
        ref_name = "CriteriaVersion"


class VersionsAnswer(paging.WholeAnswer):
    results = VersionAnswer(many=True)


class PolicyVersionAnswer(POLICY_VERSION.serializer):
    """A version of a policy, and whether matching goes by it today."""

    is_in_force = serializers.BooleanField(help_text="今天匹配所依据的一版")

    class Meta:
        ref_name = "PolicyVersion"


class PolicyVersionsAnswer(paging.WholeAnswer):
    results = PolicyVersionAnswer(many=True)


@extend_schema_field({"type": "object"})
class Criteria(serializers.Field):
    """Criteria as JSON; what is wrong inside them the rules say."""

    def to_internal_value(self, data):
        return data if drafting.is_too_big(data) else drafting.exact(data)

    def to_representation(self, value):
        return value


class VersionInput(inputs.StrictSerializer):
    """The next version of criteria."""

    after = serializers.IntegerField(
        min_value=0, max_value=30_000, help_text="起草时最新一版的版本号；还没有版本写 0"
    )
    criteria = Criteria(help_text="条件：规则和组（all、any、not）的 JSON")
    valid_from = serializers.DateField(help_text="生效日期，不早于今天")
    source = inputs.Text(200, required=True, help_text="来源文件，必填")
    source_date = serializers.DateField(required=False, allow_null=True, help_text="文件日期")
    is_example = serializers.BooleanField(default=False, help_text="示例条件")


@extend_schema_field({"type": "array", "items": {"type": "object"}})
class Tiers(serializers.Field):
    """Tiers of an estimate as JSON; what is wrong inside them publishing says."""

    def to_internal_value(self, data):
        try:
            return drafting.exact(data)
        except RecursionError as error:
            raise serializers.ValidationError("套得太深，请合并或删去一些。") from error

    def to_representation(self, value):
        return value


class PolicyVersionInput(VersionInput):
    """The next version of a policy: also until when, and what it gives."""

    valid_to = serializers.DateField(required=False, allow_null=True, help_text="失效日期，当天仍有效")
    benefit = inputs.Text(2000, help_text="支持内容")
    tiers = Tiers(required=False, help_text="估算方法：分档，每档 kind、金额或比例、条款")
    cap_wan = serializers.DecimalField(
        max_digits=16, decimal_places=4, required=False, allow_null=True, help_text="单家每年上限，万元"
    )


class CriteriaViewSet(ApiViewSet):
    """基金条件."""

    scopes = {"versions": READ, "publish": NOBODY}
    model, version, task = Fund, VERSION, match_fund

    @operation(
        "基金条件的版本",
        "一只基金的全部条件版本，最新的在前；is_in_force 是今天匹配所依据的一版。",
        answer=VersionsAnswer,
    )
    def versions(self, request, pk):
        return paging.whole(self._entries(self._one(pk)))

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
        return self._publish(VersionInput, pk)

    def _publish(self, form, pk):
        one = self._one(pk)
        require(self.request.user, "edit_criteria")
        given = read(form, self.request)
        criteria, after = given.pop("criteria"), given.pop("after")
        edition = publishing.Edition(**given)
        publishing.publish(one, criteria, edition, by=self.request.user, at=self.now, after=after)
        ring(self.task, one.pk)
        return Response(self._entries(one)[0], status=201)

    def _one(self, pk):
        found = self.model.objects.visible_to(self.request.user).filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found

    def _entries(self, one):
        now = in_force(one.versions.all(), shanghai_day(self.now))
        entries = self.version.entries(one.versions.order_by("-number"), self.request.user)
        return [
            {**entry, "is_in_force": now is not None and entry["number"] == now.number} for entry in entries
        ]


class PolicyCriteriaViewSet(CriteriaViewSet):
    """政策条件."""

    model, version, task = Policy, POLICY_VERSION, match_policy

    @operation(
        "政策条件的版本",
        "一条政策的全部条件版本和支持内容，最新的在前；is_in_force 是今天有效的一版。",
        answer=PolicyVersionsAnswer,
    )
    def versions(self, request, pk):
        return paging.whole(self._entries(self._one(pk)))

    @operation(
        "发布政策条件",
        "发布为新的一版，检查与页面相同；有误 400，什么都不写。after 之后已有新版 409 published_meanwhile。"
        "只有区投促局（登录用户）可以发布，令牌得到 403。",
        body=PolicyVersionInput,
        answer=PolicyVersionAnswer,
        status=201,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def publish(self, request, pk):
        return self._publish(PolicyVersionInput, pk)
