"""字段词典: everything criteria may ask about, with label, unit, choices and how it is derived."""

from datetime import date
from decimal import ROUND_DOWN, Decimal

from crm.rules.facts import years_between
from crm.rules.fields import Derived, Field, WrongValue

ROUNDS = {
    "none": "未融资",
    "seed": "种子轮",
    "angel": "天使轮",
    "pre_a": "Pre-A轮",
    "a": "A轮",
    "b": "B轮",
    "c": "C轮及以后",
    "pre_ipo": "Pre-IPO",
    "listed": "已上市",
}
PRODUCT_STAGES = {
    "research": "研发",
    "prototype": "样品（样机）",
    "pilot": "中试",
    "small_batch": "小批量生产",
    "mass": "规模化量产",
}
GROWTH_STAGES = {"seed": "种子期", "startup": "初创期", "growth": "成长期", "mature": "成熟期"}
APPLICANTS = {"company": "企业", "team": "创业团队（未设企业）", "sub_fund": "子基金"}
SIZE_CLASSES = {"micro": "微型", "small": "小型", "medium": "中型", "large": "大型"}
RESULT_SOURCES = {
    "university": "高校",
    "institute": "科研院所",
    "hospital": "医院",
    "enterprise": "企业自研",
    "personal": "个人（非职务成果）",
}
OWNERSHIP = {"central": "央企", "local_state": "地方国企", "private": "民企", "foreign": "外企"}
INDUSTRIES = {
    "ai": "人工智能",
    "ict": "信息通信技术",
    "advanced_manufacturing": "先进制造",
    "low_altitude": "低空经济",
    "software": "高端软件",
    "synthetic_biology": "合成生物",
    "biomedicine": "生物医药",
    "new_materials": "新材料",
    "new_energy": "新能源",
    "cloud_equipment": "新型云计算装备及服务",
    "other": "其他",
}
CLUSTERS = {
    "296x": "杭州 296X",
    "55x": "杭州 5+5+X",
    "415x": "浙江 415X",
    "zj_heights": "浙江三大科创高地",
    "zj_15": "浙江 15 大战略领域",
    "none": "不在目录内",
}
SECTORS = {
    "commerce_finance": "商贸金融",
    "life_health": "生命健康",
    "culture_tourism": "文化旅游",
    "smart_manufacturing": "智能制造",
    "smart_logistics": "智慧物流",
    "urban_governance": "城市治理",
}
TRACKS = {
    "ai": "人工智能",
    "low_altitude": "低空经济",
    "advanced_software": "高端软件",
    "synthetic_biology": "合成生物",
    "other": "其他方向",
}
CHAIN_POSITIONS = {
    "compute": "算力",
    "algorithm": "算法",
    "data": "数据",
    "application": "应用",
    "outside": "不在链上",
}
EXCLUSIONS = {
    "real_estate": "房地产",
    "two_high": "两高项目",
    "listed": "已上市公司",
    "outlet": "无固定资产的销售网点",
}
QUALIFICATIONS = {
    "national_high_tech": "国家高新技术企业",
    "provincial_sme": "省科技型中小企业",
    "national_sme": "国家科技型中小企业",
    "innovative_sme": "创新型中小企业",
    "srdi": "专精特新中小企业",
    "little_giant": "专精特新“小巨人”",
    "single_champion": "单项冠军",
    "hidden_champion": "隐形冠军",
    "eaglet": "雏鹰企业",
    "good_seedling": "好苗子",
    "seed_company": "种子企业",
    "gazelle": "瞪羚企业",
    "unicorn": "独角兽",
    "quasi_unicorn": "准独角兽",
    "research_institute": "省企业研究院",
    "key_research_institute": "省重点企业研究院",
    "provincial_lab": "省重点实验室",
    "above_scale": "规上企业",
    "chain_leader": "链主企业",
    "llm_filed": "大模型备案",
}
SPACE_USES = {
    "office": "办公",
    "research": "研发",
    "lab": "实验",
    "production": "生产",
    "storage": "仓储",
    "retail": "商业",
    "data_room": "机房",
}
CARRIERS = {
    "canal": "大运河主轴",
    "wanggu": "智慧网谷小镇",
    "banshan": "半山区块",
    "beiruan": "北部软件园区块",
    "wealth": "运河财富小镇",
    "auto_web": "汽车互联网小镇",
    "wulin": "武林商务区",
    "street": "街道楼宇",
}
COMPUTE_UNITS = {"pflops": "PFLOPS", "rack": "机柜", "card": "卡"}
COMPUTE_KINDS = {"training": "训练", "inference": "推理", "both": "训练和推理", "any": "不限"}
COMPUTE_SERVES = {"training": "训练", "inference": "推理", "both": "训练、推理均可"}
DOMESTIC = {"must": "必须国产", "prefer": "优先国产", "any": "不限"}

