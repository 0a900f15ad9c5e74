"""Papers: what a review rests on, signed agreements, proofs and bank slips, kept in the database."""

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q
from django.urls import reverse

from crm.scoping import ScopedQuerySet
from projects.models.projects import Project

RECORDS = ("agreement", "evidence", "receipt", "incentive")  # what a paper may belong to


class PaperQuerySet(ScopedQuerySet):
    def scope(self, user):
        """Whoever may see the project."""
        return Q(project__in=Project.objects.visible_to(user).values("pk"))

    def for_review(self):
        """The papers of the review, which belong to the project as such."""
        return self.filter(**dict.fromkeys(RECORDS))


def _of(model, label):
    return models.ForeignKey(
        model, models.CASCADE, null=True, blank=True, related_name="papers", verbose_name=label
    )


def _at_most_one():
    alone = (Q(**{other: None for other in RECORDS if other != name}) for name in RECORDS)
    return reduce(or_, alone)


class Paper(models.Model):
    """One file of a project: never changed, never removed. Its bytes stand in PaperContent.

    It belongs to one record of RECORDS, or to the review of the project when to none.
    """

    project = models.ForeignKey(
        "projects.Project", models.CASCADE, related_name="papers", verbose_name="项目"
    )
    agreement = _of("projects.Agreement", "协议")
    evidence = _of("projects.Evidence", "阶段材料")
    receipt = _of("projects.Receipt", "到位资金")
    incentive = _of("projects.IncentiveItem", "优惠条款")
    name = models.CharField("文件名", max_length=120)
    kind = models.CharField("格式", max_length=5)
    size = models.PositiveIntegerField("字节数")
    digest = models.CharField("内容摘要", max_length=64)
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="上传人")
    at = models.DateTimeField("上传时间")

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "文件"
        ordering = ["-at", "-pk"]
        constraints = [models.CheckConstraint(condition=_at_most_one(), name="paper_of_one_record")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("projects:paper", args=[self.pk])

    @property
    def record(self):
        """(name of RECORDS, number) of what it belongs to; None for a paper of the review."""
        known = ((name, getattr(self, f"{name}_id")) for name in RECORDS)
        return next((pair for pair in known if pair[1]), None)


class PaperContent(models.Model):
    """The bytes of a paper, apart from its row so that no list loads them."""

    paper = models.OneToOneField(
        Paper, models.CASCADE, primary_key=True, related_name="content", verbose_name="文件"
    )
    data = models.BinaryField("内容")

    class Meta:
        verbose_name = verbose_name_plural = "文件内容"

    def __str__(self):
        return str(self.paper_id)
