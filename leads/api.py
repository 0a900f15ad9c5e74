"""The API's doors to leads: list, report, read, correct, move, follow up."""

from functools import wraps

import django_filters
from rest_framework import serializers
from rest_framework.response import Response

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, Subquery
from django.urls import reverse

from crm import audit, display, roles
from crm.api import inputs, paging, projection
from crm.api.etag import optional_version, required_version
from crm.api.idempotency import once
from crm.api.projection import CONTACT, INTERNAL, Reader
from crm.api.schema import (
    ETAG,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_MATCH_OPTIONAL,
    IF_NONE_MATCH,
    UNCHANGED,
    listed,
    operation,
)
from crm.api.viewsets import Resource
from crm.models import Channel, City, FusionSector, LossReason
from crm.workdays import shanghai_day
from leads import stages
from leads.claims import AlreadyReported, tell_holder
from leads.editing import edit
from leads.filters import LeadFilter
from leads.follow_up import FollowUp, log_visit
from leads.intake import Capture, capture
from leads.losing import Loss, step
from leads.models import Lead, Roadshow, Visit
from leads.models.prospects import ChainPosition, SectorKind
from leads.partners import receive

READ = ("leads:read", "leads:write")
WRITE = ("leads:write",)

LEADER = projection.text(
    "leader_label", "leader__name", "联系区领导；没有为 null，令牌不可见", guard=INTERNAL
)

# what leads and the projects they become have in common
SHARED = [
    *projection.term("unit", "责任单位"),
    projection.text("owner_label", "owner__name", "负责人；令牌不可见", guard=INTERNAL),
    *projection.term("channel", "来源渠道"),
    *projection.term("city", "来源城市（GB/T 2260）"),
    *projection.choice("sector_kind", SectorKind.choices, "赛道归属"),
    *projection.term("sector", "融合赛道"),
    *projection.choice("chain_position", ChainPosition.choices, "链条位置"),
    *projection.codes("tracks", "未来赛道"),
    projection.amount("amount_wan", "投资额，万元；未知为 null"),
    projection.amount("area_sqm", "需求面积，㎡；未知为 null"),
    projection.text("next_step", about="下一步；已被接收后令牌不可见", guard=INTERNAL),
    projection.day("next_contact_on", "下次联系日期；已被接收后令牌不可见", guard=INTERNAL),
    projection.moment("last_contact_at", "最近联系时间"),
    projection.moment("entered_at", "进入当前阶段的时间"),
    projection.day("limit_on", "阶段时限"),
    projection.moment("created_at", "登记时间"),
    projection.moment("updated_at", "最近变动时间"),
]


def tells_holder(write):
    """Tell the first reporter that somebody else reported his company; the refused write is rolled back."""

    @wraps(write)
    def door(view, request, *args, **kwargs):
        try:
            return write(view, request, *args, **kwargs)
        except AlreadyReported as refusal:
            tell_holder(refusal.claim, by=request.user, at=view.now)
            raise

    return door


LEAD = projection.Projection(
    "Lead",
    projection.number("id", about="线索编号"),
    projection.number("version", about="版本，与 ETag 相同"),
    projection.text("company_name", "title", "企业或项目名称"),
    projection.text("uscc", "company__uscc", "统一社会信用代码；未知为 null"),
    projection.stage(stages.LeadStage.choices),
    projection.flag("is_pending", "untouched", "伙伴推送、尚待接收：推送方还可以修改"),
    projection.text("external_id", about="伙伴自己的编号"),
    projection.number("roadshow", "roadshow_id", "来源行程编号", nullable=True),
    projection.text("channel_detail", about="渠道说明；已被接收后令牌不可见", guard=INTERNAL),
    projection.text(
        "contact_name", "contact__name", "联系人；不知道姓名为 null", guard=CONTACT, mask=display.mask_name
    ),
    projection.text("contact_title", "contact__title", "职务"),
    projection.text("contact_phone", "contact__phone", "电话", guard=CONTACT, mask=display.mask_phone),
    projection.text("contact_email", "contact__email", "邮箱", guard=CONTACT, mask=display.mask_email),
    projection.text("note", about="情况说明；已被接收后令牌不可见", guard=INTERNAL),
    projection.text("investor_name", about="投资方"),
    projection.text("city_code", about="市级项目编码"),
    LEADER,
    projection.number(
        "merged_into",
        "seen_merged_into",
        "重复合并到的线索编号；没有合并、或看不到那一条为 null",
        nullable=True,
    ),
    projection.text("loss_reason", "loss_reason__code", "流失原因代码；没有流失为 null"),
    projection.text("loss_reason_label", "loss_reason__name", "流失原因；没有流失为 null"),
    projection.text("winning_city", about="流向城市"),
    projection.day("revisit_on", "流失后的回访日期；不再激活为 null"),
    projection.day("feedback_due_on", "给引荐人回音的期限；没有引荐人为 null"),
    projection.day("fed_back_on", "第一次回音的日期；还没有为 null"),
    projection.number("project", "project__id", "由它形成的项目编号", nullable=True),
    SHARED,
)


