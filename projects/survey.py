"""What is known of many projects or leads at once, as columns: the same that projects/known.py finds for one.

Every statement answers with the distinct values of a field and, packed, the numbers of the records or
companies that have them; whose they are is found here. Of some records those stand in a temporary table
meanwhile. Of all that are open no table is made, and nothing is asked for company by company: facts and
founding days are read in the order of an index that holds the values themselves.
"""

import json
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from django.core.exceptions import EmptyResultSet
from django.db import connection

from crm import certificates
from crm.models import Company, Fact
from crm.rules.columns import Table
from leads.models import Lead
from projects.models import Project

# whole tables are read and grouped: compiling the plans, and sorting texts only to group them, cost more
CALM = "SET LOCAL jit = off; SET LOCAL work_mem = '64MB'"
TAKE = """
DROP TABLE IF EXISTS pg_temp.survey;
CREATE TEMPORARY TABLE survey ON COMMIT DROP AS SELECT * FROM {source} AS p
"""
# how many rows there are matters for the plans, and a sample of 3,000 tells it as well as one of 30,000
KNOWN = "SET LOCAL default_statistics_target = 10; ANALYZE survey; RESET default_statistics_target"
BY_HASH = "SET LOCAL enable_sort = off; {statement}; SET LOCAL enable_sort = on"
PACKED = "coalesce(string_agg({one}, ''::bytea), '')"
NUMBERS = f"SELECT {PACKED.format(one='int8send(id)')} FROM ({{statement}}) AS chosen (id)"  # noqa: S608
BOTH = f"""
SELECT {PACKED.format(one="int8send(id)")}, {PACKED.format(one="int8send(coalesce(company_id, 0))")}
  FROM {{source}} AS p
"""  # noqa: S608 (our own words)
CHOSEN = "(SELECT * FROM ({statement}) AS chosen (id, company_id, {columns}))"
ONLY = "AND {column} IN (SELECT company_id FROM survey)"
COLUMN = f"""
SELECT %s AS key, to_jsonb({{value}}) AS value, {PACKED.format(one="int8send(p.id)")}
  FROM {{source}} AS p LEFT JOIN crm_fusionsector AS sector ON sector.id = p.sector_id
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
}
TRACKS = f"""
SELECT 'tracks', codes, {PACKED.format(one="int8send(number)")} FROM (
  SELECT link.{{link}} AS number, jsonb_agg(track.code ORDER BY track.code) AS codes
    FROM {{tracks}} AS link JOIN crm_futuretrack AS track ON track.id = link.futuretrack_id
   WHERE link.{{link}} IN (SELECT id FROM {{source}} AS p)
   GROUP BY link.{{link}}) AS tracked
 GROUP BY codes
"""  # noqa: S608 (our own words)
FOUNDED = f"""
SELECT 'established_on', to_jsonb(established_on::text), {PACKED.format(one="int8send(id)")}
  FROM crm_company WHERE established_on IS NOT NULL {{only}}
 GROUP BY established_on
"""  # noqa: S608 (our own words)
# which of the companies are none for sure (crm.models.companies.IS_WORKING_TITLE): unknown, so weaker than
# whatever was recorded, and stronger than that there is a company
UNTOLD = f"""
SELECT 'applicant_kind', 'null'::jsonb, {PACKED.format(one="int8send(id)")}
  FROM ({{titles}}) AS untold (id) WHERE true {{only}}
HAVING count(*) > 0
"""  # noqa: S608 (our own words)
RECORDED = f"""
SELECT key, value, {PACKED.format(one="int8send(company_id)")}
  FROM crm_fact WHERE is_in_use AND key = ANY(%s) {{only}}
 GROUP BY key, value
