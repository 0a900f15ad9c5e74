"""Read once: numbers, holidays and clocks of stages are read where needed, in one piece of work only once."""

from contextlib import contextmanager
from contextvars import ContextVar

_kept = ContextVar("what this piece of work has read", default=None)


@contextmanager
def read_once():
    """Let `once` answer from its first reading: for a page or a pass that asks for many."""
    if _kept.get() is not None:
        yield
        return
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def is_kept():
    """Whether a piece of work is under way that reads once."""
    return _kept.get() is not None


def once(load):
    """What `load()` answers; within `read_once` what it answered first."""
    kept = _kept.get()
    if kept is None:
        return load()
    if load not in kept:
        kept[load] = load()
    return kept[load]
