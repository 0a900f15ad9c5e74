"""One process at a time works on a job; another finds it taken and goes on."""

from contextlib import contextmanager

from django.db import connection


@contextmanager
def alone(space, job):
    """Hold the job for this process; gives False when another one has it. Freed even if the process dies.

    `space` is the number of the room the job belongs to, among the advisory locks of the database.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [space, job.pk])
        free = cursor.fetchone()[0]
        try:
            yield free
        finally:
            if free:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [space, job.pk])
