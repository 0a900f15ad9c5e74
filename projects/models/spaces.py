"""载体空间: what the carriers have to offer, floor by floor, and what each project needs of it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from crm import roles
from crm.rules.dictionary import SPACE_USES
from crm.scoping import NOTHING, ScopedQuerySet
from crm.versions import Versioned
from projects.models.projects import Project

AREA = {"max_digits": 12, "decimal_places": 2, "null": True, "blank": True}
HEIGHT = {"max_digits": 5, "decimal_places": 2, "null": True, "blank": True}
RENT = {"max_digits": 8, "decimal_places": 2, "null": True, "blank": True}
COUNT = {"null": True, "blank": True}


class RegisterQuerySet(ScopedQuerySet):
    def scope(self, user):
        """A register of the district: everybody who works on projects reads all of it."""
        if user.role == roles.PARTNER:
            return Q() if {"projects:read", "projects:read_all"} & user.scopes else NOTHING
        return Q() if user.role in roles.SEES_RECORDS else NOTHING


class Building(Versioned):
    """One building of a carrier (载体). Who manages the carrier keeps its buildings and spaces."""

    carrier = models.ForeignKey("crm.Carrier", models.PROTECT, related_name="buildings", verbose_name="载体")
    name = models.CharField("楼宇名称", max_length=60)
    address = models.CharField("地址", max_length=120, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    created_at = models.DateTimeField("登记时间")
    updated_at = models.DateTimeField("更新时间")

    objects = RegisterQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "楼宇"
        ordering = ["carrier", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["carrier", "name"],
                name="building_once_per_carrier",
                violation_error_message="这个载体里已经有同名的楼宇。",
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("projects:building", args=[self.pk])

    @property
    def unit_id(self):
        """Whose it is to keep: the managing unit of its carrier; None when nobody was named."""
        return self.carrier.unit_id


class SpaceQuerySet(RegisterQuerySet):
    def on_offer(self, day):
        """Spaces one can still choose: 可用, and within their validity on `day`."""
        begun = Q(valid_from=None) | Q(valid_from__lte=day)
        running = Q(valid_to=None) | Q(valid_to__gte=day)
        return self.filter(begun & running, state=Space.State.FREE)


class Space(Versioned):
    """One unit to let: a floor, a part of it, a data room. Area in ㎡, rent in 元/㎡/天, height in m,
    power in kVA, load in kg/㎡; null is not known, never none.

    A space that is the final one of a project is 已预留 or 已租; giving it back makes it 可用.
    """

    class State(models.TextChoices):
        FREE = "free", "可用"
        RESERVED = "reserved", "已预留"
        LEASED = "leased", "已租"
        RETIRED = "retired", "停用"

    building = models.ForeignKey(Building, models.PROTECT, related_name="spaces", verbose_name="楼宇")
    label = models.CharField("楼层与单元", max_length=40)
    floor = models.SmallIntegerField("楼层")
    area_sqm = models.DecimalField("面积（㎡）", max_digits=12, decimal_places=2)
    available_from = models.DateField("可用日期")
    rent_daily = models.DecimalField("租金参考（元/㎡/天）", **RENT)
    power_kva = models.PositiveIntegerField("供电（kVA）", **COUNT)
    racks = models.PositiveIntegerField("机柜（个）", **COUNT)
    height_m = models.DecimalField("层高（m）", **HEIGHT)
    load_kg = models.PositiveIntegerField("承重（kg/㎡）", **COUNT)
    uses = ArrayField(models.CharField(max_length=12, choices=SPACE_USES.items()), verbose_name="允许用途")
    allows_eia = models.BooleanField("可办环评", null=True, blank=True)
    limits = models.CharField("环境限制", max_length=200, blank=True)
    tracks = models.ManyToManyField("crm.FutureTrack", blank=True, related_name="+", verbose_name="适合赛道")
    state = models.CharField("状态", max_length=10, choices=State, default=State.FREE)
    valid_from = models.DateField("登记有效期自", null=True, blank=True)
    valid_to = models.DateField("登记有效期至", null=True, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    created_at = models.DateTimeField("登记时间")
    updated_at = models.DateTimeField("更新时间")

    objects = SpaceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "载体空间"
        ordering = ["building", "floor", "label"]
        constraints = [
            models.UniqueConstraint(fields=["building", "label"], name="space_once_per_building"),
            models.CheckConstraint(condition=Q(area_sqm__gt=0), name="space_has_an_area"),
            models.CheckConstraint(condition=Q(uses__len__gt=0), name="space_has_a_use"),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_from__lte=F("valid_to")),
                name="space_is_valid_forwards",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="space_newest"),
            models.Index(fields=["state", "area_sqm"], name="space_by_state"),
            models.Index(fields=["updated_at", "id"], name="space_changed"),
        ]

    def __str__(self):
        return f"{self.building} {self.label}"

    def get_absolute_url(self):
        return reverse("projects:space", args=[self.pk])

    @property
    def unit_id(self):
        """Whose it is to keep: the managing unit of its carrier."""
        return self.building.carrier.unit_id

    def unavailable_on(self, day):
        """Why one cannot choose it on `day`, in a word; empty while it is on offer (`on_offer`)."""
        if self.state != Space.State.FREE:
            return self.get_state_display()
        is_valid = (self.valid_from or day) <= day <= (self.valid_to or day)
        return "" if is_valid else "不在登记有效期内"

    @property
    def use_words(self):
        return [SPACE_USES.get(code, code) for code in self.uses]


class SpaceNeed(models.Model):
    """What a project needs of a space. The least area, the carriers it would like, its tracks and the
    version stand in the project itself; null is not said, 0 is no demand.
    """

    project = models.OneToOneField(
        Project, models.CASCADE, primary_key=True, related_name="space_need", verbose_name="项目"
    )
    area_most_sqm = models.DecimalField("面积上限（㎡）", **AREA)
    use = models.CharField("用途", max_length=12, choices=SPACE_USES.items(), blank=True)
    needed_by = models.DateField("需用日期", null=True, blank=True)
    power_kva = models.PositiveIntegerField("最低供电（kVA）", **COUNT)
    racks = models.PositiveIntegerField("最少机柜（个）", **COUNT)
    height_m = models.DecimalField("最低层高（m）", **HEIGHT)
    load_kg = models.PositiveIntegerField("最低承重（kg/㎡）", **COUNT)
    needs_eia = models.BooleanField("需要办环评", null=True, blank=True)
    rent_most = models.DecimalField("租金上限（元/㎡/天）", **RENT)
    note = models.CharField("其他要求", max_length=300, blank=True)
    updated_at = models.DateTimeField("更新时间")

    class Meta:
        verbose_name = verbose_name_plural = "用房需求"

    def __str__(self):
        return f"{self.project} 的用房需求"


class CandidateQuerySet(models.QuerySet):
    def live(self):
        """Spaces still in question for their project, the final one among them."""
        return self.filter(dropped_at=None)

    def final(self):
        return self.live().exclude(final_at=None)

    def shown_in_order(self):
        """The final one first, then by rank."""
        return self.order_by(F("final_at").asc(nulls_last=True), "rank", "pk")


class CandidateSpace(models.Model):
    """One space in question for one project: proposed, shown, and in the end final or dropped.

    A row is never taken back into use: what was dropped may be proposed anew, as another row. A final space
    that was given back is dropped with its `final_at`. The rows of a space change under its lock.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="candidates", verbose_name="项目")
    space = models.ForeignKey(Space, models.PROTECT, related_name="candidates", verbose_name="载体空间")
    rank = models.PositiveSmallIntegerField("顺序")
    shown_on = models.DateField("带看日期", null=True, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    added_by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="列入人")
    added_at = models.DateTimeField("列入时间")
    final_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, related_name="+", verbose_name="确定人"
    )
    final_at = models.DateTimeField("确定时间", null=True)
    dropped_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, related_name="+", verbose_name="退出操作人"
    )
    dropped_at = models.DateTimeField("退出时间", null=True)
    drop_reason = models.CharField("退出原因", max_length=200, blank=True)

    objects = CandidateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "项目候选载体"
        ordering = ["rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "space"], condition=Q(dropped_at=None), name="candidate_once_per_project"
            ),
            models.UniqueConstraint(
                fields=["space"],
                condition=Q(dropped_at=None, final_at__isnull=False),
                name="space_final_for_one_project",
            ),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(dropped_at=None, final_at__isnull=False),
                name="one_final_space_per_project",
            ),
            models.CheckConstraint(
                condition=Q(dropped_at=None) | ~Q(drop_reason=""), name="dropped_with_reason"
            ),
        ]

    def __str__(self):
        return f"{self.project} 候选 {self.space}"

    @property
    def is_final(self):
        return self.final_at is not None and self.dropped_at is None
