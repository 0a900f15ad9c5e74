"""日历订阅: how a person's calendar gets its secret address, is recognised by it, and loses it."""

import hashlib
import hmac
import secrets
from datetime import timedelta
from math import ceil

from django.db import connection, transaction

from crm import audit
from crm.errors import Refused
from crm.models import CalendarFeed

BYTES = 32  # of chance in an address: nobody finds one by trying
WINDOW = timedelta(hours=1)
READS = 60  # of one address in an hour; calendars ask every few minutes to every few hours
COUNT_READ = """
UPDATE crm_calendarfeed
   SET last_read_at = %(at)s,
       window_reads = CASE WHEN window_at = %(window)s THEN LEAST(window_reads, 2000000000) + 1 ELSE 1 END,
       window_at = %(window)s
 WHERE id = %(id)s
RETURNING window_reads
"""


class TooManyReads(Refused):
    """The address was read too often in this hour; `wait` says for how many seconds to stay away."""

    code = "too_many_reads"
    status = 429

    def __init__(self, wait):
        super().__init__(f"日历读取过于频繁，请在 {wait} 秒后再试。")
        self.wait = wait


@transaction.atomic
def issue(user, *, at):
    """A new secret key for the calendar of `user`, said once; the former one opens nothing any more."""
    key = secrets.token_urlsafe(BYTES)
    fresh = {"digest": _digest(key), "created_at": at, "last_read_at": None}
    fresh |= {"window_at": None, "window_reads": 0}
    CalendarFeed.objects.update_or_create(user=user, defaults=fresh)
    audit.record(user, "open_calendar", user, at=at)
    return key


@transaction.atomic
def revoke(user, *, at):
    """End the address; True when there was one."""
    is_ended = bool(CalendarFeed.objects.filter(user=user).delete()[0])
    if is_ended:
        audit.record(user, "close_calendar", user, at=at)
    return is_ended


def recognise(key):
    """The feed with its person behind `key`; None for what is unknown, revoked, or of a deactivated account.

    Compared are hashes: how long the look-up takes tells nothing of a key that exists.
    """
    digest = _digest(key)
    feed = CalendarFeed.objects.select_related("user").filter(digest=digest, user__is_active=True).first()
    return feed if feed and hmac.compare_digest(feed.digest, digest) else None


def count_read(feed, *, at):
    """Count one reading in the running hour, in one statement; raises TooManyReads above the limit."""
    window = at.replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(COUNT_READ, {"at": at, "window": window, "id": feed.pk})
        found = cursor.fetchone()
    if found and found[0] > READS:
        raise TooManyReads(ceil((window + WINDOW - at).total_seconds()))


def _digest(key):
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
