"""One process at a time works on a job; another finds it taken and goes on. A broken one stops no other."""

import logging
from contextlib import contextmanager

from celery.exceptions import SoftTimeLimitExceeded

from django.db import InterfaceError, OperationalError, connection

from crm.logs import kind

logger = logging.getLogger(__name__)

# what passes by itself: the worker's time is up, the database is away; the next minute goes on
PASSING = (SoftTimeLimitExceeded, OperationalError, InterfaceError)


def each(rows, work, what, give_up):
    """`work(row)` on each of `rows`; one that breaks is logged as `what` and handed to `give_up`.

    The rest goes on. What passes by itself rises.
    """
    for row in rows:
        try:
            work(row)
        except PASSING:
            raise
        except Exception as error:  # noqa: BLE001 (one broken row must not hold up those behind it; it is marked and logged)
            logger.error("%s %s failed: %s", what, row.pk, kind(error))
            give_up(row)


def alone(space, job):
    """Hold the job for this process; gives False when another one has it. Freed even if the process dies.

    `space` is the number of the room the job belongs to, among the advisory locks of the database.
    """
    return holding(space, job.pk)


@contextmanager
def holding(space, key):
    """Hold `key` of the room `space` as `alone` holds a job: for work of which there is one for everybody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [space, key])
        free = cursor.fetchone()[0]
        try:
            yield free
        finally:
            if free:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [space, key])
