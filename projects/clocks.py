"""When a limit or the calendar changes, running clocks are set again: a few statements, no loop over rows."""

from django.db import connection, transaction
from django.db.models.functions import TruncDate

from crm.models import StageSetting
from crm.workdays import SHANGHAI, Calendar
from leads.models import Lead
from leads.stages import LeadStage
from projects.models import Project
from projects.stages import ProjectStage

STAGED = {Lead: LeadStage.values, Project: ProjectStage.values}

SET = """
UPDATE {table} AS record SET limit_on = clock.limit_on, red_on = clock.red_on
FROM unnest(%s::date[], %s::date[], %s::date[]) AS clock(entered_on, limit_on, red_on)
WHERE record.stage = %s AND (record.entered_at AT TIME ZONE %s)::date = clock.entered_on
  AND (record.limit_on, record.red_on) IS DISTINCT FROM (clock.limit_on, clock.red_on)
"""


@transaction.atomic
def rewind(stage, calendar=None):
    """Set limit and red day of every record standing in the stage with code `stage`, from the day it entered.

    Returns how many records changed. The rule is the one of crm.pipeline: workdays from the entry.
    """
    setting = StageSetting.objects.get(pk=stage)
    calendar = calendar or Calendar.load()
    return sum(_rewind(model, setting, calendar) for model, codes in STAGED.items() if stage in codes)


@transaction.atomic
def rewind_all():
    """Set every running clock again, after the holiday table changed; returns how many records changed."""
    calendar = Calendar.load()
    codes = StageSetting.objects.exclude(limit_days=None).values_list("code", flat=True)
    return sum(rewind(code, calendar) for code in codes)


def _rewind(model, setting, calendar):
    entered = TruncDate("entered_at", tzinfo=SHANGHAI)
    rows = model.objects.filter(stage=setting.code).order_by()
    days = list(rows.values_list(entered, flat=True).distinct())
    clocks = [_clock(setting, calendar, day) for day in days]
    columns = [days, [limit for limit, _ in clocks], [red for _, red in clocks]]
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(model._meta.db_table)
        cursor.execute(SET.format(table=table), [*columns, setting.code, str(SHANGHAI)])
        return cursor.rowcount


def _clock(setting, calendar, day):
    """(limit, red day) of a stay that began on `day`; no limit gives none."""
    if not setting.limit_days:
        return None, None
    limit = calendar.add(day, setting.limit_days)
    return limit, calendar.add(limit, setting.red_after_days)
