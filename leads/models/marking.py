"""How leads are marked with tags, and stand in jobs on many of them at once."""

from django.db import models

from crm.models import BulkJob, BulkRow, Tagging


class LeadTag(Tagging):
    """A lead marked with a tag."""

    RECORD = "lead_id"

    lead = models.ForeignKey("leads.Lead", models.CASCADE, related_name="taggings", verbose_name="线索")

    class Meta:
        verbose_name = verbose_name_plural = "线索的标签"
        constraints = [models.UniqueConstraint(fields=["lead", "tag"], name="lead_tag_once")]
        indexes = [models.Index(fields=["tag", "lead"], name="lead_of_tag")]


class LeadBulkRow(BulkRow):
    """A lead in a bulk job."""

    job = models.ForeignKey(BulkJob, models.CASCADE, related_name="lead_rows", verbose_name="批量操作")
    record = models.ForeignKey("leads.Lead", models.CASCADE, related_name="bulk_rows", verbose_name="线索")

    class Meta:
        verbose_name = verbose_name_plural = "批量操作的线索"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["job", "record"], name="lead_once_per_bulk")]
