"""Re-matching of many: every open project against every fund at night, one changed fund against all of them.

The verdicts come from the columns of projects/survey.py; only sheets that say something new are written.
"""

from dataclasses import dataclass

import numpy as np

from django.db import connection, transaction

from crm.rules import VerdictCode
from crm.rules.columns import VERDICTS
from crm.workdays import shanghai_day
from projects import survey
from projects.matching import offers
from projects.models import MatchSheet

BATCH = 50_000
LETTER = np.array([MatchSheet.LETTERS[code][0] for code in VERDICTS], np.uint8)
RESERVE = MatchSheet.LETTERS[VerdictCode.RESERVE][0]
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
STANDING = """
SELECT place, verdicts, weights FROM survey JOIN projects_matchsheet ON project_id = id
"""


@dataclass
class Sheets:
    """The verdicts and weights of many projects, a row each, a place per fund as in MatchSheet."""

    verdicts: np.ndarray
    weights: np.ndarray

    @classmethod
    def blank(cls, count, slots):
        return cls(
            np.full((count, slots), MatchSheet.NONE[0], np.uint8),
            np.full((count, slots), MatchSheet.NO_WEIGHT, np.uint8),
        )

    def put(self, offer, answers):
        """What one fund says of every project."""
        letters = LETTER[answers.codes]
        self.verdicts[:, offer.slot] = RESERVE if offer.is_preparing else letters
        scores, places = answers.scores()
        weights = np.array([MatchSheet.weight(*one) for one in scores], np.uint8)
        self.weights[:, offer.slot] = weights[places]

    def row(self, place):
        return self.verdicts[place].tobytes(), self.weights[place].tobytes()


def rematch(at, after):
    """Judge the next open projects behind number `after`; the last number, None when none was left."""
    among = offers(shanghai_day(at))
    with transaction.atomic():
        numbers = survey.take(after, BATCH)
        if not len(numbers):
            return None
        judged = judge(len(numbers), among, shanghai_day(at))
        _write(numbers, judged, _news(judged), at)
    return int(numbers[-1])


def judge(count, among, day):
    """The sheets of the projects on the table of the survey, by the criteria of `among` on a day."""
    keys = set().union(*(offer.keys for offer in among))
    table = survey.table(count, keys, day)
    sheets = Sheets.blank(count, 1 + max((offer.slot for offer in among), default=-1))
    for offer in among:
        sheets.put(offer, table.verdicts(offer.plan))
    return sheets


def _news(judged):
    """The places of the projects whose sheet says something new."""
    standing = dict.fromkeys(range(len(judged.verdicts)))
    with connection.cursor() as cursor:
        cursor.execute(STANDING)
        for place, verdicts, weights in cursor:
            standing[place] = (bytes(verdicts), bytes(weights))
    return [place for place, known in standing.items() if known != judged.row(place)]


def _write(numbers, judged, places, at):
    if not places:
        return
    with connection.cursor() as cursor:
        cursor.execute(NEW)
        with cursor.copy("COPY news FROM STDIN") as copy:
            for place in places:
                copy.write_row((int(numbers[place]), *judged.row(place)))
        cursor.execute(WRITE, {"at": at})
