"""招商行程: a trip to a city with our people and the companies we mean to meet."""

from datetime import timedelta

from django.db import models
from django.db.models import Count, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from crm import roles
from crm.scoping import NOTHING, ScopedQuerySet
from crm.versions import Versioned


class RoadshowQuerySet(ScopedQuerySet):
    def scope(self, user):
        """Trips of the own unit, and trips one's unit takes part in."""
        if user.role not in roles.SEES_OWN_UNIT:
            return NOTHING
        joined = self.model.members.through.objects.filter(user__unit=user.unit_id).values("roadshow_id")
        return Q(unit=user.unit_id) | Q(pk__in=joined)

    def open_on(self, day):
        """Trips a company may be recorded for: begun or within a month, ended at most 15 days ago."""
        near = Q(starts_on__lte=day + timedelta(days=30), ends_on__gte=day - timedelta(days=15))
        return self.filter(near, is_cancelled=False).order_by("-starts_on", "-pk")

    def importable_by(self, user):
        """Trips `user` may import a sheet into, as the permission `import` has it: of the own unit, for the
        bureau any; none that was called off. The latest first."""
        own = self if user.role == roles.MANAGER else self.filter(unit=user.unit_id)
        return own.visible_to(user).filter(is_cancelled=False).order_by("-starts_on", "-pk")

    def with_unresolved(self):
        """The trips with `unresolved`: the number of their targets without a result."""
        rows = RoadshowTarget.objects.unresolved().filter(roadshow=OuterRef("pk")).order_by()
        number = rows.values("roadshow").annotate(number=Count("pk")).values("number")
        return self.annotate(unresolved=Coalesce(number, Value(0)))


class Roadshow(Versioned):
    """One 敲门招商 trip. Its leads carry it as their source."""

    class Kind(models.TextChoices):
        KNOCK = "knock", "敲门招商"
        PITCH = "pitch", "推介会"
        CONTEST = "contest", "赛事"
        FAIR = "fair", "展会"
        VISIT = "visit", "来访接待"
        STATION = "station", "工作站日常"

    title = models.CharField("行程名称", max_length=80)
    kind = models.CharField("类型", max_length=10, choices=Kind, default=Kind.KNOCK)
    city = models.ForeignKey("crm.City", models.PROTECT, verbose_name="城市")
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")
    unit = models.ForeignKey("crm.Unit", models.PROTECT, related_name="roadshows", verbose_name="牵头单位")
    leader = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="带队人"
    )
    members = models.ManyToManyField(
        "crm.User", blank=True, related_name="roadshows", verbose_name="我方人员"
    )
    purpose = models.CharField("目的（赛道）", max_length=200, blank=True)
    budget_wan = models.DecimalField("预算（万元）", max_digits=12, decimal_places=4, null=True, blank=True)
    cost_wan = models.DecimalField("实际费用（万元）", max_digits=12, decimal_places=4, null=True, blank=True)
    summary = models.TextField("小结", blank=True)
    is_cancelled = models.BooleanField("已取消", default=False)
    created_by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="创建人")
    created_at = models.DateTimeField("创建时间")
    updated_at = models.DateTimeField("更新时间")

    objects = RoadshowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "行程"
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="roadshow_ends_after_start",
                violation_error_message="结束日期不能早于开始日期。",
            )
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("leads:roadshow", args=[self.pk])


class RoadshowTargetQuerySet(models.QuerySet):
    def unresolved(self):
        """Targets without a result: neither a lead nor a reason why there is none (domain rule §2.7)."""
        return self.filter(lead=None).exclude(state__in=RoadshowTarget.EXPLAINED)


class RoadshowTarget(models.Model):
    """A company on the target list, made before the trip and resolved after it."""

    class State(models.TextChoices):
        PLANNED = "planned", "拟访"
        APPOINTED = "appointed", "已约"
        VISITED = "visited", "已访"
        NOT_VISITED = "not_visited", "未访"
        NO_FOLLOW_UP = "no_follow_up", "无需跟进"

    EXPLAINED = (State.NOT_VISITED, State.NO_FOLLOW_UP)  # these want a reason and no lead

    roadshow = models.ForeignKey(Roadshow, models.CASCADE, related_name="targets", verbose_name="行程")
    company_name = models.CharField("企业", max_length=120)
    address = models.CharField("地址", max_length=120, blank=True, default="", db_default="")
    state = models.CharField("状态", max_length=20, choices=State, default=State.PLANNED)
    note = models.CharField("说明", max_length=200, blank=True)
    lead = models.ForeignKey(
        "leads.Lead", models.SET_NULL, null=True, blank=True, related_name="targets", verbose_name="线索"
    )

    objects = RoadshowTargetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "目标企业"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["roadshow", "company_name"], name="target_once_per_roadshow")
        ]

    def __str__(self):
        return self.company_name
