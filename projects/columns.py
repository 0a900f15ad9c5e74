"""The columns of the list of projects; what they share with leads means the same there and here."""

from crm.lists import Column, Listing
from leads.columns import CLOCK, ORDERS, SHARED, SHOWN

COLUMNS = (
    Column("name", "项目", sheet=("项目编号", "项目名称", "企业")),
    *SHARED,
    Column("carrier", "载体", sheet=("载体",)),
    Column("landing", "落地方式", sheet=("落地方式",)),
    Column("area", "用房面积", sheet=("用房面积（㎡）",)),
    Column("fixed", "固定资产投资", sheet=("固定资产投资（万元）",)),
    Column("demands", "企业诉求", sheet=("企业诉求",)),
    Column("created", "立项时间", sort="-created", sheet=("立项时间",)),
    *CLOCK,
)
LISTING = Listing("projects", {column.code: column for column in COLUMNS}, SHOWN, ORDERS)
