"""算力: what the bases (杭钢云, 浙江云, …) can supply, and what each project asks for."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from crm.rules import STALE_MONTHS, add_months
from crm.rules.dictionary import COMPUTE_KINDS, COMPUTE_SERVES, COMPUTE_UNITS, DOMESTIC
from crm.versions import Versioned
from projects.models.projects import Project
from projects.models.spaces import RegisterQuerySet

AMOUNT = {"max_digits": 14, "decimal_places": 2}


class OfferQuerySet(RegisterQuerySet):
    def on_offer(self, day):
        """Offers within their validity on `day`."""
        begun = Q(valid_from=None) | Q(valid_from__lte=day)
        return self.filter(begun & (Q(valid_to=None) | Q(valid_to__gte=day)))


class ComputeOffer(Versioned):
    """What one base supplies of one unit, as known on `as_of`; the price is 元 per unit and month.

    `serves` is what the operator says it is for, "" while it says nothing.
    """

    base = models.CharField("算力基地", max_length=40)
    operator = models.CharField("运营单位", max_length=80)
    site = models.CharField("机房位置", max_length=80, blank=True)
    unit = models.CharField("计量单位", max_length=8, choices=COMPUTE_UNITS.items())
    serves = models.CharField("用于", max_length=10, choices=COMPUTE_SERVES.items(), blank=True)
    capacity = models.DecimalField("总量", **AMOUNT)
    free = models.DecimalField("空闲", **AMOUNT)
    price_monthly = models.DecimalField("参考价（元/单位/月）", **AMOUNT, null=True, blank=True)
    is_domestic = models.BooleanField("国产", null=True, blank=True)
    as_of = models.DateField("数据日期")
    source = models.CharField("来源", max_length=120)
    valid_from = models.DateField("有效期自", null=True, blank=True)
    valid_to = models.DateField("有效期至", null=True, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "算力供给"
        ordering = ["base", "unit", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(capacity__gt=0, free__gte=0, free__lte=F("capacity")),
                name="compute_free_within_capacity",
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_from__lte=F("valid_to")),
                name="compute_is_valid_forwards",
            ),
        ]

    def __str__(self):
        return f"{self.base}（{self.get_unit_display()}）"

    def get_absolute_url(self):
        return reverse("projects:compute_offer", args=[self.pk])

    def is_stale(self, day):
        """Whether the figures are older than 12 months on `day`."""
        return add_months(self.as_of, STALE_MONTHS) < day


class ComputeDemand(models.Model):
    """What compute a project asks for. Budget in 万元 for the whole time; null is not said.

    Whether 算力券 may be had is for the policies to say, not for this row.
    """

    project = models.OneToOneField(
        Project, models.CASCADE, primary_key=True, related_name="compute_demand", verbose_name="项目"
    )
    kind = models.CharField("用于", max_length=10, choices=COMPUTE_KINDS.items(), blank=True)
    unit = models.CharField("计量单位", max_length=8, choices=COMPUTE_UNITS.items(), blank=True)
    amount = models.DecimalField("数量", **AMOUNT, null=True, blank=True)
    months = models.PositiveSmallIntegerField("使用月数", null=True, blank=True)
    starts_on = models.DateField("起用日期", null=True, blank=True)
    domestic = models.CharField("国产要求", max_length=8, choices=DOMESTIC.items(), blank=True)
    budget_wan = models.DecimalField("预算（万元）", max_digits=16, decimal_places=4, null=True, blank=True)
    offer = models.ForeignKey(
        ComputeOffer, models.PROTECT, null=True, blank=True, related_name="demands", verbose_name="拟用算力"
    )
    note = models.CharField("说明", max_length=300, blank=True)
    updated_at = models.DateTimeField("更新时间")

    class Meta:
        verbose_name = verbose_name_plural = "算力需求"

    def __str__(self):
        return f"{self.project} 的算力需求"
