"""The API's doors to 判重: the pairs, the verdict on one, taking it or a merge back."""

import django_filters as filters
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from django.db.models import F

from crm.api import inputs, projection
from crm.api.idempotency import once
from crm.api.schema import IDEMPOTENCY_KEY, listed, operation
from crm.api.viewsets import Resource
from crm.filtersets import StrictFilterSet
from leads import judging
from leads.api import LEAD, LeadViewSet, read
from leads.models import DuplicatePair

NOBODY = ("duplicates",)  # no token has this scope: whether two leads are one is for people to say
OPEN = "open"
LEVELS = [(level, level) for level in ("L1", "L2", "L3", "L4")]

PAIR = projection.Projection(
    "DuplicatePair",
    projection.number("id", about="编号"),
    projection.number("one", "one_id", "先登记的线索编号"),
    projection.text("one_name", "one__title", "先登记的线索"),
    projection.number("other", "other_id", "后登记的线索编号"),
    projection.text("other_name", "other__title", "后登记的线索"),
    projection.text("level", about="级别，L1 最可能重复"),
    projection.number("confidence", about="可信度，0–100"),
    projection.Column(
        "reasons",
        "reasons",
        serializers.ListField(child=serializers.CharField(), help_text="依据，逐条"),
        lambda reasons: [reason["text"] for reason in reasons],
    ),
    projection.choice("verdict", DuplicatePair.Verdict.choices, "判定；待判定为空"),
    projection.text("reason", about="判定理由"),
    projection.text("decided_by_label", "decided_by__name", "判定人；待判定为 null"),
    projection.moment("decided_at", "判定时间；待判定为 null"),
    projection.moment("found_at", "发现时间"),
    projection.moment("updated_at", "最近变动时间"),
)


class PairFilter(StrictFilterSet):
    """Which pairs: of one lead, of one level, with or without a verdict."""

    lead = filters.NumberFilter(label="线索编号", method="filter_lead", min_value=1, max_value=2**63 - 1)
    level = filters.ChoiceFilter(label="级别", choices=LEVELS)
    verdict = filters.ChoiceFilter(
        label="判定", choices=[(OPEN, "待判定"), *DuplicatePair.Verdict.choices], method="filter_verdict"
    )

    def filter_lead(self, rows, name, value):
        return rows.of_lead(int(value))

    def filter_verdict(self, rows, name, value):
        return rows.open() if value == OPEN else rows.filter(verdict=value)


class JudgeInput(inputs.StrictSerializer):
    """What the pair is."""

    verdict = serializers.ChoiceField(
        DuplicatePair.Verdict.choices, help_text=inputs.worded("判定", DuplicatePair.Verdict.choices)
    )
    kept = serializers.IntegerField(required=False, min_value=1, help_text="same 时必填：保留的线索编号")
    reason = inputs.Text(200, help_text="理由；same 时必填")


class UnmergeInput(inputs.StrictSerializer):
    """Why the merge was wrong."""

    reason = inputs.Text(200, help_text="撤销合并的理由，必填")


class DuplicateViewSet(Resource):
    """疑似重复."""

    projection = PAIR
    filterset = PairFilter
    scopes = dict.fromkeys(["list", "retrieve", "judge", "take_back"], NOBODY)

    def rows(self):
        return DuplicatePair.objects.visible_to(self.request.user)

    def shaped(self, rows):
        return rows.annotate(created_at=F("found_at"))

    @listed(
        PAIR,
        PairFilter,
        "疑似重复列表",
        "两条线索都看得见的疑似重复，最新发现的在前：本单位的，区投促局看全部。",
    )
    def list(self, request):
        return self.page(request)

    @operation("读取疑似重复", "一对疑似重复；看不全两条线索的同样 404。", answer=PAIR.serializer)
    def retrieve(self, request, pk):
        return self._answered(pk)

    @operation(
        "判定疑似重复",
        "same 同一项目：另一条并入 kept，拜访记录和联系人转过去，kept 和它的项目没有的补上；"
        "different 视为新项目：以后不再提示。"
        "只有两条线索的责任单位可以判定，分属两个单位的由区投促局判定；已经判定的 409 already_judged，"
        "不能合并的 400 merge。",
        body=JudgeInput,
        answer=PAIR.serializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def judge(self, request, pk):
        pair, given = self.one(pk), read(JudgeInput, request)
        judging.judge(pair, by=request.user, at=self.now, **given)
        return self._answered(pk)

    @operation(
        "撤回判定",
        "撤回「视为新项目」的判定，重新待判定。",
        answer=PAIR.serializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def take_back(self, request, pk):
        judging.take_back(self.one(pk), by=request.user, at=self.now)
        return self._answered(pk)

    def _answered(self, pk):
        found = PAIR.entries(self.rows().filter(pk=pk), self.request.user)
        if not found:
            raise NotFound
        return Response(found[0])


class UnmergeViewSet(LeadViewSet):
    """撤销合并."""

    scopes = {"unmerge": NOBODY}

    @operation(
        "撤销合并",
        "把一条已合并的线索恢复到合并前的阶段，转过去的拜访记录和联系人一起回来。"
        "没有合并的 409 already_merged。",
        body=UnmergeInput,
        answer=LEAD.serializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def unmerge(self, request, pk):
        given = read(UnmergeInput, request)
        judging.undo_merge(self.one(pk), by=request.user, at=self.now, reason=given.get("reason", ""))
        return self.answer(pk)
