"""What is known of many projects or leads at once, as columns: the same that projects/known.py finds for one.

The records looked at stand in a temporary table, each with its place; every statement answers with the
distinct values of a field and, packed, the places of the records that have them.
"""

import json
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from django.core.exceptions import EmptyResultSet
from django.db import connection

from crm import rules
from crm.rules.columns import Table
from leads.models import Lead
from projects.models import Project

# whole tables are read and grouped: compiling the plans, and sorting texts only to group them, cost more
TAKE = """
SET LOCAL jit = off;
SET LOCAL work_mem = '64MB';
DROP TABLE IF EXISTS pg_temp.survey;
CREATE TEMPORARY TABLE survey ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY id) - 1 AS place, chosen.*
  FROM ({chosen}) AS chosen(id, company_id, {columns})
"""
# how many rows there are matters for the plans, and a sample of 3,000 tells it as well as one of 30,000
KNOWN = "SET LOCAL default_statistics_target = 10; ANALYZE survey; RESET default_statistics_target"
NUMBERS = "SELECT coalesce(string_agg(int8send(id), ''::bytea), '') FROM {source}"
BY_HASH = "SET LOCAL enable_sort = off; {statement}; SET LOCAL enable_sort = on"
PLACES = "string_agg(int4send(place::int), ''::bytea)"
COLUMN = f"""
SELECT %s AS key, to_jsonb({{value}}) AS value, {PLACES}
  FROM survey AS p
  LEFT JOIN crm_company AS c ON c.id = p.company_id
  LEFT JOIN crm_fusionsector AS sector ON sector.id = p.sector_id
 WHERE {{value}} IS NOT NULL
 GROUP BY {{value}}
"""  # noqa: S608 (our own words)
COLUMNS = ("sector_id", "chain_position", "amount_wan", "area_sqm")
VALUES = {
    "total_investment": "p.amount_wan::text",
    "area_need": "p.area_sqm::text",
    "chain_position": "nullif(p.chain_position, '')",
    "sector": "sector.code",
    "applicant_kind": "CASE WHEN p.company_id IS NULL THEN 'team' ELSE 'company' END",
    "established_on": "c.established_on::text",
}
TRACKS = f"""
SELECT 'tracks', codes, {PLACES} FROM (
  SELECT place, jsonb_agg(track.code ORDER BY track.code) AS codes
    FROM survey JOIN {{tracks}} AS link ON link.{{link}} = survey.id
    JOIN crm_futuretrack AS track ON track.id = link.futuretrack_id
   GROUP BY place) AS tracked
 GROUP BY codes
"""  # noqa: S608 (our own words)
RECORDED = f"""
SELECT key, value, {PLACES}
  FROM crm_fact JOIN survey USING (company_id)
 WHERE is_in_use AND key = ANY(%s)
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
   SELECT FROM crm_fact WHERE is_in_use AND key = 'qualifications'
      AND crm_fact.company_id = certified.company_id AND (issued_on IS NULL OR as_of > issued_on))
 GROUP BY kinds
"""  # noqa: S608 (our own words)


@dataclass(frozen=True)
class Kind:
    """What is surveyed: its columns that are read, the table that links its tracks, what they are worth."""

    columns: tuple
    tracks: str
    link: str
    values: dict


PROJECTS = Kind(
    (*COLUMNS, "fixed_wan", "land_mu"),
    "projects_project_tracks",
    "project_id",
    {**VALUES, "fixed_investment": "p.fixed_wan::text", "land_need": "p.land_mu::text"},
)
LEADS = Kind(COLUMNS, "leads_lead_tracks", "lead_id", VALUES)


def take(after, limit):
    """Put the next open projects behind number `after` on the table; their numbers, in order.

    To be called once in a transaction, at whose end the table is gone.
    """
    return _take(Project.objects.open().filter(pk__gt=after).order_by("pk")[:limit], PROJECTS)


def take_chosen(records):
    """Put these projects or leads, a queryset, on the table; their numbers, in order. As `take` otherwise."""
    return _take(records.order_by(), LEADS if records.model is Lead else PROJECTS)


def numbers_of(records):
    """The numbers of these projects or leads in order, for when nothing else is asked: no table is made."""
    try:
        statement, values = records.order_by().values_list("pk").query.sql_with_params()
    except EmptyResultSet:  # who may see nothing
        return np.empty(0, np.int64)
    with connection.cursor() as cursor:
        return _numbers(cursor, f"({statement}) AS chosen(id)", values)


def _take(records, kind):
    columns = ", ".join(kind.columns)
    try:
        statement, values = records.values_list("pk", "company_id", *kind.columns).query.sql_with_params()
    except EmptyResultSet:  # who may see nothing
        statement, values = f"SELECT 0::bigint, 0::bigint {', NULL' * len(kind.columns)} WHERE false", ()
    with connection.cursor() as cursor:
        cursor.execute(TAKE.format(chosen=statement, columns=columns), values)
        cursor.execute(KNOWN)
        return _numbers(cursor, "survey")


def _numbers(cursor, source, values=()):
    """The ids of the rows of `source` in order, packed on the way."""
    cursor.execute(NUMBERS.format(source=source), values)
    return np.sort(np.frombuffer(cursor.fetchone()[0], ">i8").astype(np.int64))


def table(count, keys, day, kind=PROJECTS):
    """The columns of these fields for the `count` records of a kind on the table, on a day."""
    found = defaultdict(list)
    for key, value, places in _weak(keys, kind):
        found[key].append((value, places))
    for key, stronger in _by_key(_recorded(keys)).items():
        found[key] = _over(stronger, found[key])
    if "qualifications" in keys:
        found["qualifications"] = _over(_certified(day), found["qualifications"])
    return Table(count, found, day)


def _weak(keys, kind):
    """The columns of the records and their companies, which yield to recorded facts."""
    for key in kind.values.keys() & keys:
        yield from _asked(COLUMN.format(value=kind.values[key]), [key])
    if "tracks" in keys:
        yield from _asked(TRACKS.format(tracks=kind.tracks, link=kind.link), [])


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
        cursor.execute(BY_HASH.format(statement=statement), values)
        cursor.nextset()
        rows = cursor.fetchall()
    return [
        (key, json.loads(value), np.frombuffer(places, ">i4").astype(np.int32)) for key, value, places in rows
    ]
