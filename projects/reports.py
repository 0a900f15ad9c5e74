"""漏斗: what leads and projects add up to, by stage and by one dimension. Plain functions over visible rows.

An accepted lead is counted as its project, never twice: leads in 跟进 stand for nothing here.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import connection
from django.db.models import CharField, Count, F, FloatField, Q, Sum, Value
from django.db.models.functions import Cast, Coalesce, Extract, NullIf

from crm.models import FusionSector, StageSetting
from leads.models import LeadStageChange
from leads.stages import LeadStage
from projects.models import ProjectStageChange
from projects.stages import LINE as PROJECT_LINE
from projects.stages import ProjectStage

LEAD_LINE = (LeadStage.LEAD.value, LeadStage.SCREENING.value)
LINE = LEAD_LINE + PROJECT_LINE
SIDE = (LeadStage.RESERVE.value, LeadStage.DROPPED.value, ProjectStage.LOST.value)
UNKNOWN = "none"
SECTOR_NAMES = {"foundation": "基础层/跨领域", UNKNOWN: "未分类", "undecided": "待定"}
SECONDS_A_DAY = 86400


@dataclass(frozen=True)
class Group:
    """One way to split the funnel: its word, the fields that hold key and name, the word for nothing."""

    label: str
    key: str
    name: str
    unknown: str = "未填"


GROUPS = {
    "sector": Group("赛道", "sector__code", "sector__name"),
    "city": Group("来源城市", "city_id", "city__name"),
    "channel": Group("来源渠道", "channel__code", "channel__name"),
    "unit": Group("责任单位", "unit__code", "unit__name"),
    "station": Group("来源工作站", "station__code", "station__name", "非工作站来源"),
}


@dataclass(frozen=True)
class Tally:
    """How many, how much in 万元 (of those that say), and how many leave the amount open."""

    count: int = 0
    amount: Decimal = Decimal(0)
    unknown: int = 0

    def __add__(self, other):
        return Tally(self.count + other.count, self.amount + other.amount, self.unknown + other.unknown)


@dataclass(frozen=True)
class Stay:
    """Median days in a stage: closed stays, and the open ones as of now; `open` counts the latter."""

    median: float | None = None
    closed: int = 0
    open: int = 0


@dataclass(frozen=True)
class Line:
    """One stage of one row. `reached_*` count the cohort by the furthest stage, so skipped stages count."""

    code: str
    label: str
    source: str
    now: Tally
    reached_leads: int
    reached_projects: int
    stay: Stay
    next_share: float | None = None
    whole_share: float | None = None

    @property
    def reached(self):
        return self.reached_leads + self.reached_projects

    @property
    def on_line(self):
        return self.code in LINE


@dataclass(frozen=True)
class Row:
    """The funnel of one group, or of everything (key None)."""

    key: str | None
    label: str
    lines: list
    leads: Tally
    projects: Tally

    @property
    def total(self):
        return self.leads + self.projects

    def line(self, code):
        return next(line for line in self.lines if line.code == code)


@dataclass(frozen=True)
class Funnel:
    """The whole answer: the total and, when a group was asked for, its rows."""

    total: Row
    group: str = ""
    rows: list = field(default_factory=list)

    @property
    def group_label(self):
        return GROUPS[self.group].label if self.group else ""


def funnel(leads, projects, *, at, group="", settings=None, with_stays=True):
    """Counts, sums, reach, conversion and median days over visible `leads` and `projects`, by `group`.

    Definitions of domain §5.1: conversion is the cohort's (of those that reached a stage, the share that
    reached the next), stays are closed ones plus open ones as of `at`. Four queries; one more for sectors.
    """
    settings = settings or stage_settings()
    counts = _counts(leads, projects, group)
    stays = _stays(leads, projects, group, at) if with_stays else {}
    total = _row(None, "合计", _merged(counts.values()), stays.get(None, {}), settings)
    if not group:
        return Funnel(total)
    names = _names(group, counts)
    rows = [_row(key, name, counts.get(key, {}), stays.get(key, {}), settings) for key, name in names]
    return Funnel(total, group, rows if group == "sector" else sorted(rows, key=_rank))


def stage_settings():
    """The stages the funnel shows, in their order: all but 跟进, which is counted as 在谈 and beyond."""
    return [s for s in StageSetting.objects.all() if s.code in {*LINE, *SIDE}]


def _names(group, counts):
    """(key, name) of every row: all sectors in their order even when empty, other groups as they occur."""
    if group != "sector":
        return [(key, cells.name) for key, cells in counts.items()]
    words = dict(FusionSector.objects.values_list("code", "name")) | SECTOR_NAMES
    return list(words.items())


def _rank(row):
    return row.key == UNKNOWN, -row.total.count, row.label


class Cells(dict):
    """(source, stage, furthest) → Tally of one group, with the group's name as the rows bring it."""

    name = "合计"


