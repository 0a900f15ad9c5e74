"""What criteria would say of the open projects before they are published: numbers, and whom they move."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from django.db import transaction

from crm import roles, rules
from crm.permissions import require
from crm.rules.columns import VERDICTS
from crm.rules.loosening import loosenings
from crm.workdays import shanghai_day
from projects import survey
from projects.known import facts_of
from projects.matching import answer, knowable
from projects.models import Project
from projects.offers import Offer, in_force, vocabulary

SHOWN = 50
EVERY = 2**31 - 1  # more projects than there are
FIT = rules.VerdictCode.FIT


@dataclass(frozen=True)
class Moved:
    """One project the draft would judge otherwise, with what decides it: under the draft, or before."""

    project: Project
    before: rules.VerdictCode
    after: rules.VerdictCode
    is_former: bool
    reasons: list


@dataclass(frozen=True)
class Preview:
    """Of `looked` open projects: {verdict: number} now and under the draft, how many change, whom by name.

    What is being set up gives 储备 to all; the verdicts are then what it would say once it is.
    """

    looked: int
    before: Counter
    after: Counter
    changed: int
    is_preparing: bool
    moved: list
    loosenings: list

    @property
    def rows(self):
        """(code, label, now, under the draft, difference) of each verdict."""
        order = (rules.VerdictCode.FIT, rules.VerdictCode.INCOMPLETE, rules.VerdictCode.UNFIT)
        return [
            (
                code.value,
                code.label,
                self.before[code],
                self.after[code],
                self.after[code] - self.before[code],
            )
            for code in order
        ]


def preview(one, criteria, *, viewer, at):
    """The Preview of giving `one` these criteria, by what is known on the day of `at`; writes nothing.

    None for a fund's own account: the projects are not its to know before they are recommended, not by
    number either, as one draft after the other would tell the figures of single ones. Everybody else finds
    by name what he may see. Raises NotAllowed.
    """
    require(viewer, "edit_criteria")
    if viewer.role == roles.FUND:
        return None
    day = shanghai_day(at)
    words = vocabulary()
    draft, current = rules.read(criteria, words), _current(one, day, words)
    numbers, table = _surveyed(current.needs | draft.needs, day)
    before, after = table.verdicts(current).codes, table.verdicts(draft).codes
    places = np.flatnonzero(before != after)
    return Preview(
        len(numbers),
        _counted(before),
        _counted(after),
        len(places),
        one.is_preparing,
        _moved(one, current, draft, numbers, before, after, places, viewer, at),
        loosenings(draft, table),
    )


def _current(one, day, words):
    """The criteria in force as they are read today; none is no rules."""
    version = in_force(one.versions.all(), day)
    return rules.read(version.criteria if version else {}, words)


@transaction.atomic
def _surveyed(keys, day):
    """The numbers of the open projects, and what is known of them as columns."""
    surveyed = survey.everything()
    return surveyed.numbers, surveyed.table(keys, day)


def _counted(codes):
    found = zip(*np.unique(codes, return_counts=True), strict=True)
    return Counter({VERDICTS[code]: int(number) for code, number in found})


def _moved(one, current, draft, numbers, before, after, places, viewer, at):
    """The newest projects that change and the viewer sees, each with the reasons under the draft."""
    place_of = {int(numbers[place]): place for place in places[::-1][:SHOWN]}
    rows = Project.objects.visible_to(viewer).filter(pk__in=place_of)
    projects = list(knowable(rows).select_related("company", "sector", "unit").order_by("-pk"))
    known = facts_of(projects, shanghai_day(at))
    told = [_sides(project, place_of[project.pk], before, after) for project in projects]
    plans = {True: current, False: draft}  # who comes to fit has no reason under the draft: it had one before
    return [
        Moved(project, old, new, new == FIT, _reasons(one, plans[new == FIT], project, known[project.pk], at))
        for project, old, new in told
    ]


def _sides(project, place, before, after):
    return project, VERDICTS[before[place]], VERDICTS[after[place]]


def _reasons(one, plan, project, known, at):
    offer = Offer(one.FIELD, one.pk, one.slot, None, plan)
    return answer(project, offer, known, at).result["reasons"]
