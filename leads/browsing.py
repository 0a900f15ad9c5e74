"""The timeline as one looks through it: everything or one sort of entry, the newest first, page by page."""

from dataclasses import dataclass

from crm.errors import Refused
from leads.models import Visit

SIZE = 30
MOST_PAGES = 100
SORTS = {
    "visits": "走访",
    "calls": "电话、线上",
    "moves": "阶段和流转",
    "deals": "推荐和载体",
    "fields": "字段变更",
    "files": "文件和审查",
    "messages": "消息",
}
# what is not a step of the record: the sort of each kind of entry
OF_KIND = {
    **dict.fromkeys(("fields", "older_fields", "facts", "fact_chosen", "fact_withdrawn"), "fields"),
    **dict.fromkeys(("evidence", "agreement", "paper", "proof", "review", "fair_review"), "files"),
    **dict.fromkeys(("feedback", "shift", "message"), "messages"),
    **dict.fromkeys(
        ("referral", "referral_corrected", "referral_undone", "space_added", "space_final", "space_dropped"),
        "deals",
    ),
}
CALLS = (Visit.Kind.CALL, Visit.Kind.ONLINE)


class BadSort(Refused):
    """The address asks for entries that there are none of such."""

    code = "bad_parameter"


@dataclass(frozen=True)
class Asked:
    """What the address asks of a timeline: a sort of SORTS ("": all), and how many pages of it."""

    sort: str = ""
    pages: int = 1

    @classmethod
    def of(cls, params):
        """Read from the parameters `timeline` and `more`; BadSort for what they cannot be."""
        sort, pages = params.get("timeline", ""), params.get("more", "1")
        if sort and sort not in SORTS:
            raise BadSort("时间线没有这一类，请从时间线上方的几类里选。")
        if not (pages.isdecimal() and len(pages) < 4 and 1 <= int(pages) <= MOST_PAGES):
            raise BadSort("时间线没有这一页，请回到记录页重新展开。")
        return cls(sort, int(pages))


@dataclass(frozen=True)
class Shown:
    """The part of a timeline that is shown: its entries, the sorts with how many there are of each, how many
    entries are left, and the page to ask for next."""

    entries: list
    sorts: list
    sort: str
    left: int
    next: int


def sort_of(entry):
    """The sort of SORTS an entry belongs to; what is neither said, written nor told is a step."""
    if entry.kind == "visit":
        return "calls" if entry.record.kind in CALLS else "visits"
    return OF_KIND.get(entry.kind, "moves")


def shown(entries, asked):
    """The Shown of `entries`, newest first, as `asked`."""
    numbers = dict.fromkeys(SORTS, 0)
    for entry in entries:
        numbers[sort_of(entry)] += 1
    wanted = [entry for entry in entries if not asked.sort or sort_of(entry) == asked.sort]
    upto = asked.pages * SIZE
    sorts = [("", "全部", len(entries))]
    sorts += [
        (code, word, numbers[code]) for code, word in SORTS.items() if numbers[code] or code == asked.sort
    ]
    return Shown(wanted[:upto], sorts, asked.sort, max(len(wanted) - upto, 0), asked.pages + 1)
