"""优惠条款与公平竞争审查: every promise of a deal as an item, and who cleared it and why."""

import hashlib
import json
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from crm import roles
from crm.models.vocabulary import TermQuerySet
from crm.scoping import NOTHING, ScopedQuerySet
from crm.versions import Versioned
from projects import flags

TITLE = 30  # characters of the wording an item is called by
CONTENT = (
    *("kind", "text", "formula", "conditions", "scope", "basis", "basis_valid_to"),
    *("amount_wan", "cap_wan", "budget_source", "has_case_approval"),
)


class IncentiveQuerySet(ScopedQuerySet):
    def scope(self, user):
        """The unit of the project, and whoever reviews."""
        if user.role == roles.REVIEWER:
            return Q()
        if user.role not in roles.SEES_OWN_UNIT or not user.unit_id:
            return NOTHING
        return Q(project__unit=user.unit_id) | Q(project__station=user.unit_id)

    def standing(self):
        """Items that are still promised."""
        return self.filter(removed_at=None)

    def with_parties(self):
        """With the firms of the deal at hand: what `as_flagged` asks of each item."""
        firms = (f"project__{part}" for part in ("company", "investor", "registered_company"))
        return self.select_related(*firms).prefetch_related("project__agreements")


class IncentiveItem(Versioned):
    """One promise to the company as written. Amounts in 万元. Fund money is no incentive: no kind."""

    class Kind(models.TextChoices):
        GENERAL_POLICY = "general_policy", "普惠政策条款"
        RENT = "rent", "租金"
        FITOUT = "fitout", "装修"
        EQUIPMENT = "equipment", "设备补助"
        RND = "rnd", "研发补助"
        TALENT = "talent", "人才"
        TAX = "tax", "税收相关"
        LAND = "land", "土地"
        COMPUTE = "compute", "算力券"
        OTHER = "other", "其他"

    class Scope(models.TextChoices):
        ALL = "all", "符合公开条件的所有企业"
        SINGLE = "single", "仅本企业"

    project = models.ForeignKey(
        "projects.Project", models.CASCADE, related_name="incentives", verbose_name="项目"
    )
    kind = models.CharField("条款类别", max_length=16, choices=Kind)
    text = models.TextField("条款原文")
    formula = models.CharField("计算方式", max_length=300, blank=True)
    conditions = models.CharField("兑现条件", max_length=300, blank=True)
    scope = models.CharField("适用对象", max_length=10, choices=Scope, blank=True)
    basis = models.CharField("依据文件与条款", max_length=200, blank=True)
    basis_valid_to = models.DateField("依据有效期至", null=True, blank=True)
    amount_wan = models.DecimalField("金额（万元）", max_digits=16, decimal_places=4, null=True, blank=True)
    cap_wan = models.DecimalField("政策上限（万元）", max_digits=16, decimal_places=4, null=True, blank=True)
    budget_source = models.CharField("资金来源", max_length=120, blank=True)
    has_case_approval = models.BooleanField("已有一事一议批复", default=False)
    unit = models.ForeignKey("crm.Unit", models.PROTECT, related_name="+", verbose_name="责任单位")
    drafted_by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="起草人")
    created_at = models.DateTimeField("起草时间")
    updated_at = models.DateTimeField("更新时间")
    removed_at = models.DateTimeField("撤下时间", null=True, blank=True)
    removed_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤下人"
    )

    objects = IncentiveQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "优惠条款"
        ordering = ["pk"]

    def __str__(self):
        text = self.text if len(self.text) <= TITLE else f"{self.text[: TITLE - 1]}…"
        return f"{self.get_kind_display()}：{text}"

    def get_absolute_url(self):
        return reverse("projects:incentive", args=[self.pk])

    def content(self):
        """What was promised, as plain values in a fixed order: the same content gives the same digest."""
        return {name: _plain(getattr(self, name)) for name in CONTENT}

    @property
    def digest(self):
        """The fingerprint of the wording."""
        text = json.dumps(self.content(), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def as_flagged(self):
        """The item as the flags see it, with every name of the firms it is promised to."""
        names = tuple(sorted(_party_names(self.project)))
        return flags.Item(**{name: getattr(self, name) for name in CONTENT}, firm_names=names)


def _party_names(project):
    """The project, and its company, investor, registered company and signers by all their names."""
    firms = (project.company, project.investor, project.registered_company)
    names = {name for firm in firms if firm for name in firm.names}
    return {project.name, *names, *(agreement.signer for agreement in project.agreements.all())}


def _plain(value):
    """A value as JSON holds it; an amount reads the same before and after it was stored."""
    if value is None or isinstance(value, bool):
        return value
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


class ItemDraft(models.Model):
    """The wording of an item after one change: who wrote it when. Never changed, never removed."""

    item = models.ForeignKey(IncentiveItem, models.CASCADE, related_name="drafts", verbose_name="优惠条款")
    seq = models.PositiveSmallIntegerField("稿次")
    content = models.JSONField("内容")
    digest = models.CharField("内容摘要", max_length=64)
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="修改人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "条款稿"
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["item", "seq"], name="one_draft_per_seq")]

    def __str__(self):
        return f"第 {self.seq} 稿"


