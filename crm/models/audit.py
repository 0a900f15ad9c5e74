"""What must be provable later: an append-only audit log and the login attempts behind the lock-out."""

from django.db import models


class AuditEvent(models.Model):
    """Who did what to which record, when, from where. A database trigger refuses change and removal."""

    at = models.DateTimeField("时间")
    actor = models.ForeignKey("crm.User", models.PROTECT, null=True, verbose_name="人员")
    actor_name = models.CharField("操作者", max_length=60)
    action = models.SlugField("动作", max_length=40)
    subject = models.CharField("对象", max_length=40, blank=True)
    subject_id = models.BigIntegerField("编号", null=True)
    detail = models.JSONField("详情", default=dict)
    ip = models.GenericIPAddressField("地址", null=True)
    request_id = models.CharField("请求编号", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "审计记录"
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["subject", "subject_id", "-at"], name="audit_of_subject"),
            models.Index(fields=["-at", "-id"], name="audit_newest"),
            models.Index(fields=["actor", "-at", "-id"], name="audit_of_person"),
            models.Index(fields=["action", "-at", "-id"], name="audit_of_action"),
        ]

    def __str__(self):
        return f"{self.at} {self.actor_name} {self.action}"


class LoginAttempt(models.Model):
    """A login that did not succeed. `device` is set for a browser that logged in to the account before:
    its tries are counted apart, so strangers cannot lock its owner out (crm/accounts.py)."""

    username = models.CharField("账号", max_length=150)
    ip = models.GenericIPAddressField("地址")
    device = models.CharField("设备", max_length=32, blank=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "登录失败"
        indexes = [models.Index(fields=["username", "at"], name="login_attempt_recent")]

    def __str__(self):
        return f"{self.username} {self.at}"
