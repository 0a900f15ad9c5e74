"""The API's doors to projects: list, read, move, their matches, and accepting a lead."""

from dataclasses import dataclass

from rest_framework import serializers
from rest_framework.exceptions import NotFound

from django.urls import reverse
from django.utils import timezone

from crm import rules
from crm.api import inputs, paging, projection
from crm.api.etag import optional_version
from crm.api.idempotency import once
from crm.api.projection import INTERNAL
from crm.api.schema import (
    ETAG,
    IDEMPOTENCY_KEY,
    IF_MATCH_OPTIONAL,
    IF_NONE_MATCH,
    UNCHANGED,
    listed,
    operation,
)
from crm.api.viewsets import Resource
from crm.bell import ring
from leads.api import LEADER, SHARED, LeadViewSet, MoveInput, loss_in, read, shaped
from leads.models import Lead
from leads.stages import LeadStage
from projects.filters import ProjectFilter
from projects.freshness import refresh
from projects.losing import lose
from projects.matching import matches_for, policy_matches_for
from projects.models import Category, Match, Project
from projects.models.projects import Grade, LandingMode
from projects.opening import accept
from projects.stages import ProjectStage
from projects.tasks import match_project

READ = ("projects:read", "projects:read_all")
ACCEPT = ("leads:write",)

PROJECT = projection.Projection(
    "Project",
    projection.number("id", about="项目编号（系统内）"),
    projection.number("version", about="版本，与 ETag 相同"),
    projection.text("code", about="项目编号，例如 GS2026-000001"),
    projection.text("name", about="项目名称"),
    projection.number("lead", "lead_id", "来源线索编号"),
    projection.text("external_id", "lead__external_id", "伙伴推送线索时自己的编号"),
    projection.text("company_name", "company__name", "企业全称；还没有公司为 null"),
    projection.text("uscc", "company__uscc", "统一社会信用代码；未知为 null"),
    projection.stage(ProjectStage.choices),
    projection.choice("grade", Grade.choices, "指定的项目级别；没有指定为空，按投资额判断"),
    LEADER,
    projection.choice("landing_mode", LandingMode.choices, "落地方式"),
    projection.choice("category", Category.choices, "项目分类；决定决策路径"),
    projection.amount("public_equity_wan", "财政或国资出资，万元；未知为 null"),
    projection.amount("prior_wan", "原有投资（增资项目），万元；amount_wan 只计新增"),
    projection.text("registered_name", "registered_company__name", "注册公司；未注册为 null"),
    projection.text("registered_uscc", "registered_company__uscc", "注册公司的统一社会信用代码"),
    projection.text("loss_reason", "loss_reason__code", "流失原因代码；没有流失为 null"),
    projection.text("loss_reason_label", "loss_reason__name", "流失原因；没有流失为 null"),
    projection.text("winning_city", about="流向城市"),
    projection.day("revisit_on", "流失后的回访日期；不再激活为 null"),
    projection.day("suspended_until", "挂起至；没有挂起为 null"),
    projection.amount("fixed_wan", "其中固定资产投资，万元；未知为 null"),
    projection.amount("land_mu", "用地，亩；未知为 null"),
    *projection.term("carrier", "确定载体"),
    projection.text("demands", about="企业诉求；令牌不可见", guard=INTERNAL),
    projection.text("problems", about="存在问题；令牌不可见", guard=INTERNAL),
    projection.text("for_leader", about="请领导协调的事；令牌不可见", guard=INTERNAL),
    SHARED,
)


class ConflictingSchema(serializers.Serializer):
    """What another source says of the value."""

    value_display = serializers.CharField(help_text="另一来源的取值（中文，带单位）")
    source_label = serializers.CharField(help_text="来源（中文）")
    as_of = serializers.DateField(allow_null=True, help_text="数据日期")

    class Meta:
        ref_name = "ConflictingValue"


class RuleSchema(serializers.Serializer):
    """One rule of a fund, and what was held against it."""

    number = serializers.CharField(help_text="规则编号；在组里的是 2.1、2.2")
    kind = serializers.CharField(help_text="hard 硬性，soft 加分")
    field = serializers.CharField(help_text="字段代码，见 vocabularies 的 facts")
    op = serializers.CharField(help_text="比较方式的代码")
    op_label = serializers.CharField(help_text="比较方式（中文）")
    weight = serializers.FloatField(help_text="加分项的权重；硬性条件为 0")
    label = serializers.CharField(help_text="条件名称")
    value = serializers.JSONField(
        help_text="我们的取值；未知为 null；没有核对齐的多选是 {has: 有的, lacks: 没有的}，其余未知"
    )
    value_display = serializers.CharField(help_text="取值（中文，带单位）")
    source = serializers.CharField(help_text="取值来源代码；未知为空")
    source_label = serializers.CharField(help_text="取值来源（中文）")
    as_of = serializers.DateField(allow_null=True, help_text="数据日期")
    stale = serializers.BooleanField(help_text="数据已超过 12 个月")
    contested = serializers.ListField(
        child=serializers.CharField(), help_text="来源说法不一、还没有人选定的字段代码"
    )
    conflicts = ConflictingSchema(many=True, help_text="其他来源的不同说法")
    note = serializers.CharField(help_text="登记取值时写的依据；令牌为空")
    unit = serializers.CharField(help_text="取值与门槛的单位；金额是万元")
    threshold = serializers.JSONField(help_text="门槛：数是十进制文本，范围、多选是列表")
    threshold_display = serializers.CharField(help_text="门槛（中文，带单位）")
    result = serializers.CharField(help_text="yes 满足，no 不满足，unknown 信息不足")
    result_label = serializers.CharField(help_text="结果（中文）")
    reason = serializers.CharField(help_text="信息不足的原因；没有特别的为空")
    message = serializers.CharField(help_text="条件的说明；没有为空")
    clause = serializers.CharField(help_text="条款")
    document = serializers.CharField(help_text="条款出自的文件")
    document_date = serializers.CharField(help_text="文件日期，可能只到年、月；没有为空")

    class Meta:
        ref_name = "Rule"


