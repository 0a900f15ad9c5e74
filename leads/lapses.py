"""首报失效与预警: once an hour, which claims have run out and which are about to. A few statements, no loop
over claims: those told are counted per person, so that a long stop brings one message each and no storm.

Nothing lapses unannounced (domain §1.7): a claim ends only past the last day of which somebody was warned,
and that day lies `announcement_days` ahead of the warning, however late the warning comes.
"""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from django.db import connection, transaction
from django.db.models import DateField, Exists, ExpressionWrapper, F, IntegerField, OuterRef, Value
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse

from crm.models import Notification
from crm.notifications import notify
from crm.numbers import number
from crm.reading import read_once
from crm.workdays import SHANGHAI, shanghai_day
from leads.claims import SILENCE_WARNINGS
from leads.models import Claim, ClaimWarning
from leads.reminders import RED, Readers

LISTED = 30  # records named in one message; the others are counted
CHUNK = 2000

EFFECTIVE_DAY = "(last_effective_at AT TIME ZONE 'Asia/Shanghai')::date"
CLAIMED_DAY = "(claimed_at AT TIME ZONE 'Asia/Shanghai')::date"
SILENT_UNTIL = f"{EFFECTIVE_DAY} + %(silence_days)s"

# a shorter protection ends no sooner than it can be announced, a day once announced stands
RULED = f"greatest({CLAIMED_DAY} + %(protection_days)s + extra_days, least(protected_until, %(soonest)s))"
REWIND = f"""
UPDATE leads_claim SET protected_until = {RULED}
WHERE released_at IS NULL AND protected_until <> {RULED}
"""  # noqa: S608 (our own words)
WARN_SILENCE = f"""
INSERT INTO leads_claimwarning (claim_id, kind, due_on, at)
SELECT id, 'silence', {SILENT_UNTIL}, %(at)s FROM leads_claim
WHERE released_at IS NULL AND clock IN ('both', 'silence') AND NOT is_contested
  AND last_effective_at < %(quiet_since)s AND last_effective_at >= %(imminent_since)s
ON CONFLICT DO NOTHING
"""  # noqa: S608 (our own words)
WARN_IMMINENT = f"""
INSERT INTO leads_claimwarning (claim_id, kind, due_on, at)
SELECT id, 'imminent', greatest({SILENT_UNTIL}, %(soonest)s), %(at)s FROM leads_claim
WHERE released_at IS NULL AND clock IN ('both', 'silence') AND NOT is_contested
  AND last_effective_at < %(imminent_since)s AND NOT EXISTS (
    SELECT FROM leads_claimwarning AS told
    WHERE told.claim_id = leads_claim.id AND told.kind = 'imminent'
      AND told.at >= last_effective_at AND told.due_on >= {SILENT_UNTIL})
ON CONFLICT DO NOTHING
"""  # noqa: S608 (our own words)
# after a stop who is about to lose a claim to silence is not told of the other loss in the same breath
EXPIRING = """
released_at IS NULL AND clock = 'both' AND NOT is_contested AND NOT EXISTS (
  SELECT FROM leads_claimwarning AS told
  WHERE told.claim_id = leads_claim.id AND told.kind = 'expiry'
    AND told.at >= claimed_at AND told.due_on >= protected_until)
AND NOT (protected_until < %(soonest)s AND EXISTS (
  SELECT FROM leads_claimwarning AS silent
  WHERE silent.claim_id = leads_claim.id AND silent.kind IN ('silence', 'imminent')
    AND silent.at >= last_effective_at AND silent.due_on BETWEEN %(day)s AND %(soonest)s))
"""
PUT_OFF_EXPIRY = f"""
UPDATE leads_claim SET protected_until = %(soonest)s WHERE protected_until < %(soonest)s AND {EXPIRING}
"""  # noqa: S608 (our own words)
WARN_EXPIRY = f"""
INSERT INTO leads_claimwarning (claim_id, kind, due_on, at)
SELECT id, 'expiry', protected_until, %(at)s FROM leads_claim
WHERE protected_until <= %(notice_day)s AND {EXPIRING}
ON CONFLICT DO NOTHING
"""  # noqa: S608 (our own words)
WARN = {
    ClaimWarning.Kind.SILENCE: [WARN_SILENCE],
    ClaimWarning.Kind.IMMINENT: [WARN_IMMINENT],
    ClaimWarning.Kind.EXPIRY: [PUT_OFF_EXPIRY, WARN_EXPIRY],
}
TELL_LAPSED = """
INSERT INTO leads_claimevent (claim_id, kind, at, by_id, unit_id, text)
SELECT id, 'lapsed', %(at)s, NULL, unit_id, %(text)s FROM leads_claim
WHERE released_at = %(at)s AND ended = %(ended)s
"""


