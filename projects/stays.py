"""停留天数: the median days in each stage over closed stays and those still running, by one query.

Each stage is asked for on its own, so that the database reads an index instead of sorting every stay.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.db import connection
from django.db.models import BooleanField, F, FloatField, Value
from django.db.models.functions import Cast, Extract

from leads.models import LeadStageChange
from leads.stages import LeadStage
from projects.models import ProjectStageChange
from projects.stages import LINE as PROJECT_LINE

LEAD_LINE = (LeadStage.LEAD.value, LeadStage.SCREENING.value)
SECONDS_A_DAY = 86400.0


@dataclass(frozen=True)
class Stay:
    """Median days in a stage; `closed` stays have ended, `open` ones count up to now."""

    median: float | None = None
    closed: int = 0
    open: int = 0


def stays(leads, projects, *, at, group=None):
    """group key → {stage: Stay}, with the key None for everything, over the histories of visible rows."""
    lead_parts = [_part(LeadStageChange, "lead", leads, code, group, at) for code in LEAD_LINE]
    project_parts = [_part(ProjectStageChange, "project", projects, code, group, at) for code in PROJECT_LINE]
    parts = lead_parts + project_parts
    found = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(sql for sql, _ in parts), [value for _, values in parts for value in values]
        )
        for stage, is_total, key, median, count, still_open in cursor.fetchall():
            if count:
                found[None if is_total else key][stage] = Stay(median, count - still_open, still_open)
    return found


def _part(model, owner, rows, stage, group, at):
    """(SQL, parameters) of one stage: its median, and one per group; closed and open stays read apart."""
    changes = model.objects.order_by().filter(stage=stage)
    if rows.query.where:
        changes = changes.filter(**{f"{owner}__in": rows.order_by()})
    key = [group.key(f"{owner}__")] if group else []
    running = Cast(Extract(Value(at) - F("entered_at"), "epoch"), FloatField()) / Value(SECONDS_A_DAY)
    closed = changes.filter(days__isnull=False).values_list("days", _is(False), *key)
    still_open = changes.filter(left_at=None).values_list(running, _is(True), *key)
    inner, params = closed.union(still_open, all=True).query.sql_with_params()
    names, level, by = ("spent, is_open, key", "GROUPING(key) = 1, key", "GROUPING SETS ((), (key))")
    if not group:
        names, level, by = "spent, is_open", "true, null", "()"
    return (  # only our own querysets and words go into the text; values are parameters
        f"(SELECT %s, {level}, percentile_cont(0.5) WITHIN GROUP (ORDER BY spent), count(*),"  # noqa: S608
        f" count(*) FILTER (WHERE is_open) FROM ({inner}) AS stays ({names}) GROUP BY {by})",
        (stage, *params),
    )


def _is(value):
    return Value(value, output_field=BooleanField())
