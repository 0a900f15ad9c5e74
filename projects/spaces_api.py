"""The API's doors to spaces and compute: the registers, a project's candidates, what matches its needs."""

from rest_framework import serializers
from rest_framework.exceptions import NotFound

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef

from crm import rules
from crm.api import paging, projection
from crm.api.schema import ETAG, IF_NONE_MATCH, UNCHANGED, listed, operation
from crm.api.viewsets import ApiViewSet, Resource
from crm.rules.dictionary import COMPUTE_SERVES, COMPUTE_UNITS, SPACE_USES
from crm.workdays import shanghai_day
from projects.api import READ, RuleSchema
from projects.compute_fit import offers_for
from projects.models import CandidateSpace, ComputeDemand, ComputeOffer, Project, Space
from projects.space_filters import SpaceFilter
from projects.space_fit import spaces_for

MOST = 50  # matches in one answer, the best first


def _unsure(name, about):
    field = serializers.BooleanField(allow_null=True, help_text=f"{about}；没有登记为 null")
    return projection.Column(name, name, field)


SPACE = projection.Projection(
    "Space",
    projection.number("id", about="空间编号（系统内）"),
    projection.number("version", about="版本，与 ETag 相同"),
    *projection.term("carrier", "载体"),
    projection.text("building", "building__name", "楼宇"),
    projection.text("label", about="楼层与单元"),
    projection.number("floor", about="楼层，地下为负"),
    projection.amount("area_sqm", "面积，㎡"),
    *projection.choice("state", Space.State.choices, "状态"),
    projection.day("available_from", "可用日期"),
    projection.amount("rent_daily", "租金参考，元/㎡/天；没有登记为 null"),
    projection.Column(
        "uses",
        "uses",
        serializers.ListField(
            child=serializers.CharField(),
            help_text=f"允许用途代码：{'、'.join(map(' '.join, SPACE_USES.items()))}",
        ),
    ),
    projection.number("power_kva", about="供电，kVA；没有登记为 null", nullable=True),
    projection.number("racks", about="机柜，个；没有登记为 null", nullable=True),
    projection.amount("height_m", "层高，m；没有登记为 null"),
    projection.number("load_kg", about="承重，kg/㎡；没有登记为 null", nullable=True),
    _unsure("allows_eia", "可办环评"),
    projection.text("limits", about="环境限制"),
    projection.codes("tracks", "适合赛道"),
    projection.day("valid_from", "登记有效期自；不限为 null"),
    projection.day("valid_to", "登记有效期至；不限为 null"),
    projection.moment("created_at", "登记时间"),
    projection.moment("updated_at", "更新时间"),
)
CANDIDATE = projection.Projection(
    "CandidateSpace",
    projection.number("id", about="候选编号（系统内）"),
    projection.number("space", "space_id", "空间编号，见 spaces"),
    projection.text("building", "space__building__name", "楼宇"),
    projection.text("label", "space__label", "楼层与单元"),
    *projection.choice(
        "space_state",
        Space.State.choices,
        "空间现在的状态；没有确定给项目的，只有可用的能确定",
        "space__state",
    ),
    projection.number("rank", about="顺序，小的在前"),
    projection.day("shown_on", "带看日期；还没有为 null"),
    projection.text("note", about="说明；令牌不可见", guard=projection.INTERNAL),
    projection.moment("added_at", "列入时间"),
    projection.moment("final_at", "确定时间；没有确定为 null"),
    projection.moment("dropped_at", "退出或交还时间；仍在候选为 null"),
    projection.text("drop_reason", about="退出、交还的原因；令牌不可见", guard=projection.INTERNAL),
)
OFFER = projection.Projection(
    "ComputeOffer",
    projection.number("id", about="编号（系统内）"),
    projection.text("base", about="算力基地"),
    projection.text("operator", about="运营单位"),
    projection.text("site", about="机房位置"),
    *projection.choice("unit", COMPUTE_UNITS.items(), "计量单位"),
    *projection.choice("serves", COMPUTE_SERVES.items(), "用于；没有登记为空"),
    projection.amount("capacity", "总量"),
    projection.amount("free", "空闲"),
    projection.amount("price_monthly", "参考价，元/单位/月；没有登记为 null"),
    _unsure("is_domestic", "国产"),
    projection.day("as_of", "数据日期"),
    projection.text("source", about="来源"),
    projection.day("valid_from", "有效期自；不限为 null"),
    projection.day("valid_to", "有效期至；不限为 null"),
)


