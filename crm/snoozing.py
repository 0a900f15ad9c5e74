"""稍后提醒: a person puts a message off; on a workday it comes back as unread, once."""

from datetime import datetime, time, timedelta

from crm import display
from crm.errors import Refused
from crm.models import Notification
from crm.workdays import SHANGHAI, Calendar, shanghai_day

TODAY, TOMORROW, MONDAY, DAY = "today", "tomorrow", "monday", "day"
MORNING, EVENING = time(8, 30), time(16, 30)  # both begin half an hour, as the job that brings them back does
FARTHEST = timedelta(days=366)
WEEK = 7


class SnoozeRefused(Refused):
    """The message cannot be put off to then; the sentence says what to choose instead."""

    code = "invalid"


def choices(at):
    """[(way, words)] of what may be chosen at `at`, each with the moment it stands for, no moment twice.

    Before a day that is not worked, what is called tomorrow on other days is the next workday.
    """
    calendar, found = Calendar.load(), {}
    for way in (TODAY, TOMORROW, MONDAY):
        if (until := _offered(way, at, calendar)) and until not in found.values():
            found[way] = until
    return [(way, f"{_name(way, until, at)}（{_short(until, at)}）") for way, until in found.items()]


def _name(way, until, at):
    is_tomorrow = shanghai_day(until) == shanghai_day(at) + timedelta(days=1)
    names = {TODAY: "今天下班前", TOMORROW: "明天" if is_tomorrow else "下个工作日", MONDAY: "下周一"}
    return names[way]


def moment(way, day, at):
    """When a message put off in this `way` at `at` comes back; `day` is the one a person chose.

    A day that is not worked means the morning of the first workday after it. Raises SnoozeRefused for a day
    that is past, today or more than a year ahead, and for the evening of a day that is not worked or over.
    """
    calendar = Calendar.load()
    if way != DAY:
        if until := _offered(way, at, calendar):
            return until
        raise SnoozeRefused("今天已经过了下班前的提醒时间，或今天不上班。请选明天、下周一或另一天。")
    if day is None:
        raise SnoozeRefused("请选哪一天再提醒。", field="on")
    today = shanghai_day(at)
    if not today < day <= today + FARTHEST:
        raise SnoozeRefused("稍后提醒的日期请选明天到一年以内的一天。", field="on")
    return _morning(day, calendar)


def snooze(message, until):
    """Take `message` out of sight until then; whether it was read stays as it is until it comes back."""
    Notification.objects.filter(pk=message.pk).update(snoozed_until=until)


def wake(message):
    """Put a message that was put off back where it stood."""
    Notification.objects.filter(pk=message.pk).update(snoozed_until=None)


def bring_back(at):
    """Bring back, as unread, what was put off until `at` or before; returns how many.

    One statement: of any number of workers one changes a row, and the others find it brought back.
    """
    due = Notification.objects.filter(snoozed_until__lte=at)
    return due.update(snoozed_until=None, read_at=None, returned_at=at)


def in_words(until):
    """The moment as read on screen: 「11月30日（周一）8:30」."""
    there = until.astimezone(SHANGHAI)
    return f"{there.month}月{there.day}日（{display.weekday(there)}）{there.hour}:{there:%M}"


def _offered(way, at, calendar):
    """The moment `way` stands for at `at`; None for an evening that does not come any more."""
    today = shanghai_day(at)
    if way == TOMORROW:
        return _morning(today + timedelta(days=1), calendar)
    if way == MONDAY:
        return _morning(today + timedelta(days=WEEK - today.weekday()), calendar)
    evening = datetime.combine(today, EVENING, tzinfo=SHANGHAI)
    return evening if at < evening and calendar.is_workday(today) else None


def _morning(day, calendar):
    return datetime.combine(calendar.shift(day, 0), MORNING, tzinfo=SHANGHAI)


def _short(until, at):
    there = until.astimezone(SHANGHAI)
    clock = f"{there.hour}:{there:%M}"
    return clock if there.date() == shanghai_day(at) else f"{there.month}月{there.day}日 {clock}"
