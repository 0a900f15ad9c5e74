"""「为什么（没）提醒我」: what the rules say of a record today, whom they tell, what was told before."""

from dataclasses import dataclass, field
from datetime import date, datetime

from crm.models import Notification
from crm.workdays import shanghai_day
from leads.models import Lead
from projects.models import Project, ReminderSent
from projects.occasions import occasions
from projects.reminders import WORDS, Scan
from projects.silences import silences

RULES = ReminderSent.Rule


@dataclass(frozen=True)
class Finding:
    """One rule today: its word, what it says, and the names of those it tells ([]: nobody).

    `is_daily` rules are those of the morning scan.
    """

    rule: str
    says: str
    readers: list = field(default_factory=list)
    tells_me: bool = False
    is_daily: bool = True


@dataclass(frozen=True)
class Told:
    """One line of the log: level and rule, for which day, when, to whom first, and whether it reached me."""

    level: str
    rule: str
    due_on: date
    at: datetime
    first: object
    reached_me: bool


def explain(record, person, at):
    """(findings, log) of a lead or project for `person`: every rule answers, whether it tells or not."""
    scan = Scan(at)
    scope = {"leads": Lead.objects.none(), "projects": Project.objects.none()}
    scope["leads" if isinstance(record, Lead) else "projects"] = type(record).objects.filter(pk=record.pk)
    telling = {reminder.rule: reminder for reminder in scan.reminders(**scope)}
    quiet = silences(record, scan)
    daily = [
        _telling(scan, telling[rule], person) if rule in telling else Finding(RULES(rule).label, says)
        for rule, says in quiet.items()
    ]
    others = [_finding(one, scan, person) for one in occasions(record, scan)]
    return [*daily, *others], _log(record, person)


def _telling(scan, reminder, person):
    says = f"{WORDS[reminder.level]}：{scan.sentence(reminder)}"
    return _named(RULES(reminder.rule).label, says, scan.readers.of(reminder), scan, person)


def _finding(one, scan, person):
    return _named(one.rule, one.says, one.people, scan, person, is_daily=False)


def _named(rule, says, people, scan, person, *, is_daily=True):
    names = [scan.readers.name(pk) for pk in people]
    return Finding(rule, says, names, person.pk in people, is_daily)


def _log(record, person):
    rows = list(record.reminders.select_related("user").order_by("-at", "-pk"))
    mine = _my_digests(person, {shanghai_day(row.at) for row in rows}, record)
    return [
        Told(
            row.get_level_display(),
            row.get_rule_display(),
            row.due_on,
            row.at,
            row.user,
            shanghai_day(row.at) in mine,
        )
        for row in rows
    ]


def _my_digests(person, days, record):
    """The days on which a digest of `person` listed `record` by name."""
    keys = {f"digest:{day:%Y-%m-%d}": day for day in days}
    digests = Notification.objects.filter(user=person, key__in=keys).values_list("key", "items")
    name = record._meta.model_name
    return {
        keys[key]
        for key, items in digests
        if any(item["record"] == name and item["id"] == record.pk for item in items)
    }
