"""Rows as JSON: one declaration gives the columns to fetch, the entry to send and the schema to document.

Reads go over `values()`, never over model instances: amounts as text in 万元, days and moments in ISO 8601
with Shanghai's offset, codes with their Chinese word beside them, contacts masked.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

from rest_framework import serializers

from crm import display, roles
from crm.api.inputs import worded
from crm.api.words import load
from crm.workdays import SHANGHAI

OPEN, CONTACT, INTERNAL = "open", "contact", "internal"


@dataclass(frozen=True)
class Reader:
    """Who reads: whether contacts are shown in full, and whether our own notes are."""

    sees_contacts: bool
    sees_names: bool
    is_partner: bool
    words: dict

    @classmethod
    def of(cls, user, kinds=()):
        """Partners see contacts by scope; people see names by role and reveal numbers on the page only."""
        words = load(kinds)
        if user.role == roles.PARTNER:
            granted = "contacts:read" in user.scopes
            return cls(granted, granted, True, words)
        return cls(False, user.role in roles.REVEALS_CONTACTS, False, words)


@dataclass(frozen=True)
class Column:
    """One key of the entry: the column it is read from, how it is written, and who may see it."""

    name: str
    source: str
    field: serializers.Field
    write: Callable = lambda value: value
    guard: str = OPEN
    mask: Callable | None = None

    def show(self, row, reader):
        value = row[self.source]
        if value is None or (self.guard == CONTACT and value in ("", display.UNNAMED)):
            return None
        if self.guard == CONTACT and not reader.sees_contacts:
            return value if self.mask is display.mask_name and reader.sees_names else self.mask(value)
        if self.guard == INTERNAL and reader.is_partner and not row.get("untouched", False):
            return None
        return self.write(value)


@dataclass(frozen=True)
class Term(Column):
    """One side (code or label) of a vocabulary's word, looked up by the key in the row."""

    kind: str = ""
    side: int = 0

    def show(self, row, reader):
        found = reader.words[self.kind].get(str(row[self.source]))
        return found[self.side] if found else None


@dataclass(frozen=True)
class Terms(Term):
    """The codes (or labels) of a many-to-many vocabulary, from an array of keys, ordered by code."""

    def show(self, row, reader):
        words = reader.words[self.kind]
        return [word[self.side] for word in sorted(words[str(key)] for key in row[self.source])]


class Projection:
    """The entry of one resource, made of columns."""

    def __init__(self, name, *columns):
        groups = [group if isinstance(group, list) else [group] for group in columns]
        self.columns = [column for group in groups for column in group]
        self.sources = list(dict.fromkeys(column.source for column in self.columns))
        self.kinds = sorted({column.kind for column in self.columns if isinstance(column, Term)})
        fields = {column.name: deepcopy(column.field) for column in self.columns}  # numbered in this order
        self.serializer = type(name, (serializers.Serializer,), fields)

    def keyed(self, queryset, key, user):
        """(place, entry) pairs for a page: the place is (key column, pk)."""
        reader = Reader.of(user, self.kinds)
        rows = queryset.values(*dict.fromkeys([*self.sources, key, "pk"]))
        return [((row[key], row["pk"]), self.entry(row, reader)) for row in rows]

    def entries(self, queryset, user):
        """The entries of a queryset, in its order, as `user` may read them."""
        reader = Reader.of(user, self.kinds)
        return [self.entry(row, reader) for row in queryset.values(*self.sources)]

    def entry(self, row, reader):
        return {column.name: column.show(row, reader) for column in self.columns}


def text(name, source=None, about="", **more):
    """Text, also as it is masked or withheld."""
    return Column(name, source or name, serializers.CharField(help_text=about, allow_null=True), **more)


def number(name, source=None, about="", *, nullable=False):
    return Column(name, source or name, serializers.IntegerField(help_text=about, allow_null=nullable))


def flag(name, source=None, about=""):
    return Column(name, source or name, serializers.BooleanField(help_text=about))


def amount(name, about, source=None):
    """A decimal as text without trailing zeros; null is unknown, never 0."""
    return Column(name, source or name, serializers.CharField(help_text=about, allow_null=True), plain)


def day(name, about, source=None, **more):
    return Column(name, source or name, serializers.DateField(help_text=about, allow_null=True), str, **more)


def moment(name, about, source=None):
    return Column(
        name, source or name, serializers.DateTimeField(help_text=about, allow_null=True), in_shanghai
    )


def choice(name, options, about, source=None):
    """A code of a fixed list and its word; the code is "" while nobody has chosen."""
    words = dict(options)
    return [
        text(name, source, worded(about, options)),
        Column(
            f"{name}_label",
            source or name,
            serializers.CharField(help_text=f"{about}（中文）"),
            lambda code: words.get(code, ""),
        ),
    ]


def term(name, about):
    """A word of a vocabulary: its code and its label, null together."""
    code = serializers.CharField(help_text=f"{about}代码，见 vocabularies", allow_null=True)
    label = serializers.CharField(help_text=f"{about}（中文）", allow_null=True)
    return [
        Term(name, f"{name}_id", code, kind=name),
        Term(f"{name}_label", f"{name}_id", label, kind=name, side=1),
    ]


def stage(options):
    """The stage: its code, and its label as the administrator words it."""
    about = worded("阶段代码", options)
    label = serializers.CharField(help_text="阶段（中文）")
    return [text("stage", about=about), Term("stage_label", "stage", label, kind="stage", side=1)]


def codes(name, about):
    """Codes and labels of a many-to-many vocabulary whose keys were fetched as an array."""
    column = f"{name}_ids"
    texts = [
        serializers.ListField(child=serializers.CharField(), help_text=help_text)
        for help_text in (f"{about}代码", f"{about}（中文），次序与代码相同")
    ]
    return [
        Terms(name, column, texts[0], kind=name),
        Terms(f"{name}_label", column, texts[1], kind=name, side=1),
    ]


def part(name, source, about, child):
    """One list out of a JSON column."""
    field = serializers.ListField(child=child, help_text=about)
    return Column(name, source, field, lambda document: document.get(name, []))


def plain(value):
    """A decimal written out without exponent and trailing zeros."""
    return f"{value.normalize():f}"


def in_shanghai(value):
    """A moment in ISO 8601 with Shanghai's offset."""
    return value.astimezone(SHANGHAI).isoformat()
