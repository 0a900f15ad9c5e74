"""Addresses under which a person's calendar reads what lies before them, without a login."""

from django.db import models


class CalendarFeed(models.Model):
    """The secret address of one person's calendar; only its hash is kept. A new one replaces the old."""

    user = models.OneToOneField("crm.User", models.CASCADE, related_name="calendar_feed", verbose_name="人员")
    digest = models.CharField("摘要", max_length=64, unique=True)
    created_at = models.DateTimeField("开通时间")
    last_read_at = models.DateTimeField("最近读取", null=True)
    window_at = models.DateTimeField("计数窗口", null=True, editable=False)
    window_reads = models.PositiveIntegerField("窗口内读取数", default=0, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "日历订阅"

    def __str__(self):
        return f"{self.user_id} {self.created_at:%Y-%m-%d}"
