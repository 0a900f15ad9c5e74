"""政策: a public promise of support: who gives it, by which document, what to hand in, and when."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from projects.models.offers import Matchable, OfferQuerySet


class Policy(Matchable):
    """One policy. What it asks and what it gives are versions; in drafting (制定中) it gives nothing yet."""

    class Level(models.TextChoices):
        NATIONAL = "national", "国家"
        PROVINCIAL = "provincial", "省"
        CITY = "city", "市"
        DISTRICT = "district", "区"

    class Status(models.TextChoices):
        PREPARING = "preparing", "制定中"
        OPERATING = "operating", "实施中"
        CLOSED = "closed", "已废止"

    FIELD = "policy"
    CRITERIA_PAGE = "projects:policy_criteria"
    VERSION_PAGE = "projects:policy_version"

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=80)
    level = models.CharField("层级", max_length=12, choices=Level)
    issuer = models.CharField("发布单位", max_length=80, blank=True)
    number = models.CharField("文号", max_length=60, blank=True)
    issued_on = models.DateField("发文日期", null=True, blank=True)
    status = models.CharField("状态", max_length=12, choices=Status)
    status_note = models.CharField("状态说明", max_length=200, blank=True)
    budget_wan = models.DecimalField(
        "每年资金总额（万元）", max_digits=16, decimal_places=4, null=True, blank=True
    )
    documents = models.JSONField("申报材料", default=list, blank=True)
    window_from = models.DateField("申报开始", null=True, blank=True)
    window_to = models.DateField("申报截止", null=True, blank=True)
    window_note = models.CharField("申报时间说明", max_length=200, blank=True)
    office = models.CharField("受理部门", max_length=80, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "政策"
        ordering = ["order", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(window_from=None) | Q(window_to=None) | Q(window_from__lte=F("window_to")),
                name="policy_window_forwards",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("projects:policy", args=[self.pk])
