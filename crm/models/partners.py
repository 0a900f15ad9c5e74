"""Partner systems: scoped tokens of which only a hash is kept, and remembered idempotent writes."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

REMEMBERED = timedelta(hours=24)
REMEMBERED_OF_PEOPLE = timedelta(days=90)  # a telephone may lie in a drawer with what it could not send
PERSON = "user:"  # how the caller of a person begins


class PartnerToken(models.Model):
    """A partner system's key. Leads it posts belong to `unit` until someone takes them over."""

    name = models.CharField("伙伴", max_length=60)
    prefix = models.CharField("前缀", max_length=12, db_index=True)
    digest = models.CharField("摘要", max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40), verbose_name="权限范围")
    cidr = models.CharField("允许网段", max_length=50, blank=True)
    unit = models.ForeignKey("crm.Unit", models.PROTECT, verbose_name="接收单位")
    created_at = models.DateTimeField("签发时间")
    expires_at = models.DateTimeField("有效期至", null=True, blank=True)
    revoked_at = models.DateTimeField("撤销时间", null=True, blank=True)
    last_used_at = models.DateTimeField("最近使用", null=True, blank=True)
    window_at = models.DateTimeField("计数窗口", null=True, editable=False)
    window_calls = models.PositiveIntegerField("窗口内调用数", default=0, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "伙伴令牌"

    def __str__(self):
        return f"{self.name}（{self.prefix}…）"


class IdempotencyKeyQuerySet(models.QuerySet):
    def forgettable(self, at):
        """Answers to a partner older than a day, to a person older than 90: then a repetition is new."""
        is_person = Q(caller__startswith=PERSON)
        old = Q(created_at__lt=at - REMEMBERED) & ~is_person
        return self.filter(old | Q(is_person, created_at__lt=at - REMEMBERED_OF_PEOPLE))


class IdempotencyKey(models.Model):
    """The first answer to a write with this key, replayed to every repetition by the same caller."""

    caller = models.CharField("调用方", max_length=40)
    key = models.CharField("幂等键", max_length=120)
    fingerprint = models.CharField("请求摘要", max_length=64)
    status = models.PositiveSmallIntegerField("状态码", null=True)
    body = models.TextField("应答", default="", blank=True)
    headers = models.JSONField("应答头", default=dict)
    created_at = models.DateTimeField("时间", db_index=True)

    objects = IdempotencyKeyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "幂等键"
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="one_answer_per_caller_key")]

    def __str__(self):
        return self.key
