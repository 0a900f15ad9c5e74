"""首报失效与预警: once an hour, which claims have run out and which are about to. A few statements, no loop
over claims: those told are counted per person, so that a long stop brings one message each and no storm."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from crm.models import Notification
from crm.notifications import notify
from crm.numbers import number
from crm.workdays import SHANGHAI, shanghai_day
from leads.models import Claim, ClaimWarning
from leads.reminders import RED, Readers

LISTED = 30  # records named in one message; the others are counted
CHUNK = 2000

EFFECTIVE_DAY = "(last_effective_at AT TIME ZONE 'Asia/Shanghai')::date"
CLAIMED_DAY = "(claimed_at AT TIME ZONE 'Asia/Shanghai')::date"

REWIND = f"""
UPDATE leads_claim SET protected_until = {CLAIMED_DAY} + %(protection_days)s + extra_days
WHERE released_at IS NULL AND protected_until <> {CLAIMED_DAY} + %(protection_days)s + extra_days
"""  # noqa: S608 (our own words)
WARN_SILENCE = f"""
INSERT INTO leads_claimwarning (claim_id, kind, due_on, at)
SELECT id, 'silence', {EFFECTIVE_DAY} + %(silence_days)s, %(at)s FROM leads_claim
WHERE released_at IS NULL AND clock IN ('both', 'silence') AND NOT is_contested
  AND last_effective_at < %(quiet_since)s
ON CONFLICT DO NOTHING
"""  # noqa: S608 (our own words)
WARN_EXPIRY = """
INSERT INTO leads_claimwarning (claim_id, kind, due_on, at)
SELECT id, 'expiry', protected_until, %(at)s FROM leads_claim
WHERE released_at IS NULL AND clock = 'both' AND NOT is_contested AND protected_until <= %(notice_day)s
ON CONFLICT DO NOTHING
"""
TELL_LAPSED = """
INSERT INTO leads_claimevent (claim_id, kind, at, by_id, unit_id, text)
SELECT id, 'lapsed', %(at)s, NULL, unit_id, %(text)s FROM leads_claim
WHERE released_at = %(at)s AND ended = %(ended)s
"""


def scan(at):
    """Bring the claims up to `at`: days by the numbers in force, lapses, warnings. Twice changes nothing."""
    rewind()
    lapse(Claim.Ended.SILENCE, at)
    lapse(Claim.Ended.EXPIRED, at)
    warn(ClaimWarning.Kind.SILENCE, at)
    warn(ClaimWarning.Kind.EXPIRY, at)


def rewind():
    """Count the protection of every open claim anew by the numbers in force; returns how many changed."""
    with connection.cursor() as cursor:
        cursor.execute(REWIND, {"protection_days": number("protection_days")})
        return cursor.rowcount


@transaction.atomic
def lapse(ended, at):
    """End the claims whose time is over for `ended`, write it into their history and tell; returns how many.

    While the bureau decides on a conflict a claim does not lapse.
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
    if ended == Claim.Ended.EXPIRED:
        return Claim.objects.open().filter(clock=Claim.Clock.BOTH, protected_until__lt=day)
    clocks = [Claim.Clock.BOTH, Claim.Clock.SILENCE]
    silent = midnight(day - timedelta(days=number("silence_days")))
    return Claim.objects.open().filter(clock__in=clocks, last_effective_at__lt=silent)


@transaction.atomic
def warn(kind, at):
    """Announce the losses of this kind that nobody was told of yet; returns how many."""
    day = shanghai_day(at)
    values = {
        "at": at,
        "silence_days": number("silence_days"),
        "quiet_since": midnight(day - timedelta(days=number("silence_warning_days") - 1)),
        "notice_day": day + timedelta(days=number("lapse_notice_days")),
    }
    with connection.cursor() as cursor:
        cursor.execute(WARN_EXPIRY if kind == ClaimWarning.Kind.EXPIRY else WARN_SILENCE, values)
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
    """How a message of several claims reads: its title for one and for many, and what is said of each."""

    one: str
    many: str
    each: str


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
    url = f"/leads/{row.pk}/"
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
        url=heard.items[0]["url"] if heard.count == 1 else "",
        items=heard.items if heard.count > 1 else [],
        at=at,
    )
