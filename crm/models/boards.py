"""看板次序: where one person put a card among the others of its column."""

from django.db import models


class BoardPlace(models.Model):
    """A card stands where its person put it, as long as its record stays in that stage (`entered_at`).

    Cards stand in falling order of (`at`, `tie`, key of the record); a card without a place has the moment it
    entered the stage, and its own key. Personal: nobody else sees another order, and nothing of the
    record changes, so it takes no right beyond seeing the card, no history and no version.
    """

    RECORD = ""  # the field that names the card's record

    user = models.ForeignKey("crm.User", models.CASCADE, related_name="+", verbose_name="人员")
    entered_at = models.DateTimeField("所在的一次停留")
    at = models.DateTimeField("次序（时间）")
    tie = models.DecimalField("次序（同一时间之内）", max_digits=40, decimal_places=20)

    class Meta:
        abstract = True
