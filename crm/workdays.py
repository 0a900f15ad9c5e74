"""Counting workdays with the holiday table; days are Asia/Shanghai calendar days."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from crm.models import Holiday
from crm.reading import Reading, once

SHANGHAI = ZoneInfo("Asia/Shanghai")
ONE_DAY = timedelta(days=1)
SATURDAY = 5


def shanghai_day(at):
    """The calendar day in Shanghai of an aware datetime."""
    return at.astimezone(SHANGHAI).date()


class Calendar:
    """The holiday table in memory: ask it many times, load it once per piece of work."""

    def __init__(self, exceptions):
        self._exceptions = exceptions
        self._added = {}

    @classmethod
    def load(cls):
        """The calendar of the table as it stands; within `read_once` as it stood."""
        return once(CALENDAR)

    def is_workday(self, day):
        """Whether `day` is worked: the table decides, else the week does."""
        if day in self._exceptions:
            return self._exceptions[day]
        return day.weekday() < SATURDAY

    def add(self, day, workdays):
        """The day that lies `workdays` workdays after `day`; 0 gives the day itself."""
        asked = day, workdays
        if asked not in self._added:
            self._added[asked] = self._count_on(day, workdays)
        return self._added[asked]

    def _count_on(self, day, workdays):
        while workdays > 0:
            day += ONE_DAY
            workdays -= self.is_workday(day)
        return day

    def due_again(self, begun, workdays, was, today):
        """The day a running term of `workdays` from `begun` ends by the number or calendar in force now.

        Nobody is late in hindsight: a term that would be over by now ends today, unless it `was` over before.
        """
        due = self.add(begun, workdays)
        return due if due >= today else min(was, today)

    def shift(self, day, workdays):
        """The workday that lies `workdays` workdays after `day`, or before it when below 0.

        0 gives the first workday from `day` on.
        """
        if workdays > 0:
            return self.add(day, workdays)
        step = -ONE_DAY if workdays < 0 else ONE_DAY
        while workdays < 0 or not self.is_workday(day):
            workdays += self.is_workday(day) if workdays < 0 else 0
            day += step
        return day

    def before(self, day, workdays):
        """The latest day before `day` after which, up to and with `day`, `workdays` workdays lie."""
        workdays = max(workdays, 1)
        while workdays > 0:
            workdays -= self.is_workday(day)
            day -= ONE_DAY
        return day

    def between(self, start, end):
        """Workdays after `start` up to and including `end`; 0 when end is not later."""
        days = (end - start).days
        return sum(self.is_workday(start + ONE_DAY * n) for n in range(1, days + 1))


CALENDAR = Reading(
    lambda: Holiday.objects.values_list("day", "is_workday"), lambda rows: Calendar(dict(rows))
)
