"""批量操作: one deed on many records of a list: foreseen, done row by row, and taken back."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from crm.models.lists import SavedView
from crm.scoping import NOTHING, ScopedQuerySet


class BulkJobQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """One's own, whatever the role sees: what came of it stands in the audit log and on the records."""
        return self.filter(by=user.pk) if getattr(user, "is_authenticated", False) else self.filter(NOTHING)


class BulkJob(models.Model):
    """One deed asked for on many records at once. `given` holds what the deed needs, by its names."""

    class Action(models.TextChoices):
        ASSIGN = "assign", "指定负责人"
        MOVE = "move", "移动阶段"
        TAG = "tag", "加标签"
        UNTAG = "untag", "去标签"
        EXPORT = "export", "导出"

    class State(models.TextChoices):
        DRAFT = "draft", "待填写"
        FORESEEING = "foreseeing", "预览中"
        FORESEEN = "foreseen", "待确认"
        DOING = "doing", "办理中"
        DONE = "done", "已办理"
        UNDOING = "undoing", "撤销中"
        UNDONE = "undone", "已撤销"
        FAILED = "failed", "中断"

    WORKING = (State.FORESEEING, State.DOING, State.UNDOING)

    kind = models.CharField("列表", max_length=10, choices=SavedView.Kind)
    action = models.CharField("操作", max_length=10, choices=Action)
    given = models.JSONField("内容", default=dict)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    filters = models.CharField("筛选", max_length=500, blank=True)
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="操作人")
    created_at = models.DateTimeField("创建时间")
    begun_at = models.DateTimeField("开始时间", null=True)
    finished_at = models.DateTimeField("完成时间", null=True)
    undone_at = models.DateTimeField("撤销时间", null=True)

    objects = BulkJobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "批量操作"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=Q(state__in=["foreseeing", "doing", "undoing"]),
                name="bulk_at_work",
            )
        ]

    def __str__(self):
        return f"批量{self.get_action_display()}"

    def get_absolute_url(self):
        return reverse("projects:bulk", args=[self.pk])


class BulkRow(models.Model):
    """One record of a bulk job, and what became of it. Subclasses name the record.

    `seen_version` is the version it was foreseen at; `left_version` and `left_at` how the deed left it:
    as long as they hold nobody has touched it since. `before` is what the deed replaced.
    """

    class State(models.TextChoices):
        CHOSEN = "chosen", "已选"
        READY = "ready", "可以办理"
        REFUSED = "refused", "不能办理"
        DONE = "done", "已办理"
        UNDONE = "undone", "已撤销"
        KEPT = "kept", "未撤销"

    state = models.CharField("状态", max_length=10, choices=State, default=State.CHOSEN)
    reason = models.CharField("原因", max_length=300, blank=True)
    seen_version = models.PositiveIntegerField("预览时的版本", null=True)
    left_version = models.PositiveIntegerField("办理后的版本", null=True)
    left_at = models.DateTimeField("办理后的更新时间", null=True)
    before = models.JSONField("办理前", default=dict)

    class Meta:
        abstract = True

    def __str__(self):
        return self.get_state_display()
