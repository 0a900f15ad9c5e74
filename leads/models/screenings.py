"""研判意见: what a lead must have in writing before it becomes a project."""

from django.db import models

from crm.versions import Versioned


class Screening(Versioned):
    """研判意见: six aspects in writing and the verdict."""

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", "跟进"
        RESERVE = "reserve", "储备"
        DROPPED = "dropped", "不跟进"

    ASPECTS = {
        "industry": "产业方向",
        "market": "市场前景",
        "technology": "技术路线",
        "environment": "环保",
        "energy": "能耗",
        "benefit": "效益",
    }

    lead = models.OneToOneField("leads.Lead", models.CASCADE, related_name="screening", verbose_name="线索")
    industry = models.TextField("产业方向", blank=True)
    market = models.TextField("市场前景", blank=True)
    technology = models.TextField("技术路线", blank=True)
    environment = models.TextField("环保", blank=True)
    energy = models.TextField("能耗", blank=True)
    benefit = models.TextField("效益", blank=True)
    verdict = models.CharField("研判结论", max_length=10, choices=Verdict, blank=True)
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="研判人")
    at = models.DateTimeField("研判时间")
    updated_at = models.DateTimeField("更新时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "研判意见"

    def __str__(self):
        return f"{self.lead} {self.get_verdict_display()}"
