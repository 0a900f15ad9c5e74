"""The API's doors to 优惠条款 and their review; each is a door to the pages' own verbs."""

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from crm.api import inputs, paging, projection
from crm.api.etag import etag, optional_version, required_version
from crm.api.idempotency import once
from crm.api.schema import ETAG, IDEMPOTENCY_KEY, IF_MATCH, IF_MATCH_OPTIONAL, operation
from crm.api.viewsets import ApiViewSet
from crm.workdays import shanghai_day
from leads.api import read
from projects import incentives, reviewing
from projects.models import FairReview, IncentiveItem, ItemReview, Project
from projects.models.clearance import missing_review
from projects.models.incentives import CONTENT

NOBODY = ("incentives",)  # no token has this scope: what is promised is between the district and the firm
DRAFTERS = "只有责任单位和区投促局的登录用户可以写入，令牌得到 403。"

ITEM = projection.Projection(
    "IncentiveItem",
    projection.number("id", about="条款编号（系统内）"),
    projection.number("version", about="版本，与 ETag 相同"),
    *projection.choice("kind", IncentiveItem.Kind.choices, "条款类别"),
    projection.text("text", about="条款原文"),
    projection.text("formula", about="计算方式"),
    projection.text("conditions", about="兑现条件"),
    *projection.choice("scope", IncentiveItem.Scope.choices, "适用对象；未写明为空"),
    projection.text("basis", about="依据文件与条款"),
    projection.day("basis_valid_to", "依据有效期至"),
    projection.amount("amount_wan", "金额，万元；未知为 null"),
    projection.amount("cap_wan", "政策上限，万元；未知为 null"),
    projection.text("budget_source", about="资金来源"),
    projection.flag("has_case_approval", about="已有一事一议批复"),
    projection.text("drafted_by_label", "drafted_by__name", "起草人"),
    projection.moment("updated_at", "最近变动时间"),
    projection.moment("removed_at", "撤下时间；仍在为 null"),
)
REVIEW = projection.Projection(
    "ItemReview",
    projection.number("id", about="审查编号（系统内）"),
    projection.text("digest", about="所审内容的摘要；与条款的 digest 不同即已失效"),
    *projection.choice("conclusion", ItemReview.Conclusion.choices, "审查结论"),
    projection.text("reason", about="理由"),
    *projection.choice("ground", ItemReview.Ground.choices, "例外情形；不适用为空"),
    projection.text("no_lesser_way", about="为何没有影响更小的办法"),
    projection.day("ends_on", "例外终止日期"),
    projection.text("opinion_number", about="市场监管部门意见文号"),
    projection.day("opinion_on", "意见日期"),
    projection.number("paper", "paper_id", "意见文件编号", nullable=True),
    projection.text("paper_name", "paper__name", "意见文件名"),
    projection.text("by_label", "by__name", "审查人"),
    projection.moment("at", "审查时间"),
)
CONCLUSION = projection.Projection(
    "FairReview",
    projection.text("number", about="审查结论文号"),
    projection.text("legal_number", about="合法性审查文号"),
    projection.number("paper", "paper_id", "合法性审查文件编号；要求文件之前出具的为 null", nullable=True),
    projection.text("paper_name", "paper__name", "合法性审查文件名"),
    projection.text("note", about="说明"),
    projection.text("by_label", "by__name", "出具人"),
    projection.moment("at", "出具时间"),
)


class FlagSchema(serializers.Serializer):
    """What the machine flags on an item: a question, never a verdict."""

    code = serializers.CharField(help_text="提示代码")
    name = serializers.CharField(help_text="提示名称")
    words = serializers.ListField(child=serializers.CharField(), help_text="触发的词，照原文")
    reason = serializers.CharField(help_text="问题与依据")
    advice = serializers.CharField(help_text="怎么办")

    class Meta:
        ref_name = "Flag"


class ItemAnswer(ITEM.serializer):
    """An item with what the machine says of it and what people concluded."""

    digest = serializers.CharField(help_text="现在这一稿文字的摘要，审查时原样写回")
    state = serializers.CharField(
        help_text="unreviewed 未审查、changed 改动后未审、refused 不符合、fund 承诺基金出资、"
        "expired 例外已到期、lapsed 到期或各方变动后未审、cleared 通过"
    )
    state_label = serializers.CharField(help_text="审查状态（中文）")
    flags = FlagSchema(many=True, help_text="系统提示，按今天的规则")
    reviews = REVIEW.serializer(many=True, help_text="审查记录，最早的在前")

    class Meta:
        ref_name = "IncentiveItem"


class ItemsAnswer(paging.WholeAnswer):
    results = ItemAnswer(many=True)


class LackSchema(serializers.Serializer):
    """One thing the review of a project still lacks."""

    code = serializers.CharField(help_text="代码")
    detail = serializers.CharField(help_text="中文：缺什么")

    class Meta:
        ref_name = "Lack"


