"""Cheap planning for rows with many look-up tables: PostgreSQL joins them in the order we wrote."""

import re
from contextlib import contextmanager

from psycopg import ServerCursor

from django.db import connection

QUESTION = re.compile(r"[\s(]*SELECT\b")
KEPT, FREE = "SET LOCAL join_collapse_limit = 1", "SET LOCAL join_collapse_limit TO DEFAULT"


@contextmanager
def as_written():
    """Queries inside keep the order of their joins.

    With seven look-up tables beside a lead the planner weighs thousands of orders for 40 ms to 200 ms and
    ends with the order we wrote; told so, it needs 2 ms.
    """
    with connection.execute_wrapper(_keep_order):
        yield


def _keep_order(execute, sql, params, many, context):
    """Send the setting in front of the question, in the same message, and behind it take it back.

    Outside a transaction the message is one by itself, whose end takes it back. What is read row by row is
    planned when it is declared, always within a transaction: it gets the setting before.
    """
    if not QUESTION.match(sql):
        return execute(sql, params, many, context)
    cursor = context["cursor"]
    if isinstance(cursor.cursor, ServerCursor):
        with connection.cursor() as other:
            other.execute(KEPT)
            found = execute(sql, params, many, context)
            other.execute(FREE)
        return found
    behind = f";{FREE}" if connection.in_atomic_block else ""
    found = execute(f"{KEPT};{sql}{behind}", params, many, context)
    cursor.nextset()  # past the answer to SET
    return found
