"""基金: its record, its versioned criteria, and the machine's verdict for a project."""

from django.db import models
from django.db.models import Max, Q
from django.urls import reverse

from crm import roles
from crm.scoping import NOTHING, ScopedQuerySet


class FundQuerySet(ScopedQuerySet):
    def scope(self, user):
        """Everybody who works on projects reads every fund; a fund manager only the own ones."""
        if user.role == roles.FUND:
            return Q(managers=user.pk)
        if user.role == roles.PARTNER:
            return Q() if {"projects:read", "projects:read_all"} & user.scopes else NOTHING
        return Q() if user.role in {*roles.SEES_OWN_UNIT, roles.REVIEWER} else NOTHING

    def matchable(self):
        """Funds a project is held against: all but closed ones; those being set up give 储备 only."""
        return self.exclude(status=Fund.Status.CLOSED)


class Fund(models.Model):
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

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=80)
    kind = models.CharField("类别", max_length=12, choices=Kind)
    status = models.CharField("状态", max_length=12, choices=Status)
    status_note = models.CharField("状态说明", max_length=200, blank=True)
    size_wan = models.DecimalField("规模（万元）", max_digits=16, decimal_places=4, null=True, blank=True)
    operator = models.CharField("管理机构", max_length=80, blank=True)
    is_local = models.BooleanField("本区基金", default=False)
    managers = models.ManyToManyField("crm.User", blank=True, related_name="funds", verbose_name="基金方账号")
    order = models.PositiveSmallIntegerField("顺序", default=0)
    slot = models.PositiveSmallIntegerField("结论表中的位置", unique=True, editable=False)

    objects = FundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "基金"
        ordering = ["order", "code"]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        if self.slot is None:
            last = Fund.objects.aggregate(last=Max("slot"))["last"]
            self.slot = 0 if last is None else last + 1
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("projects:fund", args=[self.pk])


class CriteriaVersion(models.Model):
    """One published state of a fund's criteria; matches keep the version they were judged by."""

    fund = models.ForeignKey(Fund, models.CASCADE, related_name="versions", verbose_name="基金")
    number = models.PositiveSmallIntegerField("版本")
    criteria = models.JSONField("条件")
    is_example = models.BooleanField("示例条件", default=False)
    source = models.CharField("来源文件", max_length=200, blank=True)
    source_date = models.DateField("文件日期", null=True, blank=True)
    valid_from = models.DateField("生效日期")
    valid_to = models.DateField("失效日期", null=True, blank=True)
    published_by = models.ForeignKey("crm.User", models.PROTECT, null=True, verbose_name="发布人")
    published_at = models.DateTimeField("发布时间")

    class Meta:
        verbose_name = verbose_name_plural = "条件版本"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["fund", "number"], name="criteria_version_number")]

    def __str__(self):
        return f"{self.fund} 第 {self.number} 版"