class NoteSchema(serializers.Serializer):
    """A policy note of the criteria: nothing is judged by it."""

    number = serializers.CharField(help_text="编号")
    message = serializers.CharField(help_text="说明")
    caution = serializers.CharField(help_text="须注意的规定")
    clause = serializers.CharField(help_text="条款；没有为空")
    document = serializers.CharField(help_text="出自的文件")
    document_date = serializers.CharField(help_text="文件日期；没有为空")

    class Meta:
        ref_name = "RuleNote"


class NamedSchema(serializers.Serializer):
    """A field of the dictionary."""

    key = serializers.CharField(help_text="字段代码，见 vocabularies 的 facts")
    label = serializers.CharField(help_text="字段（中文）")

    class Meta:
        ref_name = "NamedField"


class MissingSchema(NamedSchema):
    """A value that nobody knows."""

    hard = serializers.BooleanField(help_text="硬性条件要的；false 是只有加分项要")

    class Meta:
        ref_name = "MissingField"


class NearMissSchema(serializers.Serializer):
    """A rule that is missed by little."""

    field = serializers.CharField(help_text="字段代码")
    text = serializers.CharField(help_text="差在哪里（中文）")
    gap = serializers.CharField(help_text="差多少：差额 ÷ 限值，十进制文本")
    hard = serializers.BooleanField(help_text="是不是硬性条件")

    class Meta:
        ref_name = "NearMiss"


@dataclass(frozen=True)
class Leaves(projection.Column):
    """The rules of an explanation. What our people noted beside a value (依据) is not for partners."""

    def show(self, row, reader):
        leaves = super().show(row, reader)
        return [{**leaf, "note": ""} for leaf in leaves] if reader.is_partner else leaves


ANSWER = (
    *projection.choice("verdict", Match.Verdict.choices, "结论；信息不足绝不当作符合"),
    projection.Column(
        "score",
        "score",
        serializers.FloatField(
            allow_null=True, help_text="加分项得分 0–100，只按已知项计；没有已知项为 null"
        ),
    ),
    projection.Column(
        "coverage",
        "coverage",
        serializers.FloatField(allow_null=True, help_text="覆盖率 0–1：已知权重 ÷ 全部权重，与得分一起看"),
    ),
    projection.number("criteria_version", "version__number", "所用条件的版本号", nullable=True),
    projection.text("source", "version__source", "条件出自的文件"),
    projection.part("reasons", "result", "为什么是这个结论（中文）", serializers.CharField()),
    projection.part("missing", "result", "缺什么信息", MissingSchema()),
    projection.part("to_settle", "result", "补齐哪几项就有结论（最少的一组）", NamedSchema()),
    projection.part("near_misses", "result", "只差一点的条件", NearMissSchema()),
    Leaves(
        "rules",
        "result",
        RuleSchema(many=True, help_text="逐条说明"),
        lambda r: [{"contested": [], **leaf} for leaf in rules.leaves(r["tree"])],  # older answers lack it
    ),
    projection.Column(
        "notes",
        "result",
        NoteSchema(many=True, help_text="政策提示，不参与判定"),
        lambda r: list(rules.notes(r["tree"])),
    ),
    projection.moment("computed_at", "匹配时间"),
)
MATCH = projection.Projection(
    "Match",
    projection.text("fund", "fund__code", "基金代码，见 funds"),
    projection.text("fund_label", "fund__name", "基金（中文）"),
    *ANSWER,
)


class EstimateSchema(serializers.Serializer):
    """What a policy would give, reckoned from what is known."""

    amount_wan = serializers.CharField(allow_null=True, help_text="估算金额上限，万元；不能估算为 null")
    text = serializers.CharField(help_text="怎样算出来的（中文）")
    clause = serializers.CharField(help_text="条款")
    missing = NamedSchema(many=True, help_text="缺什么才能估算")
    disclaimer = serializers.CharField(help_text="仅为估算，不是承诺")

    class Meta:
        ref_name = "Estimate"