class FairReviewAnswer(serializers.Serializer):
    """How the review of a project stands."""

    missing = LackSchema(many=True, help_text="签约之前审查还缺什么；空即通过，或没有优惠条款")
    conclusions = CONCLUSION.serializer(many=True, help_text="出具过的结论，最后一份有效")


class ItemChange(inputs.StrictSerializer):
    """Fields of an item; those not named stay as they are."""

    kind = serializers.ChoiceField(
        IncentiveItem.Kind.choices,
        required=False,
        help_text=inputs.worded("条款类别", IncentiveItem.Kind.choices),
    )
    text = inputs.Text(4000, multiline=True, help_text="条款原文，一条一项")
    formula = inputs.Text(300, help_text="计算方式")
    conditions = inputs.Text(300, help_text="兑现条件")
    scope = serializers.ChoiceField(
        [("", "未写明"), *IncentiveItem.Scope.choices],
        required=False,
        help_text=inputs.worded("适用对象，空为未写明", IncentiveItem.Scope.choices),
    )
    basis = inputs.Text(200, help_text="依据文件与条款：名称、文号和第几条")
    basis_valid_to = serializers.DateField(required=False, allow_null=True, help_text="依据有效期至")
    amount_wan = inputs.Amount(help_text="金额，万元")
    cap_wan = inputs.Amount(help_text="政策上限，万元")
    budget_source = inputs.Text(120, help_text="资金来源")
    has_case_approval = serializers.BooleanField(required=False, help_text="已有一事一议批复")


class ItemInput(ItemChange):
    """A promise as written."""

    kind = serializers.ChoiceField(
        IncentiveItem.Kind.choices, help_text=inputs.worded("条款类别", IncentiveItem.Kind.choices)
    )
    text = inputs.Text(4000, required=True, multiline=True, help_text="条款原文，一条一项")


class ItemVerdictInput(inputs.StrictSerializer):
    """A reviewer's conclusion on the wording he read."""

    digest = inputs.Text(64, required=True, help_text="所审文字的摘要，取自条款的 digest")
    conclusion = serializers.ChoiceField(
        ItemReview.Conclusion.choices,
        help_text=inputs.worded("审查结论", ItemReview.Conclusion.choices),
    )
    reason = inputs.Text(4000, required=True, multiline=True, help_text="理由，必填")
    ground = serializers.ChoiceField(
        [("", "不适用"), *ItemReview.Ground.choices],
        required=False,
        help_text=inputs.worded("例外情形，适用例外时必填", ItemReview.Ground.choices),
    )
    no_lesser_way = inputs.Text(300, help_text="为何没有影响更小的办法；适用例外时必填")
    ends_on = serializers.DateField(required=False, allow_null=True, help_text="例外终止日期；适用例外时必填")
    opinion_number = inputs.Text(80, help_text="市场监管部门意见文号；系统提示实质问题而放行时必填")
    opinion_on = serializers.DateField(required=False, allow_null=True, help_text="意见日期")
    paper = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, help_text="意见文件编号，先上传；引用意见时必填"
    )


class ConclusionInput(inputs.StrictSerializer):
    """The conclusion on the whole set."""

    number = inputs.Text(80, required=True, help_text="审查结论文号，必填")
    legal_number = inputs.Text(80, required=True, help_text="合法性审查文号，必填")
    paper = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, help_text="合法性审查文件编号，先上传；必填"
    )
    note = inputs.Text(300, help_text="说明")


