"""Criteria while they are being written: an outer 全部 group, and what is done to the places in it."""

from collections.abc import Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any

from crm.rules.logic import GROUP_LABELS

MAX_NODES = 80  # rules and groups of one set of criteria
MAX_NESTED = 10  # deeper than the reader allows, so that it can say so
MAX_LEVELS = 4 * MAX_NESTED  # of objects and lists in each other, values included


class NoSuchPlace(LookupError):
    """The number names nothing in the draft, or what was asked cannot be done there."""


def group_of(node) -> str:
    """The name of the group `node` is (all, any, not), "" for a rule or what cannot be read."""
    name = next(iter(node), "") if isinstance(node, Mapping) and len(node) == 1 else ""
    return name if name in GROUP_LABELS and isinstance(node[name], list) else ""


def opened(criteria) -> dict[str, Any]:
    """A copy of stored criteria as a draft: the outermost is one 全部 group, every group holds a list."""
    if criteria in ({}, None):
        return {"all": []}
    draft = tidy(deepcopy(criteria))
    return draft if group_of(draft) == "all" else {"all": [draft]}


def tidy(node, depth=0):
    """The same with a list in every group; what is no group stays as it is."""
    if isinstance(node, Mapping) and set(node) == {"not"} and isinstance(node["not"], Mapping):
        node = {"not": [node["not"]]}
    name = group_of(node)
    return {name: [tidy(item, depth + 1) for item in node[name]]} if name and depth < MAX_NESTED else node


def size(criteria) -> tuple[int, int]:
    """(how many rules and groups, how deep they are nested) of anything read from JSON."""
    count = depth = 0
    level = [criteria]
    while level:
        depth, inner = depth + 1, []
        for node in level:
            if isinstance(node, Mapping | list):
                inner += list(node.values() if isinstance(node, Mapping) else node)
            count += isinstance(node, Mapping)
        level = inner
    return count, depth


def blank(draft, number="") -> set[str]:
    """The numbers of the rules and groups that were just added: nothing is written there yet."""
    found = set()
    for index, node in enumerate(_inside(draft)):
        own = _number(number, index)
        if group_of(node) and node[group_of(node)]:
            found |= blank(node, own)
        elif not node or group_of(node):
            found.add(own)
    return found


def is_too_big(criteria) -> bool:
    """Whether these are more rules and groups, or deeper ones, than anybody could read."""
    count, depth = size(criteria)
    return count > MAX_NODES or depth > MAX_LEVELS


def as_number(number: Decimal) -> int | float | str:
    """A finite number as JSON holds it without losing a digit; as text when it cannot."""
    if number == number.to_integral_value():
        return int(number)
    return float(number) if Decimal(repr(float(number))) == number else f"{number:f}"


def exact(node):
    """The same with every Decimal as JSON holds it."""
    if isinstance(node, Mapping):
        return {key: exact(value) for key, value in node.items()}
    if isinstance(node, list):
        return [exact(item) for item in node]
    return as_number(node) if isinstance(node, Decimal) and abs(node) < Decimal(10) ** 18 else node


def changed(draft, deed, number) -> tuple[dict[str, Any], str]:
    """A copy of the draft after one deed, and the number of what was touched; NoSuchPlace if it cannot be.

    `rule`, `all`, `any`, `not` add at the end of the group `number`; `remove` takes away, `up` and `down`
    change places within a group, `out` moves behind the group around it, `in` into the group just before it.
    """
    if deed not in DEEDS:
        raise NoSuchPlace(deed)
    copy = deepcopy(draft)
    return copy, DEEDS[deed](copy, number)


def _items(draft, number) -> list:
    """The content of the group at `number`, "" being the outermost."""
    node = draft
    for step in number.split(".") if number else ():
        inside = _inside(node)
        if not step.isdecimal() or not 1 <= int(step) <= len(inside):
            raise NoSuchPlace(number)
        node = inside[int(step) - 1]
    return _inside(node)


def _inside(node) -> list:
    if not (name := group_of(node)):
        raise NoSuchPlace("not a group")
    return node[name]


def _place(draft, number) -> tuple[list, int, str]:
    """The list in which `number` stands, its index there, and the number of the group around it."""
    above, _, step = number.rpartition(".")
    items = _items(draft, above)
    if not step.isdecimal() or not 1 <= int(step) <= len(items):
        raise NoSuchPlace(number)
    return items, int(step) - 1, above


def _number(above, index) -> str:
    return f"{above}.{index + 1}" if above else str(index + 1)


def _add(make):
    def deed(draft, number):
        items = _items(draft, number)
        items.append(make())
        return _number(number, len(items) - 1)

    return deed


def _remove(draft, number):
    items, index, above = _place(draft, number)
    del items[index]
    return _number(above, min(index, len(items) - 1)) if items else above


def _shift(by):
    def deed(draft, number):
        items, index, above = _place(draft, number)
        if not 0 <= index + by < len(items):
            return number
        items.insert(index + by, items.pop(index))
        return _number(above, index + by)

    return deed


def _out(draft, number):
    items, index, above = _place(draft, number)
    if not above:
        raise NoSuchPlace(number)
    outer, place, outside = _place(draft, above)
    outer.insert(place + 1, items.pop(index))
    return _number(outside, place + 1)


def _in(draft, number):
    items, index, above = _place(draft, number)
    if not index:
        raise NoSuchPlace(number)
    inside = _inside(items[index - 1])
    inside.append(items.pop(index))
    return _number(_number(above, index - 1), len(inside) - 1)


DEEDS = {
    "rule": _add(dict),
    **{name: _add(lambda name=name: {name: []}) for name in GROUP_LABELS},
    "remove": _remove,
    "up": _shift(-1),
    "down": _shift(1),
    "out": _out,
    "in": _in,
}
