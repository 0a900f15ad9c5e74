"""Telling people: a row per person and effect, written with the change it tells of; workers deliver it."""

import os
import socket
from datetime import timedelta

from django.db import transaction

from crm.models import Attempt, Notification

BATCH = 100
LEASE = timedelta(seconds=60)


def notify(user, *, kind, key, title, at, body="", url="", items=()):
    """Queue one message; the same `key` for the same person is queued once, whoever asks again."""
    row = Notification(
        user=user, kind=kind, key=key, title=title, body=body, url=url, items=list(items), created_at=at
    )
    Notification.objects.bulk_create([row], ignore_conflicts=True)


@transaction.atomic
def deliver_batch(at, size=BATCH):
    """Deliver up to `size` undelivered messages into their inboxes; returns how many.

    In-app delivery is a database effect: mark and record commit together, so a worker killed in the
    middle leaves the messages untouched for the next one, and two workers never take the same row.
    """
    rows = Notification.objects.undelivered(at).order_by("created_at", "pk")
    ids = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True)[:size])
    worker = f"{socket.gethostname()}:{os.getpid()}"
    Attempt.objects.bulk_create([Attempt(notification_id=pk, at=at, worker=worker) for pk in ids])
    Notification.objects.filter(pk__in=ids).update(sent_at=at)
    return len(ids)


def deliver_all(at):
    """Deliver until nothing is left; returns the number of messages delivered."""
    total = 0
    while count := deliver_batch(at):
        total += count
    return total
