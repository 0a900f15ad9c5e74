"""How projects are marked with tags, and stand in jobs on many of them at once."""

from django.db import models

from crm.models import BulkJob, BulkRow, Tagging


class ProjectTag(Tagging):
    """A project marked with a tag."""

    RECORD = "project_id"

    project = models.ForeignKey(
        "projects.Project", models.CASCADE, related_name="taggings", verbose_name="项目"
    )

    class Meta:
        verbose_name = verbose_name_plural = "项目的标签"
        constraints = [models.UniqueConstraint(fields=["project", "tag"], name="project_tag_once")]
        indexes = [models.Index(fields=["tag", "project"], name="project_of_tag")]


class ProjectBulkRow(BulkRow):
    """A project in a bulk job."""

    job = models.ForeignKey(BulkJob, models.CASCADE, related_name="project_rows", verbose_name="批量操作")
    record = models.ForeignKey(
        "projects.Project", models.CASCADE, related_name="bulk_rows", verbose_name="项目"
    )

    class Meta:
        verbose_name = verbose_name_plural = "批量操作的项目"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["job", "record"], name="project_once_per_bulk")]
