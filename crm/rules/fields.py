"""The kinds of values a rule may ask about: how they are read, compared with what, and written on screen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from crm import display

NUMERIC = ("number", "money", "percent")
ORDERED = (*NUMERIC, "date")
UNIT_ALIASES = {"％": "%", "平方米": "㎡", "m²": "㎡", "m2": "㎡", "万": "万元", "亿": "亿元"}
MONEY_UNITS = {"元": Decimal("0.0001"), "万元": Decimal(1), "亿元": Decimal(10000)}
NOUN = {
    "number": "数字",
    "money": "金额",
    "percent": "百分比",
    "date": "日期",
    "choice": "单选",
    "set": "多选",
    "bool": "是否",
    "text": "文字",
}


WRITTEN = (int, float, str, Decimal)  # as what numbers come
TOO_MUCH = Decimal(10) ** 18


class WrongValue(ValueError):
    """A value that is not what its field holds; the message is Chinese and says what was expected."""


@dataclass(frozen=True, slots=True)
class Partly:
    """A set of which some is known: codes that are held, codes that are not; of all others nobody knows.

    Beside it a frozenset is complete: what it does not name is not held.
    """

    has: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()

    def to_json(self) -> dict[str, list[str]]:
        """The form in which it is kept and read again: {"has": [...], "lacks": [...]}."""
        return {"has": sorted(self.has), "lacks": sorted(self.lacks)}


@dataclass(frozen=True, slots=True)
class Derived:
    """How a field follows from other facts: `compute(values, on)`, or WrongValue when they make no sense."""

    needs: tuple[str, ...]
    compute: Callable[[Mapping[str, Any], date], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One thing rules may ask about. Numbers below `low` or above `high` are taken for a unit mix-up.

    `asked` is the narrower range of a bound that criteria have: a firm may be worth 3,000 亿元, but a fund
    that asks for 「不超过 10000 亿元」 has taken 亿元 for 万元. Nothing (0) may always be asked for.
    `places` are the decimals worth reading of a number that is computed to the day (8.6 年, not 8.603 年).
    `is_need`: what a project asks of a space or of compute, stated with the project; it is neither recorded
    of a company nor asked by a fund.
    """

    key: str
    label: str
    type: str
    unit: str = ""
    choices: Mapping[str, str] | None = None
    is_open: bool = False
    low: Decimal | None = None
    high: Decimal | None = None
    asked: tuple[Any, Any] | None = None
    places: int | None = None
    derived: Derived | None = None
    is_lasting: bool = False
    is_note_only: bool = False
    is_need: bool = False

    @property
    def is_recordable(self) -> bool:
        """Whether it is found out and written down: neither derived, for notes only, nor a need."""
        return not (self.derived or self.is_note_only or self.is_need)

    def read(self, value) -> Any:
        """The typed value, None when unknown; WrongValue when it is of another kind."""
        return None if value is None else _READERS[self.type](value)

    def show(self, value, labels: Mapping[str, str] | None = None) -> str:
        """A typed value in Chinese with its unit, exact: 1.004 亿元 must not look like 1 亿元."""
        if value is None:
            return display.UNKNOWN
        return _WRITERS.get(self.type, _show_text)(self, value, labels or self.choices or {})

    def brief(self, value, labels: Mapping[str, str] | None = None, beside=()) -> str:
        """As `show`, with no more decimals than are worth reading; exact where that would hide that the
        value is another than one of those it stands `beside`."""
        if value is None or self.places is None:
            return self.show(value, labels)
        text = display.quantity(value, self.unit, self.places)
        hides = any(value != other and text == self.show(other) for other in beside)
        return self.show(value) if hides else text

    def factor(self, unit: str) -> Decimal | None:
        """What a rule's number in `unit` is multiplied by to fit the field; None for a wrong unit."""
        unit = UNIT_ALIASES.get(unit, unit)
        if self.type == "money":
            return MONEY_UNITS.get(unit)
        return Decimal(1) if unit == self.unit else None

    @property
    def allowed_units(self) -> str:
        return "、".join(MONEY_UNITS) if self.type == "money" else self.unit

    def is_plausible(self, value) -> bool:
        """Whether a threshold lies in the range the field can have at all."""
        if self.type not in NUMERIC:
            return True
        too_low = self.low is not None and value < self.low
        return not too_low and (self.high is None or value <= self.high)

    def is_askable(self, value) -> bool:
        """Whether a plausible threshold is of the size criteria of this field have."""
        if self.asked is None or value == 0:
            return True
        return self.asked[0] <= value <= self.asked[1]


def read_number(value) -> Decimal:
    """A finite number from int, Decimal, float or plain digits; never from 是/否."""
    if isinstance(value, bool) or not isinstance(value, WRITTEN):
        raise WrongValue(f"应填数字，现为“{value}”")
    try:
        result = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise WrongValue(f"应填数字，现为“{value}”") from error
    if not result.is_finite() or abs(result) >= TOO_MUCH:
        raise WrongValue(f"应填有限的数字，现为“{value}”")
    return result


def _read_date(value) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise WrongValue(f"应填日期（如 2026-04-08），现为“{value}”") from error


def _read_text(value) -> str | None:
    if not isinstance(value, str):
        raise WrongValue(f"应填文字，现为“{value}”")
    return value.strip() or None


def _read_set(value) -> frozenset[str] | Partly:
    if isinstance(value, Partly):
        return value
    if isinstance(value, Mapping):
        return _read_partly(value)
    if isinstance(value, str) or not isinstance(value, list | tuple | set | frozenset):
        raise WrongValue(f"应为多选清单，现为“{value}”")
    if not all(isinstance(item, str) for item in value):
        raise WrongValue(f"多选清单里应是代码，现为“{value}”")
    return frozenset(value)


def _read_partly(value) -> Partly:
    if value.keys() != {"has", "lacks"} or any(isinstance(value[name], Mapping) for name in value):
        raise WrongValue(f"应为多选清单，现为“{value}”")
    found = Partly(_read_set(value["has"]), _read_set(value["lacks"]))
    if found.has & found.lacks:
        raise WrongValue(f"同一项既有又没有，现为“{value}”")
    return found


def _read_bool(value) -> bool:
    if not isinstance(value, bool):
        raise WrongValue(f"应为是或否，现为“{value}”")
    return value


def _show_text(field, value, labels) -> str:
    return labels.get(value, str(value))


def _show_set(field, value, labels) -> str:
    if isinstance(value, Partly):
        return _show_partly(value, labels)
    order = {code: index for index, code in enumerate(labels)}
    return display.names(
        labels.get(code, code) for code in sorted(value, key=lambda c: (order.get(c, 999), c))
    )


def _show_partly(value, labels) -> str:
    """「专精特新（其余未核对）」: what nobody said is not taken for a no."""
    lacks = f"没有 {_show_set(None, value.lacks, labels)}，" if value.lacks else ""
    if value.has:
        return f"{_show_set(None, value.has, labels)}（{lacks}其余未核对）"
    return f"{lacks}其余未核对" if lacks else "未核对"


_READERS = {
    "number": read_number,
    "money": read_number,
    "percent": read_number,
    "date": _read_date,
    "choice": _read_text,
    "text": _read_text,
    "set": _read_set,
    "bool": _read_bool,
}
_WRITERS = {
    "money": lambda field, value, labels: display.money(value, None),
    "percent": lambda field, value, labels: display.percent(value, None),
    "number": lambda field, value, labels: display.quantity(value, field.unit, None),
    "date": lambda field, value, labels: display.day(value),
    "bool": lambda field, value, labels: display.yes_no(value),
    "set": _show_set,
}