YI = Decimal(10000)
FEN = Decimal("0.01")
DAYS = (date(1900, 1, 1), date(2100, 12, 31))  # no criteria ask for a day outside these
_ZERO = Decimal(0)


def _age(values, on):
    start = values["established_on"]
    if start > on:
        raise WrongValue(f"成立日期 {start} 晚于匹配日 {on}，请核对")
    return years_between(start, on)


def _within_last(values, on):
    return values["valuation"] <= values["last_post_money"]


def _payable(values, on):
    """元 a project can pay for one unit in one month, to the fen below: the budget (万元) over units and
    months."""
    if not values["compute_amount"] or not values["compute_months"]:
        raise WrongValue("算力需求的数量、月数要大于 0，请核对")
    paid = values["compute_budget"] * YI / (values["compute_amount"] * values["compute_months"])
    return paid.quantize(FEN, ROUND_DOWN)


def _money(key, label, high=10_000 * YI, **more):
    return Field(key, label, "money", "万元", low=_ZERO, high=high, **more)


def _asked(least_wan, most_yi):
    """The range of bounds criteria have, from 万元 to 亿元: what lies outside is a mix-up of the two."""
    return {"asked": (Decimal(least_wan), most_yi * YI)}


def _count(key, label, unit, high, low=_ZERO, **more):
    return Field(key, label, "number", unit, low=Decimal(low), high=Decimal(high), **more)


def _percent(key, label, **more):
    return Field(key, label, "percent", "%", low=_ZERO, high=Decimal(100), **more)


def _choice(key, label, choices, **more):
    return Field(key, label, "choice", choices=choices, **more)


def _set(key, label, choices, **more):
    return Field(key, label, "set", choices=choices, **more)


def _bool(key, label, **more):
    return Field(key, label, "bool", **more)


