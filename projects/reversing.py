"""反向匹配: from criteria in force to the projects and leads that meet them, judged live over columns.

Works for whatever has a plan of rules: a fund, a policy, a space. Which records, and what is known of them,
is said by a Pool; what a person may see is decided by whoever makes it. Nothing is written.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace

import numpy as np

from django.db import transaction
from django.db.models import Model

from crm import display, rules
from crm.paging import PAGE_SIZE, BadPage, Page
from crm.rules.columns import VERDICTS, Table
from crm.rules.fields import ORDERED
from leads import stages as lead_stages
from leads.models import Lead
from projects import survey
from projects.known import facts_of, knowable_leads
from projects.matching import knowable
from projects.models import MatchSheet, Project

KINDS = ("project", "lead")  # in the order in which equal ones stand
LABELS = {"project": "项目", "lead": "线索"}
ORDER = (rules.VerdictCode.FIT, rules.VerdictCode.INCOMPLETE, rules.VerdictCode.UNFIT)
RELATED = ("unit", "city")
CHUNK = 500
NO_SCORE = -1


@dataclass(frozen=True)
class Standing:
    """All that was judged, best first: kind, number, verdict (a place in VERDICTS) and score × coverage."""

    kinds: np.ndarray
    numbers: np.ndarray
    codes: np.ndarray
    weights: np.ndarray

    @property
    def counts(self):
        """{verdict: how many}."""
        return {VERDICTS[code]: int((self.codes == code).sum()) for code in range(len(VERDICTS))}

    def with_verdict(self, verdict):
        return self._those(self.codes == VERDICTS.index(verdict))

    def of_kind(self, kind):
        return self._those(self.kinds == KINDS.index(kind))

    def _those(self, mask):
        return Standing(self.kinds[mask], self.numbers[mask], self.codes[mask], self.weights[mask])

    def keys(self, which=slice(None)):
        """[(weight, kind, number)], best first."""
        columns = (self.weights[which], self.kinds[which], self.numbers[which])
        return list(zip(*(column.tolist() for column in columns), strict=True))


@dataclass(frozen=True)
class Candidate:
    """A project or lead with what the criteria say of it, and why in a few lines."""

    record: Model
    kind: str
    verdict: rules.Verdict

    @property
    def kind_label(self):
        return LABELS[self.kind]

    @property
    def lacking(self):
        """The labels of the facts that hard rules miss."""
        return [fact["label"] for fact in self.verdict.missing if fact["hard"]]

    @property
    def near(self):
        return [miss["text"] for miss in self.verdict.near_misses]

    @property
    def why(self):
        """The reasons for the verdict, what is missing and what was missed by little."""
        gaps = self.verdict.code == rules.VerdictCode.INCOMPLETE and self.lacking
        lines = [f"还缺：{display.names(self.lacking)}"] if gaps else list(self.verdict.reasons)
        settling = [rules.FIELDS[key].label for key in self.verdict.to_settle]
        if gaps and len(settling) < len(self.lacking):
            lines.append(f"最少补：{display.names(settling)}")
        return lines + [f"差一点：{text}" for text in self.near]


@dataclass(frozen=True)
class Pool:
    """The records of each kind that are held against criteria, with what funds and policies know of them.

    Whoever is asked something else (a space: projects/seekers.py) has a Pool of its own. `kinds` and `types`
    say which rules may be loosened to see what comes of it.
    """

    rows: dict
    kinds = ("hard",)
    types = ORDERED

    def only(self, rows):
        """The same of fewer records."""
        return replace(self, rows=rows)

    def surveyed(self, kind, needs, day):
        """(numbers, Table of what is needed) of the records of a kind; within a transaction."""
        if not needs:
            numbers = survey.numbers_of(self.rows[kind])
            return numbers, Table(len(numbers), {}, day)
        chosen = survey.take_chosen(self.rows[kind])
        return chosen.numbers, chosen.table(needs, day)

    def told(self, plan, kind, numbers, day):
        """The Candidates of these numbers, in no order; those gone meanwhile are left out."""
        rows = (knowable_leads if kind == "lead" else knowable)(self.rows[kind].filter(pk__in=numbers))
        records = list(rows.select_related("company", "sector", *RELATED))
        known = facts_of(records, day, plan.needs)
        return [Candidate(one, kind, rules.evaluate(plan, known[one.pk], day)) for one in records]


def seen_by(user):
    """The Pool of the projects under way and the leads that may become one, as `user` sees them."""
    projects, leads = Project.objects.open().visible_to(user), prospects(Lead.objects.visible_to(user))
    return Pool({"project": projects, "lead": leads})


def prospects(leads):
    """Leads before they are projects: 线索, 研判, 储备, and 跟进 that no project was opened for yet."""
    return leads.filter(stage__in=lead_stages.PROSPECTS, project=None)


@transaction.atomic
def judged(plans, pool, day):
    """What each of several plans says of the records of a Pool, as Standings in the order of the first."""
    parts = [_judged_kind(plans, kind, pool, day) for kind in pool.rows]
    kinds, numbers = (np.concatenate(columns) for columns in zip(*(part[:2] for part in parts), strict=True))
    answers = [
        [np.concatenate(columns) for columns in zip(*(part[2][place] for part in parts), strict=True)]
        for place in range(len(plans))
    ]
    order = np.lexsort((-numbers, kinds, -answers[0][1]))
    return [
        Standing(kinds[order], numbers[order], codes[order], weights[order]) for codes, weights in answers
    ]


def _judged_kind(plans, kind, pool, day):
    """(kinds, numbers, [(codes, weights) per plan]) of the records of one kind."""
    needs = frozenset().union(*(plan.needs for plan in plans))
    numbers, table = pool.surveyed(kind, needs, day)
    answers = [table.verdicts(plan) for plan in plans]
    place = np.full(len(numbers), KINDS.index(kind))
    return place, numbers, [(one.codes, _weights(one)) for one in answers]


def _weights(answers):
    """Score × coverage of each, in whole points as a sheet keeps it."""
    scores, places = answers.scores()
    points = [NO_SCORE if score is None else MatchSheet.weight(score, coverage) for score, coverage in scores]
    return np.array(points, np.int64)[places]


def page_of(standing, token="", size=PAGE_SIZE):
    """The page of keys that `token` points to, and its neighbours' tokens; BadPage for a strange one."""
    if not token:
        keys = standing.keys(slice(size + 1))
        return _page(keys[:size], has_next=len(keys) > size, has_previous=False)
    direction, place = _read(token)
    after = _is_after(standing, place)
    if direction == "n":
        keys = standing.keys(np.flatnonzero(after)[: size + 1])
        return _page(keys[:size], has_next=len(keys) > size, has_previous=True)
    before = np.flatnonzero(~after & ~_is_at(standing, place))
    keys = standing.keys(before[-size - 1 :])
    return _page(keys[-size:], has_next=True, has_previous=len(keys) > size)


