"""Re-matching of many: all open projects against all offers at night; against one: projects/rejudging.py.

The verdicts come from the columns of projects/survey.py; only sheets that say something new are written.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from django.db import connection, transaction

from crm.rules.columns import VERDICTS, Table
from crm.workdays import shanghai_day
from projects import survey, turns
from projects.models import MatchSheet
from projects.offers import offers
from projects.shift_letters import tell
from projects.shifts import keep, shifted

BATCH = 50_000
LETTER = np.array([MatchSheet.LETTERS[code][0] for code in VERDICTS], np.uint8)
NEW = """
DROP TABLE IF EXISTS pg_temp.news;
CREATE TEMPORARY TABLE news (project_id bigint, verdicts bytea, weights bytea) ON COMMIT DROP
"""
WRITE = """
INSERT INTO projects_matchsheet AS sheet (project_id, verdicts, weights, judged_at)
SELECT news.project_id, news.verdicts, news.weights, %(at)s
  FROM news JOIN projects_project AS project ON project.id = news.project_id
ON CONFLICT (project_id) DO UPDATE
   SET verdicts = EXCLUDED.verdicts, weights = EXCLUDED.weights, judged_at = EXCLUDED.judged_at
 WHERE sheet.judged_at <= EXCLUDED.judged_at
"""
STOOD = """
SELECT project_id, sheet.verdicts, judged_at, explained_at
  FROM projects_matchsheet AS sheet JOIN news USING (project_id)
 WHERE judged_at <= %(at)s ORDER BY project_id
"""
STANDING = """
SELECT id, verdicts, weights FROM survey LEFT JOIN projects_matchsheet ON project_id = id ORDER BY id
"""


@dataclass
class Sheets:
    """The verdicts and weights of many projects, a row each, a place per fund and policy as in MatchSheet;
    beside them the table of facts they were judged by."""

    verdicts: np.ndarray
    weights: np.ndarray
    table: Table

    @classmethod
    def blank(cls, count, slots, table):
        return cls(
            np.full((count, slots), MatchSheet.NONE[0], np.uint8),
            np.full((count, slots), MatchSheet.NO_WEIGHT, np.uint8),
            table,
        )

    def put(self, offer, answers):
        """What one fund or policy says of every project."""
        settled = offer.settled and MatchSheet.LETTERS[offer.settled.code][0]
        self.verdicts[:, offer.slot] = settled or LETTER[answers.codes]
        scores, places = answers.scores()
        weights = np.array([MatchSheet.weight(*one) for one in scores], np.uint8)
        self.weights[:, offer.slot] = weights[places]

    def row(self, place):
        return self.verdicts[place].tobytes(), self.weights[place].tobytes()


def rematch(at, after):
    """Judge the next open projects behind number `after`; the last number, None when none was left.

    Verdicts that changed are kept with their reasons as they are found, and told when all were judged.
    """
    among = offers(shanghai_day(at))
    with transaction.atomic():
        batch = survey.take(after, BATCH)
        if len(batch):
            judged = judge(batch, among, shanghai_day(at))
            rows = _news(judged)
            _write(rows, Writing(at, {offer.slot: offer for offer in among}, batch.numbers, judged.table))
            return int(batch.numbers[-1])
    tell(at)
    return None


def judge(surveyed, among, day):
    """The sheets of the projects of a Survey, by the criteria of `among` on a day."""
    keys = set().union(*(offer.plan.needs for offer in among))
    table = surveyed.table(keys, day)
    sheets = Sheets.blank(len(surveyed), 1 + max((offer.slot for offer in among), default=-1), table)
    for offer in among:
        sheets.put(offer, table.verdicts(offer.plan))
    return sheets


def _news(judged):
    """(project, verdicts, weights) of those whose sheet says something new."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(STANDING)
        for place, (project, *stood) in enumerate(cursor):
            row = judged.row(place)
            if row != tuple(one and bytes(one) for one in stood):
                found.append((project, *row))
    return found


@dataclass(frozen=True)
class Writing:
    """New rows on their way to the sheets: when, by which offers; of which projects, and what is known."""

    at: datetime
    by_slot: dict
    numbers: np.ndarray
    table: Table


def _write(rows, writing):
    """Bring the new (project, verdicts, weights) to the sheets, and keep what that changes.

    Nobody else writes meanwhile (projects/turns.py), so of two that come to the same new verdict one keeps
    the change.
    """
    turns.alone()
    fresh = {project: verdicts for project, verdicts, _ in rows}
    values = {"at": writing.at}
    with connection.cursor() as cursor:
        cursor.execute(NEW)
        with cursor.copy("COPY news FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(STOOD, values)
        shifts = [one for row in cursor for one in _shifts(row, fresh[row[0]], writing)]
        keep(shifts, writing.at)
        cursor.execute(WRITE, values)


def _shifts(row, verdicts, writing):
    """The verdicts that changed on one sheet, (project, verdicts, judged_at, explained_at) as it stood."""
    project, *sheet = row
    known = writing.table.known(np.searchsorted(writing.numbers, project))
    return shifted(project, writing.by_slot, sheet, verdicts, known)
