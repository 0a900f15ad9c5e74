"""The API's doors to 企业信息: what is recorded of the company of a lead or project, recording
more, choosing between sources, taking back."""

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from django.db.models import OuterRef, Subquery

from crm import roles
from crm.api import inputs, paging, projection
from crm.api.etag import required_version
from crm.api.idempotency import once
from crm.api.projection import INTERNAL
from crm.api.schema import IDEMPOTENCY_KEY, IF_MATCH, operation
from crm.api.viewsets import ApiViewSet
from crm.bell import ring
from crm.facts import label_of
from crm.models import Fact
from crm.permissions import require
from leads.api import read
from leads.models import Lead
from projects import facts
from projects.freshness import concerned
from projects.models import Project
from projects.tasks import match_project

NOBODY = ("facts",)  # no token has this scope: of projects, facts are read and written by people

FACT = projection.Projection(
    "Fact",
    projection.number("id", about="编号"),
    projection.text("key", about="字段代码，与基金条件的 field 相同"),
    projection.Column("label", "key", serializers.CharField(help_text="字段（中文）"), write=label_of),
    projection.Column(
        "value",
        "value",
        serializers.JSONField(help_text="值；金额单位万元，多选是代码的列表，是否是 true/false"),
    ),
    *projection.choice("source", Fact.Source.choices, "来源"),
    projection.day("as_of", "数据日期：这个值是哪一天的"),
    projection.text("note", about="依据；令牌不可见", guard=INTERNAL),
    projection.text("by_label", "recorded_by__name", "登记人；令牌不可见", guard=INTERNAL),
    projection.moment("created_at", "登记时间"),
    projection.flag("is_in_use", about="现用的值：匹配按它计算"),
    projection.flag("is_contested", about="别的来源说法不一，还没有人选定"),
    projection.moment("chosen_at", "有人选定它的时间；没有为 null"),
    projection.text("chosen_reason", about="选定的理由；没有为空，令牌不可见", guard=INTERNAL),
    projection.moment("withdrawn_at", "登记错了而撤回的时间；没有为 null"),
    projection.text("withdrawn_reason", about="撤回的理由；没有为空，令牌不可见", guard=INTERNAL),
    projection.number("version", about='这一项现在的版本（最新一条的编号），选定时写进 If-Match，如 "v12"'),
)


class FactsAnswer(paging.WholeAnswer):
    results = FACT.serializer(many=True)


class AnyValue(serializers.JSONField):
    """A value as JSON, its numbers exact (crm.api.parsing); what its field holds is for the facts to say."""

    def to_internal_value(self, data):
        return data


class FactInput(inputs.StrictSerializer):
    """One value with its source and day."""

    key = serializers.SlugField(max_length=40, help_text="字段代码，见 vocabularies 的 facts")
    value = AnyValue(
        help_text="值；金额单位万元，也收「1.05亿」这样的文字，多选写代码的列表，是否写 true/false"
    )
    source = serializers.ChoiceField(Fact.Source.choices, help_text="来源：" + "、".join(Fact.Source.values))
    as_of = serializers.DateField(help_text="数据日期，不晚于今天")
    note = inputs.Text(120, help_text="依据，例如文件名")


class ReasonInput(inputs.StrictSerializer):
    """Why."""

    reason = inputs.Text(facts.LONGEST_REASON, required=True, help_text="理由，必填")


class LeadFactViewSet(ApiViewSet):
    """线索的企业的信息."""

    scopes = {
        "facts": ("leads:read", "leads:write"),
        "record": ("leads:write",),
        "choose_fact": NOBODY,
        "withdraw_fact": NOBODY,
    }
    model = Lead

    @operation(
        "企业信息",
        "登记过的每一个值，连同来源、数据日期；撤回的也在内。令牌只看到本伙伴登记的。",
        answer=FactsAnswer,
    )
    def facts(self, request, pk):
        rows = _versioned(self._record(pk).company_id)
        if request.user.role == roles.PARTNER:
            rows = rows.filter(partner__in=request.user.token_ids)
        return paging.whole(FACT.entries(rows.order_by("key", "-as_of", "-pk"), request.user))

    @operation(
        "登记企业信息",
        "登记一个值；原有的值不会被覆盖，以数据日期最新的为现用，与别的来源不一致时提请人选定。"
        "令牌只能写本伙伴推送、尚待接收的线索，来源不能写 officer。",
        body=FactInput,
        answer=FACT.serializer,
        status=201,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def record(self, request, pk):
        record, given = self._record(pk), read(FactInput, request)
        fact = facts.answer(record, facts.Entry(**given), by=request.user, at=self.now)
        return self._done(record, fact, 201)

    @operation(
        "选定一个值",
        "这一项以这一条为现用，直到有日期更新的登记；同页面「数据有分歧」的选用，理由必填。"
        "If-Match 写读到的 version：之后又登记了新的值得到 412 或 409 newer_fact，请看过再选。令牌不能选定。",
        body=ReasonInput,
        answer=FACT.serializer,
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
    )
    @once
    def choose_fact(self, request, pk, row):
        record, fact = self._fact(pk, row)
        require(request.user, "edit", record)
        seen, given = required_version(request, fact), read(ReasonInput, request)
        fact = facts.choose(record, row, by=request.user, at=self.now, reason=given["reason"], seen=seen)
        return self._done(record, fact)

    @operation(
        "撤回一个值",
        "登记错了：这一条留着、不再作数，同页面的「登记错了」，理由必填。令牌不能撤回。",
        body=ReasonInput,
        answer=FACT.serializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def withdraw_fact(self, request, pk, row):
        record, _ = self._fact(pk, row)
        given = read(ReasonInput, request)
        fact = facts.withdraw(record, row, by=request.user, at=self.now, reason=given["reason"])
        return self._done(record, fact)

    def _done(self, record, fact, status=200):
        """The fact as it stands now; the projects it concerns are matched again."""
        for project in concerned(record.company_id):
            ring(match_project, project.pk)
        found = FACT.entries(_versioned(record.company_id).filter(pk=fact.pk), self.request.user)
        return Response(found[0], status=status)

    def _fact(self, pk, row):
        record = self._record(pk)
        found = _versioned(record.company_id).filter(pk=row).first()
        if found is None:
            raise NotFound
        return record, found

    def _record(self, pk):
        record = self.model.objects.visible_to(self.request.user).filter(pk=pk).first()
        if record is None:
            raise NotFound
        return record


class ProjectFactViewSet(LeadFactViewSet):
    """项目的企业的信息."""

    scopes = dict.fromkeys(LeadFactViewSet.scopes, NOBODY)
    model = Project


def _versioned(company_id):
    """The facts of a company, each with the `version` of its field: the number of its newest fact."""
    same = Fact.objects.filter(company=OuterRef("company"), key=OuterRef("key")).order_by("-pk")
    return Fact.objects.filter(company=company_id or 0).annotate(version=Subquery(same.values("pk")[:1]))
