"""What the scans have told: answers 「为什么（没）提醒我」 and keeps old news from being told as new."""

from django.db import models
from django.db.models import Q


class ReminderSent(models.Model):
    """One record told of once at one level for one due date; later digests call it 「仍未处理」."""

    class Rule(models.TextChoices):
        CONTACT = "contact", "下次联系日期"
        RESPONSE = "response", "首次响应"
        STAGE = "stage", "阶段时限"
        REPORT = "report", "定期汇报"
        FEEDBACK = "feedback", "引荐人回音"

    class Level(models.TextChoices):
        DUE = "due", "到期联系"
        BLUE = "blue", "蓝灯"
        YELLOW = "yellow", "黄灯"
        RED = "red", "红灯"
        SUPERVISE = "supervise", "督办"

    lead = models.ForeignKey(
        "leads.Lead", models.CASCADE, null=True, blank=True, related_name="reminders", verbose_name="线索"
    )
    project = models.ForeignKey(
        "projects.Project",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="reminders",
        verbose_name="项目",
    )
    rule = models.CharField("规则", max_length=12, choices=Rule)
    level = models.CharField("级别", max_length=10, choices=Level)
    due_on = models.DateField("到期日")
    user = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="首个收件人")
    at = models.DateTimeField("提醒时间")

    class Meta:
        verbose_name = verbose_name_plural = "提醒记录"
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(lead=None, project__isnull=False) | Q(lead__isnull=False, project=None),
                name="reminder_of_one_record",
            ),
            models.UniqueConstraint(
                fields=["lead", "rule", "level", "due_on"], name="lead_reminded_once_per_level"
            ),
            models.UniqueConstraint(
                fields=["project", "rule", "level", "due_on"], name="project_reminded_once_per_level"
            ),
        ]

    def __str__(self):
        return f"{self.get_level_display()} {self.due_on}"
