"""停留天数: the median days in each stage over closed stays and those still running, by one query.

Each stage is asked for on its own, so that the database reads an index instead of sorting every stay.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery, Value

from crm.pipeline import days_between
from leads.models import LeadStageChange
from leads.stages import LeadStage
from projects.groups import Group
from projects.models import ProjectStageChange, Suspension
from projects.stages import LINE as PROJECT_LINE

LEAD_LINE = (LeadStage.LEAD.value, LeadStage.SCREENING.value)


@dataclass(frozen=True)
class Stay:
    """Median days in a stage; `closed` stays have ended, `open` ones count up to now."""

    median: float | None = None
    closed: int = 0
    open: int = 0


def stays(leads, projects, *, at, group=None):
    """group key → {stage: Stay}, with the key None for everything, over the histories of visible rows."""
    asked = [
        _Histories("lead", LeadStageChange, leads, LEAD_LINE, group, at),
        _Histories("project", ProjectStageChange, projects, PROJECT_LINE, group, at),
    ]
    found = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(*_statement(asked))
        for stage, is_total, key, median, count, still_open in cursor.fetchall():
            if count:
                found[None if is_total else key][stage] = Stay(median, count - still_open, still_open)
    return found


def stood_still(projects, at):
    """project number → the days up to `at` for which its clock stood still in its present stay; one query."""
    pause = Suspension.objects.filter(project=OuterRef("project"), ended_at=None).values("started_at")
    rows = ProjectStageChange.objects.filter(project__in=[one.pk for one in projects], left_at=None)
    rows = rows.annotate(since=Subquery(pause)).exclude(paused_days=0, since=None)
    found = rows.values_list("project", "paused_days", "since")
    return {pk: stood + (days_between(since, at) if since else 0) for pk, stood, since in found}


def _statement(asked):
    """One statement and its parameters: the visible rows once each, then a median per stage."""
    visible = [part for histories in asked for part in histories.visible()]
    medians = [part for histories in asked for part in histories.medians()]
    with_ = f"WITH {', '.join(sql for sql, _ in visible)} " if visible else ""
    sql = with_ + " UNION ALL ".join(sql for sql, _ in medians)
    return sql, [value for _, values in (*visible, *medians) for value in values]


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

    @property
    def is_narrowed(self):
        return bool(self.group or self.rows.query.where)

    def visible(self):
        """The visible rows with their group key, as a named part of the statement."""
        if not self.is_narrowed:
            return []
        key = self.group.key() if self.group else Value(0)
        sql, params = self.rows.order_by().values_list("pk", key).query.sql_with_params()
        return [(f"{self.owner}_rows (id, key) AS MATERIALIZED ({sql})", params)]

    def medians(self):
        """The statement of each stage: its median over all, and one per group."""
        level, by = (
            ("GROUPING(key) = 1, key", "GROUPING SETS ((), (key))") if self.group else ("true, NULL", "()")
        )
        closed = self._stays("c.days", "false", "c.days IS NOT NULL")
        running = self._stays(self._running(), "true", "c.left_at IS NULL", self._pauses())
        sql = (
            f"(SELECT %s, {level}, percentile_cont(0.5) WITHIN GROUP (ORDER BY spent), count(*),"  # noqa: S608
            f" count(*) FILTER (WHERE is_open) FROM ({closed} UNION ALL {running}) AS stays GROUP BY {by})"
        )
        return [(sql, [stage, stage, self.at, stage]) for stage in self.stages]

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

    def _stays(self, spent, is_open, which, beside=""):
        table, owner = self.changes._meta.db_table, self.owner
        join = beside
        join += f" JOIN {owner}_rows AS v ON v.id = c.{owner}_id" if self.is_narrowed else ""
        key = "v.key" if self.is_narrowed else "0"
        return (
            f"SELECT {spent} AS spent, {is_open} AS is_open, {key} AS key"  # noqa: S608
            f" FROM {table} AS c{join} WHERE c.stage = %s AND {which}"
        )
