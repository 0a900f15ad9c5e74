"""反向匹配 of a space: the projects and leads it would suit, held against the register.

Projects say what they need in their 用房需求. Leads have none: what they say is the area they need and their
tracks, so that a lead is 不符合 for its area and otherwise 待补充, never 符合, unless the space asks no more.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from crm import rules
from crm.rules.columns import Table
from crm.workdays import shanghai_day
from leads.models import Lead
from projects import space_fit
from projects.fitting import EMPTY, Fit, explained
from projects.known import knowable_leads
from projects.models import Project
from projects.reversing import RELATED, Candidate, Pool, prospects

OF_LEAD = {"area_need": "area_sqm", "tracks": "track_codes"}


@dataclass(frozen=True)
class Seeker(Candidate):
    """A project or lead with how it and the space go together, in the words of the space's own page."""

    fit: Fit

    @property
    def why(self):
        """The reasons; what was missed by little is marked."""
        near = set(self.fit.near)
        return [f"差一点：{text}" if text in near else text for text in self.fit.reasons]


@dataclass(frozen=True)
class Seekers(Pool):
    """Projects and leads with what they ask of a space; its bonus rules may be loosened too."""

    kinds = ("hard", "soft")

    def surveyed(self, kind, needs, day):
        said = {pk: _said(kind, row) for pk, row in _needs(kind, self.rows[kind]).items()}
        columns = {key: _values(key, said.values()) for key in needs}
        return np.array(list(said), np.int64), Table(len(said), columns, day)

    def told(self, plan, kind, numbers, day):
        rows = self.rows[kind].filter(pk__in=numbers)
        needs, found = _needs(kind, rows), []
        for one in rows.select_related("company", "sector", *RELATED):
            if one.pk in needs:
                facts = _facts(kind, needs[one.pk])
                fit = explained(space_fit.SPACES, one, plan, facts, day, plan.vocabulary)
                found.append(Seeker(one, kind, fit.verdict, fit))
        return found


def seeking(user):
    """The Seekers `user` sees: projects under way that stated a need and have no final space, and leads
    before they are projects that said what area they need."""
    leads = prospects(Lead.objects.visible_to(user)).exclude(area_sqm=None)
    return Seekers({"project": space_fit.asking(Project.objects.open().visible_to(user)), "lead": leads})


def plan_of(space):
    """What a space (of `space_fit.described`) asks, as a plan with the words of today."""
    return rules.read(space_fit.criteria_of(space), space_fit.words())


def _needs(kind, rows):
    """{pk: row of what is needed} of these projects or leads; one query."""
    if kind == "project":
        return space_fit.needs_of(rows.order_by())
    asked = knowable_leads(rows.order_by()).values("pk", "updated_at", *OF_LEAD.values())
    return {row["pk"]: row for row in asked}


def _said(kind, row):
    """{key: value} of what such a row says."""
    if kind == "project":
        return space_fit.known_of(row)
    return {key: row[column] for key, column in OF_LEAD.items() if row[column] not in EMPTY}


def _facts(kind, row):
    """The same as Facts, each with the day it was last written."""
    if kind == "project":
        return space_fit.facts_of(row)
    day = shanghai_day(row["updated_at"])
    return {key: rules.Fact(value, "lead", day) for key, value in _said(kind, row).items()}


def _values(key, said):
    """[(value, places)] of one field over what each said, in order."""
    found = defaultdict(list)
    for place, values in enumerate(said):
        if key in values:
            value = values[key]
            found[tuple(value) if isinstance(value, list) else value].append(place)
    return [(value, np.array(places, np.int32)) for value, places in found.items()]
