"""Firms by the thousand for measuring: distinct names with their grams, made by a process beside ours."""

import math
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from random import Random

from crm.values import company_key, grams
from leads.duplicates import LOWEST, Subject, candidates_key
from projects.demo.firms import BRANDS, CITIES, ENDINGS, FIELDS, demo_code

BATCH = 2000
FEW = 5000  # up to here a process of its own does not pay
SPARE = 1.02  # some names come twice
LETTERS = [chr(code) for code in range(0x4E00, 0x4E00 + 2400, 3)]
PLACES = list(CITIES)


@dataclass(slots=True)
class Firm:
    """One invented firm: its name and key, grams and words of 判重 as text[] literals, city, field, code."""

    name: str
    key: str
    grams: str
    likeness: str
    city: str
    field: tuple
    uscc: str | None


def firms(count, *, first, taken):
    """At least `count` firms with keys not in the set `taken`; `first` numbers them and seeds the draw."""
    batches = range(math.ceil(count * SPARE / BATCH) + 1)
    work = partial(_batch, first)
    if count <= FEW:
        yield from _distinct(map(work, batches), taken)
        return
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as helper:
        yield from _distinct(helper.map(work, batches), taken)


def _distinct(batches, taken):
    for batch in batches:
        for firm in batch:
            if firm.key not in taken:
                taken.add(firm.key)
                yield firm


def _batch(first, number):
    random = Random(f"{first} {number}")  # noqa: S311 (measuring data)
    start = first + number * BATCH
    return [_firm(random, place) for place in range(start, start + BATCH)]


def _firm(random, place):
    pick = random.choice
    city, field = pick(PLACES), pick(FIELDS)
    brand = pick(BRANDS) + pick(LETTERS) + (pick(LETTERS) if random.random() < 0.7 else "")
    name = f"{CITIES[city][0]}{brand}{field[0]}{pick(ENDINGS)}"
    code = demo_code(city, place) if place % 3 else None
    words = candidates_key(Subject(name, uscc=code or ""), LOWEST).words
    return Firm(name, company_key(name), _array(grams(name)), _array(sorted(words)), city, field, code)


def _array(words):
    """A text[] literal; the words hold neither quotes nor backslashes."""
    return '{"' + '","'.join(words) + '"}'