@read_once()
def scan(at):
    """Bring the claims up to `at`: days by the numbers in force, lapses, warnings. Twice changes nothing."""
    rewind(at)
    lapse(Claim.Ended.SILENCE, at)
    lapse(Claim.Ended.EXPIRED, at)
    for kind in WARN:
        warn(kind, at)


def rewind(at):
    """Count the protection of every open claim anew by the numbers in force; returns how many changed."""
    values = {"protection_days": number("protection_days"), "soonest": _soonest(shanghai_day(at))}
    with connection.cursor() as cursor:
        cursor.execute(REWIND, values)
        return cursor.rowcount


def _soonest(day):
    """The first last day of a claim whose loss is announced on `day`."""
    return day + timedelta(days=number("announcement_days"))


@transaction.atomic(savepoint=False)
def lapse(ended, at):
    """End the claims whose time is over for `ended`, write it into their history and tell; returns how many.

    While the bureau decides on a conflict a claim does not lapse, nor before its loss was announced.
    """
    ran_out = _ran_out(ended, shanghai_day(at)).filter(is_contested=False)
    if not ran_out.end(ended, at):
        return 0
    text = {
        Claim.Ended.SILENCE: f"连续 {number('silence_days')} 天没有有效跟进，首报保护结束。",
        Claim.Ended.EXPIRED: "保护期满，首报保护结束。",
    }[ended]
    with connection.cursor() as cursor:
        cursor.execute(TELL_LAPSED, {"at": at, "ended": ended, "text": text})
    rows = Claim.objects.filter(released_at=at, ended=ended)
    return tell(_rows(rows), f"lapsed-{ended}", LAPSE_WORDS[ended], at)


def _ran_out(ended, day):
    """Open claims whose last day, as it was announced, lies before `day`."""
    if ended == Claim.Ended.EXPIRED:
        expiring = Claim.objects.open().filter(clock=Claim.Clock.BOTH, protected_until__lt=day)
        return _announced(expiring, [ClaimWarning.Kind.EXPIRY], "claimed_at", "protected_until", day)
    days = number("silence_days")
    silent = Claim.objects.open().filter(
        clock__in=[Claim.Clock.BOTH, Claim.Clock.SILENCE],
        last_effective_at__lt=midnight(day - timedelta(days=days)),
    )
    last = TruncDate("last_effective_at", tzinfo=SHANGHAI) + Value(days, IntegerField())
    silent = silent.annotate(due=ExpressionWrapper(last, output_field=DateField()))
    return _announced(silent, SILENCE_WARNINGS, "last_effective_at", "due", day)


def _announced(claims, kinds, since, due, day):
    """Those of whose loss on `due` somebody was warned since `since`, for a last day before `day`."""
    told = ClaimWarning.objects.filter(
        claim=OuterRef("pk"), kind__in=kinds, at__gte=OuterRef(since), due_on__gte=OuterRef(due)
    )
    return claims.filter(Exists(told.filter(due_on__lt=day)))


@transaction.atomic(savepoint=False)
def warn(kind, at):
    """Announce the losses of this kind that nobody was told of yet; returns how many.

    Silence is announced on the day of the early warning and again shortly before the loss; who was stopped
    past the first hears of the second alone.
    """
    day = shanghai_day(at)
    silence, ahead = number("silence_days"), number("announcement_days")
    notice = max(number("lapse_notice_days"), ahead)
    values = {
        "at": at,
        "day": day,
        "silence_days": silence,
        "quiet_since": midnight(day - timedelta(days=number("silence_warning_days") - 1)),
        "imminent_since": midnight(day - timedelta(days=silence - notice - 1)),
        "soonest": _soonest(day),
        "notice_day": day + timedelta(days=notice),
    }
    with connection.cursor() as cursor:
        for statement in WARN[kind]:
            cursor.execute(statement, values)
        if not cursor.rowcount:
            return 0
    return tell_warned(kind, WARN_WORDS[kind], at)


