"""「为什么（没）提醒我」: what the rules say of a record today, whom they tell, what was told before."""

from dataclasses import dataclass
from datetime import date, datetime

from crm.models import Notification
from crm.workdays import shanghai_day
from leads.models import Lead
from projects.models import Project, ReminderSent
from projects.reminders import WORDS, Scan

RULES = ReminderSent.Rule


@dataclass(frozen=True)
class Finding:
    """One rule today: its word, what it says, and the names of those a scan would tell ([]: nobody)."""

    rule: str
    says: str
    readers: list
    tells_me: bool = False


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
    found = {reminder.rule: _telling(scan, reminder, person) for reminder in scan.reminders(**scope)}
    quiet = {rule: Finding(label, says, []) for rule, label, says in _silence(record)}
    return list({**quiet, **found}.values()), _log(record, person)


def _telling(scan, reminder, person):
    readers = scan.readers.of(reminder)
    says = f"{WORDS[reminder.level]}：{scan.sentence(reminder)}"
    names = [scan.readers.name(pk) for pk in readers]
    return Finding(RULES(reminder.rule).label, says, names, person.pk in readers)


def _silence(record):
    """Why each rule that is silent is silent."""
    return _silent_steps(record) + _silent_feedback(record)


def _silent_steps(record):
    if getattr(record, "suspended_until", None):
        says = f"项目挂起至 {record.suspended_until}，期间不提醒。"
        return [(rule, RULES(rule).label, says) for rule in (RULES.CONTACT, RULES.STAGE, RULES.REPORT)]
    if not type(record).objects.open().filter(pk=record.pk).exists():
        return [(RULES.STAGE, RULES.STAGE.label, "这个阶段不提醒：不在办，或已转为项目。")]
    contact = f"约在 {record.next_contact_on}，还没到。" if record.next_contact_on else "没有约下次联系日期。"
    limit = f"时限 {record.limit_on}，还不到提醒的日子。" if record.limit_on else "这个阶段没有时限。"
    return [(RULES.CONTACT, RULES.CONTACT.label, contact), (RULES.STAGE, RULES.STAGE.label, limit)]


def _silent_feedback(record):
    """The introducer's clock of a lead, in whatever stage; a project has none of its own."""
    if not isinstance(record, Lead):
        return []
    if record.fed_back_on:
        says = f"已在 {record.fed_back_on} 给引荐人回音。"
    elif record.feedback_due_on:
        says = f"期限 {record.feedback_due_on}，还不到提醒的日子。"
    else:
        says = "没有引荐人，或登记时还没有这一期限。"
    return [(RULES.FEEDBACK, RULES.FEEDBACK.label, says)]


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
