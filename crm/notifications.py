"""Telling people: a row per person and effect, written with the change it tells of; workers deliver it."""

import os
import socket

from django.db import transaction

from crm import preferences, roles
from crm.bell import ring
from crm.models import Attempt, Notification, User
from crm.outgoing import queue_out

BATCH = 100
DELIVER = "crm.tasks.deliver"


def notify(user, *, kind, key, title, at, body="", url="", items=()):
    """Queue one message; the same `key` for the same person is queued once, whoever asks again.

    Commits with the caller's transaction or not at all; a worker is rung after that commit.
    """
    row = Notification(
        user=user, kind=kind, key=key, title=title[:120], body=body, url=url, items=list(items), created_at=at
    )
    queue([row])


def queue(rows):
    """Queue these messages, not yet saved, at once; of keys queued before nothing comes again."""
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    ring(DELIVER)


def responsible(unit):
    """Who answers for a unit: its active heads; without any, the bureau."""
    heads = list(User.objects.filter(is_active=True, role=roles.HEAD, unit=unit))
    return heads or bureau()


def bureau():
    """The active people of the bureau, who answer for the district."""
    return list(User.objects.filter(is_active=True, role=roles.MANAGER))


def tell_forced(record, change):
    """Tell the owner and the unit's heads that `record` was moved past its gate, by whom and why."""
    people = {person.pk: person for person in responsible(record.unit)}
    if record.owner and record.owner.is_active:
        people[record.owner_id] = record.owner
    people.pop(change.by_id, None)
    lacking = f"当时缺少：{''.join(change.missing)}" if change.missing else "当时材料齐备。"
    for person in people.values():
        notify(
            person,
            kind=Notification.Kind.STAGE,
            key=f"forced:{record._meta.label_lower}:{change.pk}",
            title=f"{change.by}强制推进了{record}",
            body=f"进入「{record.stages.labels[change.stage]}」，理由：{change.reason}\n{lacking}",
            url=record.get_absolute_url(),
            at=change.entered_at,
        )


@transaction.atomic
def deliver_batch(at, size=BATCH):
    """Deliver up to `size` undelivered messages into their inboxes; returns how many.

    In-app delivery is a database effect: mark and record commit together, so a worker killed in the
    middle leaves the messages untouched for the next one, and two workers never take the same row. What
    goes out beside (mail, robots) is queued with it.
    """
    rows = Notification.objects.undelivered(at).order_by("created_at", "pk")
    ids = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True)[:size])
    worker = f"{socket.gethostname()}:{os.getpid()}"
    Attempt.objects.bulk_create([Attempt(notification_id=pk, at=at, worker=worker) for pk in ids])
    Notification.objects.filter(pk__in=ids).update(sent_at=at)
    Notification.objects.filter(pk__in=_muted(ids)).update(read_at=at)
    queue_out(ids, at)
    return len(ids)


def _muted(ids):
    """Those of these messages that their people want kept as read."""
    wishing = Notification.objects.filter(pk__in=ids, user__preference__muted_kinds__len__gt=0)
    rows = wishing.select_related("user__preference")
    return [row.pk for row in rows if preferences.is_muted(row.user.preference, row)]


def deliver_all(at):
    """Deliver until nothing is left; returns the number of messages delivered."""
    total = 0
    while count := deliver_batch(at):
        total += count
    return total
