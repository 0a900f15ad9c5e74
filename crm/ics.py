"""Calendars as text, by RFC 5545: whole days, each with what it is about; no person, no number, no alarm."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

TYPE = "text/calendar; charset=utf-8"
LONGEST = 75  # octets of one line, without its end
REFRESH = "PT1H"
SOURCE = "gongshu-crm"
FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
# every calendar names the zone whose days it means: one without any component would be none by the standard
ZONE = [
    "BEGIN:VTIMEZONE",
    "TZID:Asia/Shanghai",
    "BEGIN:STANDARD",
    "DTSTART:19920101T000000",
    "TZOFFSETFROM:+0800",
    "TZOFFSETTO:+0800",
    "TZNAME:CST",
    "END:STANDARD",
    "END:VTIMEZONE",
]


@dataclass(frozen=True)
class Event:
    """Something on a day, or on the days up to and including `until`.

    `uid` names it as long as it exists, whatever becomes of its day; `changed_at` is when it last changed.
    """

    uid: str
    on: date
    changed_at: datetime
    title: str
    about: str
    kind: str
    url: str
    until: date | None = None


def calendar(name, events):
    """The calendar called `name` as UTF-8 bytes, every line ended by CRLF and folded at 75 octets."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//{SOURCE}//ZH",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{text(name)}",
        "X-WR-TIMEZONE:Asia/Shanghai",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
        *ZONE,
        *(line for event in events for line in _event(event)),
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines)


def text(value):
    """A value of type TEXT: what means something to the format is escaped, control characters go."""
    value = FORBIDDEN.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n"))
    for mark in "\\;,":
        value = value.replace(mark, f"\\{mark}")
    return value.replace("\n", "\\n")


def _event(event):
    """A day that keeps nobody busy; what is over or cancelled is not in the calendar any more."""
    end = (event.until or event.on) + timedelta(days=1)  # the standard's end is the first day after
    return [
        "BEGIN:VEVENT",
        f"UID:{event.uid}@{SOURCE}",
        f"DTSTAMP:{event.changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{event.on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{end:%Y%m%d}",
        f"SUMMARY:{text(event.title)}",
        f"DESCRIPTION:{text(event.about)}",
        f"CATEGORIES:{text(event.kind)}",
        f"URL:{event.url}",
        "CLASS:PRIVATE",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _folded(line):
    """The line in pieces of at most 75 octets, each but the first begun by a space; no letter is cut."""
    pieces, size = [""], 0
    for letter in line:
        width = len(letter.encode("utf-8", "replace"))
        if size + width > LONGEST:
            pieces.append(" ")
            size = 1
        pieces[-1] += letter
        size += width
    return ("\r\n".join(pieces) + "\r\n").encode("utf-8", "replace")
