"""评审决策: which meetings a project must pass, by category and amount, and every pass with its trace."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q


class Category(models.TextChoices):
    """项目分类, which decides the route (domain §1.6)."""

    POLICY = "policy", "政策类"
    INVESTMENT = "investment", "投资类"
    LAND = "land", "供地类"
    OTHER = "other", "其他"


class DecisionRouteQuerySet(models.QuerySet):
    def in_force(self, on):
        """Routes that hold on the day `on`."""
        begun = Q(active_from=None) | Q(active_from__lte=on)
        return self.filter(begun, Q(active_to=None) | Q(active_to__gte=on))

    def of(self, category, on):
        """The routes of one category that hold on `on`, with their nodes; the newest rule first."""
        newest = F("active_from").desc(nulls_last=True)
        return self.in_force(on).filter(category=category).order_by(newest, "pk").prefetch_related("nodes")


class DecisionRoute(models.Model):
    """The ordered meetings for one category and band of public equity.

    The band is above `over_wan`, up to and including `upto_wan`, in 万元. An empty bound is open. A route
    without nodes says that no meeting is needed.
    """

    category = models.CharField("项目分类", max_length=12, choices=Category)
    over_wan = models.DecimalField("高于（万元）", max_digits=16, decimal_places=4, null=True, blank=True)
    upto_wan = models.DecimalField("不高于（万元）", max_digits=16, decimal_places=4, null=True, blank=True)
    active_from = models.DateField("启用日期", null=True, blank=True)
    active_to = models.DateField("停用日期", null=True, blank=True)
    basis = models.CharField("依据", max_length=120, blank=True)

    objects = DecisionRouteQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "决策路径"
        ordering = ["category", "over_wan", "pk"]

    def __str__(self):
        return f"{self.get_category_display()}{self.band}"

    def clean(self):
        if None not in (self.over_wan, self.upto_wan) and self.over_wan >= self.upto_wan:
            raise ValidationError({"upto_wan": "「不高于」要大于「高于」。"})
        if self.active_from and self.active_to and self.active_from > self.active_to:
            raise ValidationError({"active_to": "停用日期不能早于启用日期。"})

    @property
    def has_band(self):
        """Whether the amount of public equity decides between this route and others."""
        return self.over_wan is not None or self.upto_wan is not None

    @property
    def band(self):
        """The band in words, empty for a route of every amount."""
        parts = []
        if self.over_wan is not None:
            parts.append(f"出资高于 {self.over_wan.normalize():f} 万元")
        if self.upto_wan is not None:
            parts.append(f"出资不高于 {self.upto_wan.normalize():f} 万元")
        return f"（{'，'.join(parts)}）" if parts else ""

    def fits(self, equity_wan):
        """Whether `equity_wan` lies in the band; an unknown amount lies in open bands only."""
        if equity_wan is None:
            return not self.has_band
        over = self.over_wan is None or equity_wan > self.over_wan
        return over and (self.upto_wan is None or equity_wan <= self.upto_wan)


class DecisionNode(models.Model):
    """One meeting of a route, in its place."""

    route = models.ForeignKey(DecisionRoute, models.CASCADE, related_name="nodes", verbose_name="决策路径")
    order = models.PositiveSmallIntegerField("顺序")
    code = models.SlugField("代码", max_length=20)
    name = models.CharField("会议", max_length=30)

    class Meta:
        verbose_name = verbose_name_plural = "决策节点"
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["route", "order"], name="one_node_per_place"),
            models.UniqueConstraint(fields=["route", "code"], name="one_node_per_code"),
        ]

    def __str__(self):
        return self.name


class NodePassQuerySet(models.QuerySet):
    def standing(self):
        """Passes that were not withdrawn."""
        return self.filter(withdrawn_on=None)


class NodePass(models.Model):
    """A meeting passed, and perhaps withdrawn again: both dated, nothing removed.

    `code` and `name` are kept as they were, for the route may change later.
    """

    project = models.ForeignKey(
        "projects.Project", models.CASCADE, related_name="passes", verbose_name="项目"
    )
    code = models.SlugField("代码", max_length=20)
    name = models.CharField("会议", max_length=30)
    passed_on = models.DateField("通过日期")
    minutes = models.CharField("会议纪要文号", max_length=80, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间")
    withdrawn_on = models.DateField("撤回日期", null=True, blank=True)
    withdrawn_reason = models.CharField("撤回理由", max_length=300, blank=True)
    withdrawn_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤回人"
    )
    withdrawn_at = models.DateTimeField("撤回登记时间", null=True, blank=True)

    objects = NodePassQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "决策通过记录"
        ordering = ["passed_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "code"], condition=Q(withdrawn_on=None), name="one_standing_pass_per_node"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None) | Q(withdrawn_on__gte=F("passed_on")),
                name="pass_withdrawn_after_it",
            ),
        ]

    def __str__(self):
        return f"{self.name} {self.passed_on}"

    def came_after(self, other):
        """Whether this meeting was held after that of `other`; of one day, whether it was recorded later."""
        return (self.passed_on, self.pk) > (other.passed_on, other.pk)