class ClassifiedInput(inputs.StrictSerializer):
    """Fields with a sector: `sector` alone says fusion, `sector_kind` alone says foundation or none."""

    def validate(self, values):
        if values.get("sector_kind", "") is None:
            del values["sector_kind"]
        if values.get("sector"):
            values.setdefault("sector_kind", SectorKind.FUSION.value)
        if (values.get("sector_kind") == SectorKind.FUSION) != bool(values.get("sector")):
            detail = "sector_kind 为 fusion 时要写 sector，其他情况不写。"
            raise serializers.ValidationError(
                {"sector": [serializers.ErrorDetail(detail, "sector_mismatch")]}
            )
        return values


class ReportFilter(LeadFilter):
    """The filters of the list, and the number under which a partner keeps a lead itself."""

    external_id = django_filters.CharFilter(label="伙伴自己的编号", max_length=80)
    WRITTEN = {**LeadFilter.WRITTEN, "external_id": "逐字相同"}


class LeadInput(ClassifiedInput):
    """A company to report."""

    company_name = inputs.Text(120, help_text="企业全称，必填")
    uscc = inputs.Uscc(help_text="统一社会信用代码（GB 32100，18 位）")
    external_id = inputs.Text(
        80, help_text="伙伴自己的编号；同号同企业重发得到同一条线索（200），不重复登记；同号换了企业 409"
    )
    city = inputs.Code(
        City.objects, column="pk", allow_null=True, help_text="来源城市代码（GB/T 2260，六位）"
    )
    channel = inputs.Code(Channel.objects, allow_null=True, help_text="来源渠道代码；令牌默认 partner")
    channel_detail = inputs.Text(120, help_text="渠道说明")
    roadshow = serializers.IntegerField(required=False, min_value=1, help_text="来源行程编号（仅限登录用户）")
    contact_name = inputs.Text(40, help_text="联系人姓名")
    contact_title = inputs.Text(40, help_text="职务")
    contact_phone = inputs.Phone(help_text="手机或带区号的座机")
    contact_email = inputs.Email(help_text="邮箱")
    amount_wan = inputs.Amount(help_text="投资额，万元")
    area_sqm = inputs.Area(help_text="需求面积，㎡")
    sector_kind = serializers.ChoiceField(
        SectorKind.choices,
        required=False,
        allow_null=True,
        help_text=inputs.worded("赛道归属", SectorKind.choices),
    )
    sector = inputs.Code(FusionSector.objects, allow_null=True, help_text="融合赛道代码")
    content = inputs.Text(4000, multiline=True, help_text="洽谈情况（写明 met_at 才记为一次联系）")
    met_at = serializers.DateTimeField(required=False, help_text="见面时间（仅限登录用户）")
    next_step = inputs.Text(200, help_text="下一步")
    next_contact_on = serializers.DateField(required=False, allow_null=True, help_text="下次联系日期")
    investor_name = inputs.Text(120, help_text="投资方；同名而投资方不同的按两个项目登记")
    city_code = inputs.Text(40, help_text="市级项目编码")
    note = inputs.Text(4000, multiline=True, help_text="情况说明")


class LeadChange(inputs.StrictSerializer):
    """Fields of a lead that may be corrected; those not named stay as they are."""

    company_name = inputs.Text(120, allow_blank=False, help_text="企业或项目名称")
    city = inputs.Code(City.objects, column="pk", allow_null=True, help_text="来源城市代码")
    channel = inputs.Code(Channel.objects, help_text="来源渠道代码")
    channel_detail = inputs.Text(120, help_text="渠道说明")
    amount_wan = inputs.Amount(help_text="投资额，万元")
    area_sqm = inputs.Area(help_text="需求面积，㎡")
    next_step = inputs.Text(200, help_text="下一步")
    next_contact_on = serializers.DateField(required=False, allow_null=True, help_text="下次联系日期")
    investor_name = inputs.Text(120, help_text="投资方；同名而投资方不同的按两个项目登记")
    city_code = inputs.Text(40, help_text="市级项目编码")
    note = inputs.Text(4000, multiline=True, help_text="情况说明")


