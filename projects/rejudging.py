"""Re-matching of all open projects against one fund or policy that changed; at night: projects/rematching.py.

A letter for each project goes to the database in one string. What differs is written down there as a change
and told; only where something is known of one project in particular its reason is found here.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from crm.rules.columns import Table
from crm.workdays import shanghai_day
from projects import shift_letters, survey
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
from projects.turns import ALONE

EVERY = 2**31 - 1  # more projects than there are
# a letter of each project of the survey against what stands at this place of its sheet; '' where nothing does
NEWS = f"""
{ALONE};
DROP TABLE IF EXISTS pg_temp.news, pg_temp.held;
CREATE TEMPORARY TABLE news ON COMMIT DROP AS
SELECT * FROM (
  SELECT survey.id AS project_id, survey.company_id, place, sheet.project_id IS NULL AS is_first,
         greatest(judged_at, explained_at) AS since,
         substr(sheet.verdicts, %(slot)s + 1, 1) AS stood, substr(sheet.weights, %(slot)s + 1, 1) AS weighed,
         substr(%(verdicts)s, place::int + 1, 1) AS fresh, substr(%(weights)s, place::int + 1, 1) AS weight
    FROM survey LEFT JOIN projects_matchsheet AS sheet ON sheet.project_id = survey.id
   WHERE judged_at IS NULL OR judged_at <= %(at)s) AS beside
 WHERE is_first OR stood <> fresh OR weighed <> weight
"""  # noqa: S608 (our own words)
# those among them whose verdict became another one; what is first judged is none
HELD = """
CREATE TEMPORARY TABLE held ON COMMIT DROP AS
SELECT project_id AS id, company_id, place, stood, fresh, since
  FROM news WHERE stood <> fresh AND stood IN ('f', 'i', 'u', 'r');
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
 WHERE is_first
ON CONFLICT (project_id) DO UPDATE {OVERLAID.format(**EXCLUDED)} WHERE sheet.judged_at < EXCLUDED.judged_at
"""  # noqa: S608 (our own words)
# the changes with the reason most of them share, and those of which something in particular is known
STANDS = "SELECT DISTINCT stood, since FROM held"
PARTICULAR = f"""
WITH shifted AS (SELECT id, since, company_id FROM held)
SELECT id, place, stood, fresh, since FROM held
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
    numbers = survey.take(0, EVERY)
    if not len(numbers):
        return 0
    judged = judge(len(numbers), [offer], shanghai_day(at))
    values = {"slot": offer.slot, "at": at}
    letters = {name: getattr(judged, name)[:, offer.slot].tobytes() for name in ("verdicts", "weights")}
    with connection.cursor() as cursor:
        cursor.execute(NEWS, values | letters)
        while cursor.nextset():
            pass
        changed = cursor.rowcount
        if changed:
            cursor.execute(HELD)
            _Changes(offer, at, judged.table).keep(cursor)
            cursor.execute(PUT, values)
            cursor.execute(FIRST, values)
    return changed


@dataclass(frozen=True)
class _Changes:
    """The verdicts of one offer that changed, as they stand in `held`, and what is known of the projects."""

    offer: Offer
    at: datetime
    table: Table

    def keep(self, cursor):
        """Write them down with their reasons, and tell of those that begin or end to fit."""
        cursor.execute(STANDS)
        stands = cursor.fetchall()
        if not stands:
            return
        usual = [usual_reason(self.offer, CODES[stood[0]], since) for stood, since in stands]
        own = self._particular(cursor, PASSING in usual)
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

    def _particular(self, cursor, asks_record):
        """{project: reason} of those that were explained before, or of which something newer is known.

        That the record was updated is a reason only where there is no other.
        """
        if self.offer.settled:
            return {}
        record = f"UNION {NEWER_RECORD}" if asks_record else ""
        values = {"offer": self.offer.pk, "keys": sorted(self.offer.plan.needs)}
        cursor.execute(PARTICULAR.format(field=self.offer.field, record=record), values)
        shifts = [self._shift(*row) for row in cursor]
        return dict(zip((one.project for one in shifts), reasons(shifts), strict=True)) if shifts else {}

    def _shift(self, project, place, stood, fresh, since):
        sides = CODES[stood[0]], CODES[fresh[0]]
        return Shift(project, self.offer, *sides, since, self.table.known(place))
