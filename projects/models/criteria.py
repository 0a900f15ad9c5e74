"""条件版本: what a fund or policy asks, and what a policy gives, as published on one day."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from crm.workdays import shanghai_day
from projects.models.funds import Fund
from projects.models.offers import OfEither, one_of
from projects.models.policies import Policy


class CriteriaVersion(OfEither):
    """One published state of the criteria of a fund or policy; matches keep the version they were judged by.

    A policy also says what it gives: in words, and as tiers by which the amount is estimated
    (`crm/rules/estimates.py`), up to `cap_wan` 万元 per firm and year. None: no cap is published.
    """

    fund = models.ForeignKey(
        Fund, models.CASCADE, null=True, blank=True, related_name="versions", verbose_name="基金"
    )
    policy = models.ForeignKey(
        Policy, models.CASCADE, null=True, blank=True, related_name="versions", verbose_name="政策"
    )
    number = models.PositiveSmallIntegerField("版本")
    criteria = models.JSONField("条件")
    benefit = models.TextField("支持内容", blank=True)
    tiers = models.JSONField("估算方法", default=list, blank=True)
    cap_wan = models.DecimalField(
        "单家每年上限（万元）", max_digits=16, decimal_places=4, null=True, blank=True
    )
    is_example = models.BooleanField("示例条件", default=False)
    source = models.CharField("来源文件", max_length=200, blank=True)
    source_date = models.DateField("文件日期", null=True, blank=True)
    valid_from = models.DateField("生效日期")
    valid_to = models.DateField("失效日期", null=True, blank=True)
    told_for = models.DateField("已提醒项目负责人的到期日", null=True, blank=True, editable=False)
    published_by = models.ForeignKey("crm.User", models.PROTECT, null=True, verbose_name="发布人")
    published_at = models.DateTimeField("发布时间")

    class Meta:
        verbose_name = verbose_name_plural = "条件版本"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "policy", "number"], nulls_distinct=False, name="criteria_version_number"
            ),
            one_of("criteria_of_fund_or_policy"),
            models.CheckConstraint(
                condition=Q(fund=None) | Q(benefit="", tiers=[], cap_wan=None),
                name="only_policies_give_benefits",
            ),
        ]

    def __str__(self):
        return f"{self.offer} 第 {self.number} 版"

    def get_absolute_url(self):
        return reverse(self.offer.VERSION_PAGE, args=[self.offer.pk, self.number])

    @property
    def never_began(self):
        """Whether another version took its place before it was in force, or on the day it began."""
        return self.valid_to is not None and self.valid_to < self.valid_from

    @property
    def how_replaced(self):
        """Of one without a whole day in force: whether it was in force for some hours of its first day."""
        taking = {"number__gt": self.number, "valid_from__lte": self.valid_from}
        next_one = self.offer.versions.filter(**taking).order_by("number").first()
        began = next_one is not None and shanghai_day(next_one.published_at) >= self.valid_from
        return "生效当天即被取代" if began else "未生效即被取代"
