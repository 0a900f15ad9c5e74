"""Words that change every year, as rows: cities, channels, sectors, tracks, carriers, limits, holidays."""

from django.db import models


class Term(models.Model):
    """A word of a vocabulary with its validity; old records keep words that are no longer offered."""

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=60)
    order = models.PositiveSmallIntegerField("顺序", default=0)
    active_from = models.DateField("启用日期", null=True, blank=True)
    active_to = models.DateField("停用日期", null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["order", "code"]

    def __str__(self):
        return self.name


class TermQuerySet(models.QuerySet):
    def active(self, on):
        """Words that may be chosen on the day `on`."""
        started = models.Q(active_from=None) | models.Q(active_from__lte=on)
        running = models.Q(active_to=None) | models.Q(active_to__gte=on)
        return self.filter(started & running)


class City(models.Model):
    """A source city by GB/T 2260 division code; municipalities stand as one city for grouping."""

    code = models.CharField("行政区划代码", max_length=6, primary_key=True)
    name = models.CharField("名称", max_length=30, unique=True)
    province = models.CharField("省份", max_length=30)

    class Meta:
        verbose_name = verbose_name_plural = "城市"
        ordering = ["code"]

    def __str__(self):
        return self.name


class Channel(Term):
    """来源渠道: how we met the company."""

    is_poolable = models.BooleanField("无人跟进时退回公海", default=False)
    has_introducer = models.BooleanField("有引荐人，要给回音", default=False, db_default=False)

    objects = TermQuerySet.as_manager()

    class Meta(Term.Meta):
        verbose_name = verbose_name_plural = "来源渠道"


class FusionSector(Term):
    """One of the 六融合 sectors. 基础层 is not a row: it belongs to no sector."""

    objects = TermQuerySet.as_manager()

    class Meta(Term.Meta):
        verbose_name = verbose_name_plural = "融合赛道"


class FutureTrack(Term):
    """未来赛道 (人工智能, 低空经济, …) and 「其他方向」 for firms in none of them."""

    objects = TermQuerySet.as_manager()

    class Meta(Term.Meta):
        verbose_name = verbose_name_plural = "未来赛道"


class LossReason(Term):
    """流失原因."""

    DUPLICATE = "duplicate"  # 重复: another record stands for it, and reports count that one alone

    objects = TermQuerySet.as_manager()

    class Meta(Term.Meta):
        verbose_name = verbose_name_plural = "流失原因"


class Carrier(Term):
    """载体: a place of the 一轴一核两翼 layout, with its managing unit."""

    class Place(models.TextChoices):
        AXIS = "axis", "一轴"
        CORE = "core", "一核"
        WING = "wing", "两翼"
        OTHER = "other", "其他"

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, verbose_name="上级载体")
    place = models.CharField("布局位置", max_length=10, choices=Place)
    unit = models.ForeignKey("crm.Unit", models.PROTECT, null=True, blank=True, verbose_name="管理单位")

    objects = TermQuerySet.as_manager()

    class Meta(Term.Meta):
        verbose_name = verbose_name_plural = "载体"


class StageSetting(models.Model):
    """A stage's word, place and clock. The code lives in stages.py because gates need it."""

    code = models.SlugField("代码", max_length=20, primary_key=True)
    label = models.CharField("名称", max_length=20)
    order = models.PositiveSmallIntegerField("顺序", unique=True)
    limit_days = models.PositiveSmallIntegerField("时限（工作日）", null=True, blank=True)
    red_after_days = models.PositiveSmallIntegerField("超限转红灯（工作日）", default=7)
    is_restarted_by_progress = models.BooleanField(
        "有效跟进后重新计时", default=False, db_default=False
    )  # the limit is one of stalling, not of the time in the stage (domain §1.4: 在谈)

    class Meta:
        verbose_name = verbose_name_plural = "阶段设置"
        ordering = ["order"]

    def __str__(self):
        return self.label


class Holiday(models.Model):
    """A day that departs from the week: a holiday, or a weekend day worked instead (调休)."""

    day = models.DateField("日期", primary_key=True)
    name = models.CharField("名称", max_length=40)
    is_workday = models.BooleanField("调休上班", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "节假日"
        ordering = ["day"]

    def __str__(self):
        return f"{self.day} {self.name}"


class Setting(models.Model):
    """A number of the rules that an administrator edits; the defaults stand in crm/numbers.py."""

    key = models.SlugField("键", max_length=60, primary_key=True)
    value = models.IntegerField("值")
    updated_by = models.ForeignKey("crm.User", models.PROTECT, null=True, blank=True, verbose_name="修改人")
    updated_at = models.DateTimeField("修改时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "规则数值"

    def __str__(self):
        return f"规则数值 {self.value}"
