"""Telling of 匹配变化: who answers for a project hears once of what begins or ends to fit."""

from collections import Counter, defaultdict
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
   ORDER BY id FOR UPDATE SKIP LOCKED)
UPDATE projects_matchchange AS change SET told_at = %(at)s
  FROM claimed, projects_project AS p
 WHERE change.id = claimed.id AND p.id = change.project_id
RETURNING change.id, p.id, p.name, p.unit_id, p.station_id, p.owner_id, change.before, change.after,
          coalesce((SELECT name FROM projects_fund AS fund WHERE fund.id = change.fund_id),
                   (SELECT name FROM projects_policy AS policy WHERE policy.id = change.policy_id)),
          change.reason
"""


class Told(NamedTuple):
    """One claimed change as CLAIM gives it: the project with its people, from which verdict to which, why."""

    pk: int
    project_id: int
    project: str
    unit_id: int
    station_id: int | None
    owner_id: int | None
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
    rows = _claimed(at, project)
    if not rows:
        return 0
    readers, letters = Readers(), defaultdict(list)
    for row in rows:
        place = row.unit_id, row.station_id, row.owner_id
        for person in readers.of(Row(row.project_id, row.project, None, *place, level=DUE)):
            letters[person].append(row)
    queue([_letter(readers.by_pk[person], found, at) for person, found in letters.items()])
    return len(letters)


def _claimed(at, project):
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"at": at, "project": project and project.pk})
        return sorted(map(Told._make, cursor), key=lambda row: row.pk)


def _letter(person, rows, at):
    """A change is claimed once in its life, so the number of the first one makes the key."""
    is_one = len({row.project_id for row in rows}) == 1
    return Notification(
        user=person,
        kind=Notification.Kind.MATCH,
        key=f"match:{rows[0].pk}",
        title=_title(rows)[:120],
        body="机器按公布条件比对，结论供参考，不是承诺。",
        items=_items(rows),
        url=rows[0].url if is_one else reverse("projects:match_changes"),
        created_at=at,
    )


def _title(rows):
    first, projects = rows[0], {row.project_id for row in rows}
    if len(rows) == 1:
        return f"{first.project}：{first.what}"
    count = Counter(row.after == FIT for row in rows)
    words = {True: "新增符合", False: "不再符合"}
    told = "，".join(f"{words[is_new]} {count[is_new]} 项" for is_new in words if count[is_new])
    return (
        f"{first.project}：{told}"
        if len(projects) == 1
        else f"{len(projects)} 个项目的匹配结论有变化：{told}"
    )


def _items(rows):
    items = [
        {"kind": "match", "title": row.project, "text": f"{row.what}；原因：{row.reason}", "url": row.url}
        for row in rows[:LISTED]
    ]
    if len(rows) > LISTED:
        items.append({"kind": "more", "title": f"另有 {len(rows) - LISTED} 项变化", "text": "", "url": ""})
    return items
