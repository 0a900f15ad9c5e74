"""漏斗: what leads and projects add up to, by stage and by one dimension. Plain functions over visible rows.

An accepted lead is counted as its project, never twice: leads in 跟进 stand for nothing here, and merged
ones are counted as the lead they went into. A suspended project stands in 挂起 and in no stage (domain
§5.1); it goes on counting as one that came as far as it did. What was given up as 重复 stands in 流失, but
has come nowhere: the record that stands for it has, and a project counts once (§1.7).
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Value

from crm.models import StageSetting
from leads.stages import LeadStage
from leads.sums import FIGURES, Tally, tally
from projects.groups import GROUPS, NOTHING
from projects.stages import LINE as PROJECT_LINE
from projects.stages import ProjectStage
from projects.stays import LEAD_LINE, Stay, stays

LINE = LEAD_LINE + PROJECT_LINE
SUSPENDED, REPEATED = "suspended", "repeated"
SIDE = (LeadStage.RESERVE.value, LeadStage.DROPPED.value, ProjectStage.LOST.value)


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


def funnel(leads, projects, *, at, group="", settings=None, days="total"):
    """Counts, sums, reach, conversion and median days over visible `leads` and `projects`, by `group`.

    Definitions of domain §5.1: conversion is the cohort's (of those that reached a stage, the share that
    reached the next), stays are closed ones plus open ones as of `at`. Medians are the dearest part:
    `days` asks for them in "total", for each "group", or not at all (""). At most five queries.
    """
    settings, split = settings or stage_settings(), GROUPS.get(group)
    counts = _counts(leads.own(), projects, [split] if split else [])
    spent = stays(leads, projects, at=at, group=split if days == "group" else None) if days else {}
    return _funnel(group, _by(counts, 0) if split else counts, spent, settings)


def funnels(leads, projects, groups):
    """The Funnels of several `groups`, without days, of one count of the rows."""
    settings, splits = stage_settings(), [GROUPS[group] for group in groups]
    counts = _counts(leads.own(), projects, splits)
    return [_funnel(group, _by(counts, place), {}, settings) for place, group in enumerate(groups)]


def _funnel(group, counts, spent, settings):
    total = _row(None, "合计", _merged(counts.values()), spent.get(None, {}), settings)
    if not group:
        return Funnel(total)
    rows = [
        _row(code, name, counts.get(key, {}), spent.get(key, {}), settings)
        for key, (code, name) in GROUPS[group].names().items()
        if key in counts or group == "sector"
    ]
    return Funnel(total, group, rows if group == "sector" else sorted(rows, key=_rank))


def stage_settings():
    """The stages the funnel shows, in their order, and 挂起; 跟进 is counted as 在谈 and beyond."""
    found = [s for s in StageSetting.objects.all() if s.code in {*LINE, *SIDE}]
    return [*found, StageSetting(code=SUSPENDED, label="挂起")]


def _rank(row):
    return row.key == NOTHING, -row.total.count, row.label


def _counts(leads, projects, splits):
    """keys of the groups → {(source, stage, furthest): Tally}, by two queries: leads, projects, each with
    those of them that are counted apart."""
    found = defaultdict(dict)
    suspended = {SUSPENDED: projects.filter(suspended_until__isnull=False)}
    _count("lead", leads.exclude(stage=LeadStage.ACCEPTED), {}, splits, found)
    _count("project", projects, suspended, splits, found)
    return found


def _count(source, rows, apart, splits, found):
    """Write the figures of `rows` into `found`, and those `apart` {why: rows} where they count instead."""
    apart = {**apart, REPEATED: rows.given_up_as_repeated()}
    parts = [_grouped(some, splits, aside) for aside, some in apart.items()]
    asides = []
    for row in _grouped(rows, splits).union(*parts, all=True):
        if row["aside"]:
            asides.append(row)
        else:
            found[_keys(row, splits)][(source, row["stage"], row["furthest"])] = tally(row)
    for row in asides:
        _set_aside(found[_keys(row, splits)], source, row)


def _set_aside(cells, source, row):
    """Count the suspended of a stage under 挂起 instead, and what is repeated as come nowhere."""
    stage, furthest = row["stage"], row["furthest"]
    cells[(source, stage, furthest)] -= tally(row)
    aside = (source, SUSPENDED, furthest) if row["aside"] == SUSPENDED else (source, stage, "")
    cells[aside] = cells.get(aside, Tally()) + tally(row)


def _grouped(rows, splits, aside=""):
    """The figures of `rows` by stage, furthest stage and groups; `aside` marks them in a union."""
    by = {"aside": Value(aside), **{f"key{place}": split.key() for place, split in enumerate(splits)}}
    return rows.order_by().values("stage", "furthest", **by).annotate(**FIGURES)


def _keys(row, splits):
    return tuple(row[f"key{place}"] for place in range(len(splits)))


def _by(counts, place):
    """The same counts by one of the groups: its key → cells."""
    parts = defaultdict(list)
    for keys, cells in counts.items():
        parts[keys[place]].append(cells)
    return {key: _merged(cells) for key, cells in parts.items()}


def _merged(parts):
    whole = defaultdict(Tally)
    for cells in parts:
        for key, figures in cells.items():
            whole[key] += figures
    return whole


def _row(key, label, cells, spent, settings):
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
                spent.get(code, Stay()),
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
    for (source, _, furthest), figures in cells.items():
        if furthest in LINE and LINE.index(furthest) >= place:
            counts[source] += figures.count
    return counts["lead"], counts["project"]


def _next_share(reached, code):
    if code not in LINE or code == LINE[-1]:
        return None
    following = LINE[LINE.index(code) + 1]
    return _share(sum(reached[following]), sum(reached[code]))


def _share(part, whole):
    """A ratio, or None when there is nothing to divide by (shown as 「—」)."""
    return part / whole if whole else None
