"""The API's doors to 基金推荐: refer a project, list the referrals, take their steps; for people."""

from dataclasses import replace

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from django.db.models import F
from django.db.models.functions import Greatest

from crm import roles
from crm.api import inputs, paging, projection
from crm.api.etag import etag, optional_version, required_version
from crm.api.idempotency import once
from crm.api.schema import ETAG, IDEMPOTENCY_KEY, IF_MATCH, IF_MATCH_OPTIONAL, listed, operation
from crm.api.viewsets import ApiViewSet
from crm.filtersets import StrictFilterSet
from leads.api import read
from projects.corrections import in_words
from projects.models import Correction, Fund, Project, Referral, ReferralStep
from projects.models.referrals import Step, is_note_withheld, is_withheld, numbered
from projects.referring import Consent, Move, advance, refer
from projects.restating import restate, stated
from projects.retracting import retract

NOBODY = ("referrals",)  # no token has this scope: a referral is between a unit and a fund
MACHINE = ("verdict", "score", "coverage", "reason")  # what the fund does not read

REFERRAL = projection.Projection(
    "Referral",
    projection.number("id", about="推荐编号"),
    projection.number("project", "project_id", "项目编号；基金方打不开项目"),
    projection.text(
        "project_name", "project__name", "项目名称；撤回以后基金方读到推荐的编号，如「推荐第 12 号」"
    ),
    projection.text("fund", "fund__code", "基金代码，见 funds"),
    projection.text("fund_label", "fund__name", "基金（中文）"),
    *projection.choice("step", Step.choices, "进展"),
    projection.text("verdict", about="推荐时的机器结论；基金方读到 null"),
    projection.Column(
        "score", "score", serializers.FloatField(allow_null=True, help_text="推荐时的得分；基金方读到 null")
    ),
    projection.Column(
        "coverage",
        "coverage",
        serializers.FloatField(allow_null=True, help_text="推荐时的覆盖率；基金方读到 null"),
    ),
    projection.number("criteria_version", "criteria__number", "推荐时的条件版本", nullable=True),
    projection.text("reason", about="不符合仍推荐的理由；基金方读到 null"),
    projection.text("note", about="给基金方的说明；撤回以后基金方读到空"),
    projection.Column(
        "shared",
        "shared",
        serializers.JSONField(
            help_text="企业同意共享的信息：key、label、value、source、as_of，推荐时的数值；撤回以后基金方读到空列表"
        ),
    ),
    *projection.choice("consent_way", Referral.Way.choices, "企业同意的方式"),
    projection.day("consent_on", "企业同意的日期"),
    projection.moment("at", "推荐时间"),
    projection.moment("updated_at", "最近进展或更正时间", "touched_at"),
    projection.number("version", about="版本：登记进展时可带 If-Match，更正时必须带"),
)
STEP = projection.Projection(
    "ReferralStep",
    projection.number("id", about="编号"),
    *projection.choice("from_step", Step.choices, "从；推荐时为空"),
    *projection.choice("step", Step.choices, "到", "to_step"),
    projection.day("on", "日期"),
    projection.moment("at", "登记时间"),
    projection.text("by_label", "by__name", "登记人"),
    projection.flag("is_for_fund", about="由单位代记"),
    projection.text("reason", about="理由"),
    projection.text("note", about="说明"),
    projection.amount("amount_wan", "金额（万元）"),
    projection.amount("stake", "持股比例（%）"),
    projection.amount("valuation_wan", "估值（万元）"),
    projection.moment("undone_at", "撤销时间；没有撤销为 null"),
    projection.text("undone_by_label", "undone_by__name", "撤销人"),
    projection.text("undone_reason", about="撤销的理由"),
)


TOUCHED = Greatest("moved_at", "corrected_at")


class ReferralFilter(StrictFilterSet):
    """No filters: a fund has few referrals."""


class ReferInput(inputs.StrictSerializer):
    """What the company agreed to share with which fund."""

    fund = inputs.Code(Fund.objects.all(), required=True, help_text="基金代码")
    shared = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        help_text="所共享信息的 key：company、city、demands 或字段词典的 key，只收项目已知的",
    )
    consent = serializers.BooleanField(default=False, help_text="企业已同意，必须为 true")
    consent_way = serializers.ChoiceField(
        Referral.Way.choices, required=False, help_text="企业同意的方式，必填"
    )
    consent_on = serializers.DateField(required=False, help_text="企业同意的日期，必填，不晚于今天")
    reason = inputs.Text(300, help_text="机器结论「不符合」时必填，其余结论不保存")
    note = inputs.Text(500, help_text="给基金方的说明，不写联系方式")