POLICY_MATCH = projection.Projection(
    "PolicyMatch",
    projection.text("policy", "policy__code", "政策代码，见 policies"),
    projection.text("policy_label", "policy__name", "政策（中文）"),
    *ANSWER,
    projection.Column(
        "estimate",
        "result",
        EstimateSchema(allow_null=True, help_text="金额估算；结论不符合、没有公布可以估算的标准为 null"),
        lambda r: None if r["verdict"] == Match.Verdict.UNFIT else r.get("estimate"),
    ),
    projection.Column(
        "documents",
        "policy__documents",
        serializers.ListField(child=serializers.CharField(), help_text="申报材料"),
    ),
)


class MatchesAnswer(paging.WholeAnswer):
    results = MATCH.serializer(many=True)
    policies = POLICY_MATCH.serializer(many=True, help_text="与每一条政策的匹配")


class AcceptInput(inputs.StrictSerializer):
    """Accepting a lead as a project."""

    reason = inputs.Text(300, help_text="理由；强制推进必填")
    forced = serializers.BooleanField(default=False, help_text="强制推进（仅限单位负责人和区投促局）")


class ProjectViewSet(Resource):
    """项目."""

    projection = PROJECT
    filterset = ProjectFilter
    scopes = {"list": READ, "retrieve": READ, "move": READ, "matches": READ}

    def rows(self):
        return Project.objects.visible_to(self.request.user)

    def shaped(self, rows):
        return shaped(rows)

    @listed(
        PROJECT,
        ProjectFilter,
        "项目列表",
        "projects:read 看到由本伙伴线索形成的项目，projects:read_all 看到全部，登录用户看到自己可见的。"
        "金额单位万元，用地单位亩，用房单位㎡。",
    )
    def list(self, request):
        return self.page(request)

    @operation(
        "读取项目",
        "一个项目；不可见的与不存在的同样 404。",
        answer=PROJECT.serializer,
        parameters=[IF_NONE_MATCH, ETAG],
        also=UNCHANGED,
    )
    def retrieve(self, request, pk):
        return self.answer(pk)

    @operation(
        "推进阶段",
        "把项目移到另一阶段，与看板上的拖动相同。缺少条件时 400 gate，missing 逐项列出。"
        "移到 lost 要写流失原因。只有责任单位和区投促局的登录用户可以推进，令牌得到 403。If-Match 可不带。",
        body=MoveInput,
        answer=PROJECT.serializer,
        parameters=[IF_MATCH_OPTIONAL, IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def move(self, request, pk):
        project = self.one(pk)
        version = optional_version(request, project)
        values = read(MoveInput, request)
        _step(project, values, {"by": request.user, "at": self.now, "version": version})
        return self.answer(pk)

    @operation(
        "基金与政策匹配",
        "这个项目对每一支基金（results）和每一条政策（policies）的机器结论：符合、待补充、不符合、储备"
        "（筹建中的基金、制定中或还没生效的政策），得分与覆盖率并列，逐条列出取值、来源、日期、门槛、条款和缺项。"
        "机器结论不是投资决定，政策的金额只是估算，不是承诺。",
        answer=MatchesAnswer,
    )
    def matches(self, request, pk):
        project = self.one(pk)
        refresh(project, at=timezone.now())
        answer = paging.whole(MATCH.entries(matches_for(project), request.user))
        answer.data["policies"] = POLICY_MATCH.entries(policy_matches_for(project), request.user)
        return answer


class AcceptanceViewSet(Resource):
    """转为项目."""

    projection = PROJECT
    scopes = {"accept": ACCEPT}

    def rows(self):
        return Project.objects.visible_to(self.request.user)

    def shaped(self, rows):
        return shaped(rows)

    @operation(
        "线索转为项目",
        "研判通过的线索转为跟进并立项，一次完成。缺少条件时 400 gate，missing 逐项列出，什么都不写。"
        "只有责任单位和区投促局的登录用户可以接收，令牌得到 403。",
        body=AcceptInput,
        answer=PROJECT.serializer,
        status=201,
        parameters=[IF_MATCH_OPTIONAL, IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def accept(self, request, pk):
        lead = Lead.objects.visible_to(request.user).filter(pk=pk).first()
        if lead is None:
            raise NotFound
        version = optional_version(request, lead)
        values = read(AcceptInput, request)
        project = accept(lead, by=request.user, at=self.now, version=version, **values)
        ring(match_project, project.pk)
        return self.answer(project.pk, 201, {"Location": reverse("api:project", args=[project.pk])})


class LeadStepViewSet(LeadViewSet):
    """A lead's steps: the one to 跟进 opens the project."""

    def take(self, lead, stage, how):
        if stage != LeadStage.ACCEPTED:
            return super().take(lead, stage, how)
        del how["loss"]
        ring(match_project, accept(lead, **how).pk)


def _step(project, values, how):
    """Move `project`; a loss is explained. Raises what `move_to` and `lose` raise."""
    stage, reason, forced = values["stage"], values.get("reason", ""), values["forced"]
    if stage != ProjectStage.LOST:
        project.move_to(stage, reason=reason, forced=forced, **how)
        return
    lose(project, loss_in(values), **how)
