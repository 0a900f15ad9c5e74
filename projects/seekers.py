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
        known = _facts(kind, self.rows[kind])
        columns = {key: _values(key, known.values()) for key in needs}
        return np.array(list(known), np.int64), Table(len(known), columns, day)

    def told(self, plan, kind, numbers, day):
        rows = self.rows[kind].filter(pk__in=numbers)
        known, found = _facts(kind, rows), []
        for one in rows.select_related("company", "sector", *RELATED):
            if one.pk in known:
                fit = explained(space_fit.SPACES, one, plan, known[one.pk], day, plan.vocabulary)
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


def _facts(kind, rows):
    """{pk: {key: Fact}} of what these projects or leads need; one query."""
    rows = rows.order_by()
    if kind == "project":
        return {pk: space_fit.facts_of(row) for pk, row in space_fit.needs_of(rows).items()}
    asked = knowable_leads(rows).values("pk", "updated_at", *OF_LEAD.values())
    return {row["pk"]: _of_lead(row) for row in asked}


def _of_lead(row):
    day = shanghai_day(row["updated_at"])
    said = {key: row[column] for key, column in OF_LEAD.items()}
    return {key: rules.Fact(value, "lead", day) for key, value in said.items() if value not in EMPTY}


def _values(key, known):
    """[(value, places)] of one field over what is known of each, in order."""
    found = defaultdict(list)
    for place, facts in enumerate(known):
        if key in facts:
            value = facts[key].value
            found[tuple(value) if isinstance(value, list) else value].append(place)
    return [(value, np.array(places, np.int32)) for value, places in found.items()]
