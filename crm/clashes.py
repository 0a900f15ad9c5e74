"""Fields that two people changed: nobody is overwritten unasked, the second sees both values and chooses."""

from dataclasses import dataclass

from crm.errors import StaleVersion


@dataclass(frozen=True)
class Clash:
    """A field that two people changed: what I typed, and what stands there now."""

    name: str
    mine: object
    theirs: object


class Clashing(StaleVersion):
    """Somebody saved the same fields meanwhile; `clashes` shows both values, nothing was written."""

    def __init__(self, current, clashes):
        super().__init__(current)
        self.clashes = clashes


def check_clashes(row, changes, shown, theirs):
    """Raise Clashing where `changes` of a form that showed `shown` meet those of others, now `theirs`."""
    found = [
        Clash(name, changes[name], theirs[name])
        for name in changes
        if theirs[name] != shown[name] and theirs[name] != changes[name]
    ]
    if found:
        raise Clashing(row, found)