def _page(keys, *, has_next, has_previous):
    return Page(
        keys,
        next=_token("n", keys[-1]) if keys and has_next else "",
        previous=_token("p", keys[0]) if keys and has_previous else "",
    )


def _is_after(standing, place):
    weight, kind, number = place
    same_weight = standing.weights == weight
    later = (standing.kinds > kind) | ((standing.kinds == kind) & (standing.numbers < number))
    return (standing.weights < weight) | (same_weight & later)


def _is_at(standing, place):
    weight, kind, number = place
    return (standing.weights == weight) & (standing.kinds == kind) & (standing.numbers == number)


def _token(direction, key):
    text = json.dumps([direction, *key], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(token):
    try:
        direction, *place = json.loads(urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4)))
        is_ours = len(place) == 3 and all(type(one) is int and abs(one) < 2**63 for one in place)
    except (ValueError, TypeError, RecursionError) as error:
        raise BadPage from error
    if direction not in ("n", "p") or not is_ours:
        raise BadPage
    return direction, tuple(place)


def explained(plan, keys, pool, day):
    """The Candidates of these keys in their order, with all reasons; those gone meanwhile are left out."""
    found = {}
    for place, kind in enumerate(KINDS):
        numbers = [number for _, of_kind, number in keys if of_kind == place]
        if numbers and kind in pool.rows:
            found |= {(kind, one.record.pk): one for one in pool.told(plan, kind, numbers, day)}
    asked = ((KINDS[kind], number) for _, kind, number in keys)
    return [found[key] for key in asked if key in found]


def every_explained(plan, standing, pool, day):
    """All Candidates of a Standing, best first, a portion at a time: for an export."""
    keys = standing.keys()
    for start in range(0, len(keys), CHUNK):
        yield from explained(plan, keys[start : start + CHUNK], pool, day)
