"""停留名单: the stays in a stage that have ended, filtered in the words of the list the stage belongs to."""

from leads.filters import LeadFilter
from leads.models import Lead
from projects.filters import ProjectFilter
from projects.models import Project
from projects.stays import LEAD_LINE, ended_stays
from projects.tables import PERIODS


def asked_of(asker, stage, *, today=None, also=(), around=None):
    """The filter set of the records a stage of the line is of, over what the `user` of `asker` sees; its GET
    holds the filters."""
    model, kind = (Lead, LeadFilter) if stage in LEAD_LINE else (Project, ProjectFilter)
    visible = model.objects.visible_to(asker.user)
    return kind(asker.GET, visible, request=asker, today=today, also=also, around=around)


def stays_behind(stage, asked):
    """The stays that have ended, with their record; raises BadParameters for a filter that means nothing."""
    owner = "lead" if stage in LEAD_LINE else "project"
    rows = ended_stays(stage, asked.rows())
    return rows.select_related(f"{owner}__company", f"{owner}__unit", "by")


def period_of(stage, asked):
    """The first and the last day of the funnel's period, as text, from the filters of its list of stays."""
    names = PERIODS["lead" if stage in LEAD_LINE else "project"]
    return [asked.data.get(name, "") for name in names]