class IncentiveViewSet(ApiViewSet):
    """优惠条款."""

    scopes = dict.fromkeys(
        ["incentives", "incentive", "draft", "amend", "remove", "review", "fair_review", "conclude"], NOBODY
    )

    @operation(
        "优惠条款列表",
        "一个项目的全部条款（含已撤下的）及系统提示、审查记录。金额单位万元。",
        answer=ItemsAnswer,
    )
    def incentives(self, request, pk):
        return paging.whole(self._entries(self._rows(pk)))

    @operation(
        "起草优惠条款",
        f"录入一项承诺，应答里就有系统提示；已经签约的项目 400。{DRAFTERS}",
        body=ItemInput,
        answer=ItemAnswer,
        status=201,
        parameters=[IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def draft(self, request, pk):
        project = self._project(pk)
        made = incentives.draft(project, read(ItemInput, request), by=request.user, at=self.now)
        return self._answer(made, 201)

    @operation(
        "读取优惠条款", "一项条款；应答带 ETag，修改时写进 If-Match。", answer=ItemAnswer, parameters=[ETAG]
    )
    def incentive(self, request, pk, row):
        return self._answer(self._one(pk, row))

    @operation(
        "修改优惠条款",
        f"修改写明的字段，原来的文字留在条款稿里，审查须重新进行。必须带 If-Match。{DRAFTERS}",
        body=ItemChange,
        answer=ItemAnswer,
        parameters=[IF_MATCH, IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def amend(self, request, pk, row):
        item = self._one(pk, row)
        version = required_version(request, item)
        content = {name: getattr(item, name) for name in CONTENT} | read(ItemChange, request)
        return self._answer(incentives.amend(item, content, by=request.user, at=self.now, version=version))

    @operation(
        "撤下优惠条款",
        f"这条不再承诺，记录仍然保留；已出具的结论随之失效。If-Match 可不带。{DRAFTERS}",
        answer=ItemAnswer,
        parameters=[IF_MATCH_OPTIONAL, IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def remove(self, request, pk, row):
        item = self._one(pk, row)
        optional_version(request, item)
        return self._answer(incentives.remove(item, by=request.user, at=self.now))

    @operation(
        "审查优惠条款",
        "公平竞争审查人员对一条写结论；参与过任何一稿起草的人 403。digest 不是现在这一稿的 400 changed。"
        "系统提示实质问题的，放行还须有市场监管部门意见（opinion_required）；引用意见要有文件（paper_required）。",
        body=ItemVerdictInput,
        answer=ItemAnswer,
        status=201,
        parameters=[IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def review(self, request, pk, row):
        item = self._one(pk, row)
        given = read(ItemVerdictInput, request)
        digest = given.pop("digest")
        verdict = reviewing.Verdict(**self._with_paper(item.project, given))
        reviewing.review(item, verdict, digest=digest, by=request.user, at=self.now)
        return self._answer(item, 201)

    @operation(
        "公平竞争审查状态", "签约之前还缺什么，与闸口所列相同；以及出具过的结论。", answer=FairReviewAnswer
    )
    def fair_review(self, request, pk):
        return self._standing(self._project(pk))

    @operation(
        "出具审查结论",
        "全部条款通过后，由公平竞争审查人员对整套条款出具结论；"
        "条款没有全部通过、承诺有提示未处理的 400 uncleared，逐条列出；"
        "要有合法性审查文件（paper_required）。",
        body=ConclusionInput,
        answer=FairReviewAnswer,
        status=201,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def conclude(self, request, pk):
        project = self._project(pk)
        given = self._with_paper(project, read(ConclusionInput, request))
        reviewing.conclude(project, **given, by=request.user, at=self.now)
        return self._standing(project, 201)

    def _project(self, pk):
        found = Project.objects.visible_to(self.request.user).filter(pk=pk).select_related("unit").first()
        if found is None:
            raise NotFound
        return found

    def _with_paper(self, project, values):
        """The values with the paper in place of its number."""
        if values.get("paper"):
            found = project.papers.for_review().filter(pk=values["paper"]).first()
            if found is None:
                detail = serializers.ErrorDetail("这个项目没有这份文件。", code="unknown_code")
                raise serializers.ValidationError({"paper": [detail]})
            values["paper"] = found
        return values

    def _rows(self, pk):
        return IncentiveItem.objects.visible_to(self.request.user).filter(project=self._project(pk))

    def _one(self, pk, row):
        found = self._rows(pk).select_related("project").filter(pk=row).first()
        if found is None:
            raise NotFound
        return found

    def _entries(self, rows):
        """The entries of the items, each with its flags and state of today and its reviews."""
        user = self.request.user
        related = rows.with_parties().prefetch_related("reviews")
        items = incentives.dressed(list(related), at=self.now)
        reviews = {}
        given = ItemReview.objects.filter(item__in=[item.pk for item in items])
        for (of, _), entry in REVIEW.keyed(given, "item", user):
            reviews.setdefault(of, []).append(entry)
        said = {item.pk: _said(item, reviews.get(item.pk, [])) for item in items}
        return [{**entry, **said[entry["id"]]} for entry in ITEM.entries(rows.filter(pk__in=said), user)]

    def _answer(self, item, status=200):
        entry = self._entries(self._rows(item.project_id).filter(pk=item.pk))[0]
        return Response(entry, status=status, headers={"ETag": etag(entry["version"])})

    def _standing(self, project, status=200):
        missing = missing_review(project, shanghai_day(self.now))
        conclusions = CONCLUSION.entries(FairReview.objects.filter(project=project), self.request.user)
        lacking = [{"code": one.code, "detail": one.text} for one in missing]
        return Response({"missing": lacking, "conclusions": conclusions}, status=status)


def _said(item, reviews):
    """What the machine and the reviewers say of `item`, flagged and judged already."""
    flags = [
        {
            "code": flag.code,
            "name": flag.name,
            "words": [hit.words for hit in flag.hits if hit.words],
            "reason": flag.reason,
            "advice": flag.advice,
        }
        for flag in item.flags
    ]
    state = {"state": item.state, "state_label": item.state_label}
    return {"digest": item.digest, **state, "flags": flags, "reviews": reviews}
