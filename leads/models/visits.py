"""拜访/接待: a meeting that took place, with what was said and what comes next."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value

from crm import roles
from crm.scoping import NOTHING, ScopedQuerySet


class VisitQuerySet(ScopedQuerySet):
    def scope(self, user):
        """Visits of the own unit, and those of leads and projects one may read as their source."""
        if user.role not in roles.SEES_OWN_UNIT:
            return NOTHING
        return Q(unit=user.unit_id) | Q(lead__unit=user.unit_id) | Q(lead__station=user.unit_id)


class Visit(models.Model):
    """One visit, call or meeting. Effective follow-up = content + next step + next date."""

    class Kind(models.TextChoices):
        OUT = "out", "外出拜访"
        HOST = "host", "来访接待"
        SITE = "site", "实地考察"
        CALL = "call", "电话"
        ONLINE = "online", "线上会议"

    lead = models.ForeignKey(
        "leads.Lead", models.CASCADE, null=True, blank=True, related_name="visits", verbose_name="线索"
    )
    roadshow = models.ForeignKey(
        "leads.Roadshow", models.PROTECT, null=True, blank=True, related_name="visits", verbose_name="行程"
    )
    unit = models.ForeignKey("crm.Unit", models.PROTECT, verbose_name="单位")
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="记录人")
    kind = models.CharField("方式", max_length=10, choices=Kind, default=Kind.OUT)
    at = models.DateTimeField("时间")
    place = models.CharField("地点", max_length=120, blank=True)
    content = models.TextField("洽谈情况", blank=True)
    next_step = models.CharField("下一步", max_length=200, blank=True)
    next_on = models.DateField("下次联系日期", null=True, blank=True)
    mentioned = ArrayField(  # as they are written in the content, without the sign
        models.CharField(max_length=100), default=list, db_default=Value([]), verbose_name="提到的同事"
    )
    created_at = models.DateTimeField("记录时间")

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "拜访记录"
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d}"

    @property
    def is_effective(self):
        """Whether it counts as a follow-up: content, next step and next date (domain rule §1.8)."""
        return bool(self.content and self.next_step and self.next_on)
