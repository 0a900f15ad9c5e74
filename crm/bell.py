"""The doorbell: wake a worker after commit. Rows are the queue: a lost ring costs seconds, not work."""

import logging
import threading
import time

from celery import current_app

from django.db import transaction

logger = logging.getLogger(__name__)

PATIENCE = 0.9  # seconds a request waits for the broker: below the second we promise
SILENCE = 5.0  # seconds without a further try after a failure


class Breaker:
    """Remembers that the broker did not answer, so that the next requests do not wait for it again."""

    def __init__(self):
        self._closed_until = 0.0

    def is_open(self):
        return time.monotonic() < self._closed_until

    def trip(self):
        self._closed_until = time.monotonic() + SILENCE

    def reset(self):
        self._closed_until = 0.0


breaker = Breaker()


def ring(task, *args):
    """Call `task` (a Celery task or its name) in a worker once the present transaction has committed.

    Never raises and never holds the caller longer than a second: with the broker refused, hung or
    unknown the ring is dropped with one line in the log, and the beat's sweep finds the work.
    """
    name = getattr(task, "name", task)
    transaction.on_commit(lambda: _publish(name, args))


def _publish(name, args):
    if breaker.is_open():
        return
    error = _within_patience(name, args)
    if error is not None:
        breaker.trip()
        logger.warning("broker did not take %s: %s; silent for %.0f s", name, error, SILENCE)


def _within_patience(name, args):
    """Publish in a thread of its own; the name of what went wrong, or None.

    Socket time-outs alone do not bound it: the Redis client retries a silent server three times, and
    looking up a host name knows no time-out at all.
    """
    app, outcome = current_app._get_current_object(), ["no answer"]
    thread = threading.Thread(target=_send, args=(app, name, args, outcome), daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return outcome[0]


def _send(app, name, args, outcome):
    try:
        app.send_task(name, args=args, retry=False, ignore_result=True)
        outcome[0] = None
    except Exception as error:  # noqa: BLE001 (whatever a transport raises, the request goes on; see the log)
        outcome[0] = type(error).__name__
