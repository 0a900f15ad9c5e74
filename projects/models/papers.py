"""Papers a review rests on: the opinion of 市场监管部门, the 合法性审查; kept in the database beside it."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from crm.scoping import ScopedQuerySet
from projects.models.projects import Project


class PaperQuerySet(ScopedQuerySet):
    def scope(self, user):
        """Whoever may see the project."""
        return Q(project__in=Project.objects.visible_to(user).values("pk"))


class Paper(models.Model):
    """One file of a project's review: never changed, never removed. Its bytes stand in PaperContent."""

    project = models.ForeignKey(
        "projects.Project", models.CASCADE, related_name="papers", verbose_name="项目"
    )
    name = models.CharField("文件名", max_length=120)
    kind = models.CharField("格式", max_length=5)
    size = models.PositiveIntegerField("字节数")
    digest = models.CharField("内容摘要", max_length=64)
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="上传人")
    at = models.DateTimeField("上传时间")

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审查文件"
        ordering = ["-at", "-pk"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("projects:paper", args=[self.pk])


class PaperContent(models.Model):
    """The bytes of a paper, apart from its row so that no list loads them."""

    paper = models.OneToOneField(
        Paper, models.CASCADE, primary_key=True, related_name="content", verbose_name="审查文件"
    )
    data = models.BinaryField("内容")

    class Meta:
        verbose_name = verbose_name_plural = "审查文件内容"

    def __str__(self):
        return str(self.paper_id)
