"""Whose promise it really is: one entered as the company's whose words say that the government gives. Pure.

Domain rule §4.2: every benefit is reviewed. A promise of the company is not (investment, tax paid, jobs), so
a benefit must not escape by the wrong 承诺方. Read is who gives, and to whom; a company's own 纳税, 就业 and
奖励员工 is none of it, nor what it pays back or does with money it received.
"""

from datetime import date
from functools import lru_cache

from projects.flags import Flag, Item, Rule, flags_of

GIVER = (
    "政府|区里|我区|本区|拱墅区|区级|市级|管委会|街道|财政|投促局|商务局|经信局|园区方|甲方|我方|"
    "国资公司|平台公司|城投|产投"
)
GIVES = (
    "给予|补贴|补助|奖励|奖补|返还|返奖|返给|退给|资助|贴息|扶持|拨付|拨给|兑付|兑现|发放|支付|"
    "减免|免收|免除|减收|减半|让利|配套资金|"
    "补足|承担|负担|免费提供|无偿提供|垫付|代缴"
)
TAKER = "企业|乙方|我司|我公司|本公司|该公司|项目公司|投资方|该项目|本项目"
STAFF = "员工|职工|高管|人员|人才|骨干|团队|工人|股东|客户|用户|供应商|合作|学生|消费者|入驻"
OTHERS = "区内企业|本地企业|拱墅区企业|中小企业|上下游企业|产业链企业|合作企业|其他企业|初创企业|租户"
USE = "专款专用|的使用|绩效|审计|监管|核查|验收|退还|退回"

GIVEN = Rule(
    code="misplaced",
    name="像政府给予的优惠",
    reason="写的是政府给予资金或减免，却登记成了企业承诺，没有经过公平竞争审查。",
    advice="请把承诺方改为政府承诺，并关联通过审查的优惠条款；如果是企业的承诺，请写清楚由企业做什么。",
    patterns=(
        f"{GIVER} ..10 {GIVES}",
        f"由 ..2 {GIVER} ..16 补贴|补助|奖励|返还|承担|负担|支付",
        f"! 给予|补贴|补助|奖励|返还|返还给|拨付|兑付|减免|免收|资助|发放给 ..3 {TAKER}",
        f"! 对|给|向 ..2 {TAKER} ..6 给予|补贴|补助|奖励|返还|拨付|减免|免收|资助|贴息",
        "留成|留存|地方贡献|经济贡献|财政贡献 ..12 返还|返奖|奖励|补贴|补助|扶持|退还|给予",
        "税收|税款|所得税|增值税 ..8 返还|返奖|先征后返|即征即退|奖励|退给",
        "! 按 ..14 纳税|税额|税收|增值税|所得税|缴纳 ..10 给予|奖励|返还|补贴|补助|扶持",
        "先征后返|即征即奖|零租金|免租|减租",
        "租金|房租|装修|土地款|出让金 ..4 补贴|返还|减免|减半|奖励",
    ),
    exempting=(
        "收到|取得|获得|获取|领取|享受|得到|使用|申请|申报|争取|凭|将|利用|配合|协助|帮助 ..10 @",
        "退还|退回|归还|返还|返回|缴回|交回|偿还 ..10 @",
        "向|对|为|与|同|给 ..2 @",  # the company turns to the government
        f"@ ..6 {STAFF}",
        f"给予|补贴|补助|奖励|资助|发放|发放给 ..5 {STAFF}",
        f"{GIVER} ..10 {GIVES} ..8 资金|款|奖励|补贴|补助|政策|条款|办法 ..4 {USE}",
        f"给予|资助|奖励|补贴 ..8 {OTHERS}",
        f"对|给|向 ..8 {OTHERS} ..8 给予|资助|奖励|补贴|补助|返还|减免",
        "不因 ..2 @",
        "不要求|不申请|不再申请|不享受|放弃|不索取|无需|不需要 ..14 @",
        "出口|留抵 ..2 退税",
    ),
)


@lru_cache(maxsize=4096)
def misplaced(item: str, metric: str) -> Flag | None:
    """The flag of a promise entered as the company's that reads like the government's; else None."""
    read = Item(text=item, formula=metric)
    return next(iter(flags_of(read, [GIVEN], date.min)), None)
