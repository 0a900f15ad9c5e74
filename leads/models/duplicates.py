"""判重: what a lead is compared by, the pairs that may be one project, and what a person said of them."""

from dataclasses import replace
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from crm import roles
from crm.errors import Missing
from crm.scoping import NOTHING, ScopedQuerySet
from leads.duplicates import LOWEST, Subject, candidates_key

REST = "rest:"


class Comparable(models.Model):
    """A record that is compared with others; `likeness` finds its possible partners without reading all."""

    investor_name = models.CharField("投资方", max_length=120, blank=True, default="", db_default="")
    city_code = models.CharField("市级项目编码", max_length=40, blank=True, default="", db_default="")
    likeness = ArrayField(
        models.CharField(max_length=300), default=list, db_default=[], editable=False, verbose_name="判重词"
    )
    is_unchecked = models.BooleanField("待判重", default=True, db_default=True, editable=False)

    COMPARED = (  # besides its name and its company
        *("investor_name", "city_code", "amount_wan", "sector_kind", "sector"),
        *("channel", "channel_detail"),
    )

    class Meta:
        abstract = True

    def subject(self):
        """What `leads.duplicates` compares of it; the importer is who introduced it."""
        return replace(
            self._bearing(),
            amount_wan=self.amount_wan,
            industry=self.sector_label if self.sector_kind else "",
            importer=self.channel_detail if self.has_introducer else "",
        )

    def _bearing(self):
        """The subject with all that others are looked up by."""
        company = self.company
        named = [company.name, *company.former_names, *company.aliases] if company else []
        return Subject(
            name=self.title,
            former_names=tuple(name for name in named if name != self.title),
            brand=company.brand if company else "",
            uscc=(company.uscc or "") if company else "",
            investor=self.investor_name,
            city_project_code=self.city_code,
        )

    def brought_by(self, investor):
        """Note who invests, once it is known; 判重 asks again."""
        if not self.investor_name:
            self.investor_name = investor
            self.save(update_fields=["investor_name"])

    @property
    def partner_words(self):
        """The words of which a possible partner has one, too."""
        return [word for word in self.likeness if not word.startswith(REST)]

    def index_likeness(self):
        """Recompute the words; a record that reads otherwise than before waits to be compared again."""
        found = sorted(candidates_key(self._bearing(), LOWEST).words | {self._rest()})
        if found != self.likeness:
            self.likeness, self.is_unchecked = found, True

    def _rest(self):
        """What else is compared, as one word that finds nobody: it only tells that something changed."""
        amount = "" if self.amount_wan is None else f"{Decimal(self.amount_wan):.4f}"
        sort = f"{self.sector_kind}{self.sector_id or ''}"
        return f"{REST}{amount}:{sort}:{self.channel_id}:{self.channel_detail}"[:300]


class DuplicatePairQuerySet(ScopedQuerySet):
    def scope(self, user):
        """Pairs of which one may see both leads: one's own unit's, or what one's station brought."""
        if user.role not in roles.SEES_OWN_UNIT or not user.unit_id:
            return NOTHING
        mine = user.unit_id
        one = Q(one__unit=mine) | Q(one__station=mine)
        return one & (Q(other__unit=mine) | Q(other__station=mine))

    def open(self):
        """Pairs of which nobody has said what they are."""
        return self.filter(verdict="")

    def of_lead(self, lead_id):
        """The pairs in which this lead stands."""
        return self.filter(Q(one=lead_id) | Q(other=lead_id))

    def missing_verdicts(self, lead_id):
        """What 研判 lacks while a sure pair (L1, L2) of a lead waits for its verdict (domain §1.4)."""
        number = self.open().of_lead(lead_id).filter(level__in=DuplicatePair.SURE).count()
        if not number:
            return []
        return [
            Missing("duplicates", f"有 {number} 条疑似重复还没有判定是不是同一项目，请先判定。", "duplicates")
        ]


class DuplicatePair(models.Model):
    """Two leads that may be one project: what the machine saw, and what a person said once and for all.

    `one` was registered before `other`. A pair with a verdict is never asked about again.
    """

    class Verdict(models.TextChoices):
        SAME = "same", "同一项目"
        DIFFERENT = "different", "视为新项目"

    SURE = ("L1", "L2")

    one = models.ForeignKey("leads.Lead", models.CASCADE, related_name="+", verbose_name="先登记的线索")
    other = models.ForeignKey("leads.Lead", models.CASCADE, related_name="+", verbose_name="后登记的线索")
    level = models.CharField("级别", max_length=2)
    confidence = models.PositiveSmallIntegerField("可信度")
    reasons = models.JSONField("依据", default=list)
    found_at = models.DateTimeField("发现时间")
    updated_at = models.DateTimeField("更新时间")
    verdict = models.CharField("判定", max_length=10, choices=Verdict, blank=True, default="")
    reason = models.CharField("判定理由", max_length=200, blank=True)
    decided_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="判定人"
    )
    decided_at = models.DateTimeField("判定时间", null=True, blank=True)

    objects = DuplicatePairQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "疑似重复"
        ordering = ["-confidence", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="one_pair_of_two_leads"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="pair_in_order"),
            models.CheckConstraint(
                condition=Q(verdict="", decided_at=None) | (~Q(verdict="") & Q(decided_at__isnull=False)),
                name="pair_verdict_has_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["-found_at", "-id"], condition=Q(verdict=""), name="pair_waiting"),
            models.Index(fields=["updated_at", "id"], name="pair_changed"),
        ]

    def __str__(self):
        return f"{self.one} / {self.other}"

    def get_absolute_url(self):
        return reverse("leads:duplicate", args=[self.pk])

    @property
    def leads(self):
        return self.one, self.other


class MergeQuerySet(models.QuerySet):
    def standing(self):
        """Merges nobody has taken back."""
        return self.filter(undone_at=None)


class Merge(models.Model):
    """One lead taken into another: by whom, why, what went over and what it filled; enough to undo it."""

    kept = models.ForeignKey("leads.Lead", models.CASCADE, related_name="merges", verbose_name="保留的线索")
    merged = models.ForeignKey(
        "leads.Lead", models.CASCADE, related_name="merged_by", verbose_name="并入的线索"
    )
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="操作人")
    at = models.DateTimeField("时间")
    reason = models.CharField("理由", max_length=200)
    moved = models.JSONField("转过去的记录", default=dict)  # model → keys
    filled = models.JSONField(
        "补上的字段", default=dict
    )  # column → [before, after] as text, None for nothing
    undone_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤销人"
    )
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)
    undo_reason = models.CharField("撤销理由", max_length=200, blank=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "线索合并"
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["merged"], condition=Q(undone_at=None), name="merged_into_one_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(kept=F("merged")), name="merged_into_another"),
        ]

    def __str__(self):
        return f"{self.merged} → {self.kept}"

    @property
    def stayed(self):
        """What stays with the company of the merged lead because others work with it, too; "" for nothing."""
        counts = self.moved.get("stayed", {})
        words = (("qualifications", "项资质"), ("facts", "项企业信息"))
        return "、".join(f"{counts[kind]} {word}" for kind, word in words if counts.get(kind))
