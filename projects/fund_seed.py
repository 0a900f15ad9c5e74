"""基金的起始数据: the district's own funds and published criteria of others, as pure data.

Criteria of others are examples read from public texts; for the district's own funds none were published,
so theirs are empty or plainly marked as examples. Nothing here is a promise of money.
"""

UNDATED = "2025-01-01"
EARLY_ROUNDS = ["none", "seed", "angel", "pre_a"]
NO_PUBLIC_TEXT = "未查到公开条件"


def _paper(name, day=""):
    """Builders of rules that all quote one document."""
    paper = {"document": name, "document_date": day} if day else {"document": name}

    def hard(field, op, value, clause, unit=""):
        rule = {"field": field, "op": op, "value": value, "clause": clause, **paper}
        return {**rule, "unit": unit} if unit else rule

    def soft(weight, field, op, value, clause, unit=""):
        return {**hard(field, op, value, clause, unit), "kind": "soft", "weight": weight}

    def note(message, caution=""):
        rule = {"kind": "note", "message": message, **paper}
        return {**rule, "caution": caution} if caution else rule

    return hard, soft, note


ABOUT_THE_FUND = "说明基金自身的安排，不参与对企业的判定和计分。"
PLACE = "公开文本未列注册地、返投条件；基金方如另行提出，只作记录。"


def _concept_proof():
    hard, soft, note = _paper("概念验证类基金通行做法（示例，非本基金公布条件）")
    return [
        hard("trl", "between", [3, 5], "技术成熟度 3–5 级", "级"),
        hard("ticket", "between", [50, 300], "单笔 50–300 万元", "万元"),
        hard("result_source", "in", ["university", "institute", "hospital"], "成果来自高校、院所、医院"),
        hard("has_clear_ip", "eq", True, "专利权属清晰"),
        hard(
            "exclusions",
            "disjoint",
            ["real_estate", "two_high", "listed"],
            "不投房地产、两高项目、已上市公司",
        ),
        soft(40, "has_licence_agreement", "eq", True, "已签赋权协议"),
        soft(30, "has_pilot_partner", "eq", True, "有实验室或中试合作方"),
        soft(30, "is_service_invention", "eq", True, "职务科技成果"),
        note(PLACE),
    ]


def _result_transfer():
    hard, soft, note = _paper("成果转化类基金通行做法（示例，非本基金公布条件）")
    return [
        hard("trl", "between", [4, 7], "技术成熟度 4–7 级", "级"),
        hard("ticket", "between", [300, 2000], "单笔 300–2000 万元", "万元"),
        hard("has_clear_ip", "eq", True, "专利权属清晰"),
        hard(
            "exclusions",
            "disjoint",
            ["real_estate", "two_high", "listed"],
            "不投房地产、两高项目、已上市公司",
        ),
        soft(50, "has_pilot_partner", "eq", True, "有中试合作方"),
        soft(50, "team_stake", "gte", 30, "团队持股不低于 30%（示例值）", "%"),
        note("单一企业投资不超过基金规模的 20%", ABOUT_THE_FUND),
        note(PLACE),
    ]


def _qizhen():
    hard, soft, note = _paper("股权投资基金通行做法（示例，非本基金公布条件）")
    return [
        hard(
            "exclusions",
            "disjoint",
            ["real_estate", "two_high", "listed"],
            "不投房地产、两高项目、已上市公司",
        ),
        hard("is_dishonest", "eq", False, "未被列为失信主体"),
        soft(40, "has_university_team", "eq", True, "高校院所团队（“项目筛选–培育–投资–联合发展”）"),
        soft(
            30,
            "industries",
            "overlaps",
            ["ai", "advanced_manufacturing", "new_materials"],
            "人工智能与先进制造",
        ),
        soft(30, "has_clear_ip", "eq", True, "知识产权权属清晰"),
        note(PLACE),
    ]


