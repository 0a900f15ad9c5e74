"""Teaches projects/flag_alike.txt from the judged wordings: `python -m tests.projects.teaching`.

Class-balanced logistic regression with a ridge, solved in the space of the wordings (fewer than the
fragments). `python -m tests.projects.teaching --held-out` leaves out one table after the other instead and
prints how the rest judges it.
"""

import sys
from collections import Counter
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from projects.flag_alike import MODEL, Model, fragments, score, sentences
from projects.flag_text import Folded
from projects.flags import CLAUSE_FIELDS, COMPARES, flags_of
from tests.projects.wordings import ON, RULES, WORDINGS
from tests.projects.wordings_agreed import AGREED
from tests.projects.wordings_everyday import EVERYDAY
from tests.projects.wordings_fresh import FRESH
from tests.projects.wordings_held import ROUNDS
from tests.projects.wordings_later import LATER
from tests.projects.wordings_latest import LATEST
from tests.projects.wordings_relations import RELATIONS

TABLES = (WORDINGS, *ROUNDS, *LATER, *LATEST, *RELATIONS, *FRESH, *EVERYDAY, *AGREED)
BY_WORDS = tuple(rule for rule in RULES if rule.patterns)
RIDGE = 0.005
THRESHOLD = 0.4  # of the log odds, taken off the start so that a clause is wrong above 0
FEWEST = 2  # wordings a fragment must stand in
STEPS = 40
DIGITS = 2


class Taught(NamedTuple):
    """A wording as the model learns it."""

    fragments: frozenset
    is_wrong: bool
    codes: str
    text: str


def taught(wordings):
    """The wordings with enough words to learn from; only its words make one wrong, no field and no name."""
    for wording in wordings:
        text = "。".join(filter(None, (getattr(wording.item, field) for field in CLAUSE_FIELDS)))
        folded = Folded(text).text
        if list(sentences(folded)) and "unreadable" not in wording.codes:
            codes = sorted(_flags_of_words(wording))
            yield Taught(frozenset(fragments(folded)), bool(codes), " ".join(codes), text)


def _flags_of_words(wording):
    found = flags_of(replace(wording.item, firm_names=(), basis="", kind="other"), BY_WORDS, ON)
    said = {flag.code for flag in found if any(hit.start is not None for hit in flag.hits)}
    return said | (wording.codes & {COMPARES})


def learn(rows):
    """The Model of `rows`."""
    counts = Counter(part for row in rows for part in row.fragments)
    places = {part: place for place, part in enumerate(sorted(p for p, n in counts.items() if n >= FEWEST))}
    matrix = np.zeros((len(rows), len(places)), dtype=np.float32)
    for row, line in zip(rows, matrix, strict=True):
        line[[places[part] for part in row.fragments if part in places]] = len(row.fragments) ** -0.5
    shares, start = _fit(matrix @ matrix.T, np.array([float(row.is_wrong) for row in rows]))
    weights = matrix.T @ shares.astype(np.float32)
    kept = {part: round(float(weights[place]), DIGITS) for part, place in places.items()}
    weights = {part: weight for part, weight in kept.items() if weight}
    return Model(weights, round(start - THRESHOLD, DIGITS), known_of(rows))


def known_of(rows):
    """The wrong ones of `rows` as the Model keeps them, in one line each."""
    return tuple((row.codes, " ".join(row.text.split())) for row in rows if row.is_wrong)


def _fit(kernel, wrong):
    """Newton's method on the shares of the rows; returns them and the start of the sum."""
    kernel, size = kernel.astype(float), len(wrong)
    balance = np.where(wrong > 0, size / (2 * wrong.sum()), size / (2 * (size - wrong.sum())))
    shares, start = np.zeros(size), 0.0
    for _ in range(STEPS):
        odds = kernel @ shares + start
        chance = 1 / (1 + np.exp(-odds))
        curve = np.maximum(balance * chance * (1 - chance), 1e-9)
        system = np.ones((size + 1, size + 1))
        system[:size, :size] = kernel + RIDGE * np.diag(1 / curve)
        system[size, size] = 0
        target = np.append(odds - balance * (chance - wrong) / curve, 0)
        *shares, start = np.linalg.solve(system, target)
        shares = np.array(shares)
    return shares, float(start)


def worst(text, model):
    """The highest score of any sentence of a text."""
    folded = Folded(text).text
    return max(score(folded[slice(*span)], model) for span in sentences(folded))


def held_out():
    """For each wording, how a model judges it that was taught without its table."""
    tables = [list(taught(table)) for table in TABLES]
    for left_out, table in enumerate(tables):
        model = learn([row for place, rows in enumerate(tables) if place != left_out for row in rows])
        yield from ((row.is_wrong, worst(row.text, model)) for row in table)


def write(model):
    lines = [f"s\t-\t{model.start}"]
    lines += [f"w\t{part}\t{weight}" for part, weight in sorted(model.weights.items())]
    lines += [f"k\t{codes}\t{clause}" for codes, clause in model.known]
    MODEL.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if "--held-out" in sys.argv:
        judged = list(held_out())
        for name, is_wrong in (("wrong", True), ("sound", False)):
            scores = [points for wrong, points in judged if wrong == is_wrong]
            sys.stdout.write(f"{name}: {sum(points > 0 for points in scores)} of {len(scores)} flagged\n")
    else:
        write(learn([row for table in TABLES for row in taught(table)]))
