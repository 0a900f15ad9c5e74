"""停留天数: the median days in each stage over closed stays and those still running, by one query.

Where every row counts each stage is asked for on its own, so that the database reads an index in its order
and joins nothing, and may ask for several at once; else the rows that count are found once for all stages.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery, Value

from crm.pipeline import days_between
from leads.models import LeadStageChange
from leads.stages import LeadStage
from projects.groups import Group
from projects.models import Project, ProjectStageChange, Suspension
from projects.stages import LINE as PROJECT_LINE

LEAD_LINE = (LeadStage.LEAD.value, LeadStage.SCREENING.value)


@dataclass(frozen=True)
class Stay:
    """Median days in a stage; `closed` stays have ended, `open` ones count up to now."""

    median: float | None = None
    closed: int = 0
    open: int = 0


def stays(leads, projects, *, at, group=None):
    """group key → {stage: Stay}, with the key None for everything, over the histories of visible rows.

    Of what another record stands for, merged or given up as 重复, nothing counts.
    """
    asked = [
        _Histories("lead", LeadStageChange, leads, LEAD_LINE, group, at),
        _Histories("project", ProjectStageChange, projects, PROJECT_LINE, group, at),
    ]
    return _read(asked)


def stay_of(stage, records, *, at):
    """The Stay of one `stage` over visible `records`: leads for stages of leads, projects for the others."""
    owner, changes = _histories_of(stage)
    return _read([_Histories(owner, changes, records, (stage,), None, at)])[None].get(stage, Stay())


def ended_stays(stage, records):
    """The stays in `stage` of visible `records` that have ended, each with `went_to`, the stage after it.

    They are those that `Stay.closed` counts: nothing of what another record stands for.
    """
    owner, changes = _histories_of(stage)
    following = changes.objects.filter(**{owner: OuterRef(owner)}, seq=OuterRef("seq") + 1)
    rows = changes.objects.filter(
        stage=stage, days__isnull=False, **{f"{owner}__in": records.once().order_by().values("pk")}
    )
    return rows.annotate(went_to=Subquery(following.values("stage")[:1]))


def record_of(stay):
    """The lead or project whose stay it is."""
    return stay.lead if isinstance(stay, LeadStageChange) else stay.project


def _histories_of(stage):
    return ("lead", LeadStageChange) if stage in LEAD_LINE else ("project", ProjectStageChange)


def _read(asked):
    """group key → {stage: Stay} of several histories, by one statement."""
    parts, found = [part for histories in asked for part in histories.medians()], defaultdict(dict)
    if not parts:
        return found
    with connection.cursor() as cursor:
        cursor.execute(*_statement(parts))
        for stage, is_total, key, median, count, still_open in cursor.fetchall():
            if count:
                found[None if is_total else key][stage] = Stay(median, count - still_open, still_open)
    return found


def with_pauses(projects):
    """These projects with what `stood_still` asks of each: pauses of its present stay, and the open one."""
    stay = ProjectStageChange.objects.filter(project=OuterRef("pk"), left_at=None).values("paused_days")
    pause = Suspension.objects.filter(project=OuterRef("pk"), ended_at=None).values("started_at")
    return projects.annotate(stood=Subquery(stay[:1]), stands_since=Subquery(pause[:1]))


def stood_still(projects, at):
    """project number → the days up to `at` for which its clock stood still in its present stay.

    By one query, unless they all came `with_pauses`.
    """
    projects = list(projects)
    if not all(hasattr(one, "stood") for one in projects):
        projects = with_pauses(Project.objects.filter(pk__in=[one.pk for one in projects])).only("pk")
    return {one.pk: (one.stood or 0) + _running(one.stands_since, at) for one in projects}


def _running(since, at):
    return days_between(since, at) if since else 0


def _statement(parts):
    """One statement and its parameters, of parts that each give (stage, is it the total, key, figures)."""
    sql = " UNION ALL ".join(sql for sql, _ in parts)
    # only as a subquery is a union shared out among several processes of the database
    return f"SELECT * FROM ({sql}) AS medians", [value for _, values in parts for value in values]  # noqa: S608


FIGURES = "percentile_cont(0.5) WITHIN GROUP (ORDER BY spent), count(*), count(*) FILTER (WHERE is_open)"


@dataclass(frozen=True)
class _Histories:
    """The stays of one kind of record. With every row visible and no group, the history alone answers.

    Only our own querysets and words go into the text; values are parameters.
    """

    owner: str
    changes: type
    rows: QuerySet
    stages: tuple
    group: Group | None
    at: datetime

    def medians(self):
        """The statements with their parameters: one over the visible rows, or one per stage."""
        if self.group or self.rows.query.where:
            try:
                return [self._of_visible()]
            except EmptyResultSet:  # who may see nothing
                return []
        return [self._of_all(stage) for stage in self.stages]

    def _of_all(self, stage):
        """One stage of all rows: what ended comes out of the index in order and is merged with the rest."""
        apart, repeated = self._apart()
        stays, values = self._stays(f"c.stage = %s{apart}", [stage, *repeated], order="ORDER BY spent")
        return (
            f"SELECT %s AS stage, true, NULL, {FIGURES} FROM ({stays} ORDER BY spent) AS s"  # noqa: S608
        ), [stage, *values]

    def _of_visible(self):
        """All stages of the visible rows, by group."""
        key = self.group.key() if self.group else Value(0)
        visible, seen = self.rows.once().order_by().values_list("pk", key).query.sql_with_params()
        level, by = "true, NULL", "stage"
        if self.group:
            level, by = "GROUPING(key) = 1, key", "GROUPING SETS ((stage), (stage, key))"
        also = f", c.stage, c.{self.owner}_id AS id"
        stays, values = self._stays("c.stage = ANY(%s)", [list(self.stages)], also=also)
        return (
            f"SELECT stage, {level}, {FIGURES} FROM ({stays}) AS s"  # noqa: S608
            f" JOIN ({visible}) AS v (id, key) ON v.id = s.id GROUP BY {by}"
        ), [*values, *seen]

    def _stays(self, which, values, *, also="", order=""):
        """The stays that ended and those that go on of `which`, a condition on c with its values."""
        table, beside = self.changes._meta.db_table, self._pauses()
        return (
            f"(SELECT c.days AS spent, false AS is_open{also}"  # noqa: S608
            f" FROM {table} AS c WHERE {which} AND c.days IS NOT NULL {order})"
            f" UNION ALL (SELECT {self._running()} AS spent, true{also}"
            f" FROM {table} AS c{beside} WHERE {which} AND c.left_at IS NULL {order})"
        ), [*values, self.at, *values]

    def _apart(self):
        """The condition that leaves out what another record stands for, with its values: they are few."""
        repeated, values = self.rows.model.objects.repeated().query.sql_with_params()
        return f" AND c.{self.owner}_id NOT IN ({repeated})", values

    def _running(self):
        """Days of a stay that goes on: those for which its clock stood, or stands, still are left out."""
        if self.changes is not ProjectStageChange:
            return "extract(epoch FROM %s - c.entered_at)::float8 / 86400"
        until = "least(%s, s.started_at)"
        return f"greatest(extract(epoch FROM {until} - c.entered_at)::float8 / 86400 - c.paused_days, 0)"

    def _pauses(self):
        """The running suspension of a project beside its stay."""
        if self.changes is not ProjectStageChange:
            return ""
        table = Suspension._meta.db_table
        return f" LEFT JOIN {table} AS s ON s.project_id = c.project_id AND s.ended_at IS NULL"