class ItemReview(models.Model):
    """公平竞争审查 of one item in one wording (`digest`), by somebody who did not draft it.

    It counts only while the item still reads as it did; a later review of the same wording replaces it.
    """

    class Conclusion(models.TextChoices):
        CONFORMS = "conforms", "符合"
        EXCEPTION = "exception", "适用例外"
        VIOLATES = "violates", "不符合"

    class Ground(models.TextChoices):
        SECURITY = "security", "维护国家安全"
        INNOVATION = "innovation", "科技进步与自主创新"
        ENVIRONMENT = "environment", "节能环保、社会公共利益"
        OTHER = "other", "法律、行政法规规定的其他情形"

    item = models.ForeignKey(IncentiveItem, models.CASCADE, related_name="reviews", verbose_name="优惠条款")
    digest = models.CharField("所审内容摘要", max_length=64)
    flags = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, verbose_name="当时的系统提示"
    )
    conclusion = models.CharField("审查结论", max_length=10, choices=Conclusion)
    reason = models.TextField("理由")
    ground = models.CharField("例外情形", max_length=12, choices=Ground, blank=True)
    no_lesser_way = models.CharField("为何没有限制更小的办法", max_length=300, blank=True)
    ends_on = models.DateField("例外期限", null=True, blank=True)
    opinion_number = models.CharField("市场监管部门意见文号", max_length=80, blank=True)
    opinion_on = models.DateField("意见日期", null=True, blank=True)
    paper = models.ForeignKey(
        "projects.Paper", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="意见文件"
    )
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="审查人")
    at = models.DateTimeField("审查时间")

    class Meta:
        verbose_name = verbose_name_plural = "条款审查"
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(conclusion="exception")
                | (~Q(ground="") & ~Q(no_lesser_way="") & Q(ends_on__isnull=False)),
                name="exception_has_ground_and_end",
            ),
        ]

    def __str__(self):
        return self.get_conclusion_display()


class FairReview(models.Model):
    """The conclusion of 公平竞争审查 on the whole set of items; it stands only while the set is as it was.

    `content` maps the number of each item to the digest of its wording, so that a change can be told.
    """

    project = models.ForeignKey(
        "projects.Project", models.CASCADE, related_name="fair_reviews", verbose_name="项目"
    )
    content = models.JSONField("所审条款")
    number = models.CharField("审查结论文号", max_length=80)
    legal_number = models.CharField("合法性审查文号", max_length=80)
    paper = models.ForeignKey(  # conclusions from before the file was asked for have none
        "projects.Paper",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="合法性审查文件",
    )
    note = models.CharField("说明", max_length=300, blank=True)
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="出具人")
    at = models.DateTimeField("出具时间")

    class Meta:
        verbose_name = verbose_name_plural = "公平竞争审查结论"
        ordering = ["at", "pk"]

    def __str__(self):
        return self.number


class FlagRule(Versioned):
    """A rule by which the machine flags a wording (projects/flags.py says how its fields are read)."""

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=60)
    reason = models.TextField("问题与依据")
    advice = models.TextField("怎么办")
    patterns = models.JSONField("触发措辞", default=list, blank=True)
    exempting = models.JSONField("豁免措辞", default=list, blank=True)
    check_name = models.CharField("字段检查", max_length=20, blank=True)
    unless = models.CharField("免除情形", max_length=20, blank=True)
    fields = models.JSONField("检查哪些字段", default=list)
    needs_opinion = models.BooleanField("放行须有市场监管部门意见", default=False)
    order = models.PositiveSmallIntegerField("顺序", default=0)
    version = models.PositiveIntegerField("版本", default=1, db_default=1, editable=False)
    active_from = models.DateField("启用日期", null=True, blank=True)
    active_to = models.DateField("停用日期", null=True, blank=True)

    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审查提示规则"
        ordering = ["order", "code"]

    def __str__(self):
        return self.name

    def as_rule(self, clauses=()):
        """The row as the pure engine takes it; `clauses` is the 依据库, for the rule that asks it."""
        return flags.Rule(
            self.code,
            self.name,
            self.reason,
            self.advice,
            tuple(self.patterns),
            tuple(self.exempting),
            self.check_name,
            self.unless,
            tuple(self.fields) or flags.CLAUSE_FIELDS,
            clauses if self.check_name == flags.ASKS_LIBRARY else (),
        )
