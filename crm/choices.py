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
        )


def choices(**kinds):
    """{kind: [(value, label), …]} of several `Words`, each in its order, by one query."""
    parts = [words.part(kind) for kind, words in kinds.items()]
    found = {kind: [] for kind in kinds}
    for kind, value, label, _ in sorted(
        parts[0].union(*parts[1:], all=True), key=lambda row: (row[3], row[2])
    ):
        found[kind].append((value, label))
    return found
