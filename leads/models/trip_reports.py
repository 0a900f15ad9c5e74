"""行程小结: the report of a trip, edited as a draft and handed in as a document that stays as it was."""

from django.db import models
from django.db.models import Exists, OuterRef, Q

from crm.versions import Versioned
from leads.models.leads import Lead


class TripReportQuerySet(models.QuerySet):
    def readable_by(self, user):
        """Those handed in that tell `user` of nothing they may not see; the trips themselves are not asked.

        A report tells of the leads that its unit saw as it was handed in. So that unit reads it, wherever its
        author works by now, and who sees every lead of the trip there was by then; for others of a joint trip
        it does not exist. Reports of before the unit was kept go by where the author works.
        """
        unseen = Lead.objects.own().exclude(pk__in=Lead.objects.visible_to(user).values("pk"))
        of_trip = unseen.filter(roadshow=OuterRef("roadshow"), created_at__lte=OuterRef("handed_in_at"))
        unkept = Q(figures__unit=None, handed_in_by__unit=user.unit_id)
        own = Q(figures__unit=user.unit_id) | unkept if user.unit_id else Q(pk__in=[])
        return self.exclude(handed_in_at=None).filter(own | ~Exists(of_trip))


class TripReport(Versioned):
    """One report: what the data said (`figures`), what the person wrote (`texts`), and when it was handed in.

    `texts` holds a text for every key of leads.reporting.PARTS. Once handed in, neither is changed: the
    database refuses it. A trip has one draft at most, and any number of reports handed in.
    """

    roadshow = models.ForeignKey(
        "leads.Roadshow", models.CASCADE, related_name="reports", verbose_name="行程"
    )
    number = models.PositiveSmallIntegerField("第几份")
    texts = models.JSONField("正文", default=dict)
    figures = models.JSONField("数据", default=dict)
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="撰写人")
    updated_at = models.DateTimeField("更新时间")
    handed_in_at = models.DateTimeField("提交时间", null=True, blank=True)
    handed_in_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提交人"
    )

    objects = TripReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "行程小结"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["roadshow", "number"], name="trip_report_number"),
            models.UniqueConstraint(
                fields=["roadshow"], condition=Q(handed_in_at=None), name="one_draft_per_trip"
            ),
        ]

    def __str__(self):
        return f"{self.roadshow} 第 {self.number} 份"
