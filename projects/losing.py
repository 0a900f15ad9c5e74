"""流失: why a project went and where to; 重新激活: back to the stage it left or to 在谈."""

from dataclasses import dataclass

from django.db import transaction

from crm.errors import Refused
from crm.models import LossReason
from projects.models import Project
from projects.stages import ProjectStage

OTHER_CITY = "other_city"


class LossRefused(Refused):
    """The loss is not explained as domain rule §1.10 asks; `field` names what is missing."""

    code = "invalid"


@dataclass(frozen=True)
class Loss:
    """Why the project is lost. `city` is the place that won it, asked for when it settled elsewhere."""

    reason: LossReason | None
    text: str
    city: str = ""


@transaction.atomic
def lose(project, loss, *, by, at, version=None):
    """Move `project` to 流失 with its reason; its first-report claim ends, the history stays.

    Raises LossRefused when the reason, the words or the winning city are missing, and what `move` raises.
    """
    _check(loss)
    row = Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    row.loss_reason, row.winning_city = loss.reason, loss.city.strip()
    row.save(update_fields=["loss_reason", "winning_city"])
    project.loss_reason, project.winning_city = row.loss_reason, row.winning_city
    return project.move_to(ProjectStage.LOST.value, by=by, at=at, reason=loss.text, version=version)


def _check(loss):
    if loss.reason is None:
        raise LossRefused("请选择流失原因。", field="loss_reason")
    if not loss.text.strip():
        raise LossRefused("请写明流失经过，以后可否再激活。", field="reason")
    if loss.reason.code == OTHER_CITY and not loss.city.strip():
        raise LossRefused("落户外地请写明流向哪个城市。", field="winning_city")
