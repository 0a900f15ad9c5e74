"""Dates as sheets and people write them."""

import re
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from crm.values.text import BadValue, is_unknown, plain, quoted

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_YEAR, LAST_YEAR = 2000, 2100
SERIAL_ZERO = date(1899, 12, 30)  # day 0 of the 1900 date system, right for every day after 1900-02-28
BESIDE = re.compile(r"\(?\s*(?:(?:星期|周|礼拜)[一二三四五六日天]|上午|下午|中午|早上|晚上)\s*\)?")
HOUR = r"(\d{1,2})[:时点](?:(\d{1,2})(?::\d{1,2}(?:\.\d+)?)?分?)?"
CLOCK = rf"(?:[T ]*{HOUR}\s*(Z|[+-]\d{{2}}:?\d{{2}})?)?"
FULL = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*[日号.]?\s*" + CLOCK)
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
NO_YEAR = re.compile(r"(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*[日号]?")
SHORT_YEAR = re.compile(r"(\d{2})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*[日号]?")
DASHES = re.compile("[\u2010-\u2015\u2212]")  # of an input method: 2026–4–9
FARTHEST = timedelta(days=731)  # as far ahead as one plans: two years, whatever leap day lies between
NEAR = timedelta(days=60)  # a day without its year is of the occasion that lies this near
EXAMPLE = "请写成 年-月-日，例如 2026-03-13"


def is_plausible(day):
    """Whether `day` may be a day of our own work, by its year."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def is_near(day, first, last):
    """Whether `day` may belong to the occasion from `first` to `last`."""
    return first - NEAR <= day <= last + NEAR


def lacks_year(value):
    """Whether a cell is a month and a day, such as 4月16日 or 4.16, or has two digits for its year: 26.4.16.

    4.1 is none: a sheet that took 4.10 for a number shows it like that.
    """
    text = _bare(value) if isinstance(value, str) else ""
    if SHORT_YEAR.fullmatch(text):
        return True
    return bool(NO_YEAR.fullmatch(text)) and not re.fullmatch(r"\d{1,2}\.\d", text)


def sheet_date(value, today, near=None):
    """The day a cell means (Asia/Shanghai); None when unknown. `today` is used only in messages.

    `near` is (first, last day) of the occasion the sheet tells of: it gives a day without a year its year,
    and says that 26.4.9 is of 2026.

    Reads dates and datetimes, serial numbers of the 1900 system, 2026年3月13日, 2026.3.16, 2026/03/17,
    2026-9-2, 20260913 and ISO with a time. BadValue: no such day, no year, words, years outside 2000–2100.
    """
    if isinstance(value, datetime):
        return _in_range((value.astimezone(SHANGHAI) if value.tzinfo else value).date(), value)
    if isinstance(value, date):
        return _in_range(value, value)
    if isinstance(value, (timedelta, bool)) or is_unknown(value):
        return _nothing(value)
    text = _bare(value)
    if found := COMPACT.fullmatch(text):
        return _day(*found.groups(), value)
    if SERIAL.fullmatch(text):
        return _in_range(SERIAL_ZERO + timedelta(days=int(Decimal(text))), value)
    if found := FULL.fullmatch(text):
        return _shanghai_day(*found.groups(), value)
    if near and lacks_year(value) and (day := _near(text, *near)):
        return day
    if NO_YEAR.fullmatch(text):
        raise BadValue(f"日期{quoted(value)}没有写年份，{EXAMPLE.replace('2026', str(today.year))}。")
    if SHORT_YEAR.fullmatch(text):
        raise BadValue(f"日期{quoted(value)}的年份只有两位，看不出哪个是年，{EXAMPLE}。")
    raise BadValue(f"日期{quoted(value)}看不懂，{EXAMPLE}；日期没定就留空。")


def _bare(value):
    return BESIDE.sub("", DASHES.sub("-", plain(value))).strip()


def _near(text, first, last):
    """The day of this month and day that lies near the occasion, or None; a year of two digits must agree."""
    *short, month, day = map(int, (SHORT_YEAR.fullmatch(text) or NO_YEAR.fullmatch(text)).groups())
    for year in [2000 + short[0]] if short else range(first.year - 1, last.year + 2):
        with suppress(ValueError):
            if is_near(date(year, month, day), first, last):
                return date(year, month, day)
    return None


def _nothing(value):
    if isinstance(value, (timedelta, bool)):
        raise BadValue(f"日期{quoted(value)}看不懂，{EXAMPLE}。")


def _day(year, month, day, value):
    try:
        found = date(int(year), int(month), int(day))
    except ValueError as error:
        raise BadValue(f"日期{quoted(value)}不存在（没有这一天），请核对。") from error
    return _in_range(found, value)


def _shanghai_day(year, month, day, hour, minute, offset, value):
    """The day written, unless a clock time with an offset moves it (23:00Z is the next day in Shanghai)."""
    written = _day(year, month, day, value)
    if not offset:
        return written
    try:
        stamp = datetime.fromisoformat(f"{written}T{int(hour):02}:{int(minute or 0):02}:00{offset}")
    except ValueError as error:
        raise BadValue(f"日期{quoted(value)}里的时间看不懂，{EXAMPLE}。") from error
    return _in_range(stamp.astimezone(SHANGHAI).date(), value)


def _in_range(day, value):
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadValue(f"日期{quoted(value)}的年份是 {day.year}，请核对（{FIRST_YEAR}–{LAST_YEAR}）。")
    return day
