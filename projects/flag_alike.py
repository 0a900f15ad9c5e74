"""Clauses that read like ones that were found wrong, though no wording of the rules stands in them. Pure.

Wordings are endless; what officers wrote to get round them is alike. A linear model reads each sentence as
its fragments: runs of two to four characters, and pairs of characters up to eight apart, all numbers read as
one. How much each fragment speaks for a wrong clause was learnt from the judged wordings of the tests
(`python -m tests.projects.teaching` writes flag_alike.txt); docs/compliance.md says how well it judges.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

from projects.flag_text import NUMERALS, Folded

MODEL = Path(__file__).with_suffix(".txt")
RUNS = (2, 3, 4)  # characters
APART = range(2, 9)  # characters between the two of a pair, plus one
PAIR = "~"
NUMBERS = re.compile(rf"[0-9{NUMERALS}.]+")
STOPS = re.compile("[。;!?]")
SHORTEST = 10  # characters: in less there is nothing to compare
SHOWN = 3


@dataclass(frozen=True)
class Model:
    """What was learnt: the weight of each fragment, the start of every sum, and the wrong clauses known."""

    weights: dict[str, float]
    start: float
    known: tuple[tuple[str, str], ...]  # codes of its flags, the clause


@dataclass(frozen=True)
class Likeness:
    """A sentence of a folded text that reads like a wrong one: where, through which fragments, like which."""

    start: int
    end: int
    points: float
    fragments: tuple[str, ...]
    nearest: str
    codes: tuple[str, ...]


def likenesses(text: Folded, model: Model | None = None) -> list[Likeness]:
    """Every sentence of `text` the model finds wrong, in order."""
    model = model or learnt()
    return [found for span in sentences(text.text) if (found := _likeness(text.text, span, model))]


def sentences(text):
    """The spans between full stops that are long enough to compare."""
    start = 0
    for stop in [*(match.start() for match in STOPS.finditer(text)), len(text)]:
        if stop - start >= SHORTEST:
            yield start, stop
        start = stop + 1


def fragments(sentence):
    """The fragments of a folded sentence, each once."""
    read = NUMBERS.sub("#", sentence)
    runs = {read[i : i + length] for length in RUNS for i in range(len(read) - length + 1)}
    pairs = {f"{a}{PAIR}{b}" for apart in APART for a, b in zip(read, read[apart:], strict=False)}
    return runs | pairs


def score(sentence, model):
    """Above 0 the sentence reads like a wrong one; long sentences are no worse for being long."""
    found = fragments(sentence)
    return sum(model.weights.get(part, 0.0) for part in found) / max(len(found), 1) ** 0.5 + model.start


def _likeness(text, span, model):
    sentence = text[slice(*span)]
    points = score(sentence, model)
    if points <= 0:
        return None
    codes, nearest = nearest_known(sentence, model)
    return Likeness(*span, points, heaviest(sentence, model), nearest, tuple(codes.split()))


def heaviest(sentence, model):
    """The runs that weigh most, none inside another, as they stand in the sentence."""
    runs = sorted(
        (part for part in fragments(sentence) if PAIR not in part and "#" not in part),
        key=lambda part: (-model.weights.get(part, 0.0), part),
    )
    chosen: list[str] = []
    for part in runs:
        if len(chosen) < SHOWN and not any(part in one or one in part for one in chosen):
            chosen.append(part)
    return tuple(chosen)


def nearest_known(sentence, model):
    """The codes and the words of the known wrong clause that shares most neighbouring characters."""
    mine = neighbours(sentence)
    shares = [2 * len(mine & theirs) / (len(mine) + len(theirs)) for theirs in _known_neighbours(model.known)]
    return model.known[shares.index(max(shares))]


def neighbours(sentence):
    """The pairs of neighbouring characters of a folded sentence."""
    return frozenset(map("".join, pairwise(NUMBERS.sub("#", sentence))))


@lru_cache(maxsize=2)
def _known_neighbours(known):
    return [neighbours(Folded(clause).text) for _, clause in known]


@cache
def learnt():
    """The Model of flag_alike.txt: a line of its start, then the fragments, then the known clauses."""
    lines = [line.split("\t") for line in MODEL.read_text(encoding="utf-8").splitlines()]
    weights = {part: float(weight) for kind, part, weight in lines if kind == "w"}
    known = tuple((codes, clause) for kind, codes, clause in lines if kind == "k")
    (start,) = (float(weight) for kind, _, weight in lines if kind == "s")
    return Model(weights, start, known)
