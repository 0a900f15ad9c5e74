"""What a lead and the project it becomes have in common."""

from datetime import date
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Value
from django.db.models.functions import Coalesce

from crm.pipeline import Staged
from crm.workdays import shanghai_day

# what lists are sorted by, indexed as it stands here: an unknown amount is less than any, an unplanned
# contact later than any
NO_AMOUNT, NO_DAY = Decimal(-1), date(9999, 12, 31)
AMOUNT_KNOWN = Coalesce("amount_wan", Value(NO_AMOUNT))
NEXT_KNOWN = Coalesce("next_contact_on", Value(NO_DAY))


class SectorKind(models.TextChoices):
    """Where the lead stands in 六融合: in a sector, in the foundation layer, or in none."""

    FUSION = "fusion", "融合赛道"
    FOUNDATION = "foundation", "基础层/跨领域"
    NONE = "none", "未分类"


class ChainPosition(models.TextChoices):
    """算力—算法—数据—应用, or outside the chain."""

    COMPUTE = "compute", "算力"
    ALGORITHM = "algorithm", "算法"
    DATA = "data", "数据"
    APPLICATION = "application", "应用"
    OUTSIDE = "outside", "不在链上"


class Prospect(Staged):
    """What a lead and the project it becomes have in common: whose it is, whence, how big, what sort."""

    unit = models.ForeignKey("crm.Unit", models.PROTECT, related_name="+", verbose_name="责任单位")
    station = models.ForeignKey(
        "crm.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="来源工作站"
    )
    owner = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="负责人"
    )
    leader = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="联系区领导"
    )
    channel = models.ForeignKey("crm.Channel", models.PROTECT, related_name="+", verbose_name="来源渠道")
    city = models.ForeignKey(
        "crm.City", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="来源城市"
    )
    sector_kind = models.CharField("赛道归属", max_length=12, choices=SectorKind, blank=True)
    sector = models.ForeignKey(
        "crm.FusionSector", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="融合赛道"
    )
    chain_position = models.CharField("链条位置", max_length=12, choices=ChainPosition, blank=True)
    amount_wan = models.DecimalField("投资额（万元）", max_digits=16, decimal_places=4, null=True, blank=True)
    area_sqm = models.DecimalField("需求面积（㎡）", max_digits=12, decimal_places=2, null=True, blank=True)
    next_step = models.CharField("下一步", max_length=200, blank=True)
    next_contact_on = models.DateField("下次联系日期", null=True, blank=True)
    last_contact_at = models.DateTimeField("最近联系", null=True, blank=True)
    grams = ArrayField(models.CharField(max_length=40), default=list, editable=False)
    created_at = models.DateTimeField("登记时间")
    updated_at = models.DateTimeField("更新时间")

    class Meta:
        abstract = True

    WORDS = ("grams",)  # what is computed from names
    NAMING = frozenset({"company"})  # what the words are computed from, besides the name

    def save(self, *args, **kwargs):
        """Saved in whole, or with a field that names it, the words are computed again and saved with it."""
        fields = kwargs.get("update_fields")
        if fields is None or not self.NAMING.isdisjoint(fields):
            self.index_words()
            if fields is not None:
                kwargs["update_fields"] = {*fields, *self.WORDS}
        super().save(*args, **kwargs)

    def index_anew(self):
        """Compute the words again, and save them if they are others now."""
        if self.reads_otherwise():
            self.save(update_fields=self.WORDS)

    def reads_otherwise(self):
        """Compute the words again, without saving them; whether they are others now."""
        before = [getattr(self, name) for name in self.WORDS]
        self.index_words()
        return [getattr(self, name) for name in self.WORDS] != before

    @transaction.atomic
    def go_to(self, unit, owner, *, by, at, also=()):
        """Belong to `unit` and `owner` from now on, with the open 督办单; every change of unit goes this way.

        `also` names further columns to write; the row is locked by the caller.
        """
        self.unit, self.owner = unit, owner
        self.save_version(self.version, ["unit", "owner", *also], at=at)
        self.orders.pass_on(unit, by=by, at=at)

    def contact_after_return(self, at):
        """The next contact of what comes back from 流失 at `at`: one that is past by then counts no more."""
        planned = self.next_contact_on
        return planned if planned and planned >= shanghai_day(at) else None

    @property
    def sector_label(self):
        """The sector as read on screen: its name, 基础层/跨领域, 未分类, or 待定 when nobody has said."""
        if self.sector_kind == SectorKind.FUSION and self.sector:
            return self.sector.name
        return self.get_sector_kind_display() or "待定"

    def light(self, day):
        """The lamp on `day`: red, yellow, blue (due within a week) or nothing, as a code word."""
        if self.limit_on and self.limit_on < day:
            return "red" if self.red_on and self.red_on <= day else "yellow"
        if self.blue_on and self.blue_on <= day:
            return "blue"
        return ""
