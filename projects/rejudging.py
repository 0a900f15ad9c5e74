"""Re-matching of all open projects against one fund or policy that changed; at night: projects/rematching.py.

What stands at its place of every sheet comes here as one string of letters. Where it differs goes back; it
is written down in the database as a change and told; only where something is known of one project in
particular its reason is found here.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from django.db import connection, transaction

from crm.rules.columns import Table
from crm.workdays import shanghai_day
from projects import shift_letters, survey, turns
from projects.offers import Offer, offer_of
from projects.rematching import judge
from projects.shifts import (
    CODES,
    NEWER_FACTS,
    NEWER_RECORD,
    PASSING,
    Shift,
    reasons,
    usual_reason,
)
from projects.survey import PACKED

LETTER = """CASE WHEN length({column}) > %(slot)s THEN substr({column}, %(slot)s + 1, 1)
     ELSE decode('{filler}', 'hex') END"""
UNJUDGED = 0  # a letter no sheet has
# of every sheet: whose, the two letters at this place, and whether it is not newer than what was judged now
STANDING = f"""
SELECT {PACKED.format(one="int8send(project_id)")},
       {PACKED.format(one=LETTER.format(column="verdicts", filler="2d"))},
       {PACKED.format(one=LETTER.format(column="weights", filler="ff"))},
       {PACKED.format(one="boolsend(judged_at <= %(at)s)")}
  FROM projects_matchsheet
"""  # noqa: S608 (our own words)
NEWS = """
DROP TABLE IF EXISTS pg_temp.news, pg_temp.held;
CREATE TEMPORARY TABLE news ON COMMIT DROP AS
SELECT project_id, company_id, substr(%(stood)s, number::int, 1) AS stood,
       substr(%(fresh)s, number::int, 1) AS fresh, substr(%(weight)s, number::int, 1) AS weight
  FROM unnest(%(projects)s::bigint[], %(companies)s::bigint[]) WITH ORDINALITY
    AS one (project_id, company_id, number)
"""
# those among them whose verdict became another one; what is first judged is none
HELD = """
CREATE TEMPORARY TABLE held ON COMMIT DROP AS
SELECT project_id AS id, company_id, stood, fresh, greatest(judged_at, explained_at) AS since
  FROM news JOIN projects_matchsheet USING (project_id)
 WHERE stood <> fresh AND stood IN ('f', 'i', 'u', 'r');
ANALYZE held
"""
# a sheet too short is filled up
FILLED = """
CASE WHEN length({column}) > %(slot)s THEN {column}
     ELSE {column} || decode(repeat('{filler}', %(slot)s + 1 - length({column})), 'hex') END
"""
OVERLAID = f"""
   SET verdicts = overlay({FILLED.format(column="sheet.verdicts", filler="2d")}
         PLACING {{verdict}} FROM %(slot)s + 1 FOR 1),
       weights = overlay({FILLED.format(column="sheet.weights", filler="ff")}
         PLACING {{weight}} FROM %(slot)s + 1 FOR 1),
       judged_at = %(at)s
"""
PUT = f"""
UPDATE projects_matchsheet AS sheet {OVERLAID.format(verdict="news.fresh", weight="news.weight")}
  FROM news
 WHERE news.project_id = sheet.project_id
"""
EXCLUDED = {
    "verdict": "substr(EXCLUDED.verdicts, %(slot)s + 1, 1)",
    "weight": "substr(EXCLUDED.weights, %(slot)s + 1, 1)",
}
FIRST = f"""
INSERT INTO projects_matchsheet AS sheet (project_id, verdicts, weights, judged_at)
SELECT news.project_id, decode(repeat('2d', %(slot)s), 'hex') || fresh,
       decode(repeat('ff', %(slot)s), 'hex') || weight, %(at)s
  FROM news JOIN projects_project AS project ON project.id = news.project_id
 WHERE stood = '\\x00'
ON CONFLICT (project_id) DO UPDATE {OVERLAID.format(**EXCLUDED)} WHERE sheet.judged_at < EXCLUDED.judged_at
"""  # noqa: S608 (our own words)
# the changes with the reason most of them share, and those of which something in particular is known
STANDS = "SELECT DISTINCT stood, since FROM held"
PARTICULAR = f"""
WITH shifted AS (SELECT id, since, company_id FROM held)
SELECT id, stood, fresh, since FROM held
 WHERE stood <> 'r'
   AND (id IN (SELECT project_id FROM projects_match WHERE {{field}}_id = %(offer)s)
        OR id IN (SELECT id FROM ({NEWER_FACTS} {{record}}) AS newer))
