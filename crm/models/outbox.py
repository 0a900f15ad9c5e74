"""Messages and scheduled work as rows: the database is the queue, the broker only wakes the workers."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from crm.scoping import ScopedQuerySet


class NotificationQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Only one's own messages, whatever the role, and only those already delivered."""
        return self.delivered_to(getattr(user, "pk", None))

    def delivered_to(self, user_id):
        """What the person of this number has received."""
        return self.filter(user_id=user_id, sent_at__isnull=False)

    def awake(self):
        """Messages that are not put off until later."""
        return self.filter(snoozed_until=None)

    def unread(self):
        """Messages that wait to be read now."""
        return self.awake().filter(read_at=None)

    def undelivered(self, now):
        """Messages a worker may claim now: not sent, and not leased by a living worker."""
        free = Q(leased_until=None) | Q(leased_until__lt=now)
        return self.filter(free, sent_at=None)


class Notification(models.Model):
    """One message to one person. `key` names the effect: the same effect is never told twice.

    While `snoozed_until` is set the person does not want to see it; then it comes back, unread, and stands in
    the inbox at the moment it came back (`shown_at`).
    """

    class Kind(models.TextChoices):
        DIGEST = "digest", "每日提醒"
        IMPORT = "import", "导入结果"
        STAGE = "stage", "阶段变动"
        SUPERVISE = "supervise", "督办"
        CLAIM = "claim", "首报首谈"
        HANDOVER = "handover", "流转"
        MATCH = "match", "匹配变化"
        MENTION = "mention", "提到我"
        SYSTEM = "system", "系统"

    user = models.ForeignKey("crm.User", models.CASCADE, related_name="notifications", verbose_name="收件人")
    kind = models.CharField("类别", max_length=10, choices=Kind)
    key = models.CharField("事由键", max_length=120)
    title = models.CharField("标题", max_length=120)
    body = models.TextField("内容", blank=True)
    items = models.JSONField("条目", default=list)
    url = models.CharField("链接", max_length=200, blank=True)
    created_at = models.DateTimeField("生成时间")
    sent_at = models.DateTimeField("送达时间", null=True)
    leased_until = models.DateTimeField("占用至", null=True)
    read_at = models.DateTimeField("阅读时间", null=True)
    snoozed_until = models.DateTimeField("稍后提醒时间", null=True)
    returned_at = models.DateTimeField("重新提醒时间", null=True)
    shown_at = models.GeneratedField(
        expression=Coalesce("returned_at", "created_at"),
        output_field=models.DateTimeField("排列时间"),
        db_persist=True,
    )

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "提醒"
        ordering = ["-shown_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_notification_per_effect")]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(sent_at=None), name="notification_undelivered"),
            models.Index(fields=["user", "-shown_at", "-id"], name="notification_shown"),
            models.Index(
                fields=["user"],
                condition=Q(sent_at__isnull=False, read_at=None, snoozed_until=None),
                name="notification_to_read",
            ),
            models.Index(
                fields=["snoozed_until"],
                condition=Q(snoozed_until__isnull=False),
                name="notification_snoozed",
            ),
        ]

    def __str__(self):
        return self.title


class Attempt(models.Model):
    """A delivery that took place: one row per notification and try, so that doubles would be seen."""

    notification = models.ForeignKey(
        Notification, models.CASCADE, related_name="attempts", verbose_name="提醒"
    )
    at = models.DateTimeField("时间")
    worker = models.CharField("执行者", max_length=80)

    class Meta:
        verbose_name = verbose_name_plural = "送达记录"

    def __str__(self):
        return f"{self.notification_id} {self.at}"


class JobSlot(models.Model):
    """One run of one scheduled job for one period: who takes the row does the work, once."""

    class State(models.TextChoices):
        LEASED = "leased", "进行中"
        DONE = "done", "已完成"
        DEAD = "dead", "已放弃"

    job = models.SlugField("任务", max_length=40)
    period_start = models.DateTimeField("时段")
    state = models.CharField("状态", max_length=10, choices=State, default=State.LEASED)
    leased_until = models.DateTimeField("占用至")
    attempts = models.PositiveSmallIntegerField("次数", default=1)
    progress = models.BigIntegerField("进度", default=0)
    finished_at = models.DateTimeField("完成时间", null=True)
    last_error = models.TextField("最近错误", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "定时任务"
        ordering = ["-period_start"]
        constraints = [models.UniqueConstraint(fields=["job", "period_start"], name="one_run_per_slot")]
        indexes = [
            models.Index(fields=["leased_until"], condition=Q(state="leased"), name="slot_unfinished"),
        ]

    def __str__(self):
        return f"{self.job} {self.period_start}"
