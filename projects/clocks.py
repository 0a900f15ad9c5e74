"""When a limit or the calendar changes, running clocks are set again: a few statements, no loop over rows."""

from django.db import connection, transaction
from django.db.models import Case, F, Q, When
from django.db.models.functions import Greatest, TruncDate

from crm.models import StageSetting
from crm.numbers import number
from crm.pipeline import CLOCK, ladder, wind
from crm.workdays import SHANGHAI, Calendar
from leads.models import Lead, PoolEntry
from leads.stages import LeadStage
from projects.models import Project, ProjectStageChange
from projects.stages import ProjectStage
from projects.suspending import recount

SINCE = {Lead: ("entered_at", "taken_at"), Project: ("entered_at",)}
STAGED = {Lead: LeadStage.values, Project: ProjectStage.values}
NUMBERS = frozenset({"first_response_days", "screening_days_major", "major_wan", "pre_reminder_days"})

SET = """
UPDATE {table} AS record SET blue_on = clock.blue_on, limit_on = clock.limit_on, red_on = clock.red_on
FROM unnest(%s::date[], %s::date[], %s::date[], %s::date[]) AS clock(entered_on, blue_on, limit_on, red_on)
WHERE record.id IN ({rows}) AND ({since} AT TIME ZONE %s)::date = clock.entered_on
  AND (record.blue_on, record.limit_on, record.red_on)
    IS DISTINCT FROM (clock.blue_on, clock.limit_on, clock.red_on)
"""


@transaction.atomic
def rewind(stage, calendar=None):
    """Set the ladder of every record standing in the stage with code `stage`, from the day it entered.

    Returns how many records changed. The rule is the one of crm.pipeline: workdays from the entry, from a
    later taking out of the pool, or from later progress where the stage counts from it. A lead in the pool
    and a suspended project have no running clock; of the suspended what is left of the stage is counted anew.
    What was suspended in this stay is wound by itself, without its pauses.
    """
    setting = StageSetting.objects.get(pk=stage)
    calendar = calendar or Calendar.load()
    in_sets = sum(
        _rewind(rows.filter(stage=stage), days, setting, calendar)
        for model, codes in STAGED.items()
        if stage in codes
        for rows, days in _variants(model, setting)
    )
    recount(stage)
    return in_sets + sum(map(_wind, _once_paused().filter(stage=stage)))


@transaction.atomic
def rewind_all():
    """Set every running clock again, after the holidays or a number changed; returns how many changed."""
    calendar = Calendar.load()
    codes = StageSetting.objects.exclude(limit_days=None).values_list("code", flat=True)
    return sum(rewind(code, calendar) for code in codes)


def _variants(model, setting):
    """The rows of a stage by the length of their clock: what `clock_days` says row by row, said in sets."""
    if model is Project:
        paused = _once_paused().values("pk")
        return [(Project.objects.filter(suspended_until=None).exclude(pk__in=paused), setting.limit_days)]
    leads = Lead.objects.exclude(pk__in=_in_pool())
    if setting.code == LeadStage.LEAD:
        special, shorter = Q(first_response_at=None), number("first_response_days")
    elif setting.code == LeadStage.SCREENING:
        special, shorter = Q(amount_wan__gte=number("major_wan")), number("screening_days_major")
    else:
        return [(leads, setting.limit_days)]
    others = leads.exclude(pk__in=Lead.objects.filter(special, stage=setting.code))
    return [(leads.filter(special), shorter), (others, setting.limit_days)]


def _rewind(rows, days, setting, calendar):
    columns = SINCE[rows.model] + (("progressed_at",) if setting.is_restarted_by_progress else ())
    since = [f"record.{column}" for column in columns]
    entry = TruncDate(Greatest(*columns) if len(columns) > 1 else F(*columns), tzinfo=SHANGHAI)
    entered = list(rows.order_by().values_list(entry, flat=True).distinct())
    red_after = setting.red_after_days
    clocks = [ladder(day, days, red_after, calendar) if days else (None,) * 3 for day in entered]
    arrays = [entered, *([clock[n] for clock in clocks] for n in range(3))]
    keys, values = rows.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(rows.model._meta.db_table)
        statement = SET.format(table=table, rows=keys, since=f"greatest({', '.join(since)})")
        cursor.execute(statement, [*arrays, *values, str(SHANGHAI)])
        return cursor.rowcount


def running_since(model):
    """The moment a clock counts from, as `runs_since` says it row by row; the unknown is left out."""
    restarted = StageSetting.objects.filter(is_restarted_by_progress=True).values("code")
    progress = Case(When(stage__in=restarted, then=F("progressed_at")))
    return Greatest(*SINCE[model], progress)


def _in_pool():
    """Leads nobody has: their clock stands still."""
    return PoolEntry.objects.filter(taken_at=None).values("lead")


def _once_paused():
    """Projects whose clock runs again after a suspension in their present stay."""
    stays = ProjectStageChange.objects.filter(left_at=None, paused_days__gt=0)
    return Project.objects.filter(pk__in=stays.values("project"), suspended_until=None)


def _wind(project):
    """Set one clock anew; whether it changed."""
    before = [getattr(project, name) for name in CLOCK]
    wind(project)
    return before != [getattr(project, name) for name in CLOCK]