"""  # noqa: S608 (our own words)
# per company the words of its certificates as crm/certificates.py has them, beside the list in use
CERTIFIED = f"""
WITH certified AS (
  SELECT q.company_id, f.value AS listed, jsonb_agg(DISTINCT CASE
           WHEN q.ended_on IS NULL AND coalesce(q.expires_on >= %s, true) THEN CASE WHEN f.as_of <=
             greatest(q.issued_on, (q.updated_at AT TIME ZONE 'Asia/Shanghai')::date) THEN 'V' ELSE 'v' END
           WHEN f.as_of <= least(q.expires_on, q.ended_on) THEN 'O' ELSE 'o' END
           || q.kind COLLATE "C") AS words
    FROM crm_qualification AS q LEFT JOIN crm_fact AS f
      ON f.company_id = q.company_id AND f.key = '{certificates.KEY}' AND f.is_in_use
   WHERE (q.ended_on IS NULL OR q.ended_as = 'lost') {{only}} GROUP BY q.company_id, f.value)
SELECT '{certificates.KEY}', jsonb_build_array(listed, words), {PACKED.format(one="int8send(company_id)")}
  FROM certified GROUP BY listed, words
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


class Bearers:
    """Which places bear a number; a company's may be several, of records that are not looked at none."""

    def __init__(self, numbers):
        self.places = np.argsort(numbers, kind="stable").astype(np.int32)
        in_order = numbers[self.places]
        self.first = np.flatnonzero(np.diff(in_order, prepend=-1))
        self.known = in_order[self.first]
        self.times = np.diff(self.first, append=len(in_order))

    def of(self, numbers):
        """(the places that bear these numbers, one after the other; how many each number has)."""
        if not len(self.known):
            return np.empty(0, np.int32), np.zeros(len(numbers), np.int64)
        at = np.searchsorted(self.known, numbers).clip(max=len(self.known) - 1)
        times = np.where(self.known[at] == numbers, self.times[at], 0)
        further = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
        return self.places[np.repeat(self.first[at], times) + further], times


@dataclass(frozen=True)
class Survey:
    """The records looked at: their numbers in order, of each the number of its company (0 for none), and
    where statements find them: `source` with its `values`. With `only_these` that is the temporary table.
    """

    kind: Kind
    numbers: np.ndarray
    companies: np.ndarray
    source: str
    values: tuple
    only_these: bool

    def __len__(self):
        return len(self.numbers)

    def table(self, keys, day):
        """The columns of these fields, a row for each record, on a day; within the same transaction."""
        records, companies = Bearers(self.numbers), Bearers(self.companies)
        found = _by_key(_placed(self._columns(keys), records))
        if "established_on" in keys:
            found["established_on"] = _by_key(_placed(self._founded(), companies))["established_on"]
        if "applicant_kind" in keys:
            untold = _by_key(_placed(self._untold(), companies))["applicant_kind"]
            found["applicant_kind"] = self._over(untold, found["applicant_kind"])
        for key, stronger in _by_key(_placed(self._recorded(keys), companies)).items():
            found[key] = self._over(stronger, found[key])
        if certificates.KEY in keys:
            rows = _placed(self._certified(day), companies)
            held = [(_held(*said), places) for _, said, places in rows]
            found[certificates.KEY] = self._over(held, found[certificates.KEY])
        return Table(len(self), found, day)

    def _columns(self, keys):
        """The columns of the records themselves, which yield to recorded facts."""
        for key in self.kind.values.keys() & keys:
            statement = COLUMN.format(value=self.kind.values[key], source=self.source)
            yield from _asked(statement, [key, *self.values])
        if "tracks" in keys:
            statement = TRACKS.format(tracks=self.kind.tracks, link=self.kind.link, source=self.source)
            yield from _asked(statement, self.values)

    def _founded(self):
        return _asked(FOUNDED.format(only=self._only("id")), [])

    def _untold(self):
        titles, values = Company.objects.working_titles().values_list("pk").query.sql_with_params()
        return _asked(UNTOLD.format(titles=titles, only=self._only("id")), values)

    def _recorded(self, keys):
        """The facts in use; of all companies those with a short value stand in an index, the few others in
        one of their own."""
        if self.only_these:
            return _asked(RECORDED.format(only=self._only("company_id")), [list(keys)])
        parts = (f"AND {Fact.SHORT}", f"AND NOT {Fact.SHORT}")
        return [row for part in parts for row in _asked(RECORDED.format(only=part), [list(keys)])]

    def _certified(self, day):
        return _asked(CERTIFIED.format(only=self._only("q.company_id")), [day])

    def _only(self, column):
        return ONLY.format(column=column) if self.only_these else ""

    def _over(self, stronger, weaker):
        """Both lists of (value, places), the weaker without the places that the stronger speaks of."""
        free = np.ones(len(self), bool)
        for _, places in stronger:
            free[places] = False
        left = [(value, places[free[places]]) for value, places in weaker]
        return [*stronger, *((value, places) for value, places in left if len(places))]


