"""Whole numbers and floor areas."""

import re
from datetime import date, time
from decimal import Decimal

from crm.values.text import BadValue, is_unknown, plain, quoted

NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
SQUARE_METRES = re.compile(r"(万?)(?:㎡|平方米|平方|平米|平|m2|m²|sqm|)", re.IGNORECASE)
LARGEST_AREA = Decimal(10_000_000)  # ㎡, ten square kilometres
LARGEST_INTEGER = 1_000_000_000


def area_sqm(value):
    """Floor area in ㎡ as Decimal; None when unknown. BadValue: 亩 (land), ranges, words, negatives."""
    if is_unknown(value):
        return None
    text = _text(value, "面积", "例如 1200")
    if "亩" in text:
        raise BadValue(f"面积{quoted(value)}是土地面积，这一栏只填房屋面积（㎡），用地写到洽谈情况里。")
    found = NUMBER.match(text)
    unit = SQUARE_METRES.fullmatch(text[found.end() :]) if found else None
    if not unit:
        raise BadValue(f"面积{quoted(value)}看不出确切数字，请只填一个数，单位㎡，例如 1200；没谈到就留空。")
    area = Decimal(found[0].replace(",", "")) * (10000 if unit[1] else 1)
    if area > LARGEST_AREA:
        raise BadValue(f"面积{quoted(value)}超过 1000 万㎡，请核对。")
    return area.quantize(Decimal("0.01")).normalize() + Decimal(0)


def integer(value):
    """A whole number from 0 to 10⁹; None when unknown. BadValue for fractions, words and negatives."""
    if is_unknown(value):
        return None
    text = _text(value, "数字", "例如 12")
    if not NUMBER.fullmatch(text):
        raise BadValue(f"{quoted(value)}不是整数，请只填数字，例如 12。")
    number = Decimal(text.replace(",", ""))
    if number != int(number) or number > LARGEST_INTEGER:
        raise BadValue(f"{quoted(value)}不是 0 到 10 亿之间的整数，请核对。")
    return int(number)


def _text(value, what, example):
    if isinstance(value, (date, time, bool)):
        raise BadValue(f"{what}{quoted(value)}不是数字，请只填一个数，{example}。")
    if isinstance(value, float) and value == value and abs(value) < 1e15:
        return format(Decimal(format(value, ".15g")), "f")
    text = plain(value).replace(" ", "")
    if text.startswith("-"):
        raise BadValue(f"{what}{quoted(value)}是负数，请核对后填写。")
    return text
