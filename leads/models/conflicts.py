"""冲突裁决: a second unit contests a first report; the bureau decides, and who is credited with how much."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from crm import roles
from crm.scoping import NOTHING, ScopedQuerySet


class ConflictQuerySet(ScopedQuerySet):
    def scope(self, user):
        """The sides: the unit that contests, the one that reported first, who has or had the lead."""
        if user.role not in roles.SEES_OWN_UNIT or not user.unit_id:
            return NOTHING
        first = Q(first_unit=user.unit_id) | Q(claim__lead__unit=user.unit_id)
        return Q(unit=user.unit_id) | first | Q(holder=user.unit_id)

    def open(self):
        """Cases that wait for the bureau."""
        return self.filter(decided_at=None)


class Conflict(models.Model):
    """A case: `unit` contests the claim. `title` is the company as that unit calls it, for both to read."""

    class Verdict(models.TextChoices):
        KEEP = "keep", "维持首谈"
        TRANSFER = "transfer", "变更"
        JOINT = "joint", "联合"
        MOOT = "moot", "接手了结"

        @classmethod
        def rulings(cls):
            """(code, word) of what the bureau may decide; 接手了结 comes by itself (leads/contested.py)."""
            return [(one.value, one.label) for one in (cls.KEEP, cls.TRANSFER, cls.JOINT)]

    claim = models.ForeignKey(
        "leads.Claim", models.CASCADE, related_name="conflicts", verbose_name="首报登记"
    )
    title = models.CharField("企业名称", max_length=120)
    first_unit = models.ForeignKey("crm.Unit", models.PROTECT, related_name="+", verbose_name="首报单位")
    unit = models.ForeignKey("crm.Unit", models.PROTECT, related_name="+", verbose_name="提出单位")
    holder = models.ForeignKey(
        "crm.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="裁决时的责任单位"
    )
    person = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="提出人")
    reason = models.CharField("理由", max_length=400)
    opened_at = models.DateTimeField("提出时间")
    due_on = models.DateField("裁决期限")
    verdict = models.CharField("裁决", max_length=10, choices=Verdict, blank=True)
    opinion = models.CharField("裁决理由", max_length=400, blank=True)
    decided_at = models.DateTimeField("裁决时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="裁决人"
    )
    updated_at = models.DateTimeField("更新时间")

    objects = ConflictQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "首报冲突"
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "unit"], condition=Q(decided_at=None), name="one_open_case_per_unit"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, verdict="") | (Q(decided_at__isnull=False) & ~Q(verdict="")),
                name="case_decided_with_a_verdict",
            ),
        ]
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="conflict_newest"),
            models.Index(fields=["due_on"], condition=Q(decided_at=None), name="conflict_due"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("leads:conflict", args=[self.pk])

    @property
    def is_open(self):
        return self.decided_at is None

    @property
    def is_moot(self):
        """Whether it ended without a decision: the unit that contested has received the lead."""
        return self.verdict == self.Verdict.MOOT

    @property
    def party_ids(self):
        """The units that may speak in the case."""
        return {self.unit_id, self.first_unit_id, self.claim.lead.unit_id}


class ConflictEvidence(models.Model):
    """What one side shows: on which day what happened, if it likes with a visit of its own."""

    conflict = models.ForeignKey(Conflict, models.CASCADE, related_name="evidence", verbose_name="首报冲突")
    unit = models.ForeignKey("crm.Unit", models.PROTECT, related_name="+", verbose_name="单位")
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="提交人")
    happened_on = models.DateField("发生日期")
    text = models.CharField("说明", max_length=400)
    visit = models.ForeignKey(
        "leads.Visit", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="拜访记录"
    )
    at = models.DateTimeField("提交时间")

    class Meta:
        verbose_name = verbose_name_plural = "冲突证据"
        ordering = ["happened_on", "pk"]

    def __str__(self):
        return f"{self.happened_on} {self.unit}"


class CreditSplit(models.Model):
    """业绩划分: from `at` on the lead counts for these units in these parts. The newest one is in force.

    A trigger of the database keeps the sum of its shares at 100.
    """

    class Ground(models.TextChoices):
        CONFLICT = "conflict", "冲突裁决"
        HANDOVER = "handover", "流转"
        POOL = "pool", "公海领取"

    lead = models.ForeignKey("leads.Lead", models.CASCADE, related_name="credit_splits", verbose_name="线索")
    at = models.DateTimeField("时间")
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="操作人")
    ground = models.CharField("依据", max_length=10, choices=Ground)
    reference = models.BigIntegerField("依据编号")

    class Meta:
        verbose_name = verbose_name_plural = "业绩划分"
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.get_ground_display()} {self.at:%Y-%m-%d}"


class CreditShare(models.Model):
    """The part of one unit in a split, in whole percent."""

    split = models.ForeignKey(CreditSplit, models.CASCADE, related_name="shares", verbose_name="业绩划分")
    unit = models.ForeignKey("crm.Unit", models.PROTECT, related_name="+", verbose_name="单位")
    percent = models.PositiveSmallIntegerField("比例（%）")

    class Meta:
        verbose_name = verbose_name_plural = "业绩份额"
        ordering = ["-percent", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["split", "unit"], name="one_share_per_unit"),
            models.CheckConstraint(
                condition=Q(percent__gte=1) & Q(percent__lte=100), name="share_within_100"
            ),
        ]

    def __str__(self):
        return f"{self.unit} {self.percent}%"
