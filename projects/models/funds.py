"""基金: its record; its criteria are versions."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from crm import roles
from projects.models.offers import Matchable, OfferQuerySet


class FundQuerySet(OfferQuerySet):
    def scope(self, user):
        """Everybody who works on projects reads every fund; a fund manager only the own ones."""
        return Q(managers=user.pk) if user.role == roles.FUND else super().scope(user)


class Fund(Matchable):
    """One fund. Its criteria are versions; a fund being set up (筹建中) never gives money yet."""

    class Status(models.TextChoices):
        PREPARING = "preparing", "筹建中"
        OPERATING = "operating", "运作中"
        ESTABLISHED = "established", "已设立"
        CLOSED = "closed", "已关闭"

    class Kind(models.TextChoices):
        VENTURE = "venture", "创业投资类"
        INDUSTRY = "industry", "产业投资类"
        MOTHER = "mother", "母基金"
        CONCEPT = "concept", "概念验证"
        TRANSFER = "transfer", "成果转化"

    FIELD = "fund"
    CRITERIA_PAGE = "projects:criteria"
    VERSION_PAGE = "projects:criteria_version"

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=80)
    kind = models.CharField("类别", max_length=12, choices=Kind)
    status = models.CharField("状态", max_length=12, choices=Status)
    status_note = models.CharField("状态说明", max_length=200, blank=True)
    size_wan = models.DecimalField("规模（万元）", max_digits=16, decimal_places=4, null=True, blank=True)
    operator = models.CharField("管理机构", max_length=80, blank=True)
    is_local = models.BooleanField("本区基金", default=False)
    managers = models.ManyToManyField("crm.User", blank=True, related_name="funds", verbose_name="基金方账号")

    objects = FundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "基金"
        ordering = ["order", "code"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("projects:fund", args=[self.pk])
