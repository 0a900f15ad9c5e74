"""Search words for a `text[]` column with GIN: 1- and 2-grams of names, and letter runs of their pinyin."""

import re
from functools import cache, lru_cache
from importlib import import_module

from crm.values.names import company_key, spelled_key
from crm.values.text import plain

NOT_A_WORD = re.compile(r"[\W_]+")
LETTERS = re.compile(r"[a-z]+")
RUNS = re.compile(r"[a-z]+|[^a-z]+")
LONGEST_PHRASE = 4
LONGEST_QUERY = 60  # characters; more than any name needs


def grams(*texts):
    """Sorted unique search grams of the texts (empty ones and None are ignored).

    1- and 2-grams of each text, 3-grams of its Latin letters; of a Chinese name without its legal form
    also 2- and 3-grams of the pinyin initials and 3-grams of the full pinyin. About 60 short strings for
    a name of 12 characters.
    """
    return sorted(frozenset().union(*map(_grams, filter(None, texts))))


@lru_cache(maxsize=2000)
def _grams(text):
    """The grams of one text; a company and its leads bear the same."""
    return frozenset(_text_grams(_squeeze(text)) | _pinyin_grams(spelled_key(text)))


def search_terms(query):
    """The grams a hit must all contain (`grams @> terms`); [] for a blank query.

    A query of nothing but punctuation gives a term that no name contains, so it finds nothing.
    """
    words = _words(query)
    terms = {term for word in words for run in RUNS.findall(word) for term in _terms(run)}
    return sorted(terms or words)


def matches(query, texts):
    """The recheck: every word of the query stands in one of the texts, or begins a syllable of its pinyin."""
    names = [_name(text) for text in filter(None, texts)]
    return all(any(_stands_in(word, *name) for name in names) for word in _words(query))


def closeness(query, text):
    """How `text` answers `query`: 0 the same name, 1 begins with it, 2 holds it, 3 by pinyin; or None."""
    if not matches(query, [text]):
        return None
    words, whole = _words(query), _name(text)[0]
    if company_key(query) == company_key(text):
        return 0
    if whole.startswith("".join(words)):
        return 1
    return 2 if all(word in whole for word in words) else 3


@lru_cache(maxsize=20000)
def _name(text):
    """A name as it is compared: squeezed, and the initials and syllables of its pinyin."""
    return _squeeze(text), *_pinyin(spelled_key(text))


def _squeeze(text):
    return NOT_A_WORD.sub("", plain(text).lower())


@lru_cache(maxsize=1000)
def _words(query):
    """The words of a query without punctuation; of a query that is all punctuation, that punctuation."""
    text = plain(query)[:LONGEST_QUERY]
    return [word for word in map(_squeeze, text.split()) if word] or ([text] if text else [])


def _runs(text, size):
    return {text[i : i + size] for i in range(len(text) - size + 1)}


def _text_grams(text):
    latin = set().union(*(_runs(run, 3) for run in LETTERS.findall(text)))
    return set(text) | _runs(text, 2) | latin


def _pinyin_grams(key):
    initials, syllables = _pinyin(key)
    return _runs(initials, 2) | _runs(initials, 3) | _runs("".join(syllables), 3)


def _terms(run):
    """Letters are looked up in threes (text, initials or pinyin), everything else in twos."""
    size = min(len(run), 3 if LETTERS.fullmatch(run) else 2)
    return _runs(run, size)


def _stands_in(word, text, initials, syllables):
    """As the grams know it: one letter is a letter of the text, two may be initials, more also pinyin."""
    if word in text:
        return True
    if len(word) < 2 or not LETTERS.fullmatch(word):
        return False
    starts = (place for place, letter in enumerate(initials) if letter == word[0] and len(word) > 2)
    return word in initials or any("".join(syllables[start:]).startswith(word) for start in starts)


@lru_cache(maxsize=20000)
def _pinyin(text):
    """Initials and syllables of the Chinese characters in `text`; other characters count as themselves."""
    syllables, start = [], 0
    while start < len(text):
        piece = _phrase(text, start)
        syllables += _syllables(piece)
        start += len(piece)
    return "".join(s[0] for s in syllables), syllables


def _phrase(text, start):
    """The longest phrase with a reading of its own at `start`, else one character (重庆 is chongqing)."""
    phrases = _readings().PHRASES_DICT
    for end in range(min(start + LONGEST_PHRASE, len(text)), start + 1, -1):
        if text[start:end] in phrases:
            return text[start:end]
    return text[start]


@lru_cache(maxsize=20000)
def _syllables(piece):
    return [s for s in _readings().lazy_pinyin(piece, errors="default") if s]


@cache
def _readings():
    """The dictionary of readings, read with the first name: it takes a quarter of a second and 30 MB.

    So a beat, a scan or a command that meets no new name starts without it.
    """
    return import_module("pypinyin.core")