class StepInput(inputs.StrictSerializer):
    """The next step."""

    step = serializers.ChoiceField(Step.choices, help_text="下一步")
    on = serializers.DateField(help_text="日期，不晚于今天、不早于上一步")
    reason = inputs.Text(300, help_text="理由；否决、撤回必填")
    note = inputs.Text(500, help_text="说明")
    amount_wan = inputs.Amount(help_text="金额（万元），出资必填，投决可填")
    stake = serializers.DecimalField(
        max_digits=7, decimal_places=4, required=False, allow_null=True, help_text="持股比例（%）"
    )
    valuation_wan = inputs.Amount(help_text="估值（万元），投决、出资可填")


class RestateInput(inputs.StrictSerializer):
    """What of a step is put right; fields not named stay as they are."""

    on = serializers.DateField(required=False, help_text="日期，在上一步和下一步之间，不晚于今天")
    reason = inputs.Text(300, help_text="否决、撤回的理由")
    note = inputs.Text(500, help_text="说明")
    amount_wan = inputs.Amount(help_text="金额（万元），投决、出资的")
    stake = serializers.DecimalField(
        max_digits=7, decimal_places=4, required=False, allow_null=True, help_text="持股比例（%）"
    )
    valuation_wan = inputs.Amount(help_text="估值（万元），投决、出资的")
    why = inputs.Text(300, required=True, help_text="更正的理由，双方都看得到，必填")


class UndoInput(inputs.StrictSerializer):
    """Why a step is taken back."""

    why = inputs.Text(300, required=True, help_text="撤销的理由，双方都看得到，必填")


class CorrectionSchema(serializers.Serializer):
    """What a step said before it was put right."""

    at = serializers.DateTimeField(help_text="更正时间")
    by_label = serializers.CharField(help_text="更正人")
    why = serializers.CharField(help_text="更正的理由")
    changes = serializers.ListField(
        child=serializers.CharField(), help_text="改了什么，如「金额（万元）：500 万元 → 600 万元」"
    )

    class Meta:
        ref_name = "ReferralCorrection"


class StepAnswer(STEP.serializer):
    """A step, and what it said before it was put right."""

    corrections = CorrectionSchema(many=True, help_text="更正记录，最近的在前")

    class Meta:
        ref_name = "ReferralStep"


class ReferralsAnswer(paging.WholeAnswer):
    results = REFERRAL.serializer(many=True)


class StepsAnswer(paging.WholeAnswer):
    results = StepAnswer(many=True)


