"""What is known of many projects at once, as columns: the same facts that projects/known.py finds for one.

The projects looked at stand in a temporary table, each with its place; every statement answers with the
distinct values of a field and, packed, the places of the projects that have them.
"""

import json
from collections import defaultdict

import numpy as np

from django.db import connection

from crm import rules
from crm.rules.columns import Table
from projects import stages

OPEN = """
DROP TABLE IF EXISTS pg_temp.survey;
CREATE TEMPORARY TABLE survey ON COMMIT DROP AS
SELECT id, company_id, row_number() OVER (ORDER BY id) - 1 AS place
  FROM (SELECT id, company_id FROM projects_project
         WHERE stage <> ALL(%s) AND id > %s ORDER BY id LIMIT %s) AS open_projects
"""
PLACES = "string_agg(int4send(place::int), ''::bytea)"
COLUMN = f"""
SELECT %s AS key, to_jsonb({{value}}) AS value, {PLACES}
  FROM survey JOIN projects_project AS p USING (id)
  LEFT JOIN crm_company AS c ON c.id = p.company_id
  LEFT JOIN crm_fusionsector AS sector ON sector.id = p.sector_id
 WHERE {{value}} IS NOT NULL
 GROUP BY {{value}}
"""  # noqa: S608 (our own words)
VALUES = {
    "total_investment": "p.amount_wan::text",
    "fixed_investment": "p.fixed_wan::text",
    "area_need": "p.area_sqm::text",
    "land_need": "p.land_mu::text",
    "chain_position": "nullif(p.chain_position, '')",
    "sector": "sector.code",
    "applicant_kind": "CASE WHEN p.company_id IS NULL THEN 'team' ELSE 'company' END",
    "established_on": "c.established_on::text",
}
TRACKS = f"""
SELECT 'tracks', codes, {PLACES} FROM (
  SELECT place, jsonb_agg(track.code ORDER BY track.code) AS codes
    FROM survey JOIN projects_project_tracks AS link ON link.project_id = survey.id
    JOIN crm_futuretrack AS track ON track.id = link.futuretrack_id
   GROUP BY place) AS tracked
 GROUP BY codes
"""  # noqa: S608 (our own words)
RECORDED = f"""
SELECT key, value, {PLACES}
  FROM crm_fact JOIN survey USING (company_id)
 WHERE is_newest AND key = ANY(%s)
 GROUP BY key, value
"""  # noqa: S608 (our own words)
# one row of a certificate makes the rest known: of a company whose all have expired there are none
CERTIFIED = f"""
WITH certified AS (
  SELECT company_id, max(issued_on) AS issued_on,
         coalesce(jsonb_agg(DISTINCT kind) FILTER (WHERE coalesce(expires_on >= %s, true)), '[]') AS kinds
    FROM crm_qualification
   WHERE ended_on IS NULL AND company_id IN (SELECT company_id FROM survey) GROUP BY company_id)
SELECT 'qualifications', kinds, {PLACES}
  FROM certified JOIN survey USING (company_id)
 WHERE NOT EXISTS (
   SELECT FROM crm_fact WHERE is_newest AND key = 'qualifications'
      AND crm_fact.company_id = certified.company_id AND (issued_on IS NULL OR as_of > issued_on))
 GROUP BY kinds
"""  # noqa: S608 (our own words)


def take(after, limit):
    """Put the next open projects behind number `after` on the table; their numbers, in order.

    To be called once in a transaction, at whose end the table is gone.
    """
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [list(stages.CLOSED), after, limit])
        cursor.execute("ANALYZE survey")
        cursor.execute("SELECT coalesce(string_agg(int8send(id), ''::bytea ORDER BY place), '') FROM survey")
        return np.frombuffer(cursor.fetchone()[0], ">i8").astype(np.int64)


def table(count, keys, day):
    """The columns of these fields for the `count` projects on the table, on a day."""
    found = defaultdict(list)
    for key, value, places in _weak(keys):
        found[key].append((value, places))
    for key, stronger in _by_key(_recorded(keys)).items():
        found[key] = _over(stronger, found[key])
    if "qualifications" in keys:
        found["qualifications"] = _over(_certified(day), found["qualifications"])
    return Table(count, found, day)


def _weak(keys):
    """The columns of projects and companies, which yield to recorded facts."""
    for key in VALUES.keys() & keys:
        yield from _asked(COLUMN.format(value=VALUES[key]), [key])
    if "tracks" in keys:
        yield from _asked(TRACKS, [])


def _recorded(keys):
    return _asked(RECORDED, [list(keys)])


def _certified(day):
    """The certificates of the companies where nothing newer was recorded, as codes."""
    rows = _asked(CERTIFIED, [day])
    return [(sorted({rules.qualification_code(kind) for kind in kinds}), places) for _, kinds, places in rows]


def _by_key(rows):
    found = defaultdict(list)
    for key, value, places in rows:
        found[key].append((value, places))
    return found


def _over(stronger, weaker):
    """Both lists of (value, places), the weaker without the places that the stronger speaks of."""
    taken = np.concatenate([places for _, places in stronger]) if stronger else np.empty(0, np.int32)
    left = [(value, np.setdiff1d(places, taken, assume_unique=True)) for value, places in weaker]
    return [*stronger, *((value, places) for value, places in left if len(places))]


def _asked(statement, values):
    """(key, value, places) of each row."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall()
    return [
        (key, json.loads(value), np.frombuffer(places, ">i4").astype(np.int32)) for key, value, places in rows
    ]
