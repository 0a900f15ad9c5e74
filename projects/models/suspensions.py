"""挂起: the clock of a project stands still until an agreed day and goes on where it stopped."""

from datetime import datetime, time

from django.db import models
from django.db.models import Q

from crm.errors import Refused
from crm.workdays import SHANGHAI, shanghai_day


class Suspended(Refused):
    """The project is suspended: until it goes on, no stage is entered but 流失."""

    code = "suspended"

    def __init__(self, until):
        super().__init__(f"项目挂起至 {until}，恢复后才能移动阶段；不做了可以标为流失。")


class Suspension(models.Model):
    """One pause, with the workdays the stage had left (below 0: already past its limit)."""

    project = models.ForeignKey(
        "projects.Project", models.CASCADE, related_name="suspensions", verbose_name="项目"
    )
    reason = models.CharField("挂起理由", max_length=300)
    started_at = models.DateTimeField("挂起时间")
    until = models.DateField("挂起至")
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="操作人")
    workdays_left = models.IntegerField("剩余工作日", null=True)
    ended_at = models.DateTimeField("恢复时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="恢复人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "挂起记录"
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(ended_at=None), name="one_open_suspension_per_project"
            ),
        ]
        indexes = [
            models.Index(fields=["until"], condition=Q(ended_at=None), name="suspension_ends"),
        ]

    def __str__(self):
        return f"挂起至 {self.until}"

    def ended_by_day(self, at):
        """When the pause ended that is ended at the moment `at`: on the agreed day, if that has begun."""
        agreed = datetime.combine(self.until, time(), SHANGHAI)
        return max(min(at, agreed), self.started_at)

    @property
    def days(self):
        """The (first, last) day of an ended pause, as the clock counts them."""
        return shanghai_day(self.started_at), shanghai_day(self.ended_at)
