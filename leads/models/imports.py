"""An uploaded sheet on its way into leads: checked first, written only when confirmed."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from crm import roles
from crm.scoping import NOTHING, ScopedQuerySet


class ImportJobQuerySet(ScopedQuerySet):
    def scope(self, user):
        """Uploads of the own unit."""
        return Q(unit=user.unit_id) if user.role in roles.SEES_OWN_UNIT else NOTHING


class ImportJob(models.Model):
    """One uploaded workbook, its reading and its outcome."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "等待读取"
        CHECKED = "checked", "待确认"
        WRITING = "writing", "写入中"
        DONE = "done", "已完成"
        FAILED = "failed", "未能读取"
        DISCARDED = "discarded", "已放弃"
        UNDONE = "undone", "已撤销"
        UNCLEAR = "unclear", "待对列"
        STOPPED = "stopped", "已停止"

    roadshow = models.ForeignKey(
        "leads.Roadshow", models.PROTECT, related_name="imports", verbose_name="行程"
    )
    unit = models.ForeignKey("crm.Unit", models.PROTECT, related_name="+", verbose_name="单位")
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="上传人")
    filename = models.CharField("文件名", max_length=200)
    file = models.FileField("文件", upload_to="imports/%Y/%m/")
    state = models.CharField("状态", max_length=10, choices=State, default=State.UPLOADED)
    message = models.CharField("说明", max_length=300, blank=True)
    header_row = models.PositiveIntegerField("表头行", null=True)
    columns = models.JSONField("列名", default=list)
    mapping = models.JSONField("列对应", default=dict, db_default={})  # {place as text: key}
    unread = models.JSONField("没有读入的列", default=list, db_default=[])
    # what the sheet says beside its header of all its amounts (单位：亿元); "" where it says nothing
    money_unit = models.CharField(
        "金额单位", max_length=10, blank=True, default="", db_default="", editable=False
    )
    # [[number, why, text]] of the rows below the header that are no company: totals, notes, titles of groups
    set_aside = models.JSONField("不是企业的行", default=list, db_default=[], editable=False)
    # [[number, texts]] of the first rows, while a person is asked which of them is the header
    lines = models.JSONField("前几行", default=list, db_default=[], editable=False)
    counts = models.JSONField("计数", default=dict)
    created_at = models.DateTimeField("上传时间")
    finished_at = models.DateTimeField("完成时间", null=True)
    undone_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, editable=False, related_name="+", verbose_name="撤销人"
    )
    undone_at = models.DateTimeField("撤销时间", null=True, editable=False)
    undo_reason = models.CharField("撤销理由", max_length=200, blank=True, default="", db_default="")

    # somebody has said so, and its leads are going lot by lot
    BEING_UNDONE = Q(undone_by__isnull=False, undone_at=None)

    objects = ImportJobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导入"
        ordering = ["-created_at"]

    def __str__(self):
        return self.filename

    def get_absolute_url(self):
        return reverse("leads:import", args=[self.pk])

    @property
    def is_being_undone(self):
        """Whether a worker is taking it back, lot by lot."""
        return self.undone_by_id is not None and self.undone_at is None

    @property
    def state_words(self):
        """What is happening to it, in Chinese."""
        return "撤销中" if self.is_being_undone else self.get_state_display()


class ImportRow(models.Model):
    """One data row of the sheet: what stood there, what we made of it, what the person decided."""

    class Verdict(models.TextChoices):
        NEW = "new", "新增"
        DUPLICATE = "duplicate", "已存在"
        SUSPECTED = "suspected", "疑似重复"
        ERROR = "error", "有误"

    class Decision(models.TextChoices):
        WRITE = "write", "写入"
        SKIP = "skip", "跳过"
        UPDATE = "update", "补充"

    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="rows", verbose_name="导入")
    number = models.PositiveIntegerField("行号")
    cells = models.JSONField("原始内容")
    values = models.JSONField("清洗结果", default=dict)
    verdict = models.CharField("判断", max_length=10, choices=Verdict)
    reason = models.CharField("原因", max_length=300, blank=True)
    problems = models.JSONField("问题", default=list)
    of_row = models.PositiveIntegerField("与第几行重复", null=True)
    of_lead = models.ForeignKey(
        "leads.Lead", models.SET_NULL, null=True, related_name="+", verbose_name="与哪条线索重复"
    )
    decision = models.CharField("决定", max_length=10, choices=Decision)
    lead = models.ForeignKey(
        "leads.Lead", models.SET_NULL, null=True, related_name="+", verbose_name="写成的线索"
    )
    refusal = models.CharField("未写入原因", max_length=300, blank=True)
    seen_version = models.PositiveIntegerField("选择补充时的版本", null=True)
    filled = models.JSONField("补充的内容", null=True)  # {field: [before, after]}; None: not yet
    left_version = models.PositiveIntegerField("补充后的版本", null=True)
    kept_because = models.CharField("撤销时保留的原因", max_length=300, blank=True, default="", db_default="")

    class Meta:
        verbose_name = verbose_name_plural = "导入行"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="import_row_once")]

    def __str__(self):
        return f"第 {self.number} 行 {self.get_verdict_display()}"


class ColumnChoice(models.Model):
    """What a unit once said of the columns of a template: the same headers are read the same next time."""

    unit = models.ForeignKey("crm.Unit", models.CASCADE, related_name="+", verbose_name="单位")
    headers = models.JSONField("列名")
    fingerprint = models.CharField("列名指纹", max_length=64)
    mapping = models.JSONField("列对应")
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="选定人")
    at = models.DateTimeField("选定时间")

    class Meta:
        verbose_name = verbose_name_plural = "列对应"
        constraints = [
            models.UniqueConstraint(fields=["unit", "fingerprint"], name="column_choice_once_per_headers")
        ]

    def __str__(self):
        return "、".join(filter(None, self.headers))[:80]
