"""回音: what whoever introduced a lead was told of it, and by when he must be told (domain §1.4, §1.13)."""

from django.db import models
from django.db.models import Q

OWING = Q(feedback_due_on__isnull=False, fed_back_on=None)


class Introduced(models.Model):
    """A record that somebody may have brought us: since when, until when he hears of it, when he did."""

    introduced_on = models.DateField("引荐日期", null=True, blank=True)
    feedback_due_on = models.DateField("回音期限", null=True, blank=True)
    fed_back_on = models.DateField("回音日期", null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def has_introducer(self):
        """Whether somebody outside brought it: the channel says so, or a partner pushed it."""
        return self.partner_id is not None or self.channel.has_introducer


class Feedback(models.Model):
    """One 回音: to whom, on which day, what was said, and who of us said it."""

    lead = models.ForeignKey("leads.Lead", models.CASCADE, related_name="feedbacks", verbose_name="线索")
    to = models.CharField("回音对象", max_length=80)
    said_on = models.DateField("回音日期")
    content = models.TextField("回音内容")
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="回音人")
    at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = verbose_name_plural = "引荐人回音"
        ordering = ["-said_on", "-pk"]

    def __str__(self):
        return f"{self.to} {self.said_on:%Y-%m-%d}"
