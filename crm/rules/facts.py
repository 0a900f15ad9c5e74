"""What is known of a company or project: a value with where it came from and when."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_UP, Decimal
from typing import Any

SOURCES = {
    "officer": "招商员填报",
    "registry": "工商登记",
    "document": "材料",
    "api": "接口",
    "project": "项目档案",
    "lead": "线索档案",
    "derived": "系统推算",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of one key; None means unknown. `others` are differing values of other sources.

    `is_contested`: they are open to be decided about; `chosen_on`: the day somebody chose this one.
    """

    value: Any
    source: str = "officer"
    as_of: date | None = None
    note: str = ""
    others: tuple["Fact", ...] = ()
    is_contested: bool = False
    chosen_on: date | None = None

    @property
    def source_label(self) -> str:
        return SOURCES.get(self.source, self.source)

    @property
    def marks(self) -> dict[str, Any]:
        """How the value stands, as it is kept beside an answer; nothing when nobody contradicts it."""
        contested = {"contested": True} if self.is_contested else {}
        return contested | ({"chosen_on": self.chosen_on.isoformat()} if self.chosen_on else {})


def add_months(day: date, months: int) -> date:
    """The same day `months` later; a day the month lacks becomes its last day (民法典 §202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def years_between(start: date, end: date) -> Decimal:
    """Age in years, exact on every anniversary: five years to the day is 5, a day later is more."""
    whole = end.year - start.year - (add_months(start, 12 * (end.year - start.year)) > end)
    last, following = add_months(start, 12 * whole), add_months(start, 12 * (whole + 1))
    return whole + (Decimal((end - last).days) / (following - last).days).quantize(Decimal("0.001"), ROUND_UP)
