"""How values are written on screen, in letters to officers and in explanations: one place, no Django."""

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

UNKNOWN = "未填"
WAN_PER_YI = Decimal(10000)
MASK = "*"
UNNAMED = "（未留姓名）"  # stands for the name of a contact of whom only a number is known


def number(value, places: int | None = 2) -> str:
    """A number with thousands separators and no trailing zeros; `places=None` writes it exactly."""
    if value is None:
        return UNKNOWN
    exact = Decimal(str(value))
    if places is not None:
        exact = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{exact:,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def money(wan, places: int | None = 2) -> str:
    """An amount kept in 万元, written in 亿元, 万元 or 元 by size; None is unknown, never 0."""
    if wan is None:
        return UNKNOWN
    amount = Decimal(str(wan))
    if abs(amount) >= WAN_PER_YI:
        return f"{number(amount / WAN_PER_YI, places)} 亿元"
    if amount and abs(amount) < 1:
        return f"{number(amount * WAN_PER_YI, places)} 元"
    return f"{number(amount, places)} 万元"


def money_range(low, high) -> str:
    """「1 亿元–2 亿元」 for an amount known as a range in 万元; one figure when both ends agree."""
    if low is None or high is None or Decimal(str(low)) == Decimal(str(high)):
        return money(high if low is None else low)
    return f"{money(low)}–{money(high)}"


def quantity(value, unit: str, places: int | None = 2) -> str:
    """A number with its unit: 「120 人」, 「3.5 年」."""
    return UNKNOWN if value is None else f"{number(value, places)} {unit}".strip()


def percent(value, places: int | None = 1) -> str:
    """A percentage kept as 30 for 30 %."""
    return UNKNOWN if value is None else f"{number(value, places)}%"


def share(ratio, places: int | None = 0) -> str:
    """A ratio between 0 and 1 written as a percentage (0.75 → 75%)."""
    return UNKNOWN if ratio is None else percent(Decimal(str(ratio)) * 100, places)


def area(square_metres) -> str:
    """Floor space in ㎡ (buildings; land is `land`)."""
    return quantity(square_metres, "㎡")


def land(mu) -> str:
    """Land in 亩."""
    return quantity(mu, "亩")


def years(value, places: int | None = 1) -> str:
    """A duration in years."""
    return quantity(value, "年", places)


def workdays(count) -> str:
    """A duration in workdays."""
    return quantity(count, "个工作日", 0)


def day(value: date | None) -> str:
    """A date as 2026-04-08."""
    return UNKNOWN if value is None else f"{value:%Y-%m-%d}"


def weekday(value: date) -> str:
    """The day of the week: 「周一」."""
    return f"周{'一二三四五六日'[value.weekday()]}"


def yes_no(value: bool | None) -> str:
    """A tri-state answer: unknown is neither yes nor no."""
    return "未核实" if value is None else "是" if value else "否"


def names(items: Iterable[str], limit: int = 0) -> str:
    """「甲、乙、丙 等 5 项」: a list in one line, cut after `limit` items when given."""
    words = [str(item) for item in items]
    if limit and len(words) > limit:
        return f"{'、'.join(words[:limit])} 等 {len(words)} 项"
    return "、".join(words) or "无"


def mask_phone(phone: str) -> str:
    """138****0001: at most the first three and last four digits, at least four hidden."""
    text = str(phone or "").strip()
    if not text:
        return ""
    if len(text) < 8:
        return MASK * max(len(text) - 2, 4) + (text[-2:] if len(text) > 4 else "")
    head = min(3, len(text) - 8)
    return text[:head] + MASK * (len(text) - head - 4) + text[-4:]


def mask_name(name: str) -> str:
    """The family name only: 「王**」 for a Chinese name, 「J***」 for another; what says that there is no
    name hides nobody."""
    text = str(name or "").strip()
    if text == UNNAMED:
        return UNNAMED
    return text[:1] + MASK * min(max(len(text) - 1, 1), 3) if text else ""


def mask_email(email: str) -> str:
    """The first character and the domain: 「w***@example.com」."""
    text = str(email or "").strip()
    if not text:
        return ""
    account, at, domain = text.rpartition("@")
    return f"{account[:1]}{MASK * 3}{at}{domain}" if at else text[:1] + MASK * 3