def take(after, limit):
    """The next open projects behind number `after`.

    To be called once in a transaction, at whose end the table of them is gone.
    """
    return take_chosen(Project.objects.open().filter(pk__gt=after).order_by("pk")[:limit])


def take_chosen(records):
    """These projects or leads, a queryset; as `take` otherwise."""
    kind = LEADS if records.model is Lead else PROJECTS
    source, values = _chosen(records if records.query.is_sliced else records.order_by(), kind)
    with connection.cursor() as cursor:
        cursor.execute(f"{CALM}; {TAKE.format(source=source)}", values)
        cursor.execute(KNOWN)
    return _survey(kind, "survey", (), only_these=True)


def everything():
    """All open projects."""
    source, values = _chosen(Project.objects.open().order_by(), PROJECTS)
    with connection.cursor() as cursor:
        cursor.execute(CALM)
    return _survey(PROJECTS, source, tuple(values), only_these=False)


def numbers_of(records):
    """The numbers of these projects or leads in order, for when nothing else is asked: no table is made."""
    try:
        statement, values = records.order_by().values_list("pk").query.sql_with_params()
    except EmptyResultSet:  # who may see nothing
        return np.empty(0, np.int64)
    with connection.cursor() as cursor:
        cursor.execute(NUMBERS.format(statement=statement), values)
        return np.sort(_unpacked(cursor.fetchone()[0]))


def _chosen(records, kind):
    """(what stands in FROM for these records, its values): id, company_id and the columns of their kind."""
    try:
        statement, values = records.values_list("pk", "company_id", *kind.columns).query.sql_with_params()
    except EmptyResultSet:  # who may see nothing
        statement, values = f"SELECT 0::bigint, 0::bigint {', NULL' * len(kind.columns)} WHERE false", ()
    return CHOSEN.format(statement=statement, columns=", ".join(kind.columns)), values


def _survey(kind, source, values, only_these):
    with connection.cursor() as cursor:
        cursor.execute(BOTH.format(source=source), values)
        numbers, companies = map(_unpacked, cursor.fetchone())
    order = np.argsort(numbers)
    return Survey(kind, numbers[order], companies[order], source, values, only_these)


def _asked(statement, values):
    """(key, value, the packed numbers) of each row."""
    with connection.cursor() as cursor:
        cursor.execute(BY_HASH.format(statement=statement), values)
        cursor.nextset()
        return cursor.fetchall()


def _placed(rows, bearers):
    """(key, value, places) of each of these rows that some record bears."""
    rows = list(rows)
    if not rows:
        return []
    packed = [numbers for _, _, numbers in rows]
    places, times = bearers.of(_unpacked(b"".join(packed)))
    ends = np.cumsum(times)[np.cumsum([len(one) // 8 for one in packed]) - 1].tolist()
    return [
        (key, json.loads(value), places[start:end])
        for (key, value, _), start, end in zip(rows, [0, *ends], ends, strict=False)
        if end > start
    ]


def _unpacked(numbers):
    return np.frombuffer(numbers, ">i8").astype(np.int64)


def _by_key(rows):
    found = defaultdict(list)
    for key, value, places in rows:
        found[key].append((value, places))
    return found


def _held(listed, words):
    """The 资质 of a company of which a list, or none, and these words of certificates are known."""
    return certificates.held(words, certificates.read_list(listed))
