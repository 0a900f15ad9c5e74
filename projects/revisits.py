"""回访: on the day agreed when somebody was lost, whoever answers for them is told, once."""

from datetime import timedelta

from crm.models import Notification
from crm.notifications import notify, responsible
from crm.workdays import shanghai_day
from leads.models import Lead
from leads.stages import LeadStage
from projects.models import Project
from projects.stages import ProjectStage

TOLD = ("owner", "unit", "loss_reason")
MEMORY = timedelta(days=14)  # a day that fell into a stop or a holiday is still told of


def remind_revisits(at):
    """Tell of every lost lead and project whose revisit has come; running it again tells nobody twice."""
    day = shanghai_day(at)
    window = (day - MEMORY, day)
    projects = Project.objects.filter(stage=ProjectStage.LOST, revisit_on__range=window)
    leads = Lead.objects.filter(stage=LeadStage.DROPPED, revisit_on__range=window)
    for record in [*projects.select_related(*TOLD), *leads.select_related(*TOLD)]:
        _tell(record, record.revisit_on, at)


def _tell(record, on, at):
    owner = record.owner if record.owner and record.owner.is_active else None
    for person in [owner] if owner else responsible(record.unit):
        notify(
            person,
            kind=Notification.Kind.STAGE,
            key=f"revisit:{record._meta.model_name}:{record.pk}:{on}",
            title=f"约定 {on:%m-%d} 回访：{record}",
            body=f"流失原因：{record.loss_reason}。有意再来的，可在页面重新激活，历史都在。",
            url=record.get_absolute_url(),
            at=at,
        )