"""  # noqa: S608 (our own words)
WORDS = " ".join(f"WHEN '{chr(letter)}' THEN '{code.value}'" for letter, code in CODES.items())
CHANGE = f"""
WITH usual AS (
  SELECT * FROM unnest(%(stood)s::bytea[], %(since)s::timestamptz[], %(usual)s::text[])
    AS usual (stood, since, reason)), own AS (
  SELECT * FROM unnest(%(ids)s::bigint[], %(own)s::text[]) AS own (id, reason)), marked AS (
INSERT INTO projects_matchchange
       (project_id, {{field}}_id, before, after, reason, version_id, at, told_at)
SELECT held.id, %(offer)s, CASE stood {WORDS} END, CASE fresh {WORDS} END,
       coalesce(own.reason, usual.reason), %(version)s, %(at)s, %(at)s
  FROM held JOIN usual USING (stood, since) LEFT JOIN own USING (id) ORDER BY held.id
RETURNING id, project_id, before, after)
"""  # noqa: S608 (our own words)


def rematch_one(one, at):
    """Judge every open project by what a fund or policy asks today; returns how many sheets that changes.

    What others say stays on the sheets. One that is closed says nothing more. Verdicts that changed are kept
    with their reasons and told in the same transaction.
    """
    offer = offer_of(one, shanghai_day(at))
    changed = _rejudged(offer, at) if offer else 0
    shift_letters.tell(at)
    return changed


@transaction.atomic
def _rejudged(offer, at):
    surveyed = survey.everything()
    if not len(surveyed):
        return 0
    judged = judge(surveyed, [offer], shanghai_day(at))
    values = {"slot": offer.slot, "at": at}
    turns.alone()
    with connection.cursor() as cursor:
        cursor.execute(STANDING, values)
        news = _news(surveyed, judged, offer.slot, cursor.fetchone())
        changed = len(news["fresh"])
        if changed:
            cursor.execute(NEWS, news)
            cursor.execute(HELD)
            _Changes(offer, at, surveyed.numbers, judged.table).keep(cursor)
            cursor.execute(PUT, values)
            cursor.execute(FIRST, values)
    return changed


def _news(surveyed, judged, slot, standing):
    """The projects whose sheet says something new and their companies; packed, a letter each: what stood
    (UNJUDGED without a sheet), the fresh verdict, its weight. What was judged later than now stays."""
    owners, stood, weighed, is_older = (
        np.frombuffer(part, kind) for part, kind in zip(standing, (">i8", "B", "B", "?"), strict=True)
    )
    places, times = survey.Bearers(surveyed.numbers).of(owners.astype(np.int64))
    before, weights = np.full((2, len(surveyed)), UNJUDGED, np.uint8)
    is_free = np.ones(len(surveyed), bool)
    for column, part in ((before, stood), (weights, weighed), (is_free, is_older)):
        column[places] = part[times > 0]
    fresh, weight = judged.verdicts[:, slot], judged.weights[:, slot]
    which = np.flatnonzero(is_free & ((before != fresh) | (weights != weight)))
    return {
        "projects": _array(surveyed.numbers[which]),
        "companies": _array(surveyed.companies[which]),
        **{
            name: column[which].tobytes()
            for name, column in (("stood", before), ("fresh", fresh), ("weight", weight))
        },
    }


def _array(numbers):
    """As the database writes an array: of tens of thousands quicker than a list one by one."""
    return f"{{{','.join(map(str, numbers.tolist()))}}}"


@dataclass(frozen=True)
class _Changes:
    """The verdicts of one offer that changed, as they stand in `held`, and what is known of the projects."""

    offer: Offer
    at: datetime
    numbers: np.ndarray
    table: Table

    def keep(self, cursor):
        """Write them down with their reasons, and tell of those that begin or end to fit."""
        cursor.execute(STANDS)
        stands = cursor.fetchall()
        if not stands:
            return
        usual = [usual_reason(self.offer, CODES[stood[0]], since) for stood, since in stands]
        own = self._particular(cursor, min(since for _, since in stands), PASSING in usual)
        values = {
            "stood": [bytes(stood) for stood, _ in stands],
            "since": [since for _, since in stands],
            "usual": usual,
            "ids": list(own),
            "own": list(own.values()),
            "offer": self.offer.pk,
            "version": self.offer.version_id,
            "at": self.at,
        }
        cursor.execute((CHANGE + shift_letters.BUNDLES).replace("{field}", self.offer.field), values)
        shift_letters.tell_of(map(shift_letters.Bundle._make, cursor.fetchall()), self.at)

    def _particular(self, cursor, oldest, asks_record):
        """{project: reason} of those that were explained before, or of which something newer is known.

        That the record was updated is a reason only where there is no other.
        """
        if self.offer.settled:
            return {}
        record = f"UNION {NEWER_RECORD}" if asks_record else ""
        values = {"offer": self.offer.pk, "keys": sorted(self.offer.plan.needs), "oldest": oldest}
        cursor.execute(PARTICULAR.format(field=self.offer.field, record=record), values)
        shifts = [self._shift(*row) for row in cursor]
        return dict(zip((one.project for one in shifts), reasons(shifts), strict=True)) if shifts else {}

    def _shift(self, project, stood, fresh, since):
        sides = CODES[stood[0]], CODES[fresh[0]]
        known = self.table.known(np.searchsorted(self.numbers, project))
        return Shift(project, self.offer, *sides, since, known)
