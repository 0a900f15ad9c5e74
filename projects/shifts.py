"""What a re-match changed: each verdict that became another one is kept with its reason.

The sheets say that a verdict changed; why is found afterwards, and only for these: what was explained before
is held against what is known now; where nothing was, what is newer than the former verdict is named.
"""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from crm.rules import FIELDS, VerdictCode, WrongValue
from crm.workdays import shanghai_day
from projects.models import Fund, MatchSheet, Policy
from projects.offers import Offer

CODES = {letter[0]: VerdictCode(code) for code, letter in MatchSheet.LETTERS.items()}
OPENED = {Fund.FIELD: "基金已设立，可以出资", Policy.FIELD: "政策已可以申报"}
PASSING = "时间推移"
RECORD = "项目或企业档案有更新"
LONGEST = 300
NAMED = 3  # facts one reason names
COLUMNS = ("project_id", "fund_id", "policy_id", "before", "after", "reason", "version_id", "at", "told_at")
EXPLAINED = """
SELECT project_id, fund_id, policy_id, version_id, verdict, facts
  FROM projects_match
 WHERE project_id = ANY(%s) AND (fund_id = ANY(%s) OR policy_id = ANY(%s))
"""
# who is asked about: (id, since, company_id) of each verdict that changed
SHIFTED = """
SELECT asked.id, asked.since, p.company_id
  FROM unnest(%(ids)s::bigint[], %(since)s::timestamptz[]) AS asked (id, since)
  JOIN projects_project AS p USING (id)
"""
# what was written down after the verdict that stood: a fact in use, a certificate; or the record itself.
# What is older than the oldest of these verdicts is passed over before it is looked up whose it is.
NEWER_FACTS = """
SELECT shifted.id, key FROM shifted JOIN crm_fact AS f USING (company_id)
 WHERE f.key = ANY(%(keys)s)
   AND greatest(f.created_at, f.chosen_at, f.withdrawn_at) > %(oldest)s
   AND (f.is_in_use AND greatest(f.created_at, f.chosen_at) > since OR f.withdrawn_at > since)
UNION
SELECT shifted.id, 'qualifications' FROM shifted JOIN crm_qualification AS q USING (company_id)
 WHERE 'qualifications' = ANY(%(keys)s) AND q.updated_at > since
"""
NEWER_RECORD = """
SELECT shifted.id, '' FROM shifted JOIN projects_project AS p USING (id) WHERE p.updated_at > since
UNION
SELECT shifted.id, '' FROM shifted JOIN crm_company AS c ON c.id = company_id WHERE c.updated_at > since
"""
NEWER = f"WITH shifted AS ({SHIFTED}) {NEWER_FACTS} UNION {NEWER_RECORD}"


@dataclass(frozen=True, slots=True)
class Shift:
    """One verdict that became another: of which project for which offer, since when the former stood.

    `known(key)` is the typed value of a field now, None when unknown.
    """

    project: int
    offer: Offer
    before: VerdictCode
    after: VerdictCode
    since: datetime
    known: Callable[[str], object]


def shifted(project, by_slot, sheet, verdicts, known):
    """The Shifts from the letters of a sheet that stood to new ones; what is judged first is none.

    `sheet` is (verdicts, judged_at, explained_at); `verdicts` are the new letters, those of the offers
    `by_slot`.
    """
    standing, judged_at, explained_at = sheet
    since, found = max(judged_at, explained_at or judged_at), []
    for slot, (old, new) in enumerate(zip(standing, verdicts, strict=False)):
        if old != new and old in CODES and new in CODES:
            found.append(Shift(project, by_slot[slot], CODES[old], CODES[new], since, known))
    return found


def keep(shifts, at):
    """Write the MatchChange of each of these Shifts; a few statements however many they are.

    To be called before the matches and sheets that they come from are overwritten.
    """
    if not shifts:
        return
    rows = [_row(one, reason, at) for one, reason in zip(shifts, reasons(shifts), strict=True)]
    with connection.cursor() as cursor, cursor.copy(_copy()) as copy:
        for row in rows:
            copy.write_row(row)


