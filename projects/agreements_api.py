"""The API's doors to what a project signed, promised and received; each is a door to the pages' own verbs."""

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from crm.api import inputs, paging, projection
from crm.api.etag import etag, optional_version, required_version
from crm.api.idempotency import once
from crm.api.projection import INTERNAL
from crm.api.schema import ETAG, IDEMPOTENCY_KEY, IF_MATCH, IF_MATCH_OPTIONAL, operation
from crm.api.viewsets import ApiViewSet
from crm.models import Unit
from leads.api import read
from projects import agreements, receipts
from projects.api import READ
from projects.models import Agreement, Project, Receipt

WORKERS = "只有责任单位和区投促局的登录用户可以写入，令牌得到 403。"

AGREEMENT = projection.Projection(
    "Agreement",
    projection.number("id", about="协议编号（系统内）"),
    projection.number("version", about="版本，与 ETag 相同"),
    *projection.choice("kind", Agreement.Kind.choices, "协议类型；框架协议不计入签约"),
    projection.text("title", about="协议名称"),
    projection.text("number", about="协议编号"),
    projection.day("signed_on", "签订日期"),
    projection.day("counted_on", "统计日期；null 是还没有计入"),
    projection.day("filed_on", "备案日期"),
    projection.day("expires_on", "有效期至"),
    projection.amount("amount_wan", "协议金额，万元；补充协议是增加额；未知为 null"),
    projection.amount("counted_wan", "计入金额，万元；只在增资项目写明，null 按协议金额计"),
    projection.text("signer", about="签约主体"),
    projection.text("signer_uscc", about="签约主体信用代码；未填为空"),
    projection.text("supervisor", "supervisor__code", "履约监管单位代码"),
    projection.text("supervisor_label", "supervisor__name", "履约监管单位"),
    projection.number("supersedes", "supersedes_id", "替代或解除的协议", nullable=True),
)

RECEIPT = projection.Projection(
    "Receipt",
    projection.number("id", about="到位资金编号（系统内）"),
    projection.amount("amount_wan", "到位金额，万元"),
    projection.day("received_on", "到位日期，按它归年"),
    projection.text("purpose", about="用途"),
    *projection.choice("proof", Receipt.Proof.choices, "证明方式"),
    projection.text("proof_number", about="凭证号；令牌不可见", guard=INTERNAL),
    projection.text("explanation", about="超出总投资的说明；令牌不可见", guard=INTERNAL),
    projection.moment("withdrawn_at", "撤销时间；没有撤销为 null，撤销的不计入合计"),
    projection.text("withdrawn_reason", about="撤销原因；令牌不可见", guard=INTERNAL),
)


class AgreementsAnswer(paging.WholeAnswer):
    results = AGREEMENT.serializer(many=True)


class ReceiptsAnswer(paging.WholeAnswer):
    results = RECEIPT.serializer(many=True)


def optional_day(about, **kwargs):
    return serializers.DateField(required=False, allow_null=True, help_text=about, **kwargs)


def optional_number(about):
    return serializers.DecimalField(18, 4, required=False, allow_null=True, help_text=about)


class AgreementChange(inputs.StrictSerializer):
    """Fields of an agreement; those not named stay as they are."""

    kind = serializers.ChoiceField(
        Agreement.Kind.choices,
        required=False,
        help_text=inputs.worded("协议类型", Agreement.Kind.choices),
    )
    title = inputs.Text(120, allow_blank=False, help_text="协议名称")
    number = inputs.Text(80, help_text="协议编号，项目内唯一")
    signed_on = serializers.DateField(required=False, help_text="签订日期，不晚于今天")
    amount_wan = inputs.Amount(help_text="协议金额，万元；补充协议填增加额")
    signer = inputs.Text(120, allow_blank=False, help_text="签约主体")
    signer_uscc = inputs.Uscc(help_text="签约主体信用代码")
    supersedes = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, help_text="替代或解除的协议"
    )
    supervisor = inputs.Code(Unit.objects, allow_null=True, help_text="履约监管单位代码")
    filed_on = optional_day("备案日期")
    expires_on = optional_day("有效期至")
    reason = inputs.Text(300, help_text="更正理由；已计入统计的必填")


class AgreementInput(AgreementChange):
    """A signed paper."""

    kind = serializers.ChoiceField(
        Agreement.Kind.choices, help_text=inputs.worded("协议类型", Agreement.Kind.choices)
    )
    title = inputs.Text(120, required=True, allow_blank=False, help_text="协议名称")
    signed_on = serializers.DateField(help_text="签订日期，不晚于今天")
    signer = inputs.Text(120, required=True, allow_blank=False, help_text="签约主体")
    reason = None


class CountInput(inputs.StrictSerializer):
    """The day an agreement counts."""

    counted_on = serializers.DateField(allow_null=True, help_text="统计日期；null 收回")
    counted_wan = inputs.Amount(
        help_text="计入金额，万元；增资项目的协议金额超过新增投资额时必填，不带即不变"
    )
    reason = inputs.Text(300, help_text="理由；改动或收回必填")


class ReceiptInput(inputs.StrictSerializer):
    """Money that arrived."""

    amount_wan = inputs.Amount(help_text="到位金额，万元，必填")
    received_on = serializers.DateField(help_text="到位日期，不晚于今天")
    purpose = inputs.Text(120, required=True, help_text="用途")
    proof = serializers.ChoiceField(
        Receipt.Proof.choices, help_text=inputs.worded("证明方式", Receipt.Proof.choices)
    )
    proof_number = inputs.Text(80, required=True, help_text="凭证号，一份凭证只计一次")
    explanation = inputs.Text(300, help_text="累计超过总投资的说明")


