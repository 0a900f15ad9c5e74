"""Telling of 匹配变化: who answers for a project hears once of what begins or ends to fit."""

from collections import defaultdict
from typing import NamedTuple

from django.db import connection, transaction
from django.urls import reverse

from crm.models import Notification
from crm.notifications import queue
from leads.lapses import Row
from leads.reminders import DUE, Readers
from projects.models import Match
from projects.models.changes import shift_in_words

LISTED = 30  # changes in one message; the rest are a number
FIT = Match.Verdict.FIT.value
# claimed and marked in one statement: of two workers each takes what the other does not
CLAIM = """
WITH claimed AS (
  SELECT id FROM projects_matchchange
   WHERE told_at IS NULL AND (%(project)s::bigint IS NULL OR project_id = %(project)s)
   ORDER BY id FOR UPDATE SKIP LOCKED), marked AS (
UPDATE projects_matchchange AS change SET told_at = %(at)s
  FROM claimed
 WHERE change.id = claimed.id
RETURNING change.id, change.project_id, change.before, change.after)
"""
# the changes just marked, of the projects that have the same people
BUNDLES = f"""
SELECT p.unit_id, p.station_id, p.owner_id, count(*) FILTER (WHERE after = '{FIT}'),
       count(*) FILTER (WHERE before = '{FIT}'), count(DISTINCT p.id),
       (array_agg(marked.id ORDER BY marked.id))[:{LISTED}]
  FROM marked JOIN projects_project AS p ON p.id = marked.project_id
 WHERE '{FIT}' IN (before, after)
 GROUP BY p.unit_id, p.station_id, p.owner_id
"""  # noqa: S608 (our own words)
SHOWN = """
SELECT change.id, p.id, p.name, change.before, change.after, coalesce(fund.name, policy.name), change.reason
  FROM projects_matchchange AS change JOIN projects_project AS p ON p.id = change.project_id
  LEFT JOIN projects_fund AS fund ON fund.id = change.fund_id
  LEFT JOIN projects_policy AS policy ON policy.id = change.policy_id
 WHERE change.id = ANY(%s) ORDER BY change.id
"""


class Bundle(NamedTuple):
    """Changes of the projects that have the same people, as BUNDLES gives them: how many begin to fit and
    how many no longer do, of how many projects, and the numbers of the first ones."""

    unit_id: int
    station_id: int | None
    owner_id: int | None
    began: int
    ended: int
    projects: int
    first: list


class Told(NamedTuple):
    """One change as a message names it: of which project, from which verdict to which, for what, and why."""

    pk: int
    project_id: int
    project: str
    before: str
    after: str
    offer: str
    reason: str

    @property
    def what(self):
        """「新增符合 润苗」."""
        return f"{shift_in_words(self.before, self.after)} {self.offer}"

    @property
    def url(self):
        return f"{reverse('projects:detail', args=[self.project_id])}#matches"


@transaction.atomic
def tell(at, project=None):
    """Tell of the changes nobody was told of yet (of one project only when given); returns how many messages.

    One message per person lists all. Without an owner who is reached the heads hear of it.
    """
    with connection.cursor() as cursor:
        cursor.execute(CLAIM + BUNDLES, {"at": at, "project": project and project.pk})
        return tell_of(map(Bundle._make, cursor.fetchall()), at)


def tell_of(bundles, at):
    """Tell of changes that are marked as told in the same transaction; returns how many messages."""
    letters = _letters(list(bundles))
    if not letters:
        return 0
    told = _told({pk for found in letters.values() for one in found for pk in one.first})
    queue([_letter(person, found, told, at) for person, found in letters.items()])
    return len(letters)


def _letters(bundles):
    """{person: the Bundles that person is told of}."""
    if not bundles:
        return {}
    readers, found = Readers(), defaultdict(list)
    for one in bundles:
        place = one.unit_id, one.station_id, one.owner_id
        for person in readers.of(Row(0, "", None, *place, level=DUE)):
            found[readers.by_pk[person]].append(one)
    return found


def _told(numbers):
    with connection.cursor() as cursor:
        cursor.execute(SHOWN, [sorted(numbers)])
        return {row[0]: Told._make(row) for row in cursor}


def _letter(person, bundles, told, at):
    """A change is marked once in its life, so the number of the first one makes the key."""
    rows = [told[pk] for pk in sorted(pk for one in bundles for pk in one.first)[:LISTED]]
    projects = sum(one.projects for one in bundles)
    counted = {"新增符合": sum(one.began for one in bundles), "不再符合": sum(one.ended for one in bundles)}
    return Notification(
        user=person,
        kind=Notification.Kind.MATCH,
        key=f"match:{rows[0].pk}",
        title=_title(rows, projects, counted)[:120],
        body="机器按公布条件比对，结论供参考，不是承诺。",
        items=_items(rows, sum(counted.values())),
        url=rows[0].url if projects == 1 else reverse("projects:match_changes"),
        created_at=at,
    )


def _title(rows, projects, counted):
    first = rows[0]
    if sum(counted.values()) == 1:
        return f"{first.project}：{first.what}"
    told = "，".join(f"{words} {count} 项" for words, count in counted.items() if count)
    return f"{first.project}：{told}" if projects == 1 else f"{projects} 个项目的匹配结论有变化：{told}"


def _items(rows, count):
    items = [
        {"kind": "match", "title": row.project, "text": f"{row.what}；原因：{row.reason}", "url": row.url}
        for row in rows
    ]
    if count > LISTED:
        items.append({"kind": "more", "title": f"另有 {count - LISTED} 项变化", "text": "", "url": ""})
    return items
