"""线索 → 研判 → 跟进; 储备, 流失, 重复合并 beside the line. Order and limits are rows; codes stand here."""

from django.db.models import TextChoices

from crm.stage_words import StageWords
from crm.stages import StageMap


class LeadStage(TextChoices):
    LEAD = "lead", "线索"
    SCREENING = "screening", "研判"
    ACCEPTED = "accepted", "跟进"
    RESERVE = "reserve", "储备"
    DROPPED = "dropped", "流失"
    MERGED = "merged", "重复合并"


MAP = StageMap(
    line=(LeadStage.LEAD.value, LeadStage.SCREENING.value, LeadStage.ACCEPTED.value),
    side={
        LeadStage.RESERVE.value: (LeadStage.SCREENING.value, LeadStage.LEAD.value),
        LeadStage.DROPPED.value: (LeadStage.SCREENING.value, LeadStage.LEAD.value),
        LeadStage.MERGED.value: (),  # leads/merging.py alone leads there and back
    },
    labels=StageWords(LeadStage.choices),
)

# what stands for itself: the lead of another is counted and listed as that one
OWN = tuple(code for code in LeadStage.values if code != LeadStage.MERGED)
OPEN = (LeadStage.LEAD.value, LeadStage.SCREENING.value)
# where a lead stands before it is a project
PROSPECTS = (*OPEN, LeadStage.ACCEPTED.value, LeadStage.RESERVE.value)
