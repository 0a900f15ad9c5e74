"""流转: hand-overs from unit to unit."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from crm import roles
from crm.scoping import NOTHING, ScopedQuerySet


class HandoverQuerySet(ScopedQuerySet):
    def scope(self, user):
        """The giving unit; of the receiving one, once approved, head, station leader and who is named."""
        if user.role not in roles.SEES_OWN_UNIT or not user.unit_id:
            return NOTHING
        mine = Q(to_owner=user.pk)
        if user.role in roles.RECEIVES_HANDOVERS:
            mine |= Q(to_unit=user.unit_id)
        return Q(from_unit=user.unit_id) | (mine & ~Q(state=Handover.State.APPROVAL))

    def open(self):
        """Those that wait for an answer."""
        return self.filter(state__in=Handover.OPEN)


class Handover(models.Model):
    """流转: a lead offered by one unit to another, with the project it has become. It stays with the giver
    until the other accepts."""

    class State(models.TextChoices):
        APPROVAL = "approval", "待审批"
        PENDING = "pending", "待接收"
        ACCEPTED = "accepted", "已接收"
        REFUSED = "refused", "已退回"
        LAPSED = "lapsed", "已逾期退回"
        WITHDRAWN = "withdrawn", "已撤回"

    OPEN = ("approval", "pending")

    lead = models.ForeignKey("leads.Lead", models.CASCADE, related_name="handovers", verbose_name="线索")
    from_unit = models.ForeignKey("crm.Unit", models.PROTECT, related_name="+", verbose_name="移出单位")
    to_unit = models.ForeignKey("crm.Unit", models.PROTECT, related_name="+", verbose_name="接收单位")
    to_owner = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, related_name="+", verbose_name="接收人"
    )
    reason = models.CharField("理由", max_length=200)
    share = models.PositiveSmallIntegerField("移出单位保留业绩（%）", default=0)
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="操作人")
    at = models.DateTimeField("时间")
    state = models.CharField("状态", max_length=10, choices=State, default=State.PENDING)
    asked_at = models.DateTimeField("接收期限起算", null=True, blank=True)
    due_on = models.DateField("接收期限", null=True, blank=True)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )
    answer = models.CharField("答复", max_length=200, blank=True)
    approved_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审批人"
    )
    updated_at = models.DateTimeField("更新时间")

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "流转记录"
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["lead"], condition=Q(state__in=["approval", "pending"]), name="one_open_handover"
            ),
            models.CheckConstraint(condition=Q(share__lte=100), name="handover_share_within_100"),
        ]
        indexes = [
            models.Index(fields=["-at", "-id"], name="handover_newest"),
            models.Index(fields=["due_on"], condition=Q(state="pending"), name="handover_due"),
        ]

    def __str__(self):
        return f"{self.from_unit} → {self.to_unit}"

    def get_absolute_url(self):
        return f"{reverse('leads:handovers')}#handover-{self.pk}"

    @property
    def record(self):
        """What people mean by it: the project the lead has become, before that the lead."""
        return getattr(self.lead, "project", self.lead)

    @property
    def is_open(self):
        return self.state in self.OPEN

    @property
    def unit_id(self):
        """For crm.permissions: the unit that answers."""
        return self.to_unit_id

    @property
    def owner_id(self):
        """For crm.permissions: the person who is named to answer."""
        return self.to_owner_id
