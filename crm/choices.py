"""Pickers without a query each: the words of many vocabularies come in one statement."""

from dataclasses import dataclass

from django.db.models import CharField, F, IntegerField, QuerySet, Value
from django.db.models.functions import Cast


@dataclass(frozen=True)
class Words:
    """A queryset to choose from: which column is the value, which the label, which the order."""

    rows: QuerySet
    value: str = "code"
    label: str = "name"
    order: str = "order"

    def part(self, kind):
        order = F(self.order.removeprefix("-"))
        signed = order * -1 if self.order.startswith("-") else order
        return self.rows.order_by().values_list(
            Value(kind, output_field=CharField()),
            Cast(self.value, CharField()),
            Cast(self.label, CharField()),
            Cast(signed, IntegerField()),
            Cast("pk", CharField()),
        )


@dataclass(frozen=True)
class Choices:
    """The words of several kinds, and the key of the row behind each value.

    Whoever filters by the key asks the planner for something it has counted. A join to the row with this code
    says nothing of how many there are: of a word without records it walked through all of them.
    """

    words: dict  # kind → [(value, label), …]
    keys: dict  # kind → {value: key}


def choices(**kinds):
    """{kind: [(value, label), …]} of several `Words`, each in its order, by one query."""
    return choices_with_keys(**kinds).words


def choices_with_keys(**kinds):
    """The Choices of several `Words`, by one query."""
    parts = [words.part(kind) for kind, words in kinds.items()]
    found = Choices({kind: [] for kind in kinds}, {kind: {} for kind in kinds})
    rows = parts[0].union(*parts[1:], all=True)
    for kind, value, label, _, key in sorted(rows, key=lambda row: (row[3], row[2])):
        found.words[kind].append((value, label))
        found.keys[kind][value] = key
    return found
