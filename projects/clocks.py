"""When a limit or the calendar changes, running clocks are set again: a few statements, no loop over rows.

Who changes a limit may ask first how many records it would make late at once.
"""

from dataclasses import astuple, dataclass

from django.db import connection, transaction
from django.db.models import Case, F, Q, When
from django.db.models.functions import Greatest, TruncDate

from crm.models import StageSetting
from crm.numbers import number
from crm.pipeline import CLOCK, ladder, set_clock, wind
from crm.workdays import SHANGHAI, Calendar
from leads.models import Lead, PoolEntry
from leads.reminders import Ladder
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
WHERE ({since} AT TIME ZONE %s)::date = clock.entered_on AND record.id IN ({rows})
  AND (record.blue_on, record.limit_on, record.red_on)
    IS DISTINCT FROM (clock.blue_on, clock.limit_on, clock.red_on)
"""
LATER = """
SELECT count(*) FILTER (WHERE clock.limit_on < %s AND (record.limit_on < %s) IS NOT TRUE),
       count(*) FILTER (WHERE clock.limit_on < %s AND clock.red_on <= %s
                          AND (record.limit_on < %s AND record.red_on <= %s) IS NOT TRUE),
       count(*) FILTER (WHERE clock.limit_on <= %s AND (record.limit_on <= %s) IS NOT TRUE)
  FROM {table} AS record
  JOIN unnest(%s::date[], %s::date[], %s::date[], %s::date[]) AS clock(entered_on, blue_on, limit_on, red_on)
    ON ({since} AT TIME ZONE %s)::date = clock.entered_on
 WHERE record.id IN ({rows})
"""


@dataclass(frozen=True)
class Later:
    """How many records that were not become late (past their limit), 红灯 and due for 督办 at once."""

    late: int = 0
    red: int = 0
    supervise: int = 0

    def __add__(self, other):
        return Later(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))


def foresee(change, codes, day):
    """The Later on `day` that `change()`, of a limit or number, would make of the records in the stages
    `codes`; nothing of it stays.
    """
    with transaction.atomic():
        change()
        calendar = Calendar.load()
        upto = Ladder.of(day, calendar).supervise_upto
        settings = StageSetting.objects.filter(code__in=codes)
        found = sum((_later(one, calendar, day, upto) for one in settings), Later())
        transaction.set_rollback(True)
    return found


def limited():
    """The codes of the stages that have a limit."""
    return list(StageSetting.objects.exclude(limit_days=None).values_list("code", flat=True))


def _later(setting, calendar, day, upto):
    days = [*[day] * 6, upto, upto]
    parts = [
        Later(*_asked(LATER, days, rows, length, setting, calendar)[0])
        for rows, length in _standing(setting)
        if length
    ]
    return sum([*parts, *(_later_once_paused(one, day, upto) for one in _paused_in(setting.code))], Later())


def _later_once_paused(project, day, upto):
    was = _levels(project, day, upto)
    set_clock(project)
    return Later(*(now and not before for now, before in zip(_levels(project, day, upto), was, strict=True)))


def _levels(record, day, upto):
    """Whether it is late, at 红灯 and due for 督办 on `day`."""
    if record.limit_on is None:
        return False, False, False
    is_late = record.limit_on < day
    return is_late, is_late and record.red_on <= day, record.limit_on <= upto


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
    in_sets = sum(_rewind(rows, days, setting, calendar) for rows, days in _standing(setting))
    recount(stage)
    return in_sets + sum(map(_wind, _paused_in(stage)))


@transaction.atomic
def rewind_all():
    """Set every running clock again, after the holidays or a number changed; returns how many changed."""
    calendar = Calendar.load()
    return sum(rewind(code, calendar) for code in limited())


def _standing(setting):
    """(rows, length of their clock) of all records in the stage of `setting`, but for those once paused."""
    return [
        (rows.filter(stage=setting.code), days)
        for model, codes in STAGED.items()
        if setting.code in codes
        for rows, days in _variants(model, setting)
    ]


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
    return _asked(SET, [], rows, days, setting, calendar)[1]


def _asked(statement, values, rows, days, setting, calendar):
    """(first row of the answer, if there is one; number of rows) of a `statement` over `rows` and clocks of
    `days` workdays, one for every day on which some of them began; `values` come first.
    """
    columns = SINCE[rows.model] + (("progressed_at",) if setting.is_restarted_by_progress else ())
    since = [f"record.{column}" for column in columns]
    entry = TruncDate(Greatest(*columns) if len(columns) > 1 else F(*columns), tzinfo=SHANGHAI)
    entered = list(rows.order_by().values_list(entry, flat=True).distinct())
    red_after = setting.red_after_days
    clocks = [ladder(day, days, red_after, calendar) if days else (None,) * 3 for day in entered]
    arrays = [entered, *([clock[n] for clock in clocks] for n in range(3))]
    keys, of_rows = rows.order_by().values("pk").query.sql_with_params()
    table = connection.ops.quote_name(rows.model._meta.db_table)
    statement = statement.format(table=table, rows=keys, since=f"greatest({', '.join(since)})")
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *arrays, str(SHANGHAI), *of_rows])
        return cursor.fetchone() if cursor.description else None, cursor.rowcount


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


def _paused_in(stage):
    return _once_paused().filter(stage=stage)


def _wind(project):
    """Set one clock anew; whether it changed."""
    before = [getattr(project, name) for name in CLOCK]
    wind(project)
    return before != [getattr(project, name) for name in CLOCK]