_COMPANY = (
    _choice("applicant_kind", "申报主体", APPLICANTS, is_lasting=True),
    Field("established_on", "成立日期", "date", asked=DAYS, is_lasting=True),
    _count(
        "age_years",
        "成立年限",
        "年",
        150,
        places=1,
        asked=(Decimal(0), Decimal(50)),
        derived=Derived(("established_on",), _age),
    ),
    _count("staff", "员工人数", "人", 1_000_000),
    _percent("rd_staff_ratio", "研发人员占比"),
    _percent("rd_cost_ratio", "研发费用占比"),
    _money("revenue", "上年营业收入", **_asked(10, 1_000)),
    _money("registered_capital", "注册资本", **_asked(1, 200)),
    _choice("size_class", "企业规模", SIZE_CLASSES),
    _choice("ownership", "企业性质", OWNERSHIP),
    _set("qualifications", "资质", QUALIFICATIONS),
    _count("invention_patents", "发明专利", "件", 100_000),
    _count("software_copyrights", "软件著作权", "件", 100_000),
    _bool("has_major_dispute", "有重大诉讼或纠纷"),
    _bool("is_dishonest", "被列为失信主体"),
    _bool("is_abnormal", "列入经营异常"),
    _set("exclusions", "排除情形", EXCLUSIONS),
)
_BUSINESS = (
    _set("industries", "产业方向", INDUSTRIES, is_open=True),
    _set("clusters", "产业集群目录", CLUSTERS, is_open=True),
    _choice("sector", "六融合领域", SECTORS, is_open=True, is_lasting=True),
    _set("tracks", "未来赛道", TRACKS, is_open=True, is_lasting=True),
    _choice("chain_position", "链条位置", CHAIN_POSITIONS, is_lasting=True),
    _choice("growth_stage", "企业发展阶段", GROWTH_STAGES),
    _choice("product_stage", "研发阶段", PRODUCT_STAGES),
    _count("trl", "技术成熟度", "级", 9, 1),
    _choice("result_source", "成果来源", RESULT_SOURCES, is_lasting=True),
    _bool("is_service_invention", "职务科技成果", is_lasting=True),
    _bool("uses_fiscal_results", "转化利用财政资金形成的科技成果", is_lasting=True),
    _bool("has_clear_ip", "知识产权权属清晰"),
    _bool("has_licence_agreement", "有赋权或转让协议"),
    _bool("has_university_team", "团队有高校院所背景", is_lasting=True),
    _bool("has_pilot_partner", "有实验室或中试合作方"),
    _percent("team_stake", "团队持股比例"),
)
_MONEY = (
    _choice("round", "融资轮次", ROUNDS),
    _money("valuation", "估值", **_asked(50, 800)),
    _money("last_post_money", "上轮投后估值", **_asked(50, 800)),
    _money("financing_need", "本轮融资需求", **_asked(10, 500)),
    _money("ticket", "拟申请基金出资额", **_asked(10, 100)),
    _percent("fund_stake", "基金拟持股比例"),
    _bool("fund_controls", "基金将取得控制权"),
    _bool("fund_is_largest", "基金将成为第一大股东"),
    _bool("fund_leads", "基金领投"),
    _bool("has_social_capital", "本轮或前轮有社会资本"),
    _bool("has_social_capital_now", "本轮有社会资本"),
    _bool("lead_sets_valuation", "估值由领投方确定"),
    _bool(
        "valuation_within_last",
        "估值不高于上轮投后",
        derived=Derived(
            ("valuation", "last_post_money"), lambda v, on: v["valuation"] <= v["last_post_money"]
        ),
    ),
    _money("raised", "累计融资额", **_asked(10, 500)),
    _money("compute_contract", "年度算力合同额", **_asked("0.1", 20)),
    _money("total_investment", "计划总投资", **_asked(10, 2_000)),
    _money("fixed_investment", "固定资产投资", **_asked(10, 2_000)),
    _count("area_need", "用房需求", "㎡", 10_000_000),
    _count("land_need", "用地需求", "亩", 100_000),
)
_NOTE_ONLY = (
    Field("registered_place", "注册地", "text", is_note_only=True),
    _percent("reinvestment_ratio", "返投比例", is_note_only=True),
    Field("relocation_bar", "迁出限制", "text", is_note_only=True),
)
_NEED = {"is_need": True}
_SPACE = (
    _count("area_most", "用房面积上限", "㎡", 10_000_000, **_NEED),
    _choice("space_use", "用房用途", SPACE_USES, **_NEED),
    Field("needed_by", "需用日期", "date", **_NEED),
    _count("power_need", "用电需求", "kVA", 1_000_000, **_NEED),
    _count("rack_need", "机柜需求", "个", 100_000, **_NEED),
    _count("height_need", "层高需求", "m", 100, **_NEED),
    _count("load_need", "承重需求", "kg/㎡", 100_000, **_NEED),
    _bool("needs_eia", "需要办环评", **_NEED),
    _count("rent_ceiling", "租金上限", "元/㎡/天", 1_000, **_NEED),
    _set("carrier_wishes", "意向载体", CARRIERS, is_open=True, is_lasting=True, **_NEED),
)
_COMPUTE = (
    _choice("compute_kind", "算力用途", COMPUTE_KINDS, **_NEED),
    _choice("compute_unit", "算力单位", COMPUTE_UNITS, **_NEED),
    _count("compute_amount", "算力需求", "", 100_000_000, **_NEED),
    _count("compute_months", "使用月数", "个月", 1_200, **_NEED),
    Field("compute_from", "算力起用日期", "date", **_NEED),
    _choice("compute_domestic", "国产算力要求", DOMESTIC, **_NEED),
    _money("compute_budget", "算力预算", **_NEED),
    _count(
        "compute_payable",
        "每单位每月可付",
        "元",
        100_000_000,
        places=0,
        derived=Derived(("compute_amount", "compute_months", "compute_budget"), _payable),
        **_NEED,
    ),
)

FIELDS: dict[str, Field] = {
    field.key: field for field in (*_COMPANY, *_BUSINESS, *_MONEY, *_NOTE_ONLY, *_SPACE, *_COMPUTE)
}
GROUPS = {
    "企业": tuple(field.key for field in _COMPANY),
    "业务": tuple(field.key for field in _BUSINESS),
    "融资": tuple(field.key for field in _MONEY),
}
ORDER = {key: index for index, key in enumerate(FIELDS)}

# how officers and notices write the qualifications, beside the full names
QUALIFICATION_ALIASES = {
    "国高企": "national_high_tech",
    "省科小": "provincial_sme",
    "专精特新": "srdi",
    "省专精特新": "srdi",
    "小巨人": "little_giant",
    "专精特新小巨人": "little_giant",
    "新雏鹰": "eaglet",
    "雏鹰": "eaglet",
    "瞪羚": "gazelle",
    "规上": "above_scale",
    "链主": "chain_leader",
    **{label: code for code, label in QUALIFICATIONS.items()},
}


def qualification_code(name: str) -> str:
    """The code of a qualification written as code, full or short name; an unknown one stays as it is."""
    return QUALIFICATION_ALIASES.get(name.strip(), name.strip())
