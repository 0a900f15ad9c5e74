"""The starting 依据库: public documents known by name, whose texts nobody here has read yet.

Names and figures are those public reports give; so every row is an example until a person has read the text
and says so (核对原文日期). Until then a promise that quotes it stays 依据未核实.
"""

UNREAD = "示例：只知其名，未读到原文。"
ROWS = (
    {
        "document": "拱墅区以发展新质生产力为核心高水平打造“三城五区”1+4+N产业政策",
        "area": "拱墅区",
        "summary": UNREAD + "经亲清在线直达快享兑现；条款、标准、上限待录入。",
    },
    {
        "document": "杭州市算力券",
        "area": "杭州市",
        "kinds": ["compute"],
        "measures": ["算力"],
        "most_percent": 30,
        "cap_wan": 800,
        "summary": UNREAD + "公开报道：不超过合同额的 30%，单家企业每年不超过 800 万元。",
    },
    {
        "document": "杭州市算力券（中小企业）",
        "area": "杭州市",
        "kinds": ["compute"],
        "measures": ["算力"],
        "most_percent": 50,
        "summary": UNREAD + "公开报道：年度合同额 50 万元以内的中小企业，不超过 50%。",
    },
    {
        "document": "杭州市种子企业培育",
        "area": "杭州市",
        "measures": ["种子企业"],
        "summary": UNREAD
        + "公开报道的条件：成立 5 年以内，不超过 100 人，营收 2000 万元以下，研发占比 3% 以上。",
    },
    {
        "document": "杭州市好苗子企业培育",
        "area": "杭州市",
        "measures": ["好苗子"],
        "summary": UNREAD
        + "公开报道的条件：研发人员占 10% 以上，研发费用占 5% 以上，融资 2000 万元以内或估值 2 亿元以下。",
    },
    {
        "document": "高新技术企业认定管理办法",
        "area": "全国",
        "measures": ["高新技术企业", "国高企"],
        "summary": UNREAD + "认定办法本身不规定地方奖励，奖励另需地方文件。",
    },
    {
        "document": "概念验证中心建设的省级文件（名称待核）",
        "number": "浙政办发〔2025〕24号",
        "area": "浙江省",
        "kinds": ["rnd"],
        "measures": ["概念验证"],
        "summary": "示例：只知文号，未读到原文。概念验证中心从事可行性、样机、"
        "性能测试、市场分析、二次开发、中试。",
    },
)


def load(get_model):
    """Insert the rows whose document is not there yet; `get_model` maps a name to its model class."""
    rows = get_model("BasisClause").objects
    known = set(rows.values_list("document", flat=True))
    rows.bulk_create(rows.model(**row) for row in ROWS if row["document"] not in known)
