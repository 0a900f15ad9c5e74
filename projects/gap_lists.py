"""谁能补上, all of them: the leads that would fill a gap of the chain, as a Listing with the reasons."""

from itertools import islice

from leads.stages import MAP as STAGES
from projects.chain import explained, ranked
from projects.exports import CHUNK, Listing

COLUMNS = (
    ("线索", 34), ("阶段", 8), ("责任单位", 16), ("负责人", 10), ("赛道", 14), ("链条位置", 10),
    ("投资额（万元）", 14), ("来源城市", 10), ("理由", 60),
)  # fmt: skip
RELATED = ("unit", "owner", "sector", "city", "company")


def listing_of(user, sector, position):
    """The Listing of the leads that `user` sees and that would fill this link, the surest first."""
    rows = ranked(user, sector, position)

    def lines():
        found = rows.select_related(*RELATED).iterator(CHUNK)
        while some := list(islice(found, CHUNK)):
            yield from map(_line, explained(user, some))

    return Listing("谁能补上", COLUMNS, rows.order_by().count(), lines)


def _line(one):
    lead = one.lead
    return [
        str(lead),
        STAGES.labels[lead.stage],
        lead.unit.name,
        str(lead.owner or ""),
        lead.sector_label,
        lead.get_chain_position_display(),
        lead.amount_wan,
        lead.city.name if lead.city else "",
        "；".join(one.reasons),
    ]
