"""Pages by key instead of by number: page 900 is as fast as page 1, and nothing shifts while one reads."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from crm.errors import Refused
from crm.together import read

PAGE_SIZE = 50
COUNT_CAP = 1000
SEARCH_CAP = 200  # a search checks the words of every row it counts, wide rows all
OFFSET_MAX = timedelta(hours=15)  # PostgreSQL reads no larger offset


class BadPage(Refused):
    """The page token in the address was not made by us."""

    code = "bad_page"

    def __init__(self):
        super().__init__("地址里的页码已失效，请从第一页重新翻。", field="page")


@dataclass(frozen=True)
class Page:
    """Some rows, and the tokens of the neighbouring pages ("" where there is none)."""

    rows: list
    next: str = ""
    previous: str = ""

    def __iter__(self):
        return iter(self.rows)

    def __len__(self):
        return len(self.rows)


@dataclass(frozen=True)
class Count:
    """How many rows there are; beyond the cap only that there are more, unless all were counted."""

    number: int
    is_exact: bool

    def __str__(self):
        return f"{self.number:,}" if self.is_exact else f"{self.number:,}+"


@dataclass(frozen=True)
class Order:
    """An order one can turn pages in: by `key`, a column or an expression that is never null, then by id.

    `reads` turns the text of a key in a token back into the value; it raises ValueError for anything else.
    """

    key: object
    reads: object
    is_rising: bool = False

    @property
    def name(self):
        """How the rows call their key."""
        return self.key if isinstance(self.key, str) else "order_key"

    def on(self, queryset):
        """The rows, each with its key."""
        return queryset if isinstance(self.key, str) else queryset.annotate(order_key=self.key)

    def sorted(self, queryset):
        """All the rows in this order."""
        return self.on(queryset).order_by(*_by(self, self.is_rising))

    def turned(self):
        """The same the other way round."""
        return replace(self, is_rising=not self.is_rising)

    def after(self, queryset, key, is_rising):
        """The rows behind `key` for a reader who goes up or down."""
        behind = TupleGreaterThan if is_rising else TupleLessThan
        return queryset.filter(behind(Tuple(self.name, "pk"), key))


def moment(text):
    """A datetime as a token holds it."""
    return stored(datetime.fromisoformat(text))


NEWEST = Order("created_at", moment)


def day(text):
    """A date as a token holds it."""
    return date.fromisoformat(text)


SIZE = 15  # digits before the point of the largest amount, and behind that of the smallest


def amount(text):
    """A number as a token holds it."""
    try:
        found = Decimal(text)
    except ArithmeticError as error:
        raise ValueError(text) from error
    if not found.is_finite() or abs(found.adjusted()) > SIZE:
        raise ValueError(text)
    return found


def keyset_page(queryset, token="", size=PAGE_SIZE, by="created_at"):
    """The page of `queryset` that `token` points to; "" is the first.

    `by` is an Order, or the name of a datetime column that is never null: then the newest come first.
    Raises BadPage for a token that is not ours.
    """
    order = by if isinstance(by, Order) else Order(by, moment)
    rows = order.on(queryset)
    if not token:
        return _forward(rows, size, order, has_previous=False)
    direction, key = _read(token, order)
    if direction == "next":
        return _forward(order.after(rows, key, order.is_rising), size, order, has_previous=True)
    return _backward(order.after(rows, key, not order.is_rising), size, order)


def fill(pages, queryset, *beside):
    """The same pages with their rows fetched once more from `queryset`, related tables and all, by one
    message, which reads the querysets `beside` them too.

    Finding fifty rows without joins and joining those is far cheaper than joining thousands to sort them.
    """
    rows = queryset.filter(pk__in=[row.pk for page in pages for row in page])
    read(rows, *beside)
    full = {row.pk: row for row in rows}
    return [replace(page, rows=[full[row.pk] for row in page if row.pk in full]) for page in pages]


def next_token(row, by="created_at"):
    """The token of the page after `row`, for lists whose first rows were fetched in another way."""
    return _token("next", row, by)


def count(queryset, cap=COUNT_CAP):
    """Count rows up to `cap`: one index scan that stops there."""
    number = queryset.order_by().values("pk")[: cap + 1].count()
    return Count(min(number, cap), number <= cap)


def counts(caps=None, **querysets):
    """{name: Count} of several querysets, each up to its cap in `caps` or COUNT_CAP, by one query."""
    caps = dict.fromkeys(querysets, COUNT_CAP) | (caps or {})
    parts, values, numbers = [], [], dict.fromkeys(querysets, 0)
    for name, rows in querysets.items():
        with suppress(EmptyResultSet):  # who may see nothing
            few, given = rows.order_by().values("pk")[: caps[name] + 1].query.sql_with_params()
            parts.append(f"SELECT %s, COUNT(*) FROM ({few}) AS few")  # noqa: S608 (our own words)
            values += [name, *given]
    if parts:
        with connection.cursor() as cursor:
            numbers |= dict(cursor.execute(" UNION ALL ".join(parts), values).fetchall())
    return {name: Count(min(number, caps[name]), number <= caps[name]) for name, number in numbers.items()}


def _forward(queryset, size, order, has_previous):
    rows = list(queryset.order_by(*_by(order, order.is_rising))[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    return Page(
        rows,
        next=_token("next", rows[-1], order.name) if more else "",
        previous=_token("previous", rows[0], order.name) if has_previous and rows else "",
    )


def _backward(queryset, size, order):
    rows = list(queryset.order_by(*_by(order, not order.is_rising))[: size + 1])
    more, rows = len(rows) > size, rows[:size][::-1]
    if not rows:
        return Page([])
    return Page(
        rows,
        next=_token("next", rows[-1], order.name),
        previous=_token("previous", rows[0], order.name) if more else "",
    )


def _by(order, is_rising):
    return (order.name, "pk") if is_rising else (f"-{order.name}", "-pk")


def _token(direction, row, by):
    value = getattr(row, by)
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    key = json.dumps([direction[0], text, row.pk], separators=(",", ":"))
    return urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _read(token, order):
    try:
        text = urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))
        direction, at, pk = json.loads(text)
        key = order.reads(at)
        if direction not in ("n", "p") or type(pk) is not int or abs(pk) >= 2**63:
            raise BadPage
    except (ValueError, TypeError, RecursionError) as error:
        raise BadPage from error
    return {"n": "next", "p": "previous"}[direction], (key, pk)


def stored(moment):
    """`moment` in UTC, as the database compares it; ValueError without offset or beyond what it can keep."""
    if moment.tzinfo is None or abs(moment.utcoffset()) > OFFSET_MAX or not 1 < moment.year < 9999:
        raise ValueError(moment)
    return moment.astimezone(UTC)