class ReferralViewSet(ApiViewSet):
    """基金推荐."""

    actions = ["list", "of_project", "refer", "steps", "advance", "correct", "undo"]
    scopes = dict.fromkeys(actions, NOBODY)

    @listed(
        REFERRAL,
        ReferralFilter,
        "推荐列表",
        "可见项目的推荐，最新的在前；基金方看到推荐给自己基金的，没有联系人，也没有机器结论。",
    )
    def list(self, request):
        asked, also = request.query_params, paging.PARAMETERS
        rows = ReferralFilter(asked, self._rows(), request=request, also=also).rows()
        rows = rows.annotate(created_at=F("at"), touched_at=TOUCHED, updated_at=TOUCHED)
        return paging.page(request, rows, self._keyed)

    @operation("项目的推荐", "一个项目的全部推荐，最新的在前；基金方 404。", answer=ReferralsAnswer)
    def of_project(self, request, pk):
        return paging.whole(self._entries(self._rows().filter(project=self._project(pk))))

    @operation(
        "推荐给基金",
        "把项目推荐给一只基金。要有企业的同意（consent、consent_way、consent_on 和 shared），"
        "缺了 400 consent_required；机器结论「不符合」要写理由；筹建中、已关闭的基金 400 fund_closed；"
        "已有进行中的推荐 409 already_referred。",
        body=ReferInput,
        answer=REFERRAL.serializer,
        status=201,
        parameters=[IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def refer(self, request, pk):
        project, given = self._project(pk), read(ReferInput, request)
        consent = Consent(
            tuple(given.get("shared", ())),
            given["consent"],
            given.get("consent_way", ""),
            given.get("consent_on"),
        )
        words = {name: given.get(name, "") for name in ("reason", "note")}
        row = refer(project, given["fund"], consent, by=request.user, at=self.now, **words)
        (entry,) = self._entries(self._rows().filter(pk=row.pk))
        return Response(entry, status=201, headers={"ETag": etag(entry["version"])})

    @operation(
        "推荐的进展",
        "一条推荐的全部步骤，先后为序，各带更正记录；不可见的 404。应答的 ETag 是推荐的版本。",
        answer=StepsAnswer,
        parameters=[ETAG],
    )
    def steps(self, request, pk):
        referral = self._one(pk)
        answer = paging.whole(self._told(referral.steps.all(), referral))
        answer["ETag"] = etag(referral.version)
        return answer

    @operation(
        "登记进展",
        "推荐 → 接收 → 初筛 → 尽调 → 投决 → 出资，不能跳过；否决、撤回可以从任何进行中的一步登记，要写理由；"
        "否决以后企业收回同意的，仍可撤回。"
        "接收到否决由基金方登记，撤回由项目的责任单位和区投促局登记；没有账号的基金由单位代记。"
        "If-Match 可不带。",
        body=StepInput,
        answer=StepAnswer,
        status=201,
        parameters=[IF_MATCH_OPTIONAL, IDEMPOTENCY_KEY],
    )
    @once
    def advance(self, request, pk):
        referral = self._one(pk)
        version, given = optional_version(request, referral), read(StepInput, request)
        move = Move(to=given.pop("step"), **given)
        row = advance(referral, move, by=request.user, at=self.now, version=version)
        return self._answer(row, 201)

    @operation(
        "更正进展",
        "更正写明的字段，其余照旧；必须带 If-Match，写推荐的版本。原来的内容、更正人、时间和理由"
        "留在 corrections 里，双方各收一条消息，基金的统计随之改变。谁可以登记这一步，谁可以更正；"
        "推荐这一步不能更正，写错了撤回再推荐。",
        body=RestateInput,
        answer=StepAnswer,
        parameters=[IF_MATCH, IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def correct(self, request, pk, row):
        step = self._step(pk, row)
        version, given = required_version(request, step.referral), read(RestateInput, request)
        why = given.pop("why")
        move = replace(stated(step), **given)
        restate(step, move, why, by=request.user, at=self.now, version=version)
        return self._answer(step)

    @operation(
        "撤销进展",
        "最近的一步没有发生过的，写明理由撤销，推荐回到前一步，双方各收一条消息；记录保留，不再计入统计。"
        "必须带 If-Match，写推荐的版本。谁可以登记这一步，谁可以撤销；推荐这一步不能撤销。"
        "已经重新推荐给这只基金的 409 already_referred，基金筹建中、已关闭的 400 fund_closed。",
        body=UndoInput,
        answer=StepAnswer,
        parameters=[IF_MATCH, IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def undo(self, request, pk, row):
        step = self._step(pk, row)
        version, given = required_version(request, step.referral), read(UndoInput, request)
        retract(step, given["why"], by=request.user, at=self.now, version=version)
        return self._answer(step)

    def _step(self, pk, row):
        referral = self._one(pk)
        step = referral.steps.filter(pk=row).first()
        if step is None:
            raise NotFound
        step.referral = referral
        return step

    def _answer(self, row, status=200):
        rows = ReferralStep.objects.filter(pk=row.pk)
        referral = Referral.objects.get(pk=row.referral_id)
        headers = {"ETag": etag(referral.version)}
        return Response(self._told(rows, referral)[0], status=status, headers=headers)

    def _told(self, steps, referral):
        """The entries of these steps, each with what it said before it was put right."""
        found = {}
        for one in Correction.objects.filter(referralstep__in=steps).select_related("by"):
            found.setdefault(one.referralstep_id, []).append(_entry(one))
        entries = STEP.entries(steps, self.request.user)
        for entry in entries:
            entry["corrections"] = found.get(entry["id"], [])
            if is_note_withheld(entry["step"], referral.step, self.request.user):
                entry["note"] = ""
        return entries

    def _rows(self):
        return Referral.objects.visible_to(self.request.user)

    def _one(self, pk):
        found = self._rows().select_related("project__unit", "fund").filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found

    def _project(self, pk):
        found = Project.objects.visible_to(self.request.user).filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found

    def _entries(self, rows):
        rows = rows.annotate(touched_at=TOUCHED)
        return [self._for_reader(entry) for entry in REFERRAL.entries(rows, self.request.user)]

    def _keyed(self, page, key):
        found = REFERRAL.keyed(page, key, self.request.user)
        return [(place, self._for_reader(entry)) for place, entry in found]

    def _for_reader(self, entry):
        """The entry without what the machine said, for the fund: it would tell of facts not shared."""
        hidden = MACHINE if self.request.user.role == roles.FUND else ()
        told = {name: None if name in hidden else value for name, value in entry.items()}
        if is_withheld(entry["step"], self.request.user):
            told |= {"project_name": numbered(entry["id"]), "note": "", "shared": []}
        return told


def _entry(correction):
    return {
        "at": projection.in_shanghai(correction.at),
        "by_label": str(correction.by),
        "why": correction.reason,
        "changes": [f"{label}：{before} → {after}" for label, before, after in in_words(correction)],
    }
