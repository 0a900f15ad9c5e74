"""The API's doors beside the stages of a project: suspending it, and its meetings."""

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from crm.api import inputs, projection
from crm.api.etag import optional_version
from crm.api.idempotency import once
from crm.api.projection import INTERNAL
from crm.api.schema import ETAG, IDEMPOTENCY_KEY, IF_MATCH_OPTIONAL, operation
from crm.api.viewsets import Resource
from crm.workdays import shanghai_day
from leads.api import read, shaped
from projects.api import PROJECT, READ
from projects.deciding import Passing, Withdrawal, course_of, record_pass, withdraw_pass
from projects.models import NodePass, Project
from projects.suspending import resume, suspend

PASS = projection.Projection(
    "Pass",
    projection.number("id", about="记录编号"),
    projection.text("node", "code", "会议代码"),
    projection.text("node_label", "name", "会议（中文）"),
    projection.day("passed_on", "通过日期"),
    projection.text("minutes", about="会议纪要文号"),
    projection.text("note", about="说明；令牌不可见", guard=INTERNAL),
    projection.text("by_label", "by__name", "登记人；令牌不可见", guard=INTERNAL),
    projection.moment("at", "登记时间"),
    projection.day("withdrawn_on", "撤回日期；没有撤回为 null"),
    projection.text("withdrawn_reason", about="撤回理由；令牌不可见", guard=INTERNAL),
)


class SuspendInput(inputs.StrictSerializer):
    """挂起 until a day."""

    until = serializers.DateField(help_text="挂起至，晚于今天")
    reason = inputs.Text(300, help_text="挂起理由，必填")


class PassInput(inputs.StrictSerializer):
    """A meeting that passed the project."""

    node = serializers.SlugField(max_length=20, help_text="会议代码，见 passes 的 route")
    passed_on = serializers.DateField(help_text="通过日期")
    minutes = inputs.Text(80, help_text="会议纪要文号，必填")
    note = inputs.Text(300, help_text="说明")


class WithdrawInput(inputs.StrictSerializer):
    """A pass taken back."""

    node = serializers.SlugField(max_length=20, help_text="会议代码")
    on = serializers.DateField(help_text="撤回日期，不早于通过日期")
    reason = inputs.Text(300, help_text="撤回理由，必填")


class MeetingSchema(serializers.Serializer):
    node = serializers.CharField(help_text="会议代码")
    node_label = serializers.CharField(help_text="会议（中文）")
    passed_on = serializers.DateField(
        allow_null=True, help_text="通过日期；还没有通过、或次序不对须重新确认的为 null"
    )
    to_confirm = serializers.DateField(
        allow_null=True, help_text="早先的通过日期，按现在的路径在前一个会之前，须重新登记确认；没有为 null"
    )

    class Meta:
        ref_name = "Meeting"


class PassesAnswer(serializers.Serializer):
    lacking = serializers.ListField(
        child=serializers.CharField(), help_text="先要填的字段：category、public_equity_wan；都有了为空"
    )
    route = MeetingSchema(many=True, help_text="决策路径，按顺序")
    results = PASS.serializer(many=True)


class StepViewSet(Resource):
    """挂起、恢复与决策通过."""

    projection = PROJECT
    scopes = dict.fromkeys(("suspend", "resume", "passes", "record_pass", "withdraw_pass"), READ)

    def rows(self):
        return Project.objects.visible_to(self.request.user)

    def shaped(self, rows):
        return shaped(rows)

    @operation(
        "挂起项目",
        "时钟停到 until 那天，从停住的地方接着走。同一阶段累计超过规定天数要由单位负责人或区投促局挂起。"
        "令牌得到 403。",
        body=SuspendInput,
        answer=PROJECT.serializer,
        parameters=[IF_MATCH_OPTIONAL, IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def suspend(self, request, pk):
        project = self.one(pk)
        version = optional_version(request, project)
        values = {"reason": "", **read(SuspendInput, request)}
        suspend(project, by=request.user, at=self.now, version=version, **values)
        return self.answer(pk)

    @operation(
        "恢复项目",
        "提前结束挂起，时钟今天起继续。",
        answer=PROJECT.serializer,
        parameters=[IF_MATCH_OPTIONAL, IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def resume(self, request, pk):
        project = self.one(pk)
        version = optional_version(request, project)
        resume(project, by=request.user, at=self.now, version=version)
        return self.answer(pk)

    @operation(
        "决策路径与通过记录",
        "项目要过的会议（按顺序）和全部通过记录，含已撤回的。",
        answer=PassesAnswer,
    )
    def passes(self, request, pk):
        project = self.one(pk)
        course = course_of(project, shanghai_day(self.now))
        route = [
            {
                "node": stop.node.code,
                "node_label": stop.node.name,
                "passed_on": str(stop.passed.passed_on) if stop.passed else None,
                "to_confirm": str(stop.early.passed_on) if stop.early else None,
            }
            for stop in course.stops
        ]
        results = PASS.entries(project.passes.all(), request.user)
        return Response({"lacking": list(course.lacking), "route": route, "results": results})

    @operation(
        "登记会议通过",
        "按顺序登记；前一个会没有通过，后一个不能登记；次序不对的重新登记即确认。只有责任单位和区投促局的登录用户可以登记。",
        body=PassInput,
        answer=PASS.serializer,
        status=201,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def record_pass(self, request, pk):
        project = self.one(pk)
        values = {"minutes": "", **read(PassInput, request)}
        found = record_pass(project, Passing(**values), by=request.user, at=self.now)
        return self._pass(found, 201)

    @operation(
        "撤回会议通过",
        "写明会议、日期和理由；在它之后通过的一并撤回。记录保留。这个会议没有有效的通过时 404。",
        body=WithdrawInput,
        answer=PASS.serializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def withdraw_pass(self, request, pk):
        project = self.one(pk)
        values = {"reason": "", **read(WithdrawInput, request)}
        found = project.passes.standing().filter(code=values.pop("node")).first()
        if found is None:
            raise NotFound
        withdraw_pass(found, Withdrawal(**values), by=request.user, at=self.now)
        return self._pass(found, 200)

    def _pass(self, found, status):
        rows = NodePass.objects.filter(pk=found.pk)
        return Response(PASS.entries(rows, self.request.user)[0], status=status)
