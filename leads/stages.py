"""线索 → 研判 → 跟进, with 储备 and 流失 beside the line. Order and limits are rows; codes stand here."""

from django.db.models import TextChoices

from crm.stage_words import StageWords
from crm.stages import StageMap


class LeadStage(TextChoices):
    LEAD = "lead", "线索"
    SCREENING = "screening", "研判"
    ACCEPTED = "accepted", "跟进"
    RESERVE = "reserve", "储备"
    DROPPED = "dropped", "流失"


MAP = StageMap(
    line=(LeadStage.LEAD.value, LeadStage.SCREENING.value, LeadStage.ACCEPTED.value),
    side={
        LeadStage.RESERVE.value: (LeadStage.SCREENING.value, LeadStage.LEAD.value),
        LeadStage.DROPPED.value: (LeadStage.SCREENING.value, LeadStage.LEAD.value),
    },
    labels=StageWords(LeadStage.choices),
)

OPEN = (LeadStage.LEAD.value, LeadStage.SCREENING.value)
