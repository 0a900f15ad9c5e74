"""The API's doors to the 依据库: reading the clauses, and the page's two steps of changing them.

First one looks at what a change would do, then what was looked at is saved, and nothing else.
"""

from dataclasses import replace

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from crm.api import inputs, paging, projection
from crm.api.etag import etag, required_version
from crm.api.idempotency import once
from crm.api.schema import ETAG, IDEMPOTENCY_KEY, IF_MATCH, operation
from crm.api.viewsets import ApiViewSet
from crm.permissions import require
from leads.api import read
from projects import bases, ruling
from projects.flags import KINDS
from projects.models import BasisClause, IncentiveItem

NOBODY = ("bases",)  # no token has this scope: the library is kept by people for people
EDITORS = "只有区投促局的登录用户可以写入，令牌得到 403。"
SEEN = "previewed 写预览同样内容得到的 mark；没有预览过的 400 preview_required。"


def texts(name, about, write=list):
    """A JSON column that holds a list of texts."""
    field = serializers.ListField(child=serializers.CharField(), help_text=about)
    return projection.Column(name, name.removesuffix("_label"), field, write)


CLAUSE = projection.Projection(
    "BasisClause",
    projection.number("id", about="条款编号（系统内）"),
    projection.number("version", about="版本，与 ETag 相同"),
    projection.text("document", about="文件名称，不带书名号"),
    projection.text("number", about="文号；没有为空"),
    projection.text("clause", about="条款；整份文件都算的为空"),
    projection.text("area", about="适用区域"),
    texts("kinds", inputs.worded("所给的条款类别，空为不限", KINDS.items())),
    texts("kinds_label", "条款类别（中文），次序与代码相同", lambda codes: [KINDS.get(c, c) for c in codes]),
    texts("measures", "按什么给，条款里写到任何一个就算"),
    projection.amount("most_percent", "最高比例，%；没有为 null"),
    projection.amount("cap_wan", "单家上限，万元；没有为 null"),
    projection.day("valid_from", "生效日期；未知为 null"),
    projection.day("valid_to", "有效期至（当天仍有效）；未定为 null"),
    projection.text("text", about="条款原文"),
    projection.text("summary", about="内容摘要"),
    projection.day("read_on", "核对原文日期；没有人读过原文为 null，不能作数"),
    projection.flag("is_withdrawn", about="停用（录错的条款）"),
)


class ClausesAnswer(paging.WholeAnswer):
    results = CLAUSE.serializer(many=True)


class ClauseChange(inputs.StrictSerializer):
    """Fields of a clause; those not named stay as they are, in a new one empty."""

    document = inputs.Text(120, help_text="文件名称，不写书名号；新录时必填")
    number = inputs.Text(60, help_text="文号")
    clause = inputs.Text(40, help_text="条款；整份文件都算的留空")
    area = inputs.Text(40, help_text="适用区域")
    kinds = serializers.ListField(
        child=serializers.ChoiceField(list(KINDS.items())),
        required=False,
        help_text=inputs.worded("所给的条款类别，空为不限", KINDS.items()),
    )
    measures = serializers.ListField(
        child=inputs.Text(120, required=True, allow_blank=False),
        required=False,
        max_length=200,
        help_text="按什么给，一项一个词，如“租金”",
    )
    most_percent = serializers.DecimalField(
        6, 2, required=False, allow_null=True, help_text="最高比例，%，大于 0、不超过 100"
    )
    cap_wan = inputs.Amount(help_text="单家上限，万元")
    valid_from = serializers.DateField(required=False, allow_null=True, help_text="生效日期")
    valid_to = serializers.DateField(required=False, allow_null=True, help_text="有效期至（当天仍有效）")
    text = inputs.Text(4000, multiline=True, help_text="条款原文，照公开文件录入")
    summary = inputs.Text(500, multiline=True, help_text="内容摘要")
    read_on = serializers.DateField(
        required=False, allow_null=True, help_text="核对原文日期；没有读过原文的不写"
    )
    is_withdrawn = serializers.BooleanField(required=False, help_text="停用（录错的条款）")


class ClauseInput(ClauseChange):
    """What is saved, with the mark of the preview in which it was looked at."""

    previewed = inputs.Text(64, help_text="预览同样内容得到的 mark，必填")


class TouchedSchema(serializers.Serializer):
    """An item that a change would flag, or no longer flag."""

    id = serializers.IntegerField(help_text="条款编号（系统内）")
    kind_label = serializers.CharField(help_text="条款类别（中文）")
    unit_label = serializers.CharField(help_text="起草单位（中文）")
    text = serializers.CharField(help_text="条款原文；看不到这个项目的为 null", allow_null=True)

    class Meta:
        ref_name = "TouchedItem"


