"""Which promises of the government are incentives by another name (domain rule §4.2). Pure: words → flags.

A commitment (承诺) has no basis, scope or budget to look at, so only the wordings of the flag rules are asked
of it, and one more that no rule of an incentive item needs: does it give money, or let something off? What is
flagged here must rest on a cleared 优惠条款; help, work and rooms without a gift in them are free.
"""

from dataclasses import replace
from datetime import date
from functools import lru_cache

from projects.flag_patterns import Folded
from projects.flags import Flag, Hit, Item, Rule, flags_of

BENEFIT = Rule(
    code="benefit",
    name="给予资金或减免",
    reason="政府承诺给钱、减免费用或让利，就是优惠，要有依据、范围和资金来源，由没有起草的人审查。",
    advice="请录成优惠条款，通过公平竞争审查之后再在这里关联。",
    patterns=(
        "补贴|补助|奖励|奖补|奖金|奖扶|资助|贴息|贴补|扶持|津贴|安家费|以奖代补|红包|算力券|人才券|创新券|代金券|消费券",
        "免租|免收|免缴|免交|免除|免征|零租金|零费用|减租|减收|减免|减半|让利|抵扣|抵免|返还|退还|返奖|缓缴|缓交|"
        "代缴|代付|代交|垫付|报销|优惠|打折|折扣",
        "免费|无偿 ..12 提供|使用|入驻|租|用房|场地|办公|公寓|厂房|土地|住房|设备|算力|装修|交付",
        "提供|安排|给予|交付 ..12 免费|无偿",
        "低于 ..4 市场|成本|评估|基准|指导 ..4 价|租金",
        "{rate} ..8 租金|房租|费用|电费|利息|装修款|设备款",
        "租金|房租|费用|电费|利息|装修款|设备款 ..8 {rate}",
        "给予|支付|拨付|拨给|发放|兑付|兑现|补足|提供|安排|落实|划拨 ...20 元|万|亿|资金|经费|款项|现金",
        "兑现|落实|享受|适用|给予 ..12 政策|待遇",
        "承担|负担 ..14 费用|费|租金|房租|利息|社保|工资|装修|搬迁",
        "费用|租金|房租|电费|物业费|利息|装修费|搬迁费|社保 ..10 由 ..2 甲方|政府|区里|我方|我区|管委会|财政",
        "提供|给予|安排 ..8 担保|借款|周转金|低息|无息",
    ),
    exempting=(
        "协助|帮助|指导|辅导|配合|帮办|代办 ..12 申报|申请|申领|争取|办理|对接|了解|解读 ..24 @",
        "协助|帮助|指导|辅导|配合|帮办|代办 ..4 @",
        "政策|优惠 ..6 宣讲|解读|咨询|辅导|培训|对接会",
        "提供|安排|落实|给予|划拨 ..20 万|亿 平|m2|亩|千瓦|kw|kva|度|吨|立方|人|台|件|套",
        "提供|安排|落实|给予|划拨 ..20 单元",
        "退还|返还 ..10 保证金|押金|定金|诚意金",
        "保证金|押金|定金|诚意金 ..10 退还|返还",
        "不给予|不提供|不承诺|不承担|不负担|不享受|不得给予|不得承诺|没有|无任何 ..12 @",
    ),
)
MONEY = ("元", "美金", "美元")
OWN_WORKS = ("建设", "工程", "修建", "管网", "道路")  # what the government spends on its own works is no gift


@lru_cache(maxsize=4096)
def promise_flags(item: str, metric: str, measure: str, rules: tuple[Rule, ...]) -> tuple[Flag, ...]:
    """The flags of a promise with this text, metric and unit of measure, by code; empty when it is free.

    No wording depends on the day, so that what was read once need not be read again.
    """
    read = Item(text=item, formula=metric, conditions=measure)
    wordings = [replace(rule, check="") for rule in rules if rule.patterns]
    found = flags_of(read, [*wordings, BENEFIT], date.min)
    if _pays(read) and all(flag.code != BENEFIT.code for flag in found):
        hit = Hit("conditions", None, None, measure)
        found.append(Flag(BENEFIT.code, BENEFIT.name, (hit,), BENEFIT.reason, BENEFIT.advice))
    return tuple(sorted(found, key=lambda flag: flag.code))


def _pays(read):
    """Whether the promise is measured in money that does not stay with the government."""
    said = Folded(read.text + read.formula).text
    return any(word in read.conditions for word in MONEY) and not any(word in said for word in OWN_WORKS)
