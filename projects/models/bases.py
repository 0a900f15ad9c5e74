"""依据库: the clauses of public documents that are known, which every promise is asked for."""

from django.db import models
from django.db.models import Q

from crm.versions import Versioned
from projects.flag_basis import Clause

SHARE = {"max_digits": 6, "decimal_places": 2, "null": True, "blank": True}
MONEY = {"max_digits": 16, "decimal_places": 4, "null": True, "blank": True}


class BasisClauseQuerySet(models.QuerySet):
    def in_use(self):
        """Clauses that are asked; those withdrawn were entered by mistake."""
        return self.filter(is_withdrawn=False)


class BasisClause(Versioned):
    """A clause of a public document: what it gives by which measure, up to how much. Amounts in 万元.

    Until somebody has read the text (`read_on`) the clause is known by name alone and carries nothing.
    """

    document = models.CharField("文件名称", max_length=120)
    number = models.CharField("文号", max_length=60, blank=True)
    clause = models.CharField("条款", max_length=40, blank=True)
    area = models.CharField("适用区域", max_length=40, blank=True)
    kinds = models.JSONField("所给的条款类别", default=list, blank=True)
    measures = models.JSONField("按什么给", default=list, blank=True)
    most_percent = models.DecimalField("最高比例（%）", **SHARE)
    cap_wan = models.DecimalField("单家上限（万元）", **MONEY)
    valid_from = models.DateField("生效日期", null=True, blank=True)
    valid_to = models.DateField("有效期至", null=True, blank=True)
    text = models.TextField("条款原文", blank=True)
    summary = models.CharField("内容摘要", max_length=500, blank=True)
    read_on = models.DateField("核对原文日期", null=True, blank=True)
    is_withdrawn = models.BooleanField("停用", default=False)

    objects = BasisClauseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "依据库条款"
        ordering = ["document", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_from__lte=models.F("valid_to")),
                name="basis_is_valid_forwards",
            ),
        ]

    def __str__(self):
        name = f"《{self.document}》" + (f"（{self.number}）" if self.number else "")
        return f"{name}{self.clause}"

    def as_clause(self):
        """The row as the pure reading takes it."""
        return Clause(
            self.document,
            self.number,
            self.clause,
            tuple(self.kinds),
            tuple(self.measures),
            self.most_percent,
            self.cap_wan,
            self.valid_from,
            self.valid_to,
            self.read_on is not None,
            self.text,
        )


def known_clauses():
    """The 依据库 as the flags take it."""
    return tuple(row.as_clause() for row in BasisClause.objects.in_use())
