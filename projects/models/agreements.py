"""协议与承诺: what was signed, what both sides promised, and the money that came with its proof."""

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Prefetch, Q, Sum, When
from django.db.models.functions import Least, TruncDate
from django.urls import reverse
from django.utils.functional import cached_property

from crm.scoping import ScopedQuerySet
from crm.versions import Versioned
from crm.workdays import SHANGHAI
from projects.models.evidence import Evidence
from projects.models.projects import Project
from projects.stages import ProjectStage


class OfProjectQuerySet(ScopedQuerySet):
    """Rows of the projects one sees; whoever does not see the project sees none of them."""

    def scope(self, user):
        return Q(project__in=Project.objects.visible_to(user).order_by())


class Agreement(Versioned):
    """A signed paper. A framework (框架协议) never counts as 签约. Amounts in 万元.

    `signed_on` is the day of the signatures, `counted_on` the day it counts in the bulletin, empty until the
    bureau has confirmed it (domain §1.3). How papers of one project add up stands in projects/agreements.py.
    `counted_wan` is what counts of the amount when a firm expands (增资) and the paper names the whole.
    """

    class Kind(models.TextChoices):
        FRAMEWORK = "framework", "框架协议"
        INVESTMENT = "investment", "投资协议"
        LEASE = "lease", "租赁/入驻协议"
        SUPPLEMENT = "supplement", "补充协议"
        TERMINATION = "termination", "解除协议"
        OTHER = "other", "其他"

    FORMAL = frozenset({Kind.INVESTMENT, Kind.LEASE})

    project = models.ForeignKey(
        "projects.Project", models.CASCADE, related_name="agreements", verbose_name="项目"
    )
    kind = models.CharField("协议类型", max_length=12, choices=Kind)
    title = models.CharField("协议名称", max_length=120)
    number = models.CharField("协议编号", max_length=80, blank=True)
    signed_on = models.DateField("签订日期")
    counted_on = models.DateField("统计日期", null=True, blank=True)
    filed_on = models.DateField("备案日期", null=True, blank=True)
    expires_on = models.DateField("有效期至", null=True, blank=True)
    amount_wan = models.DecimalField(
        "协议金额（万元）", max_digits=16, decimal_places=4, null=True, blank=True
    )
    counted_wan = models.DecimalField(
        "计入金额（万元）", max_digits=16, decimal_places=4, null=True, blank=True
    )
    signer = models.CharField("签约主体", max_length=120)
    signer_uscc = models.CharField("签约主体信用代码", max_length=18, blank=True)
    supervisor = models.ForeignKey(
        "crm.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="履约监管单位"
    )
    supersedes = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="superseded_by",
        verbose_name="替代或解除的协议",
    )
    told_ending_for = models.DateField("已提醒的到期日", null=True, editable=False)
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="登记人")
    created_at = models.DateTimeField("登记时间")

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "协议"
        ordering = ["signed_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "number"], condition=~Q(number=""), name="agreement_number_in_project"
            ),
            models.UniqueConstraint(fields=["supersedes"], name="agreement_replaced_once"),
            models.CheckConstraint(
                condition=Q(counted_on=None) | Q(counted_on__gte=F("signed_on")),
                name="agreement_counted_after_signing",
            ),
            models.CheckConstraint(
                condition=Q(amount_wan=None) | Q(amount_wan__gte=0), name="agreement_amount_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(counted_wan=None) | Q(counted_wan__gte=0), name="agreement_counts_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["expires_on"], condition=Q(expires_on__isnull=False), name="agreement_ends"),
            models.Index(
                fields=["project", "counted_on"],
                condition=Q(counted_on__isnull=False),
                name="agreement_counted",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("projects:agreement", args=[self.project_id, self.pk])

    @property
    def counts_wan(self):
        """How many 万元 of it count: the amount stated as counted, else the whole; None when unknown."""
        return self.amount_wan if self.counted_wan is None else self.counted_wan

    @cached_property
    def ended_on(self):
        """The day it was 解除 or replaced, None while it stands."""
        return self.superseded_by.values_list("signed_on", flat=True).first()

    @property
    def is_formal(self):
        """Whether this paper makes the project 签约: an investment or lease agreement, no framework."""
        return self.kind in self.FORMAL

    @property
    def is_increase(self):
        """Whether it adds to what was signed before: a supplement."""
        return self.kind == self.Kind.SUPPLEMENT


class CommitmentQuerySet(OfProjectQuerySet):
    def with_end(self):
        """Each with the day its agreement was 解除 or replaced, or its project lost, as `ended_on`."""
        if "ended_on" in self.query.annotations:
            return self
        lost_on = TruncDate("project__entered_at", tzinfo=SHANGHAI)
        lost = Case(When(project__stage=ProjectStage.LOST, then=lost_on))
        return self.annotate(ended_on=Least("agreement__superseded_by__signed_on", lost))  # the known one

    def standing(self, day):
        """Those that bind on `day`: they fell due before their agreement ended, or it has not ended."""
        rows = self.with_end()
        return rows.filter(Q(ended_on=None) | Q(ended_on__gt=day) | Q(due_on__lt=F("ended_on")))

    def with_backing(self):
        """With all that tells whether a promise must rest on a cleared 优惠条款, and whether it does."""
        firms = (f"project__{part}" for part in ("company", "investor", "registered_company"))
        return self.backed().select_related(*firms).prefetch_related("project__agreements")

    def backed(self):
        """The same for those of a project that has its firms and its agreements loaded."""
        ended = Agreement.objects.filter(supersedes=OuterRef("agreement"), kind=Agreement.Kind.TERMINATION)
        rows = self.with_end().annotate(is_ended=Exists(ended)).select_related("incentive")
        beside = Prefetch("incentive__commitments", Commitment.objects.with_end())
        return rows.prefetch_related("incentive__reviews", beside)


class Commitment(Versioned):
    """A promise of one side with its measure and day; what became of it is said with evidence.

    A promise of the government that is an incentive by another name rests on `incentive`, an item of the same
    project (projects/models/clearance.py). `outcome` is what a person recorded; while it is empty the day
    decides between 未到期 and 待核实. What was not due when the agreement ended (解除, replaced, the project
    lost) binds no more: 已终止. `told_*_for` is the due date of which both responsible people have been told.
    """

    class Side(models.TextChoices):
        COMPANY = "company", "企业承诺"
        GOVERNMENT = "government", "政府承诺"

    class Outcome(models.TextChoices):
        FULFILLED = "fulfilled", "已履约"
        PARTIAL = "partial", "部分履约"
        BREACHED = "breached", "违约"
        WAIVED = "waived", "已豁免"

    class State(models.TextChoices):
        """What a list shows: the outcome, or what the day says while there is none."""

        OPEN = "open", "未到期"
        UNPROVEN = "unproven", "待核实"
        FULFILLED = "fulfilled", "已履约"
        PARTIAL = "partial", "部分履约"
        BREACHED = "breached", "违约"
        WAIVED = "waived", "已豁免"
        ENDED = "ended", "已终止"

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="commitments", verbose_name="协议")
    project = models.ForeignKey(
        "projects.Project", models.CASCADE, related_name="commitments", verbose_name="项目"
    )
    side = models.CharField("承诺方", max_length=12, choices=Side)
    item = models.CharField("承诺事项", max_length=200)
    metric = models.CharField("指标", max_length=60, blank=True)
    target = models.DecimalField("目标值", max_digits=18, decimal_places=4, null=True, blank=True)
    measure = models.CharField("计量单位", max_length=20, blank=True)
    due_on = models.DateField("到期日")
    owner = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="我方责任人"
    )
    partner_owner = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="监管责任人"
    )
    incentive = models.ForeignKey(
        "projects.IncentiveItem",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="commitments",
        verbose_name="依据的优惠条款",
    )
    outcome = models.CharField("履约结果", max_length=10, choices=Outcome, blank=True)
    actual = models.DecimalField("实际值", max_digits=18, decimal_places=4, null=True, blank=True)
    evidence = models.CharField("证明材料", max_length=300, blank=True)
    reason = models.CharField("原因与下一步", max_length=300, blank=True)
    judged_on = models.DateField("核实日期", null=True, blank=True)
    judged_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核实人"
    )
    told_soon_for = models.DateField("已预告的到期日", null=True, editable=False)
    told_overdue_for = models.DateField("已催办的到期日", null=True, editable=False)
    created_at = models.DateTimeField("登记时间")

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "承诺"
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="") | Q(judged_on__isnull=False), name="commitment_judged_on_a_day"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="waived") | ~Q(reason=""), name="commitment_waived_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(incentive=None) | Q(side="government"), name="commitment_of_government_is_backed"
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(outcome=""), name="commitment_due"),
            models.Index(fields=["due_on", "id"], name="commitment_by_day"),
        ]

    def __str__(self):
        return self.item

    def get_absolute_url(self):
        return reverse("projects:commitment", args=[self.pk])

    @cached_property
    def ended_on(self):
        """The day its agreement ended, None while it stands; lists read it along (`with_end`)."""
        rows = Commitment.objects.with_end().filter(pk=self.pk)
        return rows.values_list("ended_on", flat=True).first() if self.pk else None

    def has_ended(self, day):
        """Whether it was not due yet when its agreement ended, seen on `day`."""
        return self.ended_on is not None and self.ended_on <= day and self.due_on >= self.ended_on

    def is_due(self, day):
        """Whether it counts as due on `day`: its day is over, and came before the agreement ended."""
        return self.due_on < day and not self.has_ended(day)

    def state(self, day):
        """The State on `day`: the outcome, else 已终止, 未到期 through the due day, then 待核实."""
        if self.outcome:
            return self.State(self.outcome)
        if self.has_ended(day):
            return self.State.ENDED
        return self.State.UNPROVEN if self.due_on < day else self.State.OPEN