def reasons(shifts):
    """Why each of these Shifts came about, in words of at most LONGEST letters."""
    earlier = _explained(shifts)
    newer = _newer([one for one in shifts if (one.project, one.offer.key) not in earlier])
    return [_reason(one, earlier.get((one.project, one.offer.key)), newer[one.project]) for one in shifts]


def usual_reason(offer, before, since):
    """Why, of a verdict that nothing explains and after which nothing of the project was written down."""
    return _reason(Shift(0, offer, before, before, since, {}.get), None, frozenset())


def _copy():
    return f"COPY projects_matchchange ({', '.join(COLUMNS)}) FROM STDIN"


def _row(one, reason, at):
    ids = {"fund": None, "policy": None, one.offer.field: one.offer.pk}
    is_told = VerdictCode.FIT not in (one.before, one.after)
    sides = ids["fund"], ids["policy"], one.before.value, one.after.value
    return one.project, *sides, reason, one.offer.version_id, at, at if is_told else None


def _explained(shifts):
    """{(project, offer's key): (version, facts)} of the matches that explain the verdict that stood."""
    stood = {(one.project, one.offer.key): one.before for one in shifts}
    ids = sorted({one.project for one in shifts})
    of = {field: sorted({one.offer.pk for one in shifts if one.offer.field == field}) for field in OPENED}
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(EXPLAINED, [ids, of["fund"], of["policy"]])
        for project, fund, policy, version, verdict, facts in cursor:
            key = project, (("fund", fund) if fund else ("policy", policy))
            if stood.get(key) == verdict:
                found[key] = version, json.loads(facts)
    return found


def _newer(shifts):
    """{project: what was written down about it since the verdict that stood}; "" is the record itself."""
    found = defaultdict(set)
    if not shifts:
        return found
    since = {one.project: one.since for one in shifts}
    keys = sorted(set().union(*(one.offer.plan.needs for one in shifts)))
    with connection.cursor() as cursor:
        values = {"ids": list(since), "since": list(since.values()), "oldest": min(since.values())}
        cursor.execute(NEWER, values | {"keys": keys})
        for project, key in cursor:
            found[project].add(key)
    return found


def _reason(one, earlier, newer):
    """Why: being open or not first, then a new version, changed facts, the record; else time alone."""
    if one.offer.settled:
        return one.offer.settled.reason[:LONGEST]
    if one.before == VerdictCode.RESERVE:
        return OPENED[one.offer.field]
    is_new, keys = _compared(one, *earlier) if earlier else _since(one, newer)
    parts = [_asked(one.offer.version)] if is_new else []
    parts += [_updated(key, one) for key in FIELDS if key in keys]
    if len(parts) > NAMED:
        parts[NAMED:] = [f"另有 {len(parts) - NAMED} 项数据更新"]
    return "；".join(parts)[:LONGEST] or (RECORD if "" in newer else PASSING)


def _compared(one, version_id, facts):
    """Whether it goes by another version than before, and the facts that are no more what they were."""
    is_new, asked = one.offer.version_id != version_id, one.offer.plan.needs
    if is_new:  # which may ask for what was known all along, but was not kept beside the former answer
        asked &= facts.keys()
    return is_new, {key for key in asked if _typed(key, facts.get(key)) != one.known(key)}


def _since(one, newer):
    """The same from what was published and written down since, when nothing was explained before."""
    version = one.offer.version
    is_new = version and (version.published_at > one.since or version.valid_from > shanghai_day(one.since))
    return bool(is_new), one.offer.plan.needs & newer


def _asked(version):
    return f"条件更新为第 {version.number} 版" if version else "没有有效的条件"


def _typed(key, kept):
    """A fact as a match keeps it, typed; what is no value of its field counts as unknown."""
    try:
        return FIELDS[key].read(kept["value"]) if kept else None
    except WrongValue:
        return None


def _updated(key, one):
    value, field = one.known(key), FIELDS[key]
    if value is None:
        return f"{field.label} 不再已知"
    return f"{field.label} 更新为 {field.brief(value, one.offer.plan.labels(key))}"