class FitSchema(serializers.Serializer):
    """How one space or offer goes together with the need of a project."""

    id = serializers.IntegerField(help_text="空间或算力供给的编号")
    name = serializers.CharField(help_text="名称")
    verdict = serializers.CharField(
        help_text="fit 符合，incomplete 待补充，unfit 不符合；没有说的绝不当作符合"
    )
    verdict_label = serializers.CharField(help_text="结论（中文）")
    score = serializers.FloatField(allow_null=True, help_text="加分项得分 0–100，只按已知项计")
    coverage = serializers.FloatField(allow_null=True, help_text="覆盖率 0–1")
    reasons = serializers.ListField(child=serializers.CharField(), help_text="为什么是这个结论")
    near_misses = serializers.ListField(child=serializers.CharField(), help_text="只差一点的条件")
    missing = serializers.ListField(child=serializers.CharField(), help_text="项目还没有说的需求")
    rules = RuleSchema(many=True, help_text="逐条说明")

    class Meta:
        ref_name = "Fit"


class CandidatesAnswer(paging.WholeAnswer):
    results = CANDIDATE.serializer(many=True)


class OffersAnswer(paging.WholeAnswer):
    results = OFFER.serializer(many=True)


class FitsAnswer(paging.WholeAnswer):
    results = FitSchema(many=True)


class SpaceViewSet(Resource):
    """载体空间."""

    projection = SPACE
    filterset = SpaceFilter
    scopes = {"list": READ, "retrieve": READ}

    def rows(self):
        return Space.objects.visible_to(self.request.user)

    def shaped(self, rows):
        tracks = Space.tracks.through.objects.filter(space=OuterRef("pk")).values("futuretrack_id")
        return rows.annotate(carrier_id=F("building__carrier_id"), tracks_ids=ArraySubquery(tracks))

    @listed(SPACE, SpaceFilter, "空间列表", "载体台账里的空间，新登记的在前；面积㎡，租金元/㎡/天。")
    def list(self, request):
        return self.page(request)

    @operation(
        "读取空间",
        "一处空间；不可见的与不存在的同样 404。",
        answer=SPACE.serializer,
        parameters=[IF_NONE_MATCH, ETAG],
        also=UNCHANGED,
    )
    def retrieve(self, request, pk):
        return self.answer(pk)


class ComputeOfferViewSet(ApiViewSet):
    """算力供给."""

    scopes = {"list": READ}

    @operation("算力台账", "各算力基地按计量单位的总量、空闲和参考价，带数据日期。", answer=OffersAnswer)
    def list(self, request):
        self._refuse_parameters(request)
        rows = ComputeOffer.objects.visible_to(request.user)
        return paging.whole(OFFER.entries(rows, request.user))


class ProjectSpaceViewSet(ApiViewSet):
    """一个项目的载体与算力."""

    scopes = dict.fromkeys(["candidates", "space_matches", "compute_matches"], READ)

    @operation("候选载体", "一个项目列过的候选空间，退出的也在内；不可见的 404。", answer=CandidatesAnswer)
    def candidates(self, request, pk):
        rows = CandidateSpace.objects.filter(project=self._project(pk)).order_by("dropped_at", "rank", "pk")
        return paging.whole(CANDIDATE.entries(rows, request.user))

    @operation(
        "匹配的空间",
        f"可用的空间按需求逐条比对，最合适的 {MOST} 处，与页面同样的说明。没有说的需求是待补充。",
        answer=FitsAnswer,
    )
    def space_matches(self, request, pk):
        project = self._project(pk)
        free = Space.objects.visible_to(request.user).on_offer(shanghai_day(self.now))
        return paging.whole([_entry(fit) for fit in spaces_for(project, free, self.now, MOST).rows])

    @operation(
        "匹配的算力",
        "有效的算力供给按需求逐条比对，最合适的在前；没有登记需求的是空列表。",
        answer=FitsAnswer,
    )
    def compute_matches(self, request, pk):
        row = ComputeDemand.objects.filter(project=self._project(pk)).first()
        offers = ComputeOffer.objects.visible_to(request.user).on_offer(shanghai_day(self.now))
        fits = offers_for(row, offers, self.now).rows if row else []
        return paging.whole([_entry(fit) for fit in fits])

    def _project(self, pk):
        found = Project.objects.visible_to(self.request.user).filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found


def _entry(fit):
    said = fit.verdict.to_json()
    return {
        "id": fit.subject.pk,
        "name": str(fit.subject),
        "verdict": said["verdict"],
        "verdict_label": said["label"],
        "score": said["score"],
        "coverage": said["coverage"],
        "reasons": fit.reasons,
        "near_misses": fit.near,
        "missing": fit.missing,
        "rules": list(rules.leaves(said["tree"])),
    }
