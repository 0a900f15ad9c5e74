"""A table whose header nobody knows: which of its first rows may be the header, for a person to say."""

import re

from crm.values import plain

SHOWN = 20  # rows a person is shown to find the header among
BELOW = 4  # rows shown of a header that stands further down, itself among them
LONGEST = 60  # characters of a header; beyond it the text is a sentence or worse
A_NUMBER = re.compile(r"[\d\s.,%:/年月日-]+")


def first_lines(rows, near=None):
    """[(row number, texts)] of the first rows, and of those from row number `near` on if it stands below.

    Each text is cut just beyond LONGEST: what is longer is no header.
    """
    shown = [*rows[:SHOWN], *(row for row in rows[SHOWN:] if near and 0 <= row.number - near < BELOW)]
    return [(row.number, [plain(cell)[: LONGEST + 1] for cell in row.cells]) for row in shown]


def may_head(texts):
    """Whether these cells may be a header: two different words at least, and nothing long."""
    words = {text for text in texts if text and not A_NUMBER.fullmatch(text)}
    return len(words) >= 2 and all(len(text) <= LONGEST for text in texts)


def likeliest(rows, known):
    """The place of the row that is most likely the header; None when nothing here looks like a table.

    `known` is how many columns of each row are known by their name. Below a header stands a row that fills
    two of its columns; of several the one with more known columns, then with more words, then the first.
    """
    lines = [texts for _, texts in first_lines(rows)]
    fit = [
        place
        for place, texts in enumerate(lines)
        if may_head(texts) and _is_filled(texts, lines[place + 1 :])
    ]
    return max(fit, key=lambda place: (known[place], len(set(lines[place])), -place), default=None)


def _is_filled(head, below):
    """Whether a row of `below` fills two of the columns that `head` names."""
    named = [place for place, text in enumerate(head) if text]
    return any(sum(bool(texts[place]) for place in named if place < len(texts)) >= 2 for texts in below)
