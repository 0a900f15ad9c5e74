"""Search hits made exact: grams find candidates fast, one stored line of names decides, both inside the database."""

import re

from crm.values.names import company_key
from crm.values.search import LETTERS, RUNS, _pinyin, _squeeze, _words

SYLLABLE = "'"
EXACT_LETTERS = 2  # longer runs of letters may come from the middle of a syllable


def search_text(*texts):
    """What `rechecks` are asked of: per name its characters, its pinyin initials and its syllables, a line each.

    Syllables stand in capitals, so that letters in the middle of one are not taken for a word.
    """
    lines = []
    for text in dict.fromkeys(filter(None, texts)):
        initials, syllables = _pinyin(company_key(text))
        lines += [_squeeze(text), initials, "".join(SYLLABLE + syllable.upper() for syllable in syllables)]
    return "\n".join(dict.fromkeys(lines))


def rechecks(query):
    """Patterns (POSIX, one per word that grams alone do not settle) which the search text of every hit matches."""
    return [_pattern(word) for word in _words(query) if not _is_settled(word)]


def _is_settled(word):
    """One run no longer than a gram: the gram itself is the answer."""
    return len(RUNS.findall(word)) == 1 and len(word) <= EXACT_LETTERS


def _pattern(word):
    """The word itself, or its letters from the beginning of a syllable on."""
    plain = re.escape(word)
    if not LETTERS.fullmatch(word):
        return plain
    return f"{plain}|{SYLLABLE}{f'{SYLLABLE}?'.join(word.upper())}"
