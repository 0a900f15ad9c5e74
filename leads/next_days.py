"""The days offered for the next contact: workdays, for on other days nobody is reminded of it."""

from dataclasses import dataclass
from datetime import date, timedelta

from crm.display import weekday
from crm.workdays import Calendar

OFFERS = ((1, "明天", "下个工作日"), (3, "3 天后", "3 天后顺延"), (7, "一周后", "一周后顺延"))
USUAL = 7


@dataclass(frozen=True)
class Offer:
    """A day to choose with one tap, and its word: put off to the next workday where it was not one."""

    day: date
    label: str

    @property
    def when(self):
        """The day itself, short: 「4-20 周一」."""
        return f"{self.day.month}-{self.day.day} {weekday(self.day)}"


def offers(today):
    """The Offers of `today`, each day once; the first workday from each on."""
    calendar, found = Calendar.load(), {}
    for days, label, put_off in OFFERS:
        asked = today + timedelta(days=days)
        day = calendar.shift(asked, 0)
        found.setdefault(day, Offer(day, label if day == asked else put_off))
    return list(found.values())


def usual(today):
    """The day proposed where nobody chose one: a week from `today`, or the workday after that."""
    return Calendar.load().shift(today + timedelta(days=USUAL), 0)


def said(day):
    """The day somebody chose, as it is confirmed: of a day off it is told that it is one."""
    if Calendar.load().is_workday(day):
        return f"{day:%Y-%m-%d}"
    return f"{day:%Y-%m-%d}（{weekday(day)}，休息日）"