class MoveInput(inputs.StrictSerializer):
    """A step to another stage."""

    stage = serializers.CharField(max_length=20, help_text="要去的阶段代码")
    reason = inputs.Text(300, help_text="理由；后退、储备、流失和强制推进必填")
    forced = serializers.BooleanField(default=False, help_text="强制推进（仅限单位负责人和区投促局）")
    loss_reason = inputs.Code(LossReason.objects, help_text="流失原因代码；流失时必填")
    winning_city = inputs.Text(30, help_text="流向城市；落户外地时必填")
    revisit_on = serializers.DateField(
        required=False, allow_null=True, help_text="流失后的回访日期；不写为不再激活"
    )


def loss_in(values):
    """The Loss among the validated fields of a MoveInput; they are taken out of it."""
    named = ("loss_reason", "winning_city", "revisit_on")
    reason, city, revisit_on = (values.pop(name, None) for name in named)
    return Loss(reason, values.get("reason", ""), city or "", revisit_on)


class VisitInput(inputs.StrictSerializer):
    """A visit or call that took place."""

    kind = serializers.ChoiceField(Visit.Kind.choices, help_text=inputs.worded("方式", Visit.Kind.choices))
    at = serializers.DateTimeField(required=False, help_text="联系时间；不写为现在")
    place = inputs.Text(120, help_text="地点")
    content = inputs.Text(4000, multiline=True, help_text="洽谈情况，必填")
    next_step = inputs.Text(200, help_text="下一步，必填")
    next_on = serializers.DateField(allow_null=True, required=False, help_text="下次联系日期；没有流失的必填")


VISIT = projection.Projection(
    "Visit",
    projection.number("id", about="记录编号"),
    *projection.choice("kind", Visit.Kind.choices, "方式"),
    projection.moment("at", "联系时间"),
    projection.text("place", about="地点"),
    projection.text("content", about="洽谈情况"),
    projection.text("next_step", about="下一步"),
    projection.day("next_on", "下次联系日期"),
    projection.text("by_label", "by__name", "记录人"),
    *projection.term("unit", "单位"),
)


class VisitsAnswer(paging.WholeAnswer):
    results = VISIT.serializer(many=True)


def shaped(rows):
    """Rows of leads or projects with the keys of their tracks, without a further query."""
    through = rows.model.tracks.through
    own = through._meta.get_field(rows.model._meta.model_name).attname
    keys = through.objects.filter(**{own: OuterRef("pk")}).values("futuretrack_id")
    return rows.annotate(tracks_ids=ArraySubquery(keys))


def read(serializer, request):
    """The validated fields of a request; raises ValidationError with one entry per wrong field."""
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return given.validated_data


