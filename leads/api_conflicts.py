"""The API's doors to 首报冲突: list, open, read, add evidence, decide."""

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from django.db.models import F
from django.urls import reverse

from crm.api import inputs, paging, projection
from crm.api.idempotency import once
from crm.api.schema import IDEMPOTENCY_KEY, listed, operation
from crm.api.viewsets import ApiViewSet
from crm.filtersets import StrictFilterSet
from crm.models import Unit
from leads import conflicts
from leads.api import read
from leads.models import Conflict, ConflictEvidence

NOBODY = ("conflicts",)  # no token has this scope: cases are between units

CONFLICT = projection.Projection(
    "Conflict",
    projection.number("id", about="冲突编号"),
    projection.text("company_name", "title", "企业名称，提出单位的写法"),
    *projection.term("first_unit", "首报单位"),
    *projection.term("unit", "提出单位"),
    projection.text("reason", about="提出理由"),
    projection.moment("opened_at", "提出时间"),
    projection.day("due_on", "裁决期限"),
    projection.choice("verdict", Conflict.Verdict.choices, "裁决；待裁决为空"),
    projection.text("opinion", about="裁决理由"),
    projection.moment("decided_at", "裁决时间；待裁决为 null"),
    projection.moment("updated_at", "最近变动时间"),
)
EVIDENCE = projection.Projection(
    "ConflictEvidence",
    projection.number("id", about="证据编号"),
    *projection.term("unit", "提交单位"),
    projection.text("by_label", "by__name", "提交人"),
    projection.day("happened_on", "发生日期"),
    projection.text("text", about="说明"),
    projection.moment("at", "提交时间"),
)


class ConflictFilter(StrictFilterSet):
    """No filters: a person has few cases."""


class ConflictInput(inputs.StrictSerializer):
    """The company whose first report is contested, and why."""

    company_name = inputs.Text(120, help_text="企业名称，必填")
    uscc = inputs.Uscc(help_text="统一社会信用代码")
    investor_name = inputs.Text(120, help_text="投资方；同名而投资方不同的，写明是哪一家")
    reason = inputs.Text(400, multiline=True, help_text="理由，必填；不写电话、邮箱、微信号和 QQ 号")


class EvidenceInput(inputs.StrictSerializer):
    """What happened on which day."""

    happened_on = serializers.DateField(help_text="发生日期，不晚于今天")
    text = inputs.Text(400, multiline=True, help_text="说明，必填；不写电话、邮箱、微信号和 QQ 号")
    visit = serializers.IntegerField(required=False, min_value=1, help_text="本单位的拜访记录编号")


class ShareInput(inputs.StrictSerializer):
    """The part of one unit."""

    unit = inputs.Code(Unit.objects, required=True, help_text="单位代码")
    percent = serializers.IntegerField(min_value=0, max_value=100, help_text="比例，整数百分比")


class DecisionInput(inputs.StrictSerializer):
    """The bureau's decision."""

    verdict = serializers.ChoiceField(
        Conflict.Verdict.rulings(), help_text=inputs.worded("裁决", Conflict.Verdict.rulings())
    )
    opinion = inputs.Text(400, multiline=True, help_text="裁决理由，必填")
    shares = ShareInput(many=True, help_text="业绩划分，合计 100，每个单位一行")

    def validate_shares(self, shares):
        """A unit named twice has no part one could tell."""
        units = [share["unit"] for share in shares]
        if twice := sorted({str(unit) for unit in units if units.count(unit) > 1}):
            raise serializers.ValidationError(f"{'、'.join(twice)}写了不止一次，每个单位只写一行。", "shares")
        return shares


class ConflictViewSet(ApiViewSet):
    """首报冲突."""

    scopes = dict.fromkeys(["list", "open", "retrieve", "evidence", "add_evidence", "decide"], NOBODY)

    @listed(
        CONFLICT,
        ConflictFilter,
        "首报冲突列表",
        "可见的冲突，最新提出的在前：区投促局看全部，单位看与自己有关的。",
    )
    def list(self, request):
        rows = ConflictFilter(
            request.query_params, self._rows(), request=request, also=paging.PARAMETERS
        ).rows()
        rows = rows.annotate(created_at=F("opened_at"))
        return paging.page(request, rows, lambda page, key: CONFLICT.keyed(page, key, request.user))

    @operation(
        "提出首报冲突",
        "对别的单位首报的一家企业提出冲突，由区投促局裁决。"
        "没有人首报、本单位首报、已经提出或已经裁决过的 400。",
        body=ConflictInput,
        answer=CONFLICT.serializer,
        status=201,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def open(self, request):
        given = read(ConflictInput, request)
        name, reason = given.get("company_name", ""), given.get("reason", "")
        means = {"uscc": given.get("uscc") or "", "investor": given.get("investor_name", "")}
        case = conflicts.open_case(name, reason=reason, by=request.user, at=self.now, **means)
        return self._answer(case.pk, 201, {"Location": reverse("api:conflict", args=[case.pk])})

    @operation("读取首报冲突", "一个冲突；与己无关的同样 404。", answer=CONFLICT.serializer)
    def retrieve(self, request, pk):
        return self._answer(pk)

    @operation(
        "冲突证据",
        "双方的证据，按发生日期排列；没有联系人，也没有拜访记录的内容。",
        answer=type("EvidenceAnswer", (paging.WholeAnswer,), {"results": EVIDENCE.serializer(many=True)}),
    )
    def evidence(self, request, pk):
        rows = ConflictEvidence.objects.filter(conflict=self._one(pk)).order_by("happened_on", "pk")
        return paging.whole(EVIDENCE.entries(rows, request.user))

    @operation(
        "补充证据",
        "冲突双方单位补充证据；已经裁决的 409。",
        body=EvidenceInput,
        answer=EVIDENCE.serializer,
        status=201,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def add_evidence(self, request, pk):
        case, given = self._one(pk), read(EvidenceInput, request)
        if number := given.pop("visit", None):
            given["visit"] = conflicts.own_visits(case, request.user).filter(pk=number).first()
            if given["visit"] is None:
                raise conflicts.ConflictRefused("没有这条拜访记录，或不属于本单位。", field="visit")
        text = given.pop("text", "")
        row = conflicts.add_evidence(case, by=request.user, at=self.now, text=text, **given)
        found = EVIDENCE.entries(ConflictEvidence.objects.filter(pk=row.pk), request.user)
        return Response(found[0], status=201)

    @operation(
        "裁决首报冲突",
        "区投促局裁决：keep 维持首谈，transfer 变更，joint 联合；业绩比例合计 100。已经裁决的 409。",
        body=DecisionInput,
        answer=CONFLICT.serializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def decide(self, request, pk):
        case, given = self._one(pk), read(DecisionInput, request)
        shares = {share["unit"]: share["percent"] for share in given["shares"]}
        opinion = given.get("opinion", "")
        conflicts.decide(
            case, verdict=given["verdict"], opinion=opinion, shares=shares, by=request.user, at=self.now
        )
        return self._answer(pk)

    def _rows(self):
        return Conflict.objects.visible_to(self.request.user)

    def _one(self, pk):
        found = (
            self._rows().select_related("claim__lead", "unit", "first_unit", "person").filter(pk=pk).first()
        )
        if found is None:
            raise NotFound
        return found

    def _answer(self, pk, status=200, headers=None):
        found = CONFLICT.entries(self._rows().filter(pk=pk), self.request.user)
        if not found:
            raise NotFound
        return Response(found[0], status=status, headers=headers)
