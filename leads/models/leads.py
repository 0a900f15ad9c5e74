"""线索: a company that may come, with its source, its owner and its clock."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse

from crm import roles
from crm.errors import Gone, Missing
from crm.models import LossReason
from crm.numbers import number
from crm.permissions import require
from crm.pipeline import MoveRefused, StageChange, stage_label
from crm.scoping import NOTHING, ScopedQuerySet
from crm.search import code_fragment, either, standing_together
from crm.values import grams, search_terms
from leads import stages
from leads.models.claims import Claim, HeldByOther
from leads.models.duplicates import Comparable, DuplicatePair
from leads.models.feedback import OWING, Introduced
from leads.models.pool import Poolable
from leads.models.prospects import AMOUNT_KNOWN, NEXT_KNOWN, Prospect
from leads.models.screenings import Screening
from leads.stages import LeadStage

NAMES = ("title", "company__name", "company__brand")
UNANSWERED = Q(stage=LeadStage.LEAD, first_response_at=None)  # its clock is that of the first response


class LeadQuerySet(ScopedQuerySet):
    def scope(self, user):
        """Own unit; a station also what it brought; a partner what it sent."""
        if user.role == roles.PARTNER:
            return Q(partner__in=user.token_ids)
        if user.role not in roles.SEES_OWN_UNIT or not user.unit_id:
            return NOTHING
        return Q(unit=user.unit_id) | Q(station=user.unit_id)

    def own(self):
        """All but those that were merged into another: what is listed and counted."""
        return self.filter(stage__in=stages.OWN)

    def given_up_as_repeated(self):
        """Those given up because another lead or project stands for them: 流失 with the reason 重复."""
        return self.filter(stage=LeadStage.DROPPED, loss_reason__code=LossReason.DUPLICATE)

    def once(self):
        """All but those another record stands for, by a merge or by a loss as 重复: what counts as 到过.

        A lead goes with the project it became.
        """
        return self.own().exclude(pk__in=self.model.objects.repeated())

    def repeated(self):
        """The keys of those another record stands for: three small parts, each out of an index."""
        every = self.order_by().values("pk")
        of_projects = every.filter(project__stage="lost", project__loss_reason__code=LossReason.DUPLICATE)
        merged = every.filter(stage=LeadStage.MERGED)
        return merged.union(every.given_up_as_repeated(), of_projects, all=True)

    def open(self):
        """Leads still to be judged: 线索 and 研判."""
        return self.filter(stage__in=stages.OPEN)

    def due(self, day):
        """Open leads whose next contact is due on `day` or was due before."""
        return self.open().filter(next_contact_on__lte=day)

    def blue(self, day):
        """Open records whose limit comes near on `day` and is not past."""
        return self.open().filter(blue_on__lte=day, limit_on__gte=day)

    def yellow(self, day):
        """Open leads past their stage limit on `day`."""
        return self.open().filter(limit_on__lt=day)

    def red(self, day):
        """Open leads past their red day on `day`."""
        return self.yellow(day).filter(red_on__lte=day)

    def owing_feedback(self):
        """Leads whose introducer has not heard from us yet, in whatever stage they stand."""
        return self.filter(OWING)

    def hold(self, pk):
        """The lead, locked until commit; raises Gone when it was taken back since it was looked at."""
        try:
            return self.select_for_update(of=("self",)).get(pk=pk)
        except self.model.DoesNotExist as error:
            raise Gone from error

    def hold_all(self, keys):
        """{key: lead} of those that are still there, locked until commit in one order."""
        rows = self.filter(pk__in=set(keys) - {None}).order_by("pk")
        return {lead.pk: lead for lead in rows.select_for_update(of=("self",))}

    def search(self, query):
        """Leads whose names contain every word of `query`, also by pinyin; or whose company has this code."""
        terms = search_terms(query)
        if not terms:
            return self
        renamed = Q(company__other_keys__len__gt=0)
        named = standing_together(self.filter(grams__contains=terms), query, *NAMES, unless=renamed)
        code = code_fragment(query)
        return either(self, named, self.filter(company__uscc__contains=code)) if code else named


# what the funnel and the chain count and split by stands in the index itself, so that a report reads no row
COUNTED = [
    *("id", "furthest", "amount_wan", "sector", "sector_kind"),
    *("city", "channel", "station", "created_at", "chain_position"),
]
# the same for what the matching of all that may become a project reads (projects/survey.py)
SURVEYED = ["company", "sector", "chain_position", "amount_wan", "area_sqm", "unit", "station"]


class Merged(MoveRefused):
    """Nothing is moved into 重复合并, nor out of it."""

    code = "merged"

    def __init__(self):
        super().__init__("「重复合并」不能直接推进：请在判重页面判定为同一项目，或撤销合并。")


class Lead(Comparable, Introduced, Poolable, Prospect):
    """One prospective company (or a team without one) reported by one unit."""

    company = models.ForeignKey(
        "crm.Company", models.PROTECT, null=True, blank=True, related_name="leads", verbose_name="企业"
    )
    title = models.CharField("企业或项目名称", max_length=120)
    contact = models.ForeignKey(
        "crm.Contact", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="联系人"
    )
    reporter = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, related_name="+", verbose_name="首报人"
    )
    roadshow = models.ForeignKey(
        "leads.Roadshow", models.PROTECT, null=True, blank=True, related_name="leads", verbose_name="来源行程"
    )
    channel_detail = models.CharField("渠道说明", max_length=120, blank=True)
    tracks = models.ManyToManyField("crm.FutureTrack", blank=True, related_name="+", verbose_name="未来赛道")
    note = models.TextField("情况说明", blank=True)
    tags = models.ManyToManyField(
        "crm.Tag", through="leads.LeadTag", blank=True, related_name="+", verbose_name="标签"
    )
    first_response_at = models.DateTimeField("首次响应", null=True, blank=True)
    is_pending = models.BooleanField("待接收", default=False)
    partner = models.ForeignKey(
        "crm.PartnerToken",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="leads",
        verbose_name="推送伙伴",
    )
    external_id = models.CharField("伙伴编号", max_length=80, blank=True)
    loss_reason = models.ForeignKey(
        "crm.LossReason", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="流失原因"
    )
    winning_city = models.CharField("流向城市", max_length=30, blank=True, default="", db_default="")
    revisit_on = models.DateField("回访日期", null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_leads", verbose_name="合并到"
    )

    objects = LeadQuerySet.as_manager()
    stages = stages.MAP
    WORDS = ("grams", "likeness", "is_unchecked")
    NAMING = frozenset({"title", "company", *Comparable.COMPARED})

    class Meta:
        verbose_name = verbose_name_plural = "线索"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(sector_kind="fusion", sector__isnull=False)
                | (~Q(sector_kind="fusion") & Q(sector__isnull=True)),
                name="lead_sector_only_in_fusion",
            ),
            models.CheckConstraint(
                condition=~Q(stage=LeadStage.MERGED.value) | Q(merged_into__isnull=False),
                name="lead_merged_into_another",
            ),
            models.UniqueConstraint(
                fields=["partner", "external_id"],
                condition=~Q(external_id=""),
                name="lead_once_per_partner_number",
            ),
        ]
        indexes = [
            GinIndex(fields=["grams"], name="lead_grams"),
            # asked for every new lead: what waits to be sorted in would be read through each time
            GinIndex(fields=["likeness"], name="lead_likeness", fastupdate=False),
            models.Index(fields=["id"], condition=Q(is_unchecked=True), name="lead_unchecked"),
            models.Index(fields=["-created_at", "-id"], name="lead_newest"),
            models.Index(fields=["unit", "-created_at", "-id"], name="lead_unit_newest"),
            models.Index(fields=["station", "-created_at", "-id"], name="lead_station_newest"),
            models.Index(fields=["unit", "stage"], include=COUNTED, name="lead_funnel"),
            models.Index(fields=["stage", "-entered_at", "-id"], name="lead_board"),
            models.Index(
                fields=["owner", "next_contact_on"],
                condition=Q(stage__in=stages.OPEN),
                name="lead_due",
            ),
            models.Index(fields=["limit_on"], condition=Q(stage__in=stages.OPEN), name="lead_limit"),
            models.Index(
                fields=["unit", "owner"],
                include=["next_contact_on", "limit_on", "red_on", "amount_wan"],
                condition=Q(stage__in=stages.OPEN),
                name="lead_agenda",
            ),
            models.Index(
                fields=["next_contact_on"], condition=Q(stage__in=stages.OPEN), name="lead_next_contact"
            ),
            models.Index(
                fields=["id"], include=SURVEYED, condition=Q(stage__in=stages.PROSPECTS), name="lead_survey"
            ),
            models.Index(fields=["updated_at", "id"], name="lead_changed"),
            models.Index(AMOUNT_KNOWN.desc(), F("id").desc(), name="lead_by_amount"),
            models.Index(NEXT_KNOWN, F("id"), name="lead_by_next"),
            # the few given up as 重复, which no report counts: read for every stage of the funnel
            models.Index(
                fields=["loss_reason", "stage"],
                include=["id"],
                condition=Q(loss_reason__isnull=False),
                name="lead_lost_for",
            ),
            models.Index(fields=["revisit_on"], condition=Q(revisit_on__isnull=False), name="lead_revisit"),
            models.Index(fields=["roadshow", "stage"], name="lead_roadshow"),
            models.Index(fields=["feedback_due_on"], condition=OWING, name="lead_owes_feedback"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("leads:detail", args=[self.pk])

    @property
    def is_lost(self):
        return self.stage == LeadStage.DROPPED

    @property
    def is_gone(self):
        """Whether it, or the project it became, stands beside the line for good: lost or merged."""
        project = getattr(self, "project", None)
        return project.is_lost if project else self.stage in (LeadStage.DROPPED, LeadStage.MERGED)

    @property
    def is_untouched(self):
        """Sent by a partner, or by the company at the door of a trip, and taken up by nobody yet.

        A partner may still correct it.
        """
        return self.is_pending and self.owner_id is None and self.stage == LeadStage.LEAD

    @property
    def sender(self):
        """Who it came from where no colleague reported it, in words."""
        return "伙伴系统" if self.partner_id else "企业扫码登记"

    def clock_days(self, setting):
        """Unanswered: the first response; major: longer for 研判; else what the stage gives (§1.13)."""
        if self.stage == LeadStage.LEAD and self.first_response_at is None:
            return number("first_response_days")
        if self.stage == LeadStage.SCREENING and self.is_major:
            return number("screening_days_major")
        return setting.limit_days

    @property
    def is_major(self):
        """Whether the amount makes it 重大 (10 亿 and more)."""
        return self.amount_wan is not None and self.amount_wan >= number("major_wan")

    @property
    def project_stage(self):
        """The stage of the project this lead became, in the words of the settings."""
        return stage_label(self.project.stage)

    def index_words(self):
        """Recompute the search grams, of the title and every name of the company, and the words of 判重."""
        self.index_likeness()
        self.grams = grams(self.title, *(self.company.names if self.company else []))

    @transaction.atomic
    def move_to(self, to, *, by, at, **how):
        """Move along the pipeline; a dropped lead gives up its claim, a revived one takes it again.

        What has become a project goes on as the project: not even force takes its lead out of 跟进.
        """
        was = self.stage
        if was == LeadStage.ACCEPTED != to and hasattr(self, "project"):
            require(by, "move", self)
            raise MoveRefused("这条线索已经转为项目，阶段不能再改，请在项目里继续。", code="has_project")
        change = super().move_to(to, by=by, at=at, **how)
        claim = Claim.objects.filter(lead=self)
        if to == LeadStage.DROPPED:
            claim.end(Claim.Ended.DROPPED, at)
        elif was == LeadStage.DROPPED:
            claim.reopen(at)
        claim.wind(Claim.Clock.SILENCE if to == LeadStage.ACCEPTED else Claim.Clock.BOTH, at)
        return change

    @transaction.atomic
    def go_to(self, unit, owner, *, by, at, also=()):
        """Belong to `unit` and `owner`, together with the project it became."""
        super().go_to(unit, owner, by=by, at=at, also=also)
        if hasattr(self, "project"):
            project = type(self.project).objects.select_for_update().get(pk=self.project.pk)
            project.go_to(unit, owner, by=by, at=at)

    def check_step(self, step):
        """Nobody moves into or out of 重复合并, nor on in the pool; no force brings a lead back whose company
        another holds.
        """
        if LeadStage.MERGED in (self.stage, step.to):
            raise Merged
        if step.to != LeadStage.DROPPED != self.stage and self.is_pooled:
            raise MoveRefused(
                "这条线索在公海，没有人负责，不能推进；请由要跟进的人先在公海领取。", code="pool"
            )
        super().check_step(step)
        if step.forced and (missing := self._missing_return() or self._missing_hold(step.to)):
            raise HeldByOther(missing)

    def missing_for(self, to, on=None):
        """What a step to `to` still lacks (gates of the stage table, domain §1.4)."""
        if self.stage == LeadStage.ACCEPTED:
            return [Missing("has_project", "这条线索已经转为项目，请在项目里继续。")]
        if self.stage == LeadStage.DROPPED:
            return self._missing_return() or self._missing_before_screening(to)
        return self._missing_hold(to) + self._missing_at_gate(to)

    def _missing_at_gate(self, to):
        if to == LeadStage.SCREENING and self.stage == LeadStage.LEAD:
            return self._missing_clearance()
        if to == LeadStage.ACCEPTED:
            return self._missing_classification() + self._missing_opinion(to)
        if to == LeadStage.RESERVE or (to == LeadStage.DROPPED and self.stage == LeadStage.SCREENING):
            return self._missing_opinion(to)
        return []

    def _missing_return(self):
        if self.stage != LeadStage.DROPPED:
            return []
        return Claim.objects.missing_return(self.pk, self.company_id)

    def _missing_hold(self, to):
        return Claim.objects.missing_hold(self) if to in (LeadStage.SCREENING, LeadStage.ACCEPTED) else []

    def _missing_before_screening(self, to):
        """Who was lost in 线索 comes back into 研判 by the same gate (domain §1.10: to the stage it left)."""
        was_lost_as_lead = self.changes.filter(left_at=None, previous=LeadStage.LEAD).exists()
        return self._missing_clearance() if to == LeadStage.SCREENING and was_lost_as_lead else []

    def _missing_clearance(self):
        return self._missing_response() + DuplicatePair.objects.missing_verdicts(self.pk)

    def _missing_response(self):
        missing = []
        if not self.owner_id:
            missing.append(Missing("owner", "没有负责人，请先指定。", "owner"))
        if not self.first_response_at:
            missing.append(Missing("first_response", "没有首次响应，请先记录一次联系。", "visit"))
        return missing

    def _missing_opinion(self, to):
        """Each aspect that is not in writing, also of an opinion nobody has begun, and a verdict for `to`."""
        screening = Screening.objects.filter(lead=self).first() or Screening()
        missing = [
            Missing(name, f"研判意见缺「{label}」。", name)
            for name, label in Screening.ASPECTS.items()
            if not getattr(screening, name).strip()
        ]
        if screening.verdict != to:
            said, wanted = screening.get_verdict_display(), Screening.Verdict(to).label
            is_other = f"研判结论是「{said}」，与这一步不一致，应为「{wanted}」。"
            words = is_other if said else f"没有研判结论，应为「{wanted}」。"
            missing.append(Missing("verdict", words, "verdict"))
        return missing

    def _missing_classification(self):
        missing = []
        if not self.sector_kind:
            missing.append(Missing("sector", "没有融合赛道，也没有标明基础层或未分类。", "sector"))
        if not self.chain_position:
            missing.append(Missing("chain_position", "没有链条位置（不在链上也请选明）。", "chain_position"))
        if not self.tracks.exists():
            missing.append(Missing("tracks", "没有未来赛道（都不是请选「其他方向」）。", "tracks"))
        return missing


class LeadStageChange(StageChange):
    """One stay of a lead in a stage."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="changes", verbose_name="线索")

    class Meta(StageChange.Meta):
        verbose_name = verbose_name_plural = "线索阶段记录"
        constraints = [
            models.UniqueConstraint(fields=["lead", "seq"], name="lead_change_seq"),
            models.UniqueConstraint(fields=["lead"], condition=Q(left_at=None), name="lead_in_one_stage"),
        ]
        indexes = [
            models.Index(fields=["stage", "entered_at"], include=["days"], name="lead_change_stage"),
            models.Index(
                fields=["stage", "days"],
                include=["lead"],
                condition=Q(days__isnull=False),
                name="lead_stay_closed",
            ),
            models.Index(
                fields=["stage", "entered_at"],
                include=["lead"],
                condition=Q(left_at=None),
                name="lead_stay_open",
            ),
        ]
