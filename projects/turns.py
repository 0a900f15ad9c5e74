"""Whose turn it is at the sheets: anybody who explains one project, or a single run over many.

A run reads what stands, keeps what changes and writes, without holding the hundred thousand projects and
sheets one by one; who opens a project meanwhile waits for its end, a second or two.
"""

from django.db import connection

KEY = 7310  # apart from the other advisory locks
ALONE = f"SELECT pg_advisory_xact_lock({KEY})"


def beside_others():
    """To be called before anything is read of a project that is to be explained; held to the end of the
    transaction. Runs over many wait, others who explain do not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [KEY])


def alone():
    """The same for a run over many: nobody explains anything until it is committed."""
    with connection.cursor() as cursor:
        cursor.execute(ALONE)