def _counts(leads, projects, group):
    """group key → Cells, from one query each over leads and projects."""
    found = defaultdict(Cells)
    open_leads = leads.exclude(stage=LeadStage.ACCEPTED)
    for source, rows in (("lead", open_leads), ("project", projects)):
        for row in _grouped(rows, group):
            cells = found[row.get("group_key")]
            cells.name = row.get("group_name") or (GROUPS[group].unknown if group else Cells.name)
            tally = Tally(row["found"], row["amount"] or Decimal(0), row["unknown"])
            cells[(source, row["stage"], row["furthest"])] = tally
    return found


def _grouped(rows, group):
    names = {"group_key": _key(group), "group_name": _label(group)} if group else {}
    by = rows.order_by().values("stage", "furthest", **names)
    return by.annotate(
        found=Count("pk"), amount=Sum("amount_wan"), unknown=Count("pk", filter=Q(amount_wan=None))
    )


def _key(group, prefix=""):
    """The text that names a row's group; a sector is its code, else foundation, none or undecided."""
    key = Cast(F(prefix + GROUPS[group].key), CharField())
    if group == "sector":
        return Coalesce(key, NullIf(F(prefix + "sector_kind"), Value("")), Value("undecided"))
    return Coalesce(key, Value(UNKNOWN))


def _label(group):
    return Coalesce(F(GROUPS[group].name), Value(""))


def _merged(parts):
    whole = defaultdict(Tally)
    for cells in parts:
        for key, tally in cells.items():
            whole[key] += tally
    return whole


def _row(key, label, cells, stays, settings):
    reached = {code: _reached(cells, code) for code in LINE}
    first = sum(reached[LINE[0]])
    lines = []
    for setting in settings:
        code = setting.code
        source = "lead" if code in LeadStage.values else "project"
        now = sum((t for (s, stage, _), t in cells.items() if (s, stage) == (source, code)), Tally())
        leads, projects = reached.get(code, (0, 0))
        lines.append(
            Line(
                code,
                setting.label,
                source,
                now,
                leads,
                projects,
                stays.get(code, Stay()),
                next_share=_next_share(reached, code),
                whole_share=_share(leads + projects, first) if code in LINE else None,
            )
        )
    both = [
        sum((t for (s, _, _), t in cells.items() if s == source), Tally()) for source in ("lead", "project")
    ]
    return Row(key, label, lines, *both)


def _reached(cells, code):
    """How many leads (none accepted) and projects came as far as `code`; projects passed the lead line."""
    place = LINE.index(code)
    counts = {"lead": 0, "project": 0}
    for (source, _, furthest), tally in cells.items():
        if furthest in LINE and LINE.index(furthest) >= place:
            counts[source] += tally.count
    return counts["lead"], counts["project"]


def _next_share(reached, code):
    if code not in LINE or code == LINE[-1]:
        return None
    following = LINE[LINE.index(code) + 1]
    return _share(sum(reached[following]), sum(reached[code]))


def _share(part, whole):
    """A ratio, or None when there is nothing to divide by (shown as 「—」)."""
    return part / whole if whole else None


def _stays(leads, projects, group, at):
    """group key → {stage: Stay}, with the key None for everything: one query over both histories."""
    lead_rows = _durations(LeadStageChange, "lead", leads, LEAD_LINE, group, at)
    project_rows = _durations(ProjectStageChange, "project", projects, PROJECT_LINE, group, at)
    inner, params = lead_rows.union(project_rows, all=True).query.sql_with_params()
    sets, level = ("(stage), (stage, group_key)", "GROUPING(group_key)") if group else ("(stage)", "1")
    sql = (  # only our own querysets and words go into the text; values are parameters
        f"SELECT stage, min(group_key), {level},"  # noqa: S608
        " percentile_cont(0.5) WITHIN GROUP (ORDER BY spent), count(*), count(*) FILTER (WHERE is_open)"
        f" FROM ({inner}) AS stays (stage, spent, is_open, group_key)"
        f" GROUP BY GROUPING SETS ({sets})"
    )
    found = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        for stage, key, level, median, count, still_open in cursor.fetchall():
            found[None if level else key][stage] = Stay(median, count - still_open, still_open)
    return found


def _durations(model, owner, rows, stages, group, at):
    changes = model.objects.order_by().filter(stage__in=stages)
    if rows.query.where:
        changes = changes.filter(**{f"{owner}__in": rows.order_by()})
    still = Extract(Value(at) - F("entered_at"), "epoch") / SECONDS_A_DAY
    return changes.values_list(
        "stage",
        Coalesce(F("days"), still, output_field=FloatField()),
        Q(left_at=None),
        _key(group, f"{owner}__") if group else Value(UNKNOWN),
    )
