"""Timing: rows of the result with their floors, percentiles, and work done in a process of its own."""

import math
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from statistics import median

from django.db import connections

from tests.bench import machine

MS = 1000
CHILDREN = get_context("forkserver")
CHILDREN.set_forkserver_preload(["tests.bench.ready"])


@dataclass
class Row:
    """One figure, and the least it could be: `floor` was timed in the same run and `floor_is` says how."""

    name: str
    value: float
    unit: str
    floor: float
    floor_is: str
    more: dict = field(default_factory=dict)

    @property
    def ratio(self):
        return round(self.value / self.floor, 2) if self.floor else None

    def to_json(self):
        found = asdict(self) | {
            "value": round(self.value, 3),
            "floor": round(self.floor, 3),
            "ratio": self.ratio,
        }
        return found | found.pop("more")


@dataclass(frozen=True)
class Spent:
    """What work in a process of its own gave, took, and held at most."""

    result: object
    seconds: float
    peak_mb: float
    began: float = 0.0
    ended: float = 0.0


class Book:
    """The rows of one run in the order in which they were measured; `say` tells each as it comes."""

    def __init__(self, size, calls, say):
        self.size, self.calls, self.say = size, calls, say
        self.rows = []

    def add(self, name, value, unit, floor, floor_is, **more):
        """Take down one figure; `more` are its queries, rows, peak_mb …"""
        row = Row(
            name, value, unit, floor, floor_is, {**more, "load": machine.load(), "pace": machine.pace()}
        )
        self.rows.append(row)
        self.say(line(row))

    def calls_of(self, name, call, floor, floor_is, **more):
        """Time `call(n)` and `floor(n)` in turns, in ms: the p95 of both, with the median beside."""
        values, floors = [], []
        for number in range(self.calls):
            values.append(timed(call, number))
            floors.append(timed(floor, number))
        spread = {"p50": round(median(values), 2), "calls": self.calls}
        self.add(name, p95(values), "ms", p95(floors), floor_is, **spread, **more)


def line(row):
    """A row as a person reads it."""
    more = {key: value for key, value in row.more.items() if key not in ("load", "pace", "calls")}
    words = "  ".join(f"{key} {value}" for key, value in more.items())
    return f"{row.name:<34}{row.value:>10.2f} {row.unit:<3}  ÷{row.ratio or 0:<8g}{words}"


def timed(work, *args):
    """Milliseconds that `work(*args)` takes."""
    began = time.perf_counter()
    work(*args)
    return (time.perf_counter() - began) * MS


def p95(values):
    """The value that 95 of 100 stay below."""
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


def typical(work, times=5):
    """The median of several runs, in seconds."""
    return median(timed(work) for _ in range(times)) / MS


def apart(work, *args):
    """Do `work(*args)` in a fresh worker and say what it took; memory includes its own children."""
    return together([(work, *args)])[0]


def together(works):
    """Several works side by side, each in a process of its own, all beginning at the same moment."""
    connections.close_all()
    start = time.monotonic() + (0.5 if len(works) > 1 else 0)
    with ProcessPoolExecutor(len(works), mp_context=CHILDREN) as processes:
        return list(processes.map(_watched, [start] * len(works), works))


def _watched(start, work):
    do, *args = work
    connections["default"].ensure_connection()
    time.sleep(max(0.0, start - time.monotonic()))
    began = time.monotonic()
    result = do(*args)
    ended = time.monotonic()
    usage = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return Spent(result, ended - began, round(max(usage) / 1024, 1), began, ended)
