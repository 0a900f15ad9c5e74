"""首报首谈: who reported a company first and until when; and hand-overs from unit to unit."""

from django.db import models
from django.db.models import Q


class Claim(models.Model):
    """The first report of a company by a unit and a person. One open claim per key and per company."""

    lead = models.OneToOneField("leads.Lead", models.CASCADE, related_name="claim", verbose_name="线索")
    company = models.ForeignKey(
        "crm.Company", models.PROTECT, null=True, related_name="claims", verbose_name="企业"
    )
    key = models.CharField("查重键", max_length=140)
    unit = models.ForeignKey("crm.Unit", models.PROTECT, related_name="+", verbose_name="首报单位")
    person = models.ForeignKey("crm.User", models.PROTECT, null=True, related_name="+", verbose_name="首报人")
    claimed_at = models.DateTimeField("首报时间")
    protected_until = models.DateField("保护至")
    released_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "首报登记"
        constraints = [
            models.UniqueConstraint(
                fields=["company"], condition=Q(released_at=None), name="one_open_claim_per_company"
            ),
            models.UniqueConstraint(
                fields=["key"], condition=Q(released_at=None), name="one_open_claim_per_key"
            ),
        ]

    def __str__(self):
        return f"{self.unit} {self.claimed_at:%Y-%m-%d}"


class Handover(models.Model):
    """流转: a lead passes from one unit to another, with the reason."""

    lead = models.ForeignKey("leads.Lead", models.CASCADE, related_name="handovers", verbose_name="线索")
    from_unit = models.ForeignKey("crm.Unit", models.PROTECT, related_name="+", verbose_name="移出单位")
    to_unit = models.ForeignKey("crm.Unit", models.PROTECT, related_name="+", verbose_name="接收单位")
    to_owner = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, related_name="+", verbose_name="接收人"
    )
    reason = models.CharField("理由", max_length=200)
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="操作人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "流转记录"
        ordering = ["-at"]

    def __str__(self):
        return f"{self.from_unit} → {self.to_unit}"
