"""基金推荐: what people do after the machine's match: who was told of the project, and every step since."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from crm import roles
from crm.scoping import NOTHING, ScopedQuerySet
from projects.models.criteria import CriteriaVersion
from projects.models.funds import Fund
from projects.models.matches import Match
from projects.models.projects import Project


class Step(models.TextChoices):
    """The steps of domain §4.4: one after the other up to 出资; 否决 and 撤回 end it from anywhere."""

    REFERRED = "referred", "推荐"
    RECEIVED = "received", "接收"
    SCREENING = "screening", "初筛"
    DILIGENCE = "diligence", "尽调"
    DECISION = "decision", "投决"
    FUNDED = "funded", "出资"
    REJECTED = "rejected", "否决"
    WITHDRAWN = "withdrawn", "撤回"


LINE = (Step.REFERRED, Step.RECEIVED, Step.SCREENING, Step.DILIGENCE, Step.DECISION, Step.FUNDED)
BROKEN_OFF = frozenset({Step.REJECTED, Step.WITHDRAWN})
CLOSED = BROKEN_OFF | {Step.FUNDED}
NEXT = {step: LINE[place + 1] for place, step in enumerate(LINE[:-1])}
INTRODUCED = frozenset({*LINE} - {Step.REFERRED})  # the fund has received it and may call the company
PRICED = frozenset({Step.DECISION, Step.FUNDED})  # steps that speak of an amount


def is_withheld(step, user):
    """Whether `user` no longer reads what a referral at `step` told of the project.

    A fund's account reads it by the company's consent, which 撤回 ends; the unit keeps the record of what was
    disclosed (个人信息保护法 §15, §47, §56).
    """
    return user.role == roles.FUND and step == Step.WITHDRAWN


def is_note_withheld(told_at, step, user):
    """The same of the note of one step, `told_at`: only 推荐 itself speaks of the project."""
    return told_at == Step.REFERRED and is_withheld(step, user)


def numbered(pk):
    """What a referral is called where the name of its project is not told."""
    return f"推荐第 {pk} 号"


class ReferralQuerySet(ScopedQuerySet):
    def scope(self, user):
        """Those of the projects one sees; a fund manager those made to the own funds, and nothing beside."""
        if user.role == roles.FUND:
            return Q(fund__in=Fund.objects.filter(managers=user.pk))
        if user.role == roles.PARTNER:
            return NOTHING
        return Q(project__in=Project.objects.visible_to(user))

    def open(self):
        """Referrals that still wait for somebody: neither funded nor broken off."""
        return self.exclude(step__in=CLOSED)


class Referral(models.Model):
    """One project referred to one fund, with what the company agreed to share.

    `shared` is what the fund reads: a list of {key, label, value, source, as_of} as known on the day of the
    referral; later facts are not shared by it. Verdict, score and criteria version are those of that moment.
    """

    class Way(models.TextChoices):
        WRITTEN = "written", "书面"
        EMAIL = "email", "邮件"
        ORAL = "oral", "口头记录"

    project = models.ForeignKey(Project, models.CASCADE, related_name="referrals", verbose_name="项目")
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="referrals", verbose_name="基金")
    step = models.CharField("进展", max_length=10, choices=Step, default=Step.REFERRED)
    verdict = models.CharField("推荐时的机器结论", max_length=12, choices=Match.Verdict)
    score = models.FloatField("推荐时的得分", null=True)
    coverage = models.FloatField("推荐时的覆盖率", null=True)
    criteria = models.ForeignKey(
        CriteriaVersion, models.PROTECT, null=True, related_name="+", verbose_name="推荐时的条件版本"
    )
    reason = models.CharField("不符合仍推荐的理由", max_length=300, blank=True)
    note = models.CharField("给基金方的说明", max_length=500, blank=True)
    shared = models.JSONField("共享的信息")
    consent_way = models.CharField("企业同意的方式", max_length=10, choices=Way)
    consent_on = models.DateField("企业同意的日期")
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="推荐人")
    at = models.DateTimeField("推荐时间")
    moved_at = models.DateTimeField("最近进展时间")
    corrected_at = models.DateTimeField("最近更正时间", null=True, blank=True)
    late_told_at = models.DateTimeField("这一步催办时间", null=True, blank=True)
    version = models.PositiveIntegerField("版本", default=1)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "基金推荐"
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "fund"],
                condition=~Q(step__in=sorted(CLOSED)),
                name="one_open_referral_per_fund",
            ),
        ]
        indexes = [
            models.Index(fields=["fund", "-at", "-id"], name="referral_of_fund"),
            models.Index(
                fields=["moved_at"],
                condition=Q(late_told_at=None) & ~Q(step__in=sorted(CLOSED)),
                name="referral_untold",
            ),
        ]

    def __str__(self):
        return f"{self.project} → {self.fund}"

    def get_absolute_url(self):
        return reverse("projects:referral", args=[self.pk])

    @property
    def is_open(self):
        return self.step not in CLOSED

    @property
    def may_be_withdrawn(self):
        """Whether 撤回 is still to come: under way, or 否决 while the fund reads on what was shared."""
        return self.is_open or self.step == Step.REJECTED

    @property
    def next_step(self):
        """The only step forward from here; None when it has ended."""
        return NEXT.get(self.step)

    @property
    def is_introduced(self):
        """Whether the fund may read the contacts: received, and neither rejected nor withdrawn."""
        return self.step in INTRODUCED

    @property
    def number_label(self):
        """The number by which both sides call it, also when its project is no longer named."""
        return numbered(self.pk)

    def called_by(self, user):
        """The name of the project; the number of the referral for whom it is withheld from."""
        return self.number_label if is_withheld(self.step, user) else self.project.name

    def bar(self):
        """(label, state, its step's row) along the line: done, now or ahead; what broke off stands last."""
        rows = {row.to_step: row for row in self.steps.all() if row.undone_at is None}
        line = [*LINE, Step(self.step)] if self.step in BROKEN_OFF else LINE
        return [(step.label, self._look(step, rows), rows.get(step)) for step in line]

    def _look(self, step, rows):
        if step == self.step:
            return "ended" if step in BROKEN_OFF else "done" if step == Step.FUNDED else "now"
        return "done" if step in rows else "ahead"


class StepQuerySet(models.QuerySet):
    def standing(self):
        """Steps that were not taken back."""
        return self.filter(undone_at=None)


class ReferralStep(models.Model):
    """One dated step. `on` is the day it happened, `at` when it was entered, amounts in 万元, stake in %.

    A step that did not happen is taken back (`undone_at`): the referral stands where it stood before.
    """

    referral = models.ForeignKey(Referral, models.CASCADE, related_name="steps", verbose_name="推荐")
    from_step = models.CharField("从", max_length=10, choices=Step, blank=True)
    to_step = models.CharField("到", max_length=10, choices=Step)
    on = models.DateField("日期")
    at = models.DateTimeField("登记时间")
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="登记人")
    is_for_fund = models.BooleanField("由单位代记", default=False)
    reason = models.CharField("理由", max_length=300, blank=True)
    note = models.CharField("说明", max_length=500, blank=True)
    amount_wan = models.DecimalField("金额（万元）", max_digits=16, decimal_places=4, null=True, blank=True)
    stake = models.DecimalField("持股比例（%）", max_digits=7, decimal_places=4, null=True, blank=True)
    valuation_wan = models.DecimalField(
        "估值（万元）", max_digits=16, decimal_places=4, null=True, blank=True
    )

    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)
    undone_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤销人"
    )
    undone_reason = models.CharField("撤销的理由", max_length=300, blank=True)

    objects = StepQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "推荐进展"
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "to_step"], condition=Q(undone_at=None), name="each_referral_step_once"
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None, undone_reason="")
                | (Q(undone_at__isnull=False, undone_by__isnull=False) & ~Q(undone_reason="")),
                name="referral_step_undone_by_whom_and_why",
            ),
            models.CheckConstraint(
                condition=~Q(to_step=Step.FUNDED) | Q(amount_wan__isnull=False), name="funded_with_amount"
            ),
            models.CheckConstraint(
                condition=~Q(to_step__in=sorted(BROKEN_OFF)) | ~Q(reason=""), name="broken_off_with_reason"
            ),
            models.CheckConstraint(
                condition=Q(from_step="") | ~Q(from_step=F("to_step")), name="referral_step_moves"
            ),
        ]

    def __str__(self):
        return f"{self.get_to_step_display()}（{self.on}）"

    @property
    def version(self):
        """The version of its referral: what a correction of the step is based on."""
        return self.referral.version
