"""What people keep of the lists: saved views with filters, order and columns, and which they begin with."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse


class SavedViewQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The own ones and those shared with the own unit; nobody sees more, whatever the role sees."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        shared = Q(unit=user.unit_id) if user.unit_id else Q(pk__in=[])
        return self.filter(Q(owner=user.pk) | shared)

    def standing(self):
        """Those that were not removed."""
        return self.filter(removed_at=None)


class SavedView(models.Model):
    """视图: what a list is filtered and sorted by and which columns it shows, under a name.

    It belongs to its owner; with a `unit` it is shared with that unit. `query` holds the filters as the
    address has them. A removed one can be put back for a while.
    """

    class Kind(models.TextChoices):
        LEADS = "leads", "线索"
        PROJECTS = "projects", "项目"

    kind = models.CharField("列表", max_length=10, choices=Kind)
    name = models.CharField("名称", max_length=40)
    owner = models.ForeignKey("crm.User", models.PROTECT, related_name="views", verbose_name="所有人")
    unit = models.ForeignKey(
        "crm.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="共享给"
    )
    query = models.TextField("筛选", blank=True)
    sort = models.CharField("排序", max_length=20, blank=True)
    columns = ArrayField(models.CharField(max_length=20), default=list, verbose_name="列")
    created_at = models.DateTimeField("创建时间")
    updated_at = models.DateTimeField("更新时间")
    removed_at = models.DateTimeField("删除时间", null=True, blank=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "视图"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "kind", "name"], condition=Q(removed_at=None), name="view_once_per_name"
            )
        ]
        indexes = [models.Index(fields=["unit", "kind"], name="view_of_unit")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"{reverse(f'{self.kind}:list')}?view={self.pk}"


class ListSetting(models.Model):
    """列表习惯: the view a person's list begins with, and the columns it shows where no view says so."""

    user = models.ForeignKey("crm.User", models.CASCADE, related_name="+", verbose_name="人员")
    kind = models.CharField("列表", max_length=10, choices=SavedView.Kind)
    view = models.ForeignKey(
        SavedView, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="默认视图"
    )
    columns = ArrayField(models.CharField(max_length=20), default=list, verbose_name="列")

    class Meta:
        verbose_name = verbose_name_plural = "列表习惯"
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="list_setting_once")]

    def __str__(self):
        return f"{self.user} {self.get_kind_display()}"
