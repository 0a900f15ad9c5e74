"""Amounts of money in 万元, from whatever unit they were written in."""

import re
from datetime import date, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from crm.values.text import BadValue, is_unknown, plain, quoted

WAN = {
    "亿": Decimal(10000),
    "千万": Decimal(1000),
    "百万": Decimal(100),
    "万": Decimal(1),
    "千": Decimal("0.1"),
    "元": Decimal("0.0001"),
}
MOST = Decimal(10000) * 10000  # 10,000 亿元, in 万元
LONGEST_UNIT = 8  # characters
SMALLEST = Decimal("0.0001")  # one 元, in 万元
FOREIGN = re.compile(
    r"美元|美金|欧元|日元|日圆|港元|港币|英镑|韩元|韩币|新币|新加坡元|台币|澳元|加元|瑞郎|卢布|外币"
    r"|usd|us\$|eur|jpy|hkd|hk\$|gbp|krw|sgd|twd|aud|cad|chf|[$€£₩]",
    re.IGNORECASE,
)
W_FOR_WAN = re.compile(r"(?<=\d)w(?=元?$)", re.IGNORECASE)
TRADITIONAL = str.maketrans("億萬", "亿万")
NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
PART = re.compile(rf"({NUMBER})(亿|千万|百万|万|千|)")
RANGE = re.compile(r"\d[^\d.,]{0,3}[-~—–～至到][^\d]{0,2}\d")
RENMINBI = re.compile(r"人民币|rmb|cny|[¥￥]", re.IGNORECASE)


def amount_wan(value, default_unit="万元"):
    """The amount in 万元 as Decimal, exact to one 元; None when nobody knows it (blank, 面议, 待定 …).

    `default_unit` is the unit of a bare number, from the column's header (元, 万元, 亿元).
    BadValue: foreign currency, a range, words beside the number, negative, more than 10,000 亿元.
    """
    if isinstance(value, (date, time, timedelta, bool)):
        raise BadValue(f"金额{quoted(value)}不是数字，请填一个数，例如 3000万元 或 0.3亿元。")
    text = _simple(RENMINBI.sub("", _digits(value)).replace(" ", "").strip("()"))
    if is_unknown(text):
        return None
    _refuse_foreign(value, text, default_unit)
    if RANGE.search(text):
        raise BadValue(f"金额{quoted(value)}是一个范围，请只填一个数，例如 12000万元；范围写到洽谈情况里。")
    return _within_reason(_sum(text, default_unit, value), value)


def unit_factor(unit):
    """How many 万元 one `unit` is (万元 → 1, 亿元 → 10000, 元 → 0.0001); None for a unit we do not know."""
    name = RENMINBI.sub("", plain(unit)).replace(" ", "").strip("()")
    return WAN.get(name) if name == "元" else WAN.get(name.removesuffix("元"))


def is_money_unit(text):
    """Whether this is a unit of money, ours or foreign: 亿元, 人民币万元, 万美元."""
    text = plain(text)
    return len(text) <= LONGEST_UNIT and (unit_factor(text) is not None or bool(FOREIGN.search(text)))


def _simple(text):
    """Units as we count in them: 500w is 500万, 1个亿 is 1亿, and Hong Kong and Taiwan write 億 and 萬."""
    return W_FOR_WAN.sub("万", text.translate(TRADITIONAL)).replace("个亿", "亿")


def _digits(value):
    """Numbers with the 15 digits a sheet keeps, so that 0.1 + 0.2 is 0.3; text as it stands."""
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise BadValue("金额不是有效的数字，请重新填写。")
        return format(Decimal(format(value, ".15g")), "f")
    return plain(value)


def _refuse_foreign(value, text, default_unit):
    if FOREIGN.search(text):
        raise BadValue(f"金额{quoted(value)}是外币，请折算成人民币万元后填写，原币金额写到洽谈情况里。")
    if FOREIGN.search(plain(default_unit)):
        raise BadValue(f"金额的单位是{quoted(default_unit)}，请折算成人民币万元后填写。")


def _sum(text, default_unit, value):
    """12亿3000万元 → its parts added, largest unit first; a bare number counts in `default_unit`."""
    body = text.removesuffix("整").removesuffix("元") if len(text) > 1 else text
    parts = PART.findall(body)
    if not parts or "".join(number + unit for number, unit in parts) != body:
        raise BadValue(_unreadable(value, text))
    if len(parts) > 1 and not all(unit for _, unit in parts) and not text.endswith("元"):
        raise BadValue(_unreadable(value, text))
    factors = [_factor(unit, text, default_unit) for _, unit in parts]
    if any(later >= earlier for earlier, later in zip(factors, factors[1:], strict=False)):
        raise BadValue(_unreadable(value, text))
    numbers = [Decimal(number.replace(",", "")) for number, _ in parts]
    return sum((number * factor for number, factor in zip(numbers, factors, strict=True)), Decimal(0))


def _factor(unit, text, default_unit):
    if unit:
        return WAN[unit]
    factor = WAN["元"] if text.endswith(("元", "元整")) else unit_factor(default_unit)
    if factor is None:
        raise BadValue(f"这一列的单位{quoted(default_unit)}不认识，请把表头改为 万元、亿元 或 元。")
    return factor


def _unreadable(value, text):
    if text.startswith("-"):
        return f"金额{quoted(value)}是负数，请核对后填写。"
    return f"金额{quoted(value)}看不出确切数字，请只填一个数，例如 3000万元 或 0.3亿元；没谈到就留空。"


def _within_reason(amount, value):
    if amount > MOST:
        raise BadValue(f"金额{quoted(value)}超过 10000 亿元，请核对单位（元、万元、亿元）。")
    return amount.quantize(SMALLEST, ROUND_HALF_UP).normalize() + Decimal(0)
