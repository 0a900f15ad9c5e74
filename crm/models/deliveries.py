"""How a person wants to be told outside of the inbox, and what became of every message sent there."""

from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from crm.scoping import ScopedQuerySet

USUAL = time(8, 30)  # when the 今日提醒 comes to who has not said otherwise


class Preference(models.Model):
    """The wishes of one person; who has none gets everything in the inbox, and nothing elsewhere.

    Every message comes into the inbox, those of `muted_kinds` as read. `robot_url` is a secret: who knows it
    writes into the group.
    """

    user = models.OneToOneField("crm.User", models.CASCADE, related_name="preference", verbose_name="人员")
    digest_at = models.TimeField("今日提醒时间", default=USUAL)
    digested_on = models.DateField("已扫描日期", null=True, editable=False)
    muted_kinds = ArrayField(
        models.CharField(max_length=10), default=list, db_default=[], verbose_name="站内不提醒的类别"
    )
    email_kinds = ArrayField(models.CharField(max_length=10), default=list, verbose_name="邮件类别")
    robot_kinds = ArrayField(models.CharField(max_length=10), default=list, verbose_name="群机器人类别")
    robot_url = models.CharField("群机器人地址", max_length=300, blank=True)
    quiet_from = models.TimeField("安静时段开始", null=True)
    quiet_until = models.TimeField("安静时段结束", null=True)
    is_urgent_excepted = models.BooleanField("红灯、督办不等", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "提醒设置"
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until")),
                name="quiet_from_and_until_another_time",
            )
        ]

    def __str__(self):
        return f"{self.user_id}"


class DeliveryQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """What was to be sent to oneself, whatever the role."""
        return self.filter(notification__user_id=getattr(user, "pk", None))

    def claimable(self, at):
        """What is due at `at` and held by no living worker."""
        free = Q(leased_until=None) | Q(leased_until__lt=at)
        return self.filter(free, state=Delivery.State.WAITING, due_at__lte=at)


class Delivery(models.Model):
    """One message on its way out by one channel: tried until sent or given up, `last_error` says why not."""

    class Channel(models.TextChoices):
        EMAIL = "email", "邮件"
        ROBOT = "robot", "群机器人"

    class State(models.TextChoices):
        WAITING = "waiting", "等待发送"
        SENT = "sent", "已送出"
        GIVEN_UP = "given_up", "已放弃"

    notification = models.ForeignKey(
        "crm.Notification", models.CASCADE, related_name="deliveries", verbose_name="提醒"
    )
    channel = models.CharField("渠道", max_length=10, choices=Channel)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    due_at = models.DateTimeField("最早发送时间")
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    leased_until = models.DateTimeField("占用至", null=True)
    last_error = models.CharField("没送到的原因", max_length=200, blank=True)
    created_at = models.DateTimeField("生成时间")
    sent_at = models.DateTimeField("送出时间", null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "推送记录"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["notification", "channel"], name="one_delivery_per_channel")
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="waiting"), name="delivery_waiting")]

    def __str__(self):
        return f"{self.notification_id} {self.channel}"
