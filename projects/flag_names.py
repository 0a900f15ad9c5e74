"""How a clause may call the firms of a deal: by their names, and by what is left of a name. Pure.

Of 杭州墨影智能机器人有限公司 the core 墨影智能机器人 is left (crm/values/likeness.py), and of that 墨影, the
part no other firm shares. Parts that any text may hold (数字、杭州) are nobody's name.
"""

from collections.abc import Iterable
from itertools import takewhile

from crm.values.likeness import LEADING_PLACE, name_form
from projects.flag_text import Folded
from projects.flag_words import WORDS

SHORTEST, SHORTEST_LATIN = 2, 3  # characters; shorter ones stand in other words, too
OURS = frozenset(WORDS["本地"].split("|"))


def called(names: Iterable[str]) -> set[str]:
    """The folded words that mean one of the firms with these `names`."""
    words = {Folded(word).text for name in names for word in _parts(name)}
    return {word for word in words if len(word) >= (SHORTEST_LATIN if word.isascii() else SHORTEST)}


def _parts(name):
    """The name, its core, and what it begins with that is in no common word; nothing of an unknown name."""
    form = name_form(name)
    own = "".join(takewhile(form.telling.__contains__, form.core))
    if not form.key:
        return []
    return [name, form.core, own] if form.telling and not _is_place(own) else [name]


def _is_place(word):
    return bool(word) and (not LEADING_PLACE.sub("", word) or word.removesuffix("区") in OURS)
