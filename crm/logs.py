"""Log lines: one per event; of an error its kind and where it happened, never the data its message quotes."""

import logging
import re
import traceback
from copy import copy

from crm.errors import Refused

SECURITY = "django.security"
SECRET_PLACE = re.compile(r"(/calendar/feed/)[^\s.]+")  # the address is the key


def kind(error):
    """What may be told of `error`: its type, a refusal's code, the SQLSTATE and constraint of the database's.

    Its message is left out: the database quotes the values it refuses, a refusal the name of a company.
    """
    diagnosis = getattr(error.__cause__ or error, "diag", None)
    more = (getattr(diagnosis, "sqlstate", None), getattr(diagnosis, "constraint_name", None))
    if isinstance(error, Refused):
        more = (error.code,)
    return " ".join([type(error).__name__, *filter(None, more)])


class Line(logging.Formatter):
    """The format of every log line. Only what nobody expected brings the places it passed through."""

    def format(self, record):
        told = copy(record)
        words = " ".join(_message(record).split())
        told.msg, told.args = SECRET_PLACE.sub(r"\1…", words), None
        told.exc_text = told.stack_info = None
        if record.levelno < logging.ERROR or record.name.startswith(SECURITY):
            told.exc_info = None
        return super().format(told)

    def formatException(self, exc_info):
        """The places of the error and of its causes, each with its kind, the first cause first."""
        return "\n".join(_places(error) for error in reversed(_causes(exc_info[1])))


def _message(record):
    """The message; a failed task's, which would repeat the error's own, says its kind instead."""
    if isinstance(record.args, dict) and "exc" in record.args:
        told = kind(record.exc_info[1]) if record.exc_info else "…"
        return record.msg % {**record.args, "exc": told}
    return record.getMessage()


def _causes(error):
    found = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found


def _places(error):
    return "".join(traceback.format_tb(error.__traceback__)) + kind(error)
