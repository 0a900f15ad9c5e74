"""基金: its record, its versioned criteria, and the machine's verdict for a project."""

from django.db import models
from django.db.models import Count, Q
from django.urls import reverse

from crm import roles
from crm.scoping import NOTHING, ScopedQuerySet
from projects import stages
from projects.models.projects import Project


class FundQuerySet(ScopedQuerySet):
    def scope(self, user):
        """Everybody who works on projects reads every fund; a fund manager only the own ones."""
        if user.role == roles.FUND:
            return Q(managers=user.pk)
        if user.role == roles.PARTNER:
            return Q() if {"projects:read", "projects:read_all"} & user.scopes else NOTHING
        return Q() if user.role in {*roles.SEES_OWN_UNIT, roles.REVIEWER} else NOTHING

    def with_counts(self, user):
        """Each with how many projects under way that `user` sees `fit`, are `incomplete` or in `reserve`."""
        seen = Q(matches__in=Match.objects.visible_to(user).values("pk"))
        under_way = seen & ~Q(matches__project__stage__in=stages.CLOSED)
        of = {
            verdict: Q(matches__verdict=verdict) & under_way for verdict in ("fit", "incomplete", "reserve")
        }
        return self.annotate(**{verdict: Count("matches", filter=found) for verdict, found in of.items()})

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

    objects = FundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "基金"
        ordering = ["order", "code"]

    def __str__(self):
        return self.name

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


class MatchQuerySet(ScopedQuerySet):
    def scope(self, user):
        """Matches of the projects one sees; a fund manager sees none before a referral."""
        if user.role == roles.FUND:
            return NOTHING
        return Q(project__in=Project.objects.visible_to(user))


class Match(models.Model):
    """The machine's answer for one project and one fund: verdict, score, coverage and every reason.

    `computed_at` is when the answer last changed, `checked_at` when it was last judged, changed or not.
    """

    class Verdict(models.TextChoices):
        FIT = "fit", "符合"
        INCOMPLETE = "incomplete", "待补充"
        UNFIT = "unfit", "不符合"
        RESERVE = "reserve", "储备"

    project = models.ForeignKey(Project, models.CASCADE, related_name="matches", verbose_name="项目")
    fund = models.ForeignKey(Fund, models.CASCADE, related_name="matches", verbose_name="基金")
    version = models.ForeignKey(
        CriteriaVersion, models.PROTECT, null=True, related_name="matches", verbose_name="条件版本"
    )
    verdict = models.CharField("结论", max_length=12, choices=Verdict)
    score = models.FloatField("得分", null=True)
    coverage = models.FloatField("覆盖率", null=True)
    result = models.JSONField("逐条说明")
    facts = models.JSONField("所用数据")
    digest = models.CharField("输入摘要", max_length=64)
    computed_at = models.DateTimeField("匹配时间")
    checked_at = models.DateTimeField("核对时间")

    objects = MatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "基金匹配"
        constraints = [models.UniqueConstraint(fields=["project", "fund"], name="one_match_per_fund")]
        indexes = [models.Index(fields=["fund", "verdict"], name="match_by_fund")]

    def __str__(self):
        return f"{self.project} × {self.fund}：{self.get_verdict_display()}"
