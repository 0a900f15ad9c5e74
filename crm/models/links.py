"""What one company is to another: who supplies whom, who comes before whom in the chain, who brought whom."""

from django.db import models
from django.db.models import F, Q

from crm.models.companies import Company


class CompanyLinkQuerySet(models.QuerySet):
    def standing(self):
        """Those nobody has taken back."""
        return self.filter(ended_at=None)

    def of(self, companies):
        """Those in which one of `companies` stands on either side."""
        return self.filter(Q(giver__in=companies) | Q(taker__in=companies))


class CompanyLink(models.Model):
    """`giver` supplies, comes before, or introduced `taker`; read from the other side it is the opposite.

    It is known from `source` since `known_on`. What was wrong is ended with a reason and stays to be read.
    """

    class Kind(models.TextChoices):
        UPSTREAM = "upstream", "上下游"
        SUPPLIER = "supplier", "供应"
        INTRODUCER = "introducer", "引荐"

    # what the other company is to the one that is looked at: code → (kind, whether the other gives, its word)
    SIDES = {
        "upstream": (Kind.UPSTREAM, True, "上游"),
        "downstream": (Kind.UPSTREAM, False, "下游"),
        "supplier": (Kind.SUPPLIER, True, "供应商"),
        "customer": (Kind.SUPPLIER, False, "客户"),
        "introducer": (Kind.INTRODUCER, True, "引荐人"),
        "introduced": (Kind.INTRODUCER, False, "引荐来的企业"),
    }

    giver = models.ForeignKey(Company, models.PROTECT, related_name="links_given", verbose_name="甲企业")
    taker = models.ForeignKey(Company, models.PROTECT, related_name="links_taken", verbose_name="乙企业")
    kind = models.CharField("关系", max_length=10, choices=Kind)
    source = models.CharField("来源", max_length=200)
    known_on = models.DateField("日期")
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="登记人")
    created_at = models.DateTimeField("登记时间")
    ended_at = models.DateTimeField("撤销时间", null=True)
    ended_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, related_name="+", verbose_name="撤销人"
    )
    end_reason = models.CharField("撤销理由", max_length=200, blank=True, default="", db_default="")

    objects = CompanyLinkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "企业关系"
        ordering = ["-known_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(giver=F("taker")), name="link_between_two"),
            models.UniqueConstraint(
                fields=["giver", "taker", "kind"], condition=Q(ended_at=None), name="one_standing_link"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | ~Q(end_reason=""), name="link_ended_for_a_reason"
            ),
        ]

    def __str__(self):
        return f"{self.giver} → {self.taker}（{self.get_kind_display()}）"

    def side_from(self, company_id):
        """What the other company is to `company_id`, as a key of SIDES."""
        gives = self.taker_id == company_id
        return next(code for code, (kind, of, _) in self.SIDES.items() if (kind, of) == (self.kind, gives))

    def seen_from(self, company_id):
        """(the other company, what it is to `company_id` in a word)."""
        other = self.giver if self.taker_id == company_id else self.taker
        return other, self.SIDES[self.side_from(company_id)][2]
