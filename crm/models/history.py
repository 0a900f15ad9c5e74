"""字段变更: what a field held before and after, written by the database itself (crm/watching.py)."""

import json
from decimal import Decimal

from django.db import models


class Exact(json.JSONDecoder):
    """JSON whose amounts are read as they were written."""

    def __init__(self, **options):
        super().__init__(parse_float=Decimal, **options)


class FieldChange(models.Model):
    """One change or removal of one row. A trigger of the table writes it, nobody changes or removes it.

    `changes` is {column: [before, after]}; personal columns of contacts stand in it masked, because what can
    never be removed must not hold them. Without `channel` the change came past the product, by SQL.
    """

    class Channel(models.TextChoices):
        PAGE = "page", "页面"
        API = "api", "接口"
        TASK = "task", "后台任务"
        COMMAND = "command", "命令"

    at = models.DateTimeField("时间")
    by = models.ForeignKey(
        "crm.User",
        models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
        verbose_name="人员",
    )  # no constraint: history must never refuse the change it tells of, and checking costs each row
    channel = models.CharField("来自", max_length=10, choices=Channel, blank=True)
    name = models.CharField("伙伴、任务或命令", max_length=80, blank=True)
    request_id = models.CharField("请求编号", max_length=40, blank=True)
    kind = models.CharField("对象", max_length=40)
    record_key = models.CharField("编号", max_length=60)
    parent_key = models.CharField("所属编号", max_length=60, blank=True)
    is_removal = models.BooleanField("删除", default=False)
    changes = models.JSONField("变更", decoder=Exact)

    class Meta:
        verbose_name = verbose_name_plural = "字段变更"
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["kind", "record_key", "-at"], name="field_change_of_record"),
            models.Index(
                fields=["kind", "parent_key", "-at"],
                condition=~models.Q(parent_key=""),
                name="field_change_of_parent",
            ),
        ]

    def __str__(self):
        return f"{self.at} {self.kind} {self.record_key}"
