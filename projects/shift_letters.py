"""Telling of 匹配变化: who answers for a project hears once of what begins or ends to fit."""

from collections import Counter, defaultdict

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
        for person in readers.of(Row(row[1], row[2], None, *row[3:6], level=DUE)):
            letters[person].append(row)
    queue([_letter(readers.by_pk[person], found, at) for person, found in letters.items()])
    return len(letters)


def _claimed(at, project):
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"at": at, "project": project and project.pk})
        return sorted(cursor.fetchall())


def _letter(person, rows, at):
    """The first row claimed is told once in a lifetime, so its number makes the key."""
    projects = {row[1] for row in rows}
    items = [_item(row) for row in rows[:LISTED]]
    if len(rows) > LISTED:
        items.append({"kind": "more", "title": f"另有 {len(rows) - LISTED} 项变化", "text": "", "url": ""})
    is_one = len(projects) == 1
    return Notification(
        user=person,
        kind=Notification.Kind.MATCH,
        key=f"match:{rows[0][0]}",
        title=_title(rows, projects)[:120],
        body="机器按公布条件比对，结论供参考，不是承诺。",
        items=items,
        url=f"{_address(rows[0])}#matches" if is_one else reverse("projects:match_changes"),
        created_at=at,
    )


def _title(rows, projects):
    _, _, name, *_, before, after, offer, _ = rows[0]
    if len(rows) == 1:
        return f"{name}：{shift_in_words(before, after)} {offer}"
    count = Counter(row[7] == FIT for row in rows)
    words = {True: "新增符合", False: "不再符合"}
    told = "，".join(f"{words[is_new]} {count[is_new]} 项" for is_new in (True, False) if count[is_new])
    return f"{name}：{told}" if len(projects) == 1 else f"{len(projects)} 个项目的匹配结论有变化：{told}"


def _item(row):
    _, _, name, *_, before, after, offer, reason = row
    text = f"{shift_in_words(before, after)} {offer}；原因：{reason}"
    return {"kind": "match", "title": name, "text": text, "url": f"{_address(row)}#matches"}


def _address(row):
    return reverse("projects:detail", args=[row[1]])