def tell_warned(kind, words, at):
    """Tell what the warnings of this kind written at `at` are about; returns how many."""
    rows = Claim.objects.filter(warnings__at=at, warnings__kind=kind)
    return tell(_rows(rows.annotate(due_on=F("warnings__due_on"))), f"warn-{kind}", words, at)


def midnight(day):
    """The first moment of a Shanghai day."""
    return datetime.combine(day, time(), SHANGHAI)


@dataclass(frozen=True)
class Words:
    """How a message of several claims reads: its title for one and for many, and what is said of each.

    `place` is the page where its reader finds them all, when their own pages are closed to him by then.
    """

    one: str
    many: str
    each: str
    place: str = ""


LAPSE_WORDS = {
    Claim.Ended.SILENCE: Words(
        "「{title}」的首报保护已结束", "{count} 条首报保护已结束", "长期没有有效跟进，别的单位可以首报"
    ),
    Claim.Ended.EXPIRED: Words(
        "「{title}」的首报保护已期满", "{count} 条首报保护已期满", "保护期满，别的单位可以首报"
    ),
}
WARN_WORDS = {
    ClaimWarning.Kind.SILENCE: Words(
        "「{title}」没有有效跟进，首报将失效", "{count} 条首报因没有有效跟进将失效", "请在 {due} 前有效跟进"
    ),
    ClaimWarning.Kind.IMMINENT: Words(
        "「{title}」没有有效跟进，首报即将失效",
        "{count} 条首报因没有有效跟进即将失效",
        "最后一天 {due}，在那之前没有有效跟进就失效",
    ),
    ClaimWarning.Kind.EXPIRY: Words(
        "「{title}」的首报保护将期满", "{count} 条首报保护将期满", "保护至 {due}"
    ),
}


@dataclass
class Told:
    """What one person is told: the first records, and how many there are."""

    count: int = 0
    items: list = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """A record somebody answers for, as leads.reminders.Readers wants it: owner and heads are told."""

    pk: int
    title: str
    due_on: object
    unit_id: int
    station_id: int | None
    owner_id: int | None
    level: str = RED


def tell(rows, kind, words, at):
    """One message to everybody who answers for some of the `rows` (Row); returns how many rows."""
    readers, told, count = Readers(), {}, 0
    for count, row in enumerate(rows, 1):  # noqa: B007 (the last number is the count)
        for pk in readers.of(row):
            heard = told.setdefault(pk, Told())
            heard.count += 1
            if heard.count <= LISTED:
                heard.items.append(_item(row, words))
    for pk, heard in told.items():
        _send(readers.by_pk[pk], heard, words, f"{kind}:{at:%Y%m%d%H%M%S}", at)
    return count


def _rows(rows):
    """The records behind the claims, streamed; of what became a project the project's people answer."""
    named = rows.annotate(
        unit_now=Coalesce("lead__project__unit_id", "lead__unit_id"),
        owner_now=Coalesce("lead__project__owner_id", "lead__owner_id"),
    ).order_by("lead_id")
    due = "due_on" if "due_on" in named.query.annotations else "protected_until"
    columns = ("lead_id", "lead__title", due, "unit_now", "lead__station_id", "owner_now")
    for values in named.values_list(*columns).iterator(chunk_size=CHUNK):
        yield Row(*values)


def _item(row, words):
    url = words.place or reverse("leads:detail", args=[row.pk])
    return {"kind": "claim", "url": url, "title": row.title, "text": words.each.format(due=row.due_on)}


def _send(person, heard, words, key, at):
    title = words.one if heard.count == 1 else words.many
    rest = heard.count - len(heard.items)
    notify(
        person,
        kind=Notification.Kind.CLAIM,
        key=key,
        title=title.format(title=heard.items[0]["title"][:60], count=heard.count),
        body=heard.items[0]["text"] + "。" if heard.count == 1 else f"另有 {rest} 条。" if rest else "",
        url=heard.items[0]["url"] if heard.count == 1 else words.place or reverse("leads:list"),
        items=heard.items if heard.count > 1 else [],
        at=at,
    )
