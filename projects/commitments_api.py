"""The API's doors to 承诺: entering, correcting, linking and judging what both sides promised."""

from rest_framework import serializers

from crm import roles
from crm.api import inputs, paging, projection
from crm.api.etag import optional_version, required_version
from crm.api.idempotency import once
from crm.api.projection import INTERNAL
from crm.api.schema import ETAG, IDEMPOTENCY_KEY, IF_MATCH, IF_MATCH_OPTIONAL, operation
from crm.models import User
from crm.workdays import shanghai_day
from leads.api import read
from projects import commitments
from projects.agreements_api import WORKERS, OfProjectViewSet, optional_day, optional_number
from projects.api import READ
from projects.models import Commitment, IncentiveItem

COMMITMENT = projection.Projection(
    "Commitment",
    projection.number("id", about="承诺编号（系统内）"),
    projection.number("version", about="版本，与 ETag 相同"),
    projection.number("agreement", "agreement_id", "所属协议"),
    *projection.choice("side", Commitment.Side.choices, "承诺方"),
    projection.text("item", about="承诺事项"),
    projection.text("metric", about="指标"),
    projection.amount("target", "目标值；未定为 null"),
    projection.text("measure", about="计量单位"),
    projection.day("due_on", "到期日"),
    *projection.choice("state", Commitment.State.choices, "状态，按今天判断", "on_day"),
    projection.amount("actual", "实际值；未填为 null"),
    projection.text("evidence", about="证明材料；令牌不可见", guard=INTERNAL),
    projection.text("reason", about="原因与下一步；令牌不可见", guard=INTERNAL),
    projection.day("judged_on", "核实日期"),
    projection.text("owner_label", "owner__name", "我方责任人；令牌不可见", guard=INTERNAL),
    projection.text("partner_owner_label", "partner_owner__name", "监管责任人；令牌不可见", guard=INTERNAL),
    projection.Column(
        "incentive",
        "incentive_id",
        serializers.IntegerField(help_text="政府承诺所依据的优惠条款；令牌不可见", allow_null=True),
        guard=INTERNAL,
    ),
)


class CommitmentAnswer(COMMITMENT.serializer):
    """A promise, and what 公平竞争审查 asks of it."""

    lack = serializers.CharField(
        allow_null=True, help_text="政府承诺还缺的公平竞争审查，与闸口所列相同；不缺为 null，令牌不可见"
    )

    class Meta:
        ref_name = "Commitment"


class CommitmentsAnswer(paging.WholeAnswer):
    results = CommitmentAnswer(many=True)


class CommitmentChange(inputs.StrictSerializer):
    """Fields of a promise; those not named stay as they are."""

    side = serializers.ChoiceField(
        Commitment.Side.choices,
        required=False,
        help_text=inputs.worded("承诺方", Commitment.Side.choices),
    )
    item = inputs.Text(200, allow_blank=False, help_text="承诺事项")
    metric = inputs.Text(60, help_text="指标")
    target = optional_number("目标值")
    measure = inputs.Text(20, help_text="计量单位；有目标值时必填")
    due_on = serializers.DateField(required=False, help_text="到期日；更改要写理由")
    incentive = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        help_text="政府承诺所依据的优惠条款；给钱、减免或有系统提示的要有",
    )
    owner = inputs.Code(User.objects, column="username", allow_null=True, help_text="我方责任人的账号")
    partner_owner = inputs.Code(
        User.objects, column="username", allow_null=True, help_text="监管责任人的账号"
    )
    reason = inputs.Text(300, help_text="更正理由；更改到期日必填")


class CommitmentInput(CommitmentChange):
    """A promise of one side."""

    agreement = serializers.IntegerField(min_value=1, help_text="所属协议的编号")
    side = serializers.ChoiceField(
        Commitment.Side.choices, help_text=inputs.worded("承诺方", Commitment.Side.choices)
    )
    item = inputs.Text(200, required=True, allow_blank=False, help_text="承诺事项")
    due_on = serializers.DateField(help_text="到期日")
    reason = None