class ReceiptWithdrawal(inputs.StrictSerializer):
    """Why a receipt is taken back."""

    reason = inputs.Text(300, required=True, help_text="撤销原因，必填")


class OfProjectViewSet(ApiViewSet):
    """What hangs on one project: the invisible project, or a row of another, is a 404."""

    model = None
    projection = None

    def project(self, pk):
        found = Project.objects.visible_to(self.request.user).filter(pk=pk).select_related("unit").first()
        if found is None:
            raise NotFound
        return found

    def rows(self, pk):
        return self.model.objects.filter(project=self.project(pk))

    def one(self, pk, row):
        found = self.rows(pk).select_related("project").filter(pk=row).first()
        if found is None:
            raise NotFound
        return found

    def shown(self, rows):
        return self.projection.entries(rows, self.request.user)

    def answer(self, row, status=200):
        """The entry of one row as it stands, with its version as ETag where it has one."""
        entry = self.shown(self.rows(row.project_id).filter(pk=row.pk))[0]
        headers = {"ETag": etag(entry["version"])} if "version" in entry else {}
        return Response(entry, status=status, headers=headers)


class AgreementViewSet(OfProjectViewSet):
    """协议."""

    model, projection = Agreement, AGREEMENT
    scopes = {"agreements": READ, "agreement": READ, "sign": READ, "correct": READ, "count": READ}

    @operation("协议列表", "一个项目的协议，按签订日期。金额单位万元。", answer=AgreementsAnswer)
    def agreements(self, request, pk):
        return paging.whole(self.shown(self.rows(pk)))

    @operation(
        "登记协议",
        f"登记后 counted_on 为 null，由区投促局确认后计入签约。{WORKERS}",
        body=AgreementInput,
        answer=AGREEMENT.serializer,
        status=201,
        parameters=[IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def sign(self, request, pk):
        project = self.project(pk)
        values = self._with_old(pk, read(AgreementInput, request))
        row = agreements.sign(project, agreements.Paper(**values), by=request.user, at=self.now)
        return self.answer(row, 201)

    @operation(
        "读取协议",
        "一份协议；应答带 ETag，更正时写进 If-Match。金额单位万元。",
        answer=AGREEMENT.serializer,
        parameters=[ETAG],
    )
    def agreement(self, request, pk, row):
        return self.answer(self.one(pk, row))

    @operation(
        "更正协议",
        "更正写明的字段，原来的内容留在更正记录里。必须带 If-Match。"
        f"已计入统计的协议，金额等只由区投促局更正，要写理由。{WORKERS}",
        body=AgreementChange,
        answer=AGREEMENT.serializer,
        parameters=[IF_MATCH, IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def correct(self, request, pk, row):
        found = self.one(pk, row)
        version = required_version(request, found)
        values = self._with_old(pk, read(AgreementChange, request))
        said = {"version": version, "reason": values.pop("reason", "")}
        return self.answer(agreements.correct(found, values, by=request.user, at=self.now, **said))

    @operation(
        "确认统计日期",
        "只有区投促局可以确认、改动或收回（null），改动和收回要写理由；记入审计。增资项目只计新增部分，"
        "超过新增投资额的 400 increment。If-Match 可不带。",
        body=CountInput,
        answer=AGREEMENT.serializer,
        parameters=[IF_MATCH_OPTIONAL, IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def count(self, request, pk, row):
        found = self.one(pk, row)
        version = optional_version(request, found) or found.version
        values = read(CountInput, request)
        day = values.pop("counted_on")
        return self.answer(
            agreements.count(found, day, by=request.user, at=self.now, version=version, **values)
        )

    def _with_old(self, pk, values):
        """The values with the agreement they replace in place of its number."""
        if values.get("supersedes"):
            old = self.rows(pk).filter(pk=values["supersedes"]).first()
            if old is None:
                detail = serializers.ErrorDetail("这个项目没有这份协议。", code="unknown_code")
                raise serializers.ValidationError({"supersedes": [detail]})
            values["supersedes"] = old
        return values


class ReceiptViewSet(OfProjectViewSet):
    """到位资金."""

    model, projection = Receipt, RECEIPT
    scopes = {"receipts": READ, "receive": READ, "withdraw": READ}

    @operation("到位资金列表", "一个项目到位的资金，含已撤销的（withdrawn_at）。", answer=ReceiptsAnswer)
    def receipts(self, request, pk):
        return paging.whole(self.shown(self.rows(pk)))

    @operation(
        "登记到位资金",
        "一份凭证只计一次；累计超过总投资要写 explanation。登记后不能改，只能撤销再登记。" + WORKERS,
        body=ReceiptInput,
        answer=RECEIPT.serializer,
        status=201,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def receive(self, request, pk):
        project = self.project(pk)
        money = receipts.Money(**{"amount_wan": None, **read(ReceiptInput, request)})
        return self.answer(receipts.receive(project, money, by=request.user, at=self.now), 201)

    @operation(
        "撤销到位资金",
        "写错的一笔写明原因撤销，不再计入合计，仍然可见。" + WORKERS,
        body=ReceiptWithdrawal,
        answer=RECEIPT.serializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def withdraw(self, request, pk, row):
        found = self.one(pk, row)
        reason = read(ReceiptWithdrawal, request)["reason"]
        return self.answer(receipts.withdraw(found, reason, by=request.user, at=self.now))
