"""政策的起始数据: public policies as far as their text was read, as pure data.

What was read is an excerpt of public reports and plainly marked as an example; where no text was found the
criteria stay empty, so that nobody fits by accident. Nothing here is a promise of money.
"""

UNDATED = "2025-01-01"
NO_PUBLIC_TEXT = "未查到公开条件"
SMALL = ["micro", "small", "medium"]


def _hard(field, op, value, clause, document, unit=""):
    rule = {"field": field, "op": op, "value": value, "clause": clause, "document": document}
    return {**rule, "unit": unit} if unit else rule


def _compute_voucher():
    paper = "杭州市算力券公开报道摘录"
    return [
        _hard("compute_contract", "gt", 0, "签订算力服务合同", paper, "万元"),
        _hard("is_dishonest", "eq", False, "未被列为失信主体（示例，通行要求）", paper),
        {
            "kind": "note",
            "message": "全市每年安排 2.5 亿元，额满为止；比例和金额以当年申报通知为准",
            "document": paper,
            "caution": "说明资金安排，不参与对企业的判定和计分。",
        },
    ]


def _voucher_tiers():
    small = {
        "all": [
            {"field": "size_class", "op": "in", "value": SMALL},
            {"field": "compute_contract", "op": "lte", "value": 50, "unit": "万元"},
        ]
    }
    of = {"kind": "rate", "of": "compute_contract"}
    return [
        {**of, "rate": 50, "when": small, "clause": "中小企业年度合同不超过 50 万元的，不超过 50%"},
        {**of, "rate": 30, "clause": "不超过合同额的 30%"},
    ]


def _seed_company():
    paper = "杭州市种子企业条件公开报道摘录"
    return [
        _hard("age_years", "lte", 5, "成立不超过 5 年", paper, "年"),
        _hard("staff", "lte", 100, "员工不超过 100 人", paper, "人"),
        _hard("revenue", "lt", 2000, "营业收入低于 2000 万元", paper, "万元"),
        _hard("rd_cost_ratio", "gte", 3, "研发费用占比不低于 3%", paper, "%"),
    ]


def _good_seedling():
    paper = "杭州市好苗子企业条件公开报道摘录"
    either = "融资不超过 2000 万元，或估值低于 2 亿元"
    return [
        _hard("rd_staff_ratio", "gte", 10, "研发人员占比不低于 10%", paper, "%"),
        _hard("rd_cost_ratio", "gte", 5, "研发费用占比不低于 5%", paper, "%"),
        {
            "any": [
                _hard("raised", "lte", 2000, either, paper, "万元"),
                _hard("valuation", "lt", 2, either, paper, "亿元"),
            ]
        },
    ]


def _high_tech():
    paper = "示例条件（未查到本区公开文本）"
    return [
        _hard("qualifications", "overlaps", ["national_high_tech"], "持有有效的国高企证书（示例）", paper)
    ]


def _policy(code, name, level, rules, *, source=NO_PUBLIC_TEXT, benefit="", tiers=(), cap_wan=None, **more):
    known = {"issuer": "", "status": "operating", "status_note": "", "documents": [], "office": "", **more}
    return {
        "code": code,
        "name": name,
        "level": level,
        **known,
        "version": {
            "criteria": {"all": rules} if rules else {},
            "benefit": benefit,
            "tiers": list(tiers),
            "cap_wan": cap_wan,
            "is_example": bool(rules),
            "source": source,
            "valid_from": UNDATED,
        },
    }


POLICIES = [
    _policy(
        "gongshu-1-4-n", "拱墅区“1+4+N”产业政策", "district", [],
        benefit="以发展新质生产力为核心、高水平打造“三城五区”的产业政策体系，通过亲清在线直达快享。",
        issuer="拱墅区", status_note="未查到公开条文，请按正式文件填写条件和支持标准",
        window_note="以亲清在线公布的申报时间为准",
    ),
    _policy(
        "hangzhou-compute-voucher", "杭州市算力券", "city", _compute_voucher(),
        source="公开报道摘录", issuer="杭州市", budget_wan="25000", cap_wan="800",
        benefit="按算力服务合同额给予支持：不超过合同额的 30%；中小企业年度合同不超过 50 万元的，不超过 50%。"
        "单家每年最高 800 万元。",
        tiers=_voucher_tiers(), documents=["算力服务合同", "付款凭证", "使用情况说明（示例）"],
        window_note="以当年申报通知为准",
    ),
    _policy(
        "hangzhou-seed-company", "杭州市种子企业", "city", _seed_company(),
        source="公开报道摘录", issuer="杭州市", benefit="列入种子企业培育库。",
        documents=["营业执照", "上年度财务报表", "研发费用明细（示例）"],
        window_note="以当年申报通知为准",
    ),
    _policy(
        "hangzhou-good-seedling", "杭州市好苗子企业", "city", _good_seedling(),
        source="公开报道摘录", issuer="杭州市",
        benefit="列入好苗子培育库；其上依次是国高企、新雏鹰、科技领军企业。",
        documents=["营业执照", "上年度财务报表", "融资协议（示例）"],
        window_note="以当年申报通知为准",
    ),
    _policy(
        "gongshu-high-tech", "国家高新技术企业认定支持", "district", _high_tech(),
        source="示例条件（未公布）", issuer="拱墅区",
        benefit="对新认定、重新认定的国家高新技术企业给予支持；金额未查到公开文本，不作估算。",
        documents=["国家高新技术企业证书", "营业执照"], window_note="以亲清在线公布的申报时间为准",
    ),
]  # fmt: skip
