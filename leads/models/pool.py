"""公海: leads that nobody keeps, and who takes them."""

from datetime import timedelta

from django.db import models
from django.db.models import Q

from crm import roles
from crm.numbers import number
from crm.scoping import NOTHING, ScopedQuerySet
from crm.workdays import shanghai_day
from leads import stages


class Poolable(models.Model):
    """A record that may lie in the pool: there no clock runs, and who takes it has a stage's whole time."""

    taken_at = models.DateTimeField("从公海领取时间", null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def begins_at(self):
        """From when the clock counts: the entry into the stage, or a later taking out of the pool."""
        return max(self.entered_at, self.taken_at or self.entered_at)

    @property
    def is_suspended(self):
        """Whether it lies in the pool, where nobody's clock runs. Who has an owner does not."""
        return self.owner_id is None and self.is_pooled

    @property
    def is_pooled(self):
        """Whether it lies in the pool: there nobody hands it over or gives it an owner, it is taken."""
        return self.pool_entries.lying().exists()


class PoolEntryQuerySet(ScopedQuerySet):
    def scope(self, user):
        """Whoever works on leads sees the pool."""
        return Q() if user.role in roles.SEES_OWN_UNIT else NOTHING

    def waiting(self):
        """What may be taken: still in the pool, and the lead not closed meanwhile."""
        return self.filter(taken_at=None, lead__stage__in=stages.OPEN)

    def lying(self):
        """The stays that are not over: nobody took the lead, and no decision moved it."""
        return self.filter(taken_at=None)

    def wait_of(self, person, lead, day):
        """The sentence against `person` getting `lead` on `day`, who had it before the pool; "" when free.

        Another lead of the same company is no way round it.
        """
        same = Q(lead=lead)
        if lead.company_id:
            same |= Q(lead__company=lead.company_id)
        return self.filter(same).wait_for(person, day)

    def wait_for(self, person, day):
        """The sentence against `person`, who may have let some of these go, on `day`; "" when free."""
        left = self.filter(from_person=person).order_by("-entered_at").first()
        days = number("pool_wait_days")
        if left is None or day >= (free := shanghai_day(left.entered_at) + timedelta(days=days)):
            return ""
        return f"{person}是这条线索的原负责人，进入公海满 {days} 天（{free:%Y-%m-%d}）后才能领取或再负责。"

    def running(self):
        """Taken, and neither followed up nor returned yet."""
        return self.filter(taken_at__isnull=False, followed_up_at=None, returned_at=None)


class PoolEntry(models.Model):
    """One stay of a lead in the pool: from whom and why it came, who took it and what he did with it.

    A stay that a decision of the bureau ended has a unit that got the lead but nobody who took it.
    """

    class Why(models.TextChoices):
        SILENT = "silent", "长期没有有效跟进"
        GIVEN = "given", "主动放入"
        NO_FOLLOW_UP = "no_follow_up", "领取后没有及时跟进"

    lead = models.ForeignKey("leads.Lead", models.CASCADE, related_name="pool_entries", verbose_name="线索")
    why = models.CharField("原因", max_length=12, choices=Why)
    reason = models.CharField("说明", max_length=200, blank=True)
    from_unit = models.ForeignKey("crm.Unit", models.PROTECT, related_name="+", verbose_name="原单位")
    from_person = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, related_name="+", verbose_name="原负责人"
    )
    by = models.ForeignKey("crm.User", models.PROTECT, null=True, related_name="+", verbose_name="操作人")
    entered_at = models.DateTimeField("进入时间")
    taken_at = models.DateTimeField("领取时间", null=True, blank=True)
    taken_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="领取人"
    )
    taken_unit = models.ForeignKey(
        "crm.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="领取单位"
    )
    follow_up_by = models.DateTimeField("最迟有效跟进", null=True, blank=True)
    followed_up_at = models.DateTimeField("首次有效跟进", null=True, blank=True)
    returned_at = models.DateTimeField("退回时间", null=True, blank=True)

    objects = PoolEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公海记录"
        ordering = ["-entered_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["lead"], condition=Q(taken_at=None), name="once_in_the_pool"),
        ]
        indexes = [
            models.Index(fields=["-entered_at", "-id"], condition=Q(taken_at=None), name="pool_waiting"),
            models.Index(fields=["taken_by", "taken_at"], name="pool_taken"),
            models.Index(
                fields=["follow_up_by"],
                condition=Q(taken_at__isnull=False, followed_up_at=None, returned_at=None),
                name="pool_running",
            ),
        ]

    def __str__(self):
        return f"{self.lead_id} {self.entered_at:%Y-%m-%d}"
