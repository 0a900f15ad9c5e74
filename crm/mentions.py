"""提到同事: `@姓名` in what somebody writes of a record; who is named is told, if they may see the record."""

import re
from dataclasses import dataclass
from functools import cache, partial

from django.db.models import Q

from crm import roles
from crm.errors import Refused
from crm.models import Notification, User
from crm.notifications import notify

# not the sign in an address of mail; the word ends with a blank, at the next sign at the latest
SIGN = re.compile(r"(?<![\w.%+-])[@＠]([^\s@＠]{2,60})", re.ASCII)
NAME_MOST = 30
MOST = 20  # people in one text
SUGGESTED = 8
QUOTED = 300
OTHERWISE = "请换一位看得到的同事；如果不是指同事，请去掉 @。"


class MentionRefused(Refused):
    """Somebody named may not be told of this record; `field` is where they were named."""

    code = "mention"


@dataclass(frozen=True)
class Mention:
    """A colleague named in a text, and how they are written there: 「@王芳」 or 「@王芳（半山区块）」."""

    person: User
    text: str


def readers(record):
    """The active people who may see `record` (a lead or a project), as a queryset."""
    units = [pk for pk in (record.unit_id, record.station_id) if pk]
    near = Q(role__in=roles.SEES_OWN_UNIT, unit__in=units)
    return User.objects.filter(Q(role__in=roles.SEES_EVERYTHING) | near, is_active=True)


def suggestions(record, typed, user):
    """[(text to write, person)] of those who may be named in `record` and whose name holds what is typed."""
    all_readers = readers(record)
    found = all_readers.exclude(pk=user.pk).filter(name__icontains=typed)
    people = list(found.select_related("unit").order_by("name", "pk")[:SUGGESTED])
    same = all_readers.filter(name__in=[one.name for one in people]).values_list("name", "unit")
    return [(f"@{_written(one, list(same))}", one) for one in people]


def find(text, record, *, field, before=""):
    """The colleagues named in `text` about `record` and not already `before`, each once.

    What follows the sign and is nobody's name stays plain text. Raises MentionRefused at `field` for somebody
    who may not see the record or has left, and for a name that several have.
    """
    words = list(dict.fromkeys(match[1] for match in SIGN.finditer(text)))
    if not words:
        return []
    known, found, sees = _named(words), {}, cache(partial(_sees, record))
    for word in words:
        if mention := _read(word, known, sees, record, field):
            found.setdefault(mention.person.pk, mention)
    if len(found) > MOST:
        raise MentionRefused(f"一次最多提到 {MOST} 位同事。", field=field)
    old = {match[1] for match in SIGN.finditer(before)}
    return [one for one in found.values() if not _stands_in(one, old)]


def names_in(text):
    """The people's names after a sign in a text kept without its mentions; no query without a sign."""
    words = {match[1] for match in SIGN.finditer(text)}
    return list(_named(words)) if words else []


def tell(mentions, record, *, key, where, text, by, at):
    """Tell everybody named, once per `key`, with a link to the record; who named themselves knows already."""
    for one in mentions:
        if one.person.pk != by.pk:
            notify(
                one.person,
                kind=Notification.Kind.MENTION,
                key=f"mention:{key}",
                title=f"{by}在「{record}」的{where}里提到了您",
                body=text[:QUOTED],
                url=record.get_absolute_url(),
                at=at,
            )


def _named(words):
    """{name: [people]} of everybody whose name one of the words begins with."""
    begun = {word[:size] for word in words for size in range(2, min(len(word), NAME_MOST) + 1)}
    known = {}
    for person in User.objects.filter(name__in=begun).select_related("unit").order_by("pk"):
        known.setdefault(person.name, []).append(person)
    return known


def _read(word, known, sees, record, field):
    """The Mention that `word` begins with; None when it is nobody."""
    name = next((word[:size] for size in range(NAME_MOST, 1, -1) if word[:size] in known), "")
    if not name:
        return None
    people, rest = known[name], word[len(name) :]
    meant = next(filter(None, ([one for one in people if way(one, rest)] for way in WAYS)), people)
    here = [one for one in meant if one.is_active]
    if not here:
        raise MentionRefused(f"「{name}」的账号已停用，不能提到。{OTHERWISE}", field=field)
    seeing = [one for one in here if sees(one)]
    if not seeing:
        what = record._meta.verbose_name
        raise MentionRefused(f"「{name}」看不到这个{what}，不能提到。{OTHERWISE}", field=field)
    if len(seeing) > 1:
        same = [(one.name, one.unit_id) for one in seeing]
        ways = "、".join(f"@{_written(one, same)}" for one in seeing)
        raise MentionRefused(f"有几位「{name}」，请写明是谁：{ways}。", field=field)
    told = next((way(seeing[0], rest) for way in WAYS if way(seeing[0], rest)), "")
    return Mention(seeing[0], f"{name}{told}")


def _sees(record, person):
    return type(record).objects.visible_to(person).filter(pk=record.pk).exists()


def _unit(person):
    return f"（{person.unit}）"


def _account(person):
    return f"（{person.username}）"


def _by_unit(person, rest):
    """What `rest` tells of the unit behind a name, "" when it tells nothing."""
    return _unit(person) if person.unit and rest.startswith(_unit(person)) else ""


def _by_account(person, rest):
    return _account(person) if rest.startswith(_account(person)) else ""


WAYS = (_by_account, _by_unit)


def _written(person, same):
    """How to name a person without doubt; `same` are the (name, unit) of all who may be meant."""
    if sum(name == person.name for name, _ in same) == 1:
        return person.name
    is_alone = person.unit and same.count((person.name, person.unit_id)) == 1
    return f"{person.name}{_unit(person) if is_alone else _account(person)}"


def _stands_in(mention, words):
    return any(word.startswith(mention.text) for word in words)