class EffectAnswer(serializers.Serializer):
    """What saving would do to the items promised today."""

    mark = serializers.CharField(help_text="这一内容的指纹，保存时写进 previewed")
    looked = serializers.IntegerField(help_text="对照了多少条现有条款")
    is_complete = serializers.BooleanField(help_text="是否对照了全部；否则只是最近变动的")
    hit_count = serializers.IntegerField(help_text="新增提示的条数")
    hit = TouchedSchema(many=True, help_text=f"新增提示的条款，最多 {ruling.SHOWN} 条")
    spared_count = serializers.IntegerField(help_text="不再提示的条数")
    spared = TouchedSchema(many=True, help_text=f"不再提示的条款，最多 {ruling.SHOWN} 条")


class BasisViewSet(ApiViewSet):
    """依据库."""

    scopes = dict.fromkeys(["clauses", "clause", "add", "change", "preview_new", "preview_change"], NOBODY)

    @operation("依据库", "全部条款，停用的也在内，按文件名称排列。金额单位万元。", answer=ClausesAnswer)
    def clauses(self, request):
        return paging.whole(CLAUSE.entries(self._rows(), request.user))

    @operation(
        "补录依据条款",
        f"录入一条，从保存起生效，记入审计。{SEEN}{EDITORS}",
        body=ClauseInput,
        answer=CLAUSE.serializer,
        status=201,
        parameters=[IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def add(self, request):
        require(request.user, "edit_bases")
        entry = self._seen(None)
        return self._answer(bases.add(entry, by=request.user, at=self.now), 201)

    @operation(
        "读取依据条款",
        "一条；应答带 ETag，修改时写进 If-Match。",
        answer=CLAUSE.serializer,
        parameters=[ETAG],
    )
    def clause(self, request, pk):
        return self._answer(self._one(pk))

    @operation(
        "修改依据条款",
        f"修改写明的字段，从保存起生效，以前的审查结论不受影响，记入审计。必须带 If-Match。{SEEN}{EDITORS}",
        body=ClauseInput,
        answer=CLAUSE.serializer,
        parameters=[IF_MATCH, IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def change(self, request, pk):
        row = self._one(pk)
        require(request.user, "edit_bases")
        version = required_version(request, row)
        entry = self._seen(row)
        return self._answer(bases.change(row, entry, by=request.user, at=self.now, version=version))

    @operation(
        "预览补录的影响",
        f"录入这一条以后哪些现有条款新增提示、哪些不再提示；什么都不写。{EDITORS}",
        body=ClauseChange,
        answer=EffectAnswer,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def preview_new(self, request):
        return self._preview(None)

    @operation(
        "预览修改的影响",
        f"改成这样以后哪些现有条款新增提示、哪些不再提示；没有写明的字段照旧，什么都不写。{EDITORS}",
        body=ClauseChange,
        answer=EffectAnswer,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def preview_change(self, request, pk):
        return self._preview(self._one(pk))

    def _rows(self):
        require(self.request.user, "see_bases")
        return BasisClause.objects.all()

    def _one(self, pk):
        found = self._rows().filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found

    def _seen(self, row):
        """The clause as it is to stand, looked at in a preview."""
        given = read(ClauseInput, self.request)
        seen = given.pop("previewed", "")
        entry = _entry(row, given)
        bases.check_seen(entry, seen)
        return entry

    def _preview(self, row):
        user = self.request.user
        require(user, "edit_bases")
        entry = _entry(row, read(ClauseChange, self.request))
        effect = bases.preview(row, entry, by=user, at=self.now)
        touched = [item.pk for item in (*effect.hit, *effect.spared)]
        seen = IncentiveItem.objects.visible_to(user).filter(pk__in=touched)
        named = set(seen.values_list("pk", flat=True))
        return Response(
            {
                "mark": entry.mark,
                "looked": effect.looked,
                "is_complete": effect.is_complete,
                "hit_count": len(effect.hit),
                "hit": [_told(item, named) for item in effect.hit[: ruling.SHOWN]],
                "spared_count": len(effect.spared),
                "spared": [_told(item, named) for item in effect.spared[: ruling.SHOWN]],
            }
        )

    def _answer(self, row, status=200):
        entry = CLAUSE.entries(self._rows().filter(pk=row.pk), self.request.user)[0]
        return Response(entry, status=status, headers={"ETag": etag(entry["version"])})


def _entry(row, given):
    """The clause as it is to stand: what is `given` over what stands in `row` (None: a new one)."""
    stands = bases.Entry.of(row) if row else bases.Entry(document="")
    lists = {name: tuple(given[name]) for name in ("kinds", "measures") if name in given}
    return replace(stands, **{**given, **lists})


def _told(item, named):
    return {
        "id": item.pk,
        "kind_label": item.get_kind_display(),
        "unit_label": str(item.unit),
        "text": item.text if item.pk in named else None,
    }
