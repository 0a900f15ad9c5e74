"""导出: a workbook somebody asked for: approved where it is large, made by a worker, kept for some days."""

import secrets

from django.db import models
from django.db.models import Q
from django.urls import reverse

from crm import roles
from crm.scoping import NOTHING, ScopedQuerySet


def address():
    """An address nobody guesses."""
    return secrets.token_urlsafe(24)


class ExportJobQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """One's own, whatever the role sees; who approves also what was to be approved, never its file."""
        if not getattr(user, "is_authenticated", False):
            return self.filter(NOTHING)
        asked = Q(reason__gt="") if user.role == roles.MANAGER else NOTHING
        return self.filter(Q(by=user.pk) | asked)

    def to_decide(self):
        """Those that wait for an approval."""
        return self.filter(state=ExportJob.State.ASKED)


class ExportJob(models.Model):
    """One export. `query` is the address of the list with its filters and columns, `keys` what was ticked."""

    class State(models.TextChoices):
        ASKED = "asked", "待审批"
        REFUSED = "refused", "未批准"
        WAITING = "waiting", "等待生成"
        MAKING = "making", "生成中"
        READY = "ready", "可以下载"
        CANCELLED = "cancelled", "已取消"
        FAILED = "failed", "没有生成"
        EXPIRED = "expired", "已过期"

    WORKING = (State.WAITING, State.MAKING)

    class Kind(models.TextChoices):
        LEADS = "leads", "线索"
        PROJECTS = "projects", "项目"
        REVERSE = "reverse", "反向匹配"
        STAYS = "stays", "停留名单"
        PROMISES = "promises", "承诺"
        ORDERS = "orders", "督办"
        SPACES = "spaces", "载体空间"
        TRIPS = "trips", "行程"
        REFERRALS = "referrals", "基金推荐"
        DELIVERIES = "deliveries", "签约与到位"
        CHAIN = "chain", "补链"
        FIRMS = "firms", "以商招商"

    token = models.CharField("地址", max_length=40, unique=True, default=address, editable=False)
    kind = models.CharField("列表", max_length=10, choices=Kind)
    query = models.TextField("条件", blank=True)
    keys = models.JSONField("选中的记录", null=True)
    words = models.CharField("筛选", max_length=500, blank=True)
    purpose = models.CharField("完整联系方式的用途", max_length=100, blank=True)
    reason = models.CharField("申请理由", max_length=200, blank=True)
    state = models.CharField("状态", max_length=10, choices=State)
    rows = models.PositiveIntegerField("行数")
    done = models.PositiveIntegerField("已写行数", default=0)
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="导出人")
    created_at = models.DateTimeField("提出时间")
    decided_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, related_name="+", verbose_name="审批人"
    )
    decided_at = models.DateTimeField("审批时间", null=True)
    decision = models.CharField("审批意见", max_length=200, blank=True)
    file = models.FileField("文件", upload_to="exports/%Y/%m/", blank=True)
    message = models.CharField("说明", max_length=300, blank=True)
    finished_at = models.DateTimeField("生成时间", null=True)
    keep_until = models.DateTimeField("保留至", null=True)

    objects = ExportJobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导出"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["by", "-created_at"], name="export_own"),
            models.Index(
                fields=["created_at"],
                condition=Q(state__in=["asked", "waiting", "making"]),
                name="export_open",
            ),
        ]

    def __str__(self):
        return f"导出{self.get_kind_display()} {self.rows:,} 行"

    def get_absolute_url(self):
        return reverse("projects:export_job", args=[self.token])
