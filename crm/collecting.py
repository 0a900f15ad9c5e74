"""Jobs that make many rows, and Python's collector, which walks through all of them again and again."""

import gc
import threading
from contextlib import contextmanager

SELDOM = (
    50_000,
    20,
    100,
)  # by default it walks after 700 new objects: 3.4 of 15 s of an import of 20,000 rows

_jobs = threading.Lock()
_running = []


@contextmanager
def seldom_collected():
    """Within it the collector walks seldom; as before when the last of those that run at once is over.

    What is no longer held goes at once all the same; only rings of objects wait, some 100 MB at most.
    """
    with _jobs:
        _running.append(gc.get_threshold())  # the first is what it was before any of them
        gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        with _jobs:
            before = _running[0]
            _running.pop()
            if not _running:
                gc.set_threshold(*before)
