"""The order of cards in a column: newest entry first, and where this person put one, there it stands.

Most people put few cards, so the others still come page by page from the index over (stage, entered_at);
the few that were put are looked up once per board and merged in.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import floor

from django.db.models import F
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan

from crm.errors import Refused
from crm.paging import BadPage, Page, stored


class NotThere(Refused):
    """The neighbour a card was put below stands in that column no more."""

    code = "stale_version"
    status = 409

    def __init__(self):
        super().__init__("那一列的卡片刚有变动，次序没有改。请刷新看板再拖一次。")


@dataclass(frozen=True, order=True)
class Key:
    """Where a card stands: compared as a whole, the greater first. `pk` is the record's."""

    at: datetime
    tie: Decimal
    pk: int


def natural(row):
    """The Key of a card nobody put anywhere."""
    return Key(row.entered_at, Decimal(row.pk), row.pk)


def places_of(user, places):
    """Where `user` put cards, as rows for `placed`; `places` is the model of places.

    What was put in an earlier stay does not count any more.
    """
    record = places.RECORD
    mine = places.objects.filter(user=user, entered_at=F(f"{record}__entered_at"))
    return mine.values_list(f"{record}_id", "at", "tie")


def placed(mine, rows):
    """{stage: {pk: Key}} of those of `rows` that stand where somebody put them (`places_of`); a query only
    if there are any."""
    keys, found = {pk: Key(at, tie, pk) for pk, at, tie in mine}, {}
    if keys:
        for pk, stage in rows.order_by().filter(pk__in=keys).values_list("pk", "stage"):
            found.setdefault(stage, {})[pk] = keys[pk]
    return found


def column(rows, put, size, token=""):
    """A Page of Keys of a column: `rows` are of one stage, `put` the {pk: Key} of those put somewhere.

    Raises BadPage for a token that is not ours.
    """
    after = _read(token) if token else None
    found = [natural(row) for row in free(rows, put, after)[: size + 1]]
    return page([*found, *(key for key in put.values() if after is None or key < after)], size)


def columns(rows, put, stages, size):
    """stage → the Page of Keys of its first cards, by one query for all `stages`.

    `put` is {stage: {pk: Key}} of the cards that were put somewhere.
    """
    if not stages:
        return {}
    slices = [_slice(rows, stage, put.get(stage, {}), size) for stage in stages]
    found = slices[0].union(*slices[1:], all=True) if len(slices) > 1 else slices[0]
    keys = {stage: list(put.get(stage, {}).values()) for stage in stages}
    for stage, pk, entered_at in found:
        keys[stage].append(Key(entered_at, Decimal(pk), pk))
    return {stage: page(keys[stage], size) for stage in stages}


def _slice(rows, stage, put, size):
    return free(rows.filter(stage=stage), put).values_list("stage", "pk", "entered_at")[: size + 1]


def free(rows, put, after=None):
    """Those of `rows` that were not put anywhere, in their order, from below the Key `after`."""
    rows = rows.exclude(pk__in=list(put)) if put else rows
    if after is not None:
        rows = rows.filter(TupleLessThan(Tuple("entered_at", "pk"), (after.at, _first_not_below(after))))
    return rows.order_by("-entered_at", "-pk").only("pk", "entered_at")


def page(keys, size):
    """The first `size` of `keys` as a Page, with the token of what follows if there is more."""
    keys = sorted(keys, reverse=True)
    return Page(keys[:size], next=token_of(keys[size - 1]) if len(keys) > size else "")


def token_of(key):
    """The token of the page below the card with this Key."""
    text = json.dumps([key.at.isoformat(), str(key.tie), key.pk], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def after(data):
    """The number of the record a card was put below, of what a board sent; None on top."""
    text = data.get("after", "")
    if text and not (text.isdecimal() and len(text) < 19):
        raise NotThere
    return int(text) if text else None


def put(places, card, after, rows, user):
    """`user` puts `card` right below the record number `after` (None: on top) among `rows`, of its stage.

    Raises NotThere when that one is not in the column any more. Other people's order stays.
    """
    keys = placed(places_of(user, places), rows).get(card.stage, {})
    keys.pop(card.pk, None)
    others = rows.filter(stage=card.stage).exclude(pk=card.pk)
    above = _key_of(others, keys, after) if after is not None else None
    below = _next(others, keys, above)
    which = {"user": user, places.RECORD: card}
    _forget_ended(places, user)
    if _between(above, natural(card), below):
        places.objects.filter(**which).delete()
        return
    at, tie = _middle(above, below)
    values = {"entered_at": card.entered_at, "at": at, "tie": tie}
    places.objects.update_or_create(**which, defaults=values)


def forget(places, user):
    """All cards of `user` stand in their natural order again; how many were put elsewhere."""
    number, _ = places.objects.filter(user=user).delete()
    return number


def _forget_ended(places, user):
    places.objects.filter(user=user).exclude(entered_at=F(f"{places.RECORD}__entered_at")).delete()


def _key_of(others, keys, pk):
    row = others.filter(pk=pk).only("pk", "entered_at").first()
    if row is None:
        raise NotThere
    return keys.get(pk) or natural(row)


def _next(others, keys, above):
    """The Key right below `above`, or the first of all; None at the end of the column."""
    found = [natural(row) for row in free(others, keys, above)[:1]]
    found += [key for key in keys.values() if above is None or key < above]
    return max(found, default=None)


def _between(above, key, below):
    return (above is None or above > key) and (below is None or key > below)


def _middle(above, below):
    """A moment and tie between two Keys, of which one may be missing."""
    if below is None:
        return above.at, above.tie - 1
    if above is None or above.at > below.at:
        return below.at, below.tie + 1
    return below.at, (above.tie + below.tie) / 2


def _first_not_below(key):
    """The least key of a record that stands, at the moment of `key`, not below it."""
    if key.tie == key.tie.to_integral_value() and key.pk <= key.tie:
        return int(key.tie)
    return floor(key.tie) + 1


def _read(token):
    try:
        text = urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))
        at, tie, pk = json.loads(text)
        if type(pk) is not int or abs(pk) >= 2**62 or not isinstance(tie, str) or len(tie) > 45:
            raise BadPage
        key = Key(stored(datetime.fromisoformat(at)), Decimal(tie), pk)
        if not key.tie.is_finite() or abs(key.tie.adjusted()) > len(token) or abs(key.tie) >= 2**62:
            raise BadPage
    except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise BadPage from error
    return key