def _runmiao():
    hard, _, note = _paper("杭州润苗基金公开报道摘录", "2025-11")
    either = "员工不超过 100 人，或估值不超过 1 亿元"
    return [
        hard("age_years", "lte", 5, "成立不超过 5 年", "年"),
        {"any": [hard("staff", "lte", 100, either, "人"), hard("valuation", "lte", 1, either, "亿元")]},
        hard("product_stage", "in", ["research", "prototype"], "处于研发或样机阶段"),
        hard("round", "in", EARLY_ROUNDS, "A 轮之前"),
        hard("clusters", "overlaps", ["296x", "55x"], "属于 296X 或 5+5+X 产业"),
        hard("ticket", "lte", 500, "单笔不超过 500 万元", "万元"),
        hard("fund_controls", "eq", False, "不谋求控制权"),
        note("投早期轮次，含首笔投资；不以单个项目论成败", ABOUT_THE_FUND),
        note(PLACE),
    ]


def _yuhang():
    hard, _, note = _paper("余杭区引导类直接投资规定摘录", "2026-02")
    with_social = [
        hard("has_social_capital_now", "eq", True, "本轮有社会资本"),
        hard("ticket", "lte", 6000, "本轮有社会资本的，不超过 6000 万元", "万元"),
        hard("fund_leads", "eq", False, "不领投"),
        hard("lead_sets_valuation", "eq", True, "估值由领投方确定"),
    ]
    without_social = [
        hard("has_social_capital_now", "eq", False, "本轮没有社会资本"),
        hard("ticket", "lte", 2000, "本轮没有社会资本的，不超过 2000 万元", "万元"),
        hard("valuation_within_last", "eq", True, "估值不高于上轮投后"),
    ]
    return [
        hard("is_dishonest", "eq", False, "合规经营"),
        hard("has_major_dispute", "eq", False, "无重大纠纷"),
        hard("has_social_capital", "eq", True, "本轮或前轮有社会资本"),
        {"any": [{"all": with_social}, {"all": without_social}]},
        hard("fund_stake", "lte", 30, "持股不超过 30%", "%"),
        hard("fund_is_largest", "eq", False, "不为第一大股东"),
        hard("fund_controls", "eq", False, "不为实际控制人"),
        note("超出上述限额的，经联席会议报区政府常务会；5 亿元以上另行专题决策", ABOUT_THE_FUND),
        note(PLACE),
    ]


def _shangcheng():
    hard, _, note = _paper("上城区高质量发展产业基金公开报道摘录", "2025-05")
    venture = [
        hard("growth_stage", "in", ["seed", "startup"], "创投类：投早期"),
        hard(
            "industries",
            "overlaps",
            ["ict", "ai", "advanced_manufacturing"],
            "创投类：信息通信、人工智能、先进制造",
        ),
    ]
    return [
        {
            "any": [
                {"all": venture},
                hard("growth_stage", "in", ["growth", "mature"], "产投类：投成长期、成熟期"),
            ]
        },
        note("总规模 100 亿元：创投类不少于 30 亿元，产投类不少于 70 亿元", ABOUT_THE_FUND),
        note(PLACE),
    ]


def _national():
    hard, _, note = _paper("国家科技成果转化引导基金子基金规定摘录")
    return [
        hard("uses_fiscal_results", "eq", True, "转化利用财政资金形成科技成果"),
        hard("growth_stage", "in", ["seed", "startup", "growth"], "种子期、初创期、成长期"),
        hard("size_class", "in", ["micro", "small", "medium"], "中小企业"),
        note("引导基金占子基金 10–30%，且不为第一大出资人", ABOUT_THE_FUND),
        note("投向转化类企业的金额不低于引导基金出资的 3 倍，且不低于子基金的 50%", ABOUT_THE_FUND),
    ]


def _ganzhou():
    hard, _, note = _paper("赣州种子基金规定摘录")
    return [
        hard("applicant_kind", "in", ["company", "sub_fund"], "直接股权、可转债投资企业，或参股子基金"),
        hard("growth_stage", "eq", "seed", "投资种子期企业（由基金名称推断的示例，非公布条文）"),
        note("直接投资不低于 60%；存续 15 年（投资 7 年、退出 8 年）", ABOUT_THE_FUND),
    ]


def _zhejiang_mother():
    hard, _, note = _paper("浙江省科创母基金公开报道摘录")
    return [
        hard("clusters", "overlaps", ["zj_heights", "zj_15"], "三大科创高地、15 大战略领域"),
        note("一期 20.02 亿元；二期 30.02 亿元，社会资本占 20%", ABOUT_THE_FUND),
        note(PLACE),
    ]


