"""看板次序 of leads."""

from django.db import models

from crm.models.boards import BoardPlace


class LeadPlace(BoardPlace):
    """Where one person put a lead on the board."""

    RECORD = "lead"

    lead = models.ForeignKey("leads.Lead", models.CASCADE, related_name="places", verbose_name="线索")

    class Meta:
        verbose_name = verbose_name_plural = "线索看板次序"
        constraints = [models.UniqueConstraint(fields=["user", "lead"], name="lead_place_of_person")]
