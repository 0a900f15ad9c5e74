"""Which missing facts are worth asking for first: the few that would settle the most sets of criteria."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from crm.rules.situation import in_order

MOST = 3  # facts asked for at once
WEIGHED = 14  # of the facts wanted most often, in every combination

Ways = Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Question:
    """Facts that, answered favourably, would settle `settled` sets of criteria."""

    keys: tuple[str, ...]
    settled: int


def best_question(open_sets: Iterable[Ways], most: int = MOST) -> Question | None:
    """The up to `most` facts that settle the most of these; None when so few settle none.

    Each set of criteria is given by its smallest sets of missing facts (`Verdict.ways`): any one of them will
    do. Of as good ones the fewest facts are asked for, and those first that more sets ask for.
    """
    counted = Counter(tuple(frozenset(way) for way in ways if len(way) <= most) for ways in open_sets if ways)
    wanted = [key for key in wanted_first(counted.elements()) if any(_asks(ways, key) for ways in counted)]
    best = None
    for size in range(1, most + 1):
        for keys in combinations(wanted[:WEIGHED], size):
            settled = sum(times for ways, times in counted.items() if any(way <= {*keys} for way in ways))
            if settled and (best is None or settled > best.settled):
                best = Question(in_order(keys), settled)
    return best


def wanted_first(open_sets: Iterable[Ways]) -> list[str]:
    """The missing facts that occur in these smallest sets, those first that more sets of criteria ask for."""
    wanted = Counter(key for ways in open_sets for key in in_order({key for way in ways for key in way}))
    return sorted(in_order(wanted), key=lambda key: -wanted[key])


def _asks(ways, key) -> bool:
    return any(key in way for way in ways)
