"""Who is at work: told to the database with every statement that may change a row (docs/history.md).

The triggers of the history of fields read it from `crm.author`, which lasts as long as the transaction: it
travels in front of the write, in the same message, so reading costs nothing and no request inherits it.
"""

import json
import re
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import connection

PAGE, API, TASK, COMMAND = "page", "api", "task", "command"
WRITES = re.compile(r"\s*(UPDATE|DELETE|INSERT|MERGE|WITH|DO|CALL)\b", re.IGNORECASE)
CHANGES = re.compile(r"\b(UPDATE|DELETE|MERGE|DO|CALL)\b", re.IGNORECASE)
UNSAFE = re.compile(r"[^\w .:-]")  # what is left needs no quoting, neither as JSON, in SQL nor beside %s


@dataclass
class Author:
    """Through which door the work comes, of which request, and who does it: a person's number, or a name
    (a partner, a task, a command)."""

    channel: str
    request_id: str = ""
    by: int | None = None
    name: str = ""

    def as_json(self):
        return json.dumps(
            {"channel": self.channel, "request": self.request_id, "by": self.by, "name": _plain(self.name)}
        )


_author = ContextVar("author", default=None)


@contextmanager
def acting(channel, name="", request_id=""):
    """Everything written inside is signed with `channel` and `name`, later also with who is recognised.

    Inside another one the inner signs.
    """
    token = _author.set(Author(channel, request_id, name=name))
    try:
        with nullcontext() if _sign in connection.execute_wrappers else connection.execute_wrapper(_sign):
            yield
    finally:
        _author.reset(token)


def signed_by(person):
    """The work at hand is that of `person`, a User or a partner's principal; nobody signs nothing."""
    author = _author.get()
    if author is not None and person.is_authenticated:
        author.by, author.name = person.pk, "" if person.pk else str(person)


def _sign(execute, sql, params, many, context):
    """Send the author in front of a statement that may change rows; every statement anew, because a
    savepoint that is rolled back takes the setting with it.

    Outside a transaction both statements of the message are one. `executemany` sends its statement many
    times and gets the author before them, which holds inside a transaction only.
    """
    if not (isinstance(sql, str) and WRITES.match(sql) and CHANGES.search(sql)):
        return execute(sql, params, many, context)
    setting = f"SET LOCAL crm.author = '{_author.get().as_json()}'"
    if many:
        context["cursor"].cursor.execute(setting)
        return execute(sql, params, many, context)
    found = execute(f"{setting};{sql}", params, many, context)
    context["cursor"].nextset()  # past the answer to SET
    return found


def _plain(name):
    return UNSAFE.sub("", name)[:80]