class ReceiptQuerySet(OfProjectQuerySet):
    def standing(self):
        """Receipts that count: not withdrawn."""
        return self.filter(withdrawn_at=None)

    def total(self):
        """万元 of those that count; 0 for none."""
        return self.standing().aggregate(sum=Sum("amount_wan"))["sum"] or 0


class Receipt(models.Model):
    """到位资金: money that arrived, with its proof; the year of `received_on` is the year it counts in.

    A receipt is never edited: a wrong one is withdrawn with a reason and written anew, both stay visible.
    """

    class Proof(models.TextChoices):
        BANK = "bank", "银行回单"
        AUDIT = "audit", "验资报告"
        REGISTRY = "registry", "工商实缴登记"
        OTHER = "other", "其他"

    project = models.ForeignKey(
        "projects.Project", models.CASCADE, related_name="receipts", verbose_name="项目"
    )
    amount_wan = models.DecimalField("到位金额（万元）", max_digits=16, decimal_places=4)
    received_on = models.DateField("到位日期")
    purpose = models.CharField("用途", max_length=120)
    proof = models.CharField("证明方式", max_length=10, choices=Proof)
    proof_number = models.CharField("凭证号", max_length=80)
    explanation = models.CharField("超出总投资的说明", max_length=300, blank=True)
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="登记人")
    created_at = models.DateTimeField("登记时间")
    withdrawn_at = models.DateTimeField("撤销时间", null=True, editable=False)
    withdrawn_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, editable=False, related_name="+", verbose_name="撤销人"
    )
    withdrawn_reason = models.CharField("撤销原因", max_length=300, blank=True, db_default="")

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "到位资金"
        ordering = ["received_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_wan__gt=0), name="receipt_above_zero"),
            models.UniqueConstraint(
                fields=["proof", "proof_number"],
                condition=Q(withdrawn_at=None),
                name="receipt_once_per_proof",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | (Q(withdrawn_by__isnull=False) & ~Q(withdrawn_reason="")),
                name="receipt_withdrawn_for_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["received_on", "id"], name="receipt_by_day")]

    def __str__(self):
        return f"{self.received_on} {self.amount_wan}"


class Correction(models.Model):
    """更正记录: who changed which fields of which record, when, why, and from what.

    `changes` is {field: [before, after]} with values as read on screen; `version` is the one it left behind.
    """

    agreement = models.ForeignKey(
        Agreement, models.CASCADE, null=True, related_name="corrections", verbose_name="协议"
    )
    commitment = models.ForeignKey(
        Commitment, models.CASCADE, null=True, related_name="corrections", verbose_name="承诺"
    )
    evidence = models.ForeignKey(
        Evidence, models.CASCADE, null=True, related_name="corrections", verbose_name="阶段材料"
    )
    referralstep = models.ForeignKey(
        "projects.ReferralStep",
        models.CASCADE,
        null=True,
        related_name="corrections",
        verbose_name="推荐进展",
    )
    version = models.PositiveIntegerField("更正前版本", default=1)
    changes = models.JSONField("更正内容")
    reason = models.CharField("理由", max_length=300, blank=True)
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="更正人")
    at = models.DateTimeField("更正时间")

    class Meta:
        verbose_name = verbose_name_plural = "更正记录"
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(agreement__isnull=False, commitment=None, evidence=None, referralstep=None)
                | Q(agreement=None, commitment__isnull=False, evidence=None, referralstep=None)
                | Q(agreement=None, commitment=None, evidence__isnull=False, referralstep=None)
                | Q(agreement=None, commitment=None, evidence=None, referralstep__isnull=False),
                name="correction_of_one_record",
            ),
        ]

    def __str__(self):
        return f"{self.at:%Y-%m-%d} {self.by}"