class VerdictInput(inputs.StrictSerializer):
    """What became of a promise."""

    outcome = serializers.ChoiceField(
        [("", "收回结果"), *Commitment.Outcome.choices],
        help_text=inputs.worded("履约结果，空为收回", Commitment.Outcome.choices),
    )
    judged_on = optional_day("核实日期；有结果时必填")
    actual = optional_number("实际值")
    evidence = inputs.Text(300, help_text="证明材料；已履约、部分履约必填")
    reason = inputs.Text(300, help_text="原因与下一步；部分、违约、豁免、更改时必填")


class CommitmentViewSet(OfProjectViewSet):
    """承诺."""

    model, projection = Commitment, COMMITMENT
    scopes = {"commitments": READ, "commitment": READ, "promise": READ, "restate": READ, "judge": READ}

    def rows(self, pk):
        return commitments.on_day(super().rows(pk), shanghai_day(self.now))

    def shown(self, rows):
        """The entries with what 公平竞争审查 asks of each, for those who work here."""
        entries, lacks = super().shown(rows), {}
        if self.request.user.role != roles.PARTNER:
            warned = commitments.warned(rows.with_backing(), shanghai_day(self.now))
            lacks = {one.pk: one.lack.text for one in warned if one.lack}
        return [{**entry, "lack": lacks.get(entry["id"])} for entry in entries]

    @operation("承诺列表", "一个项目双方的承诺，最先到期的在前。", answer=CommitmentsAnswer)
    def commitments(self, request, pk):
        return paging.whole(self.shown(self.rows(pk)))

    @operation(
        "登记承诺",
        "登记一份协议里的一条承诺。责任人要看得到这个项目。政府承诺给钱、减免或有系统提示的，"
        f"应答的 lack 写明还缺什么审查。{WORKERS}",
        body=CommitmentInput,
        answer=CommitmentAnswer,
        status=201,
        parameters=[IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def promise(self, request, pk):
        project = self.project(pk)
        values = self._with_item(project, read(CommitmentInput, request))
        agreement = project.agreements.filter(pk=values.pop("agreement")).first()
        if agreement is None:
            detail = serializers.ErrorDetail("这个项目没有这份协议。", code="unknown_code")
            raise serializers.ValidationError({"agreement": [detail]})
        stated = commitments.Promise(**values)
        return self.answer(commitments.promise(agreement, stated, by=request.user, at=self.now), 201)

    @operation(
        "读取承诺", "一条承诺；应答带 ETag，更正时写进 If-Match。", answer=CommitmentAnswer, parameters=[ETAG]
    )
    def commitment(self, request, pk, row):
        return self.answer(self.one(pk, row))

    @operation(
        "更正承诺",
        "更正写明的字段，原来的内容留在更正记录里。必须带 If-Match。更改到期日要写理由。" + WORKERS,
        body=CommitmentChange,
        answer=CommitmentAnswer,
        parameters=[IF_MATCH, IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def restate(self, request, pk, row):
        found = self.one(pk, row)
        version = required_version(request, found)
        values = self._with_item(found.project, read(CommitmentChange, request))
        said = {"version": version, "reason": values.pop("reason", "")}
        return self.answer(commitments.correct(found, values, by=request.user, at=self.now, **said))

    @operation(
        "核实履约",
        "记录一条承诺的结果；豁免只由单位负责人和区投促局操作，要写理由。If-Match 可不带。" + WORKERS,
        body=VerdictInput,
        answer=CommitmentAnswer,
        parameters=[IF_MATCH_OPTIONAL, IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def judge(self, request, pk, row):
        found = self.one(pk, row)
        version = optional_version(request, found)
        verdict = commitments.Verdict(**read(VerdictInput, request))
        judged = commitments.judge(found, verdict, by=request.user, at=self.now, version=version)
        return self.answer(judged)

    def _with_item(self, project, values):
        """The values with the 优惠条款 in place of its number."""
        if values.get("incentive"):
            items = IncentiveItem.objects.visible_to(self.request.user).filter(project=project)
            found = items.filter(pk=values["incentive"]).first()
            if found is None:
                detail = serializers.ErrorDetail("这个项目没有这条优惠条款。", code="unknown_code")
                raise serializers.ValidationError({"incentive": [detail]})
            values["incentive"] = found
        return values
