"""Whether a promise of the government gives more than the cleared item it rests on."""

from crm import display
from projects.flag_amounts import promised_wan


def excess(commitment, item, day):
    """How the money of `commitment` is above that of its `item`, in words; "" when it is not, or unknown.

    The amount of the item decides, without one the cap of its policy. What one agreement promises several
    times by the same item is added up against the amount. Both come of `with_backing`.
    """
    most = item.cap_wan if item.amount_wan is None else item.amount_wan
    if most is None:
        return ""
    mine, name = _of(commitment), "政策上限" if item.amount_wan is None else "条款金额"
    if mine is None:
        return ""
    if mine > most:
        return f"{display.money(mine, None)}，高于{name} {display.money(most, None)}"
    total = sum(_of(one) or 0 for one in _beside(commitment, item, day))
    if item.amount_wan is not None and total > most:
        return (
            f"与同一协议里依据这条的合计 {display.money(total, None)}，高于{name} {display.money(most, None)}"
        )
    return ""


def _of(commitment):
    return promised_wan(commitment.item, commitment.metric, commitment.target, commitment.measure)


def _beside(commitment, item, day):
    """What the agreement promises by this item and still owes, or has kept; `commitment` among them."""
    same = (one for one in item.commitments.all() if one.agreement_id == commitment.agreement_id)
    return [one for one in same if one.outcome != "waived" and not one.has_ended(day)]
