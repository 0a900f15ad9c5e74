"""The API's doors to funds: the catalogue, and the record of one, entered and corrected as on its page."""

from rest_framework import serializers

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, OuterRef, Value

from crm.api import inputs, paging, projection
from crm.api.idempotency import once
from crm.api.schema import ETAG, IDEMPOTENCY_KEY, IF_MATCH, IF_NONE_MATCH, UNCHANGED, operation
from crm.models import User
from crm.permissions import may
from projects import funds
from projects.models import Fund
from projects.offer_records import CODE_MAX
from projects.offers_api import EDITORS, OfferViewSet
from projects.tasks import match_fund

COLUMNS = (
    projection.number("id", about="基金编号（系统内）"),
    projection.number("version", about="档案的版本，与 ETag 相同；条件的版本见 criteria"),
    projection.text("code", about="基金代码"),
    projection.text("name", about="名称"),
    *projection.choice("kind", Fund.Kind.choices, "类别"),
    *projection.choice("status", Fund.Status.choices, "状态；筹建中的基金只给出储备"),
    projection.text("status_note", about="状态说明"),
    projection.amount("size_wan", "规模，万元；未知为 null"),
    projection.text("operator", about="管理机构"),
    projection.flag("is_local", about="本区基金"),
)
FUND = projection.Projection("Fund", *COLUMNS)
MANAGERS = serializers.ListField(
    child=serializers.CharField(),
    allow_null=True,
    help_text="基金方账号（用户名）；只给区投促局，别人读到 null",
)
RECORD = projection.Projection("FundRecord", *COLUMNS, projection.Column("managers", "accounts", MANAGERS))


class FundsAnswer(paging.WholeAnswer):
    results = FUND.serializer(many=True)


class FundChange(inputs.StrictSerializer):
    """Fields of a fund's record; those not named stay as they are."""

    name = inputs.Text(80, help_text="名称")
    kind = serializers.ChoiceField(
        Fund.Kind.choices, required=False, help_text=inputs.worded("类别", Fund.Kind.choices)
    )
    status = serializers.ChoiceField(
        Fund.Status.choices,
        required=False,
        help_text=inputs.worded("状态；还有推荐在进行中的不能改成不能出资的", Fund.Status.choices),
    )
    status_note = inputs.Text(200, help_text="状态说明")
    size_wan = inputs.Amount(help_text="规模，万元")
    operator = inputs.Text(80, help_text="管理机构")
    is_local = serializers.BooleanField(required=False, help_text="本区基金")
    managers = serializers.ListField(
        child=inputs.Text(150, required=True, allow_blank=False),
        required=False,
        max_length=200,
        help_text="全部基金方账号（用户名），没有写到的不再是",
    )


class FundInput(FundChange):
    """A fund that is not there yet."""

    code = inputs.Text(CODE_MAX, required=True, help_text="代码：小写字母、数字和中间的连字符，定了不再改")
    name = inputs.Text(80, required=True, help_text="名称")
    kind = serializers.ChoiceField(Fund.Kind.choices, help_text=inputs.worded("类别", Fund.Kind.choices))
    status = serializers.ChoiceField(
        Fund.Status.choices, help_text=inputs.worded("状态", Fund.Status.choices)
    )


class FundViewSet(OfferViewSet):
    """基金."""

    model, projection, rules = Fund, RECORD, funds
    right, task, place = "edit_funds", match_fund, "api:fund"

    def shaped(self, rows):
        accounts = Value(None, output_field=ArrayField(CharField()))
        if may(self.request.user, self.right):
            own = User.objects.filter(funds=OuterRef("pk")).order_by("username")
            accounts = ArraySubquery(own.values("username"))
        return rows.annotate(accounts=accounts)

    def taken(self, given):
        if "managers" in given:
            given["managers"] = funds.accounts_named(given["managers"])
        return super().taken(given)

    @operation("基金目录", "基金及其状态；规模单位万元。基金方只看到自己的基金。", answer=FundsAnswer)
    def list(self, request):
        self._refuse_parameters(request)
        return paging.whole(FUND.entries(self.rows(), request.user))

    @operation(
        "登记基金",
        f"登记一只还没有的基金，随后发布条件；代码已用过的 400。{EDITORS}",
        body=FundInput,
        answer=RECORD.serializer,
        status=201,
        parameters=[IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def add(self, request):
        return self.entered(FundInput)

    @operation(
        "读取基金",
        "一只基金的档案；不可见的与不存在的同样 404。应答带 ETag，更正时写进 If-Match。条件见 criteria。",
        answer=RECORD.serializer,
        parameters=[IF_NONE_MATCH, ETAG],
        also=UNCHANGED,
    )
    def retrieve(self, request, pk):
        return self.answer(pk)

    @operation(
        "更正基金档案",
        "更正写明的字段，其余照旧；必须带 If-Match。还有推荐在进行中的基金不能改成筹建中、已关闭，"
        f"改了状态随即重新匹配在办项目。{EDITORS}",
        body=FundChange,
        answer=RECORD.serializer,
        parameters=[IF_MATCH, IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def change(self, request, pk):
        return self.corrected(FundChange, pk)
