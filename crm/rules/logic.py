"""Three-valued logic and the words for its answers."""

from collections.abc import Iterable
from enum import StrEnum


class Labelled(StrEnum):
    """A code with its Chinese label; `choices()` suits a model field."""

    def __new__(cls, code: str, label: str):
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(member.value, member.label) for member in cls]


class Result(Labelled):
    """The answer of one rule or group."""

    YES = "yes", "满足"
    NO = "no", "不满足"
    UNKNOWN = "unknown", "信息不足"


class VerdictCode(Labelled):
    """The answer of a whole set of criteria; 储备 is given only by a fund that cannot invest yet."""

    FIT = "fit", "符合"
    INCOMPLETE = "incomplete", "待补充"
    UNFIT = "unfit", "不符合"
    RESERVE = "reserve", "储备"


VERDICT_OF = {
    Result.YES: VerdictCode.FIT,
    Result.NO: VerdictCode.UNFIT,
    Result.UNKNOWN: VerdictCode.INCOMPLETE,
}
GROUP_LABELS = {"all": "以下须全部满足", "any": "以下满足任一项即可", "not": "以下不得满足"}

_OPPOSITE = {Result.YES: Result.NO, Result.NO: Result.YES, Result.UNKNOWN: Result.UNKNOWN}


def negate(result: Result | None) -> Result | None:
    """NOT: unknown stays unknown, an item that decides nothing stays so."""
    return None if result is None else _OPPOSITE[result]


def combine(group: str, results: Iterable[Result | None]) -> Result | None:
    """The answer of a group; items that are None (bonus points, notes, empty groups) decide nothing.

    AND: any 不满足 fails, else any 信息不足 is unknown. OR: any 满足 passes, all 不满足 fail, else unknown.
    """
    winner = Result.YES if group == "any" else Result.NO
    found = None
    for result in results:
        if result == winner:
            found = winner
            break
        if result is not None and found != Result.UNKNOWN:
            found = result if type(result) is Result else Result(result)  # stored ones are words
    return negate(found) if group == "not" else found


def verdict_of(result: Result | None) -> VerdictCode:
    """A set without any deciding rule is 待补充: nothing was proven."""
    return VERDICT_OF[result or Result.UNKNOWN]
