"""以商招商, all of it: whom every firm knows and whom it brought, as a Listing with a line for each."""

from projects.exports import Listing
from projects.firms import firms

COLUMNS = (
    ("企业", 34), ("已落地", 8), ("类别", 14), ("对方企业", 34), ("关系", 12), ("来源", 30), ("阶段", 10),
    ("责任单位", 16),
)  # fmt: skip
KNOWN, BROUGHT = "还不是线索", "引荐来的线索"


def listing_of(user):
    """The Listing of the links that `user` sees on the page of 以商招商, firm by firm in its order."""
    found, _ = firms(user)
    number = sum(len(one.known) + len(one.brought) for one in found)
    return Listing("企业关系", COLUMNS, number, lambda: (line for one in found for line in _lines(one)))


def _lines(firm):
    own = [str(firm.company), "是" if firm.is_landed else ""]
    for one in firm.known:
        yield [*own, KNOWN, str(one.company), one.word, one.source, "", ""]
    for one in firm.brought:
        yield [*own, BROUGHT, str(one.record), "", "", one.word, one.record.unit.name]
