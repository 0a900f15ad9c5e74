"""The API's doors to policies: the catalogue, and the record of one, entered and corrected as on its page."""

from rest_framework import serializers

from crm.api import inputs, paging, projection
from crm.api.idempotency import once
from crm.api.schema import ETAG, IDEMPOTENCY_KEY, IF_MATCH, IF_NONE_MATCH, UNCHANGED, operation
from projects import policies
from projects.models import Policy
from projects.offer_records import CODE_MAX
from projects.offers_api import EDITORS, OfferViewSet
from projects.policies import DOCUMENTS_MAX
from projects.tasks import match_policy

POLICY = projection.Projection(
    "Policy",
    projection.number("id", about="政策编号（系统内）"),
    projection.number("version", about="档案的版本，与 ETag 相同；条件的版本见 criteria"),
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


def _day(about):
    return serializers.DateField(required=False, allow_null=True, help_text=f"{about}；没有公布为 null")


class PolicyChange(inputs.StrictSerializer):
    """Fields of a policy's record; those not named stay as they are."""

    name = inputs.Text(80, help_text="名称")
    level = serializers.ChoiceField(
        Policy.Level.choices, required=False, help_text=inputs.worded("层级", Policy.Level.choices)
    )
    status = serializers.ChoiceField(
        Policy.Status.choices, required=False, help_text=inputs.worded("状态", Policy.Status.choices)
    )
    status_note = inputs.Text(200, help_text="状态说明")
    issuer = inputs.Text(80, help_text="发布单位")
    number = inputs.Text(60, help_text="文号")
    issued_on = _day("发文日期")
    budget_wan = inputs.Amount(help_text="每年资金总额，万元；没有公布为 null")
    documents = serializers.ListField(
        child=inputs.Text(DOCUMENTS_MAX, required=True, allow_blank=False),
        required=False,
        max_length=1000,
        help_text="申报材料，一项一条；写全部，没有写到的去掉",
    )
    window_from = _day("申报开始")
    window_to = _day("申报截止，不早于申报开始")
    window_note = inputs.Text(200, help_text="申报时间说明")
    office = inputs.Text(80, help_text="受理部门")


class PolicyInput(PolicyChange):
    """A policy that is not there yet."""

    code = inputs.Text(CODE_MAX, required=True, help_text="代码：小写字母、数字和中间的连字符，定了不再改")
    name = inputs.Text(80, required=True, help_text="名称")
    level = serializers.ChoiceField(
        Policy.Level.choices, help_text=inputs.worded("层级", Policy.Level.choices)
    )
    status = serializers.ChoiceField(
        Policy.Status.choices, help_text=inputs.worded("状态", Policy.Status.choices)
    )


class PolicyViewSet(OfferViewSet):
    """政策."""

    model, projection, rules = Policy, POLICY, policies
    right, task, place = "edit_policies", match_policy, "api:policy"

    @operation("政策目录", "政策及其文件、申报时间和材料；资金单位万元。", answer=PoliciesAnswer)
    def list(self, request):
        self._refuse_parameters(request)
        return paging.whole(POLICY.entries(self.rows(), request.user))

    @operation(
        "登记政策",
        f"登记一条还没有的政策，随后发布条件；代码已用过的 400。{EDITORS}",
        body=PolicyInput,
        answer=POLICY.serializer,
        status=201,
        parameters=[IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def add(self, request):
        return self.entered(PolicyInput)

    @operation(
        "读取政策",
        "一条政策；不可见的与不存在的同样 404。应答带 ETag，更正时写进 If-Match。条件和支持内容见 criteria。",
        answer=POLICY.serializer,
        parameters=[IF_NONE_MATCH, ETAG],
        also=UNCHANGED,
    )
    def retrieve(self, request, pk):
        return self.answer(pk)

    @operation(
        "更正政策档案",
        f"更正写明的字段，其余照旧；必须带 If-Match。改了状态随即重新匹配在办项目。{EDITORS}",
        body=PolicyChange,
        answer=POLICY.serializer,
        parameters=[IF_MATCH, IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def change(self, request, pk):
        return self.corrected(PolicyChange, pk)
