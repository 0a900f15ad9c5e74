"""协议与承诺: what was signed, what both sides promised, and the money that came with its proof."""

from django.db import models
from django.db.models import Q


class Agreement(models.Model):
    """A signed paper. A framework (框架协议) never counts as 签约. Amounts in 万元."""

    class Kind(models.TextChoices):
        FRAMEWORK = "framework", "框架协议"
        INVESTMENT = "investment", "投资协议"
        LEASE = "lease", "租赁/入驻协议"
        SUPPLEMENT = "supplement", "补充协议"
        TERMINATION = "termination", "解除协议"
        OTHER = "other", "其他"

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
    signer = models.CharField("签约主体", max_length=120)
    signer_uscc = models.CharField("签约主体信用代码", max_length=18, blank=True)
    supervisor = models.ForeignKey(
        "crm.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="履约监管单位"
    )
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by", verbose_name="替代协议"
    )
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="登记人")
    created_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "协议"
        ordering = ["signed_on", "pk"]
        indexes = [
            models.Index(fields=["expires_on"], condition=Q(expires_on__isnull=False), name="agreement_ends"),
        ]

    def __str__(self):
        return self.title


class Commitment(models.Model):
    """A promise of one side with its measure and day; what became of it is said with evidence.

    `outcome` is what a person recorded; while it is empty the day decides between 未到期 and 待核实.
    """

    class Side(models.TextChoices):
        COMPANY = "company", "企业承诺"
        GOVERNMENT = "government", "政府承诺"

    class Outcome(models.TextChoices):
        FULFILLED = "fulfilled", "已履约"
        PARTIAL = "partial", "部分履约"
        BREACHED = "breached", "违约"
        WAIVED = "waived", "已豁免"

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
    outcome = models.CharField("履约结果", max_length=10, choices=Outcome, blank=True)
    actual = models.DecimalField("实际值", max_digits=18, decimal_places=4, null=True, blank=True)
    evidence = models.CharField("证明材料", max_length=300, blank=True)
    reason = models.CharField("原因与下一步", max_length=300, blank=True)
    judged_on = models.DateField("核实日期", null=True, blank=True)
    judged_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核实人"
    )
    created_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "承诺"
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="") | Q(judged_on__isnull=False), name="commitment_judged_on_a_day"
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(outcome=""), name="commitment_due"),
        ]

    def __str__(self):
        return self.item


class Receipt(models.Model):
    """到位资金: money that arrived, with its proof; the year of `received_on` is the year it counts in."""

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

    class Meta:
        verbose_name = verbose_name_plural = "到位资金"
        ordering = ["received_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_wan__gt=0), name="receipt_above_zero"),
            models.UniqueConstraint(
                fields=["project", "proof", "proof_number"], name="receipt_once_per_proof"
            ),
        ]

    def __str__(self):
        return f"{self.received_on} {self.amount_wan}"