def _zhejiang_concept():
    hard, _, note = _paper("浙政办发〔2025〕24号摘录", "2025")
    hosts = ["university", "institute", "hospital", "enterprise"]
    return [
        hard("result_source", "in", hosts, "依托高校、科研院所、医院、企业"),
        hard(
            "product_stage",
            "in",
            ["research", "prototype", "pilot"],
            "可行性研究、原型制造、性能测试、市场分析、二次开发、中试",
        ),
        note("概念验证中心按“项目筛选–培育–投资–联合发展”提供服务", ABOUT_THE_FUND),
    ]


def _hangzhou(stages, clause):
    hard, _, note = _paper("杭州“3+N”产业基金公开报道摘录")
    return [hard("growth_stage", "in", stages, clause), note(PLACE)]


def _fund(code, name, kind, status, rules, *, size_wan=None, note="", source=NO_PUBLIC_TEXT, day="", **more):
    return {
        "code": code,
        "name": name,
        "kind": kind,
        "status": status,
        "status_note": note,
        "size_wan": size_wan,
        "operator": more.get("operator", ""),
        "is_local": more.get("is_local", False),
        "version": {
            "criteria": {"all": rules} if rules else {},
            "is_example": bool(rules),
            "source": source,
            "source_date": day or None,
            "valid_from": day or UNDATED,
        },
    }


FUNDS = [
    _fund(
        "gongshu-kechuang-3", "拱墅区科创母基金三期", "mother", "operating", [],
        note="运作中；未查到公开条件，请向管理人核实后填写", is_local=True,
    ),
    _fund(
        "gongshu-concept", "拱墅区概念验证基金", "concept", "preparing", _concept_proof(),
        note="加快组建，尚不能出资，只列入储备", source="示例条件（本基金未公布）", is_local=True,
    ),
    _fund(
        "gongshu-transfer", "拱墅区成果转化基金", "transfer", "preparing", _result_transfer(),
        note="加快组建，尚不能出资，只列入储备", source="示例条件（本基金未公布）", is_local=True,
    ),
    _fund(
        "qizhen", "杭州拱墅杭钢启真股权投资基金合伙企业（有限合伙）", "venture", "established", _qizhen(),
        note="2025 年 9 月设立；出资方为杭钢、拱墅、浙大", source="示例条件（本基金未公布）", is_local=True,
    ),
    _fund(
        "runmiao", "杭州润苗基金", "venture", "operating", _runmiao(),
        size_wan="200000", note="存续 20 年", source="公开报道摘录", day="2025-11-01",
    ),
    _fund(
        "yuhang-direct", "余杭区引导类直接投资", "venture", "operating", _yuhang(),
        source="公开规定摘录", day="2026-02-01",
    ),
    _fund(
        "shangcheng-quality", "上城区高质量发展产业基金", "industry", "operating", _shangcheng(),
        size_wan="1000000", note="创投类、产投类", source="公开报道摘录", day="2025-05-01",
    ),
    _fund(
        "hangzhou-science", "杭州科创基金", "venture", "operating",
        _hangzhou(["seed", "startup"], "投早、投小、投长期、投硬科技（创投类）"), source="公开报道摘录",
    ),
    _fund(
        "hangzhou-innovation", "杭州创新基金", "industry", "operating",
        _hangzhou(["growth", "mature"], "投大、投强、投未来（产投类）"), source="公开报道摘录",
    ),
    _fund("hangzhou-merger", "杭州并购基金", "industry", "operating", [], note="未查到公开条件"),
    _fund(
        "national-transfer", "国家科技成果转化引导基金子基金", "transfer", "operating", _national(),
        source="公开规定摘录",
    ),
    _fund("ganzhou-seed", "赣州种子基金", "venture", "operating", _ganzhou(), source="公开规定摘录"),
    _fund(
        "zhejiang-kechuang", "浙江省科创母基金", "mother", "operating", _zhejiang_mother(),
        source="公开报道摘录",
    ),
    _fund(
        "zhejiang-concept", "浙江省概念验证（浙政办发〔2025〕24号）", "concept", "operating",
        _zhejiang_concept(), source="浙政办发〔2025〕24号摘录",
    ),
]  # fmt: skip