class LeadViewSet(Resource):
    """线索."""

    projection = LEAD
    filterset = ReportFilter
    scopes = {
        "list": READ,
        "retrieve": READ,
        "create": WRITE,
        "partial_update": WRITE,
        "move": WRITE,
        "visits": READ,
        "log_visit": WRITE,
    }

    def rows(self):
        return Lead.objects.visible_to(self.request.user)

    def shaped(self, rows):
        untouched = Q(is_pending=True, owner=None, stage=stages.LeadStage.LEAD)
        seen = self.rows().filter(pk=OuterRef("merged_into")).values("pk")
        return shaped(rows).annotate(
            untouched=ExpressionWrapper(untouched, BooleanField()), seen_merged_into=Subquery(seen)
        )

    @listed(
        LEAD,
        ReportFilter,
        "线索列表",
        "令牌只看到本伙伴推送的线索，登录用户看到自己可见的。最新登记的在前；用 updated_since 时按变动先后。"
        "金额单位万元，联系人按权限遮蔽。没有的筛选条件一律 400。",
    )
    def list(self, request):
        response = self.page(request)
        self._note_disclosure([entry["id"] for entry in response.data["results"]])
        return response

    @operation(
        "推送线索",
        "登记一家企业，成为线索。令牌推送的线索进入令牌所属单位，状态为待接收。\n\n"
        "同一个 external_id、同一家企业再次推送得到原来的线索（200，内容不变，修改请用 PATCH）；"
        "同号换了企业 409 external_id_taken，不登记。"
        "企业已被首报时 409 already_reported，提示首报单位、日期和保护期；"
        "本单位已立项企业的增资扩产，channel 写 expansion 即可登记（仅限登录用户）。"
        "金额是以万元为单位的十进制数，面积单位㎡。",
        body=LeadInput,
        answer=LEAD.serializer,
        status=201,
        parameters=[IDEMPOTENCY_KEY, ETAG],
        also={200: LEAD.serializer},
    )
    @tells_holder
    @once
    def create(self, request):
        now, user = self.now, request.user
        values = self._checked(read(LeadInput, request), now)
        data = Capture(name=values.pop("company_name", ""), **values)
        lead, created = (
            receive(data, by=user, at=now) if data.partner else (capture(data, by=user, at=now), True)
        )
        return self.answer(
            lead.pk, 201 if created else 200, {"Location": reverse("api:lead", args=[lead.pk])}
        )

    def _checked(self, values, now):
        """The fields of a report, completed by what follows from who sends it."""
        if self.request.user.role == roles.PARTNER:
            return self._from_partner(values)
        if values.pop("external_id", ""):
            self._refuse("external_id", "external_id 只用于伙伴令牌。")
        if "roadshow" in values:
            values["roadshow"] = self._roadshow(values["roadshow"], shanghai_day(now))
        elif values.get("content") and "met_at" not in values:
            self._refuse("met_at", "写了洽谈情况，请同时写见面时间 met_at。")
        return values

    def _roadshow(self, pk, day):
        found = Roadshow.objects.visible_to(self.request.user).open_on(day).filter(pk=pk).first()
        if found is None:
            self._refuse("roadshow", "没有这个行程，或不在您的可见范围内。")
        return found

    def _from_partner(self, values):
        for name in ("roadshow", "met_at", "content"):
            if name in values:
                self._refuse(name, "伙伴令牌不能写这个字段，情况请写进 note。")
        values["channel"] = values.get("channel") or Channel.objects.get(code="partner")
        return {**values, "partner": self.request.auth, "unit": self.request.user.unit}

    def _refuse(self, name, detail):
        raise serializers.ValidationError({name: [serializers.ErrorDetail(detail, code="not_for_you")]})

    @operation(
        "读取线索",
        "一条线索；不可见的与不存在的同样 404。应答带 ETag，修改时写进 If-Match。",
        answer=LEAD.serializer,
        parameters=[IF_NONE_MATCH, ETAG],
        also=UNCHANGED,
    )
    def retrieve(self, request, pk):
        response = self.answer(pk)
        self._note_disclosure([pk])
        return response

    @operation(
        "修改线索",
        "更正写明的字段，其余不变。必须带 If-Match。令牌只能修改本伙伴推送且尚待接收的线索；"
        "单位、阶段、负责人等不能由此修改（400 unknown_field）。",
        body=LeadChange,
        answer=LEAD.serializer,
        parameters=[IF_MATCH, IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def partial_update(self, request, pk):
        lead = self.one(pk)
        version = required_version(request, lead)
        values = read(LeadChange, request)
        if "company_name" in values:
            values["title"] = values.pop("company_name")
        edit(lead, values, by=request.user, at=self.now, version=version)
        return self.answer(pk)

    @operation(
        "推进阶段",
        "把线索移到另一阶段，与看板上的拖动相同。缺少条件时 400 gate，missing 逐项列出。"
        "移到 accepted 即立项，与 accept 相同。只有本单位的登录用户可以推进，令牌得到 403。If-Match 可不带。",
        body=MoveInput,
        answer=LEAD.serializer,
        parameters=[IF_MATCH_OPTIONAL, IDEMPOTENCY_KEY, ETAG],
    )
    @once
    def move(self, request, pk):
        lead = self.one(pk)
        version = optional_version(request, lead)
        values = read(MoveInput, request)
        values |= {"loss": loss_in(values), "by": request.user, "at": self.now, "version": version}
        self.take(lead, values.pop("stage"), values)
        return self.answer(pk)

    def take(self, lead, stage, how):
        """The step itself; raises what `move_to` raises."""
        step(lead, stage, **how)

    @operation(
        "跟进记录",
        "一条线索的拜访、来访、电话记录，最近的在前。内部记录，令牌得到空列表。",
        answer=VisitsAnswer,
    )
    def visits(self, request, pk):
        seen = Visit.objects.visible_to(request.user).filter(lead=self.one(pk))
        return paging.whole(VISIT.entries(seen, request.user))

    @operation(
        "记录跟进",
        "记下谈了什么、下一步和下次联系日期（不能早于今天）。只有本单位的人可以记录。",
        body=VisitInput,
        answer=VISIT.serializer,
        status=201,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def log_visit(self, request, pk):
        lead, now = self.one(pk), self.now
        values = {"at": now, "content": "", "next_step": "", "next_on": None, **read(VisitInput, request)}
        visit = log_visit(lead, FollowUp(**values), by=request.user, at=now)
        seen = Visit.objects.filter(pk=visit.pk)
        return Response(VISIT.entries(seen, request.user)[0], status=201)

    def _note_disclosure(self, ids):
        """A partner that reads contacts in full leaves a trace (PIPL art. 23)."""
        user = self.request.user
        if ids and user.role == roles.PARTNER and Reader.of(user).sees_contacts:
            audit.record(user, "api_contacts", detail={"leads": ids}, at=self.now)
