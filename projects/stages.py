"""在谈 → 评审决策 → 签约 → 注册落地 → 开工/入驻 → 投产达产 → 服务, and 流失 beside the line."""

from django.db.models import TextChoices

from crm.stage_words import StageWords
from crm.stages import StageMap, StepRefused


class WrongReturn(StepRefused):
    """A lost project was to come back elsewhere than to the stage it left or to 在谈."""

    code = "return_stage"


class ProjectStage(TextChoices):
    NEGOTIATING = "negotiating", "在谈"
    REVIEW = "review", "评审决策"
    SIGNED = "signed", "签约"
    REGISTERED = "registered", "注册落地"
    LANDED = "landed", "开工/入驻"
    OPERATING = "operating", "投产达产"
    AFTERCARE = "aftercare", "服务"
    LOST = "lost", "流失"


LINE = tuple(code for code in ProjectStage.values if code != ProjectStage.LOST.value)

MAP = StageMap(line=LINE, side={ProjectStage.LOST.value: LINE}, labels=StageWords(ProjectStage.choices))

BEFORE_SIGNING = (ProjectStage.NEGOTIATING.value, ProjectStage.REVIEW.value)
SIGNED_ON = LINE[LINE.index(ProjectStage.SIGNED.value) :]
LANDED_ON = LINE[LINE.index(ProjectStage.LANDED.value) :]
BEFORE_LANDING = LINE[: LINE.index(ProjectStage.LANDED.value)]
FULFILLED = (ProjectStage.OPERATING.value, ProjectStage.AFTERCARE.value)
CLOSED = (ProjectStage.LOST.value, ProjectStage.AFTERCARE.value)
