"""标签: short words of a unit, or of the bureau for all, that leads and projects are marked with."""

from django.db import models
from django.db.models import Q

from crm import roles
from crm.scoping import NOTHING, ScopedQuerySet


class TagQuerySet(ScopedQuerySet):
    def scope(self, user):
        """Those of the own unit and those of the bureau, which are everybody's; a partner reads none."""
        if user.role == roles.PARTNER:
            return NOTHING
        return Q(unit=None) | Q(unit=user.unit_id) if user.unit_id else Q(unit=None)

    def active(self, on):
        """Tags that may be given on the day `on`; old ones stay where they are."""
        return self.filter(Q(active_to=None) | Q(active_to__gte=on))

    def given_in(self, unit_id):
        """What records of this unit may be marked with: its own tags and those of all."""
        return self.filter(Q(unit=None) | Q(unit=unit_id))


class Tag(models.Model):
    """A word records are marked with; of one unit, or of everybody when it has none."""

    name = models.CharField("名称", max_length=20)
    unit = models.ForeignKey(
        "crm.Unit",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="单位",
        help_text="空着是全区通用。",
    )
    active_to = models.DateField("停用日期", null=True, blank=True)

    objects = TagQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "标签"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "name"],
                nulls_distinct=False,
                name="tag_once_per_unit",
                violation_error_message="这个单位已有同名的标签。",
            )
        ]

    def __str__(self):
        return self.name


class Tagging(models.Model):
    """One record marked with one tag, by whom and when. Subclasses name the record, its column as RECORD."""

    tag = models.ForeignKey(Tag, models.PROTECT, related_name="+", verbose_name="标签")
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="标记人")
    at = models.DateTimeField("时间")

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.tag}"
