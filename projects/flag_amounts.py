"""How much money a promise of the government comes to, as far as it is written. Pure.

Read are the target in a unit of money, and amounts in words right behind what gives them (补贴 30 万元); an
amount that is a condition (达到 1 亿元的, 满 500 万元后) or a price per ㎡ is none. Unknown stays unknown.
"""

import re
import unicodedata
from decimal import Decimal

from crm.values import BadValue, amount_wan
from crm.values.money import FOREIGN, unit_factor

GIVES = "给予|补贴|补助|奖励|奖补|返还|资助|贴息|扶持|拨付|兑付|兑现|发放|支付|减免|补足|承担|安排|提供"
AMOUNT = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:亿|千万|百万|万|千)?元"
GIVEN = re.compile(
    rf"(?:{GIVES})(?:(?!达到|超过|满|不低于|每(?!年))[^,，。；;\d]){{0,12}}({AMOUNT})(?!的|以上|后|时|/|每)"
)
PER = re.compile(r"[/每·]|\bper\b")


def promised_wan(item: str, metric: str, target: Decimal | None, measure: str) -> Decimal | None:
    """The most money, in 万元, that one promise names; None when it names none."""
    text = _plain(f"{item}；{metric}")
    known = [amount for amount in (_of_target(target, measure), *map(_read, GIVEN.findall(text))) if amount]
    return max(known, default=None)


def _of_target(target, measure):
    """The target in 万元 when it is measured in money as such; 元/㎡ and the like are prices."""
    unit = _plain(measure)
    if target is None or PER.search(unit) or FOREIGN.search(unit) or "元" not in unit:
        return None
    factor = unit_factor(unit)
    return None if factor is None else target * factor


def _read(words):
    try:
        return amount_wan(words)
    except BadValue:
        return None  # no amount that a form would take: nothing to compare


def _plain(text):
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
