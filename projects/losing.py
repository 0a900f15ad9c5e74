"""流失: why a project went and where to; 重新激活: back to the stage it left or to 在谈."""

from django.db import transaction

from crm.permissions import require
from leads import handover
from leads.losing import OFFER_ENDS
from leads.models import Lead
from projects import referring
from projects.candidates import release
from projects.models import Project
from projects.stages import ProjectStage

REFERRAL_ENDS = "项目已流失，推荐随之撤回；重新激活以后可以再推荐。"
EXPLAINED = ("loss_reason", "winning_city", "revisit_on")


@transaction.atomic
def lose(project, loss, *, by, at, version=None):
    """Move `project` to 流失 with its reason; its claim ends, its spaces are free again, what was
    offered of it to another unit and what still waits for a fund is withdrawn, the history stays.

    Raises LossRefused when the reason, the words or the winning city are missing, and what `move` raises.
    """
    require(by, "move", project)
    loss.check(at)
    lead = Lead.objects.hold(project.lead_id)  # before the project: who takes it over locks them so
    row = Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    row.loss_reason, row.winning_city, row.revisit_on = loss.reason, loss.city.strip(), loss.revisit_on
    row.save(update_fields=[*EXPLAINED])
    for name in EXPLAINED:
        setattr(project, name, getattr(row, name))
    handover.withdraw_all(lead, by=by, at=at, why=OFFER_ENDS)
    change = project.move_to(ProjectStage.LOST.value, by=by, at=at, reason=loss.text, version=version)
    release(project, by=by, at=at)
    referring.withdraw_all(project, by=by, at=at, why=REFERRAL_ENDS)
    return change
