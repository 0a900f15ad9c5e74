"""Read once: numbers, holidays and clocks of stages are read where needed, in one piece of work only once."""

from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_kept = ContextVar("what this piece of work has read", default=None)


@dataclass(frozen=True)
class Reading:
    """What is read once: `rows()` asks for it, a queryset, of which `made` makes what is kept."""

    rows: Callable
    made: Callable

    def __call__(self):
        return self.made(self.rows())


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


def is_awaited(reading):
    """Whether the piece of work under way may still ask for `reading`, which nobody has read for it."""
    kept = _kept.get()
    return kept is not None and reading not in kept


def keep(reading, rows):
    """Let the piece of work under way answer from these rows, which were asked for with others."""
    _kept.get()[reading] = reading.made(rows)


def once(load):
    """What `load()` answers; within `read_once` what it answered first."""
    kept = _kept.get()
    if kept is None:
        return load()
    if load not in kept:
        kept[load] = load()
    return kept[load]
