"""The columns of the list of leads, which of them it can be sorted by, and what each is in a workbook.

One can turn pages by what stands in the row itself, is never null (or has a stand-in) and is indexed like
that. Names sort by the number of their characters, not by pinyin; owners, sectors and sources stand in other
tables; the stage has its board. For those there are filters.
"""

from crm.lists import Column, Listing
from crm.paging import Order, amount, day, moment
from leads.models.prospects import AMOUNT_KNOWN, NEXT_KNOWN

ORDERS = {
    "created": Order("created_at", moment, is_rising=True),
    "updated": Order("updated_at", moment, is_rising=True),
    "amount": Order(AMOUNT_KNOWN, amount, is_rising=True),
    "next": Order(NEXT_KNOWN, day, is_rising=True),
}
SHARED = (
    Column("stage", "阶段", sheet=("阶段",)),
    Column("sector", "赛道", sheet=("赛道",)),
    Column("amount", "投资额", sort="-amount", sheet=("投资额（万元）",)),
    Column("from", "来源", sheet=("来源城市", "来源渠道", "来源行程")),
    Column("owner", "负责人", sheet=("责任单位", "负责人")),
    Column("next", "下次联系", sort="next", sheet=("下次联系日期", "下一步")),
    Column("tags", "标签", sheet=("标签",)),
)
CLOCK = (
    Column("limit", "阶段时限", sheet=("阶段时限",)),
    Column("last", "最近联系", sheet=("最近联系",)),
    Column("updated", "更新时间", sort="-updated", sheet=("更新时间",)),
)
COLUMNS = (
    Column("name", "企业", sheet=("企业",)),
    *SHARED,
    Column("area", "需求面积", sheet=("需求面积（㎡）",)),
    Column("uscc", "统一社会信用代码", sheet=("统一社会信用代码",)),
    Column("investor", "投资方", sheet=("投资方",)),
    Column("note", "情况说明", sheet=("情况说明",)),
    Column("created", "登记时间", sort="-created", sheet=("登记时间",)),
    *CLOCK,
)
SHOWN = ("name", "stage", "sector", "amount", "from", "owner", "next")
LISTING = Listing("leads", {column.code: column for column in COLUMNS}, SHOWN, ORDERS)


def sheet_headers(listing, codes):
    """The headers of the workbook that has these columns of the list, in their order."""
    return [header for code in codes for header in listing.columns[code].sheet]
