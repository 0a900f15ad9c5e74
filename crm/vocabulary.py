"""The starting vocabulary: words and limits loaded once; from then on the rows are the truth."""

from chinese_calendar.constants import holidays, workdays

CITIES = [
    ("330100", "杭州", "浙江"), ("330105", "拱墅", "浙江"), ("330102", "上城", "浙江"),
    ("330106", "西湖", "浙江"), ("330108", "滨江", "浙江"), ("330109", "萧山", "浙江"),
    ("330110", "余杭", "浙江"), ("330113", "临平", "浙江"), ("330114", "钱塘", "浙江"),
    ("330111", "富阳", "浙江"), ("330112", "临安", "浙江"), ("330200", "宁波", "浙江"),
    ("330300", "温州", "浙江"), ("330400", "嘉兴", "浙江"), ("330500", "湖州", "浙江"),
    ("330600", "绍兴", "浙江"), ("330700", "金华", "浙江"), ("331000", "台州", "浙江"),
    ("440300", "深圳", "广东"), ("440100", "广州", "广东"), ("440400", "珠海", "广东"),
    ("440600", "佛山", "广东"), ("441900", "东莞", "广东"), ("441300", "惠州", "广东"),
    ("310000", "上海", "上海"), ("110000", "北京", "北京"), ("120000", "天津", "天津"),
    ("500000", "重庆", "重庆"), ("320000", "江苏(未细分)", "江苏"), ("320100", "南京", "江苏"),
    ("320200", "无锡", "江苏"), ("320300", "徐州", "江苏"), ("320400", "常州", "江苏"),
    ("320500", "苏州", "江苏"), ("320600", "南通", "江苏"), ("320900", "盐城", "江苏"),
    ("321000", "扬州", "江苏"), ("321100", "镇江", "江苏"), ("321200", "泰州", "江苏"),
    ("340100", "合肥", "安徽"), ("340200", "芜湖", "安徽"), ("350100", "福州", "福建"),
    ("350200", "厦门", "福建"), ("360100", "南昌", "江西"), ("370100", "济南", "山东"),
    ("370200", "青岛", "山东"), ("410100", "郑州", "河南"), ("420100", "武汉", "湖北"),
    ("430100", "长沙", "湖南"), ("510100", "成都", "四川"), ("610100", "西安", "陕西"),
    ("210100", "沈阳", "辽宁"), ("210200", "大连", "辽宁"), ("460100", "海口", "海南"),
    ("810000", "香港", "香港"), ("990000", "境外", "境外"),
]  # fmt: skip

CHANNELS = [
    ("knock", "敲门招商"), ("station", "驻点招商"), ("enterprise", "以商招商"), ("fund", "基金招商"),
    ("contest", "以赛招商"), ("scenario", "场景招商"), ("chamber", "商会协会"), ("alumni", "校友"),
    ("event", "会展活动"), ("agency", "委托招商/中介"), ("platform", "平台招商"), ("enclave", "飞地"),
    ("government", "部门推荐"), ("walk_in", "主动来访"), ("web", "网络"), ("expansion", "存量增资扩产"),
    ("partner", "伙伴系统推送"),
]  # fmt: skip

POOLABLE = ("walk_in", "web")
INTRODUCED = ("enterprise", "fund", "chamber", "alumni", "agency", "government", "partner")

SECTORS = [
    ("commerce_finance", "商贸金融"), ("life_health", "生命健康"), ("culture_tourism", "文化旅游"),
    ("smart_manufacturing", "智能制造"), ("smart_logistics", "智慧物流"), ("urban_governance", "城市治理"),
]  # fmt: skip

TRACKS = [
    ("ai", "人工智能"), ("low_altitude", "低空经济"), ("advanced_software", "高端软件"),
    ("synthetic_biology", "合成生物"), ("other", "其他方向"),
]  # fmt: skip

CARRIERS = [
    ("canal", "大运河主轴", "axis"), ("wanggu", "智慧网谷小镇", "core"), ("banshan", "半山区块", "wing"),
    ("beiruan", "北部软件园区块", "wing"), ("wealth", "运河财富小镇", "other"),
    ("auto_web", "汽车互联网小镇", "other"), ("wulin", "武林商务区", "other"),
    ("street", "街道楼宇", "other"),
]  # fmt: skip

LOSS_REASONS = [
    ("no_contact", "联系不上"), ("no_interest", "无意向"), ("other_city", "落户外地"),
    ("policy", "政策诉求过高或不合规"), ("space", "用地用房不匹配"), ("industry", "产业不符/研判不通过"),
    ("environment", "环评能耗不过"), ("funding", "资金链或融资失败"), ("strategy", "企业战略调整"),
    ("credit", "主体失信或尽调否决"), ("fund_declined", "基金投决未过"), ("price", "价格（租金）"),
    ("licence", "人才、牌照或资质限制"), ("expired", "超期失效"), ("duplicate", "重复"),
    ("false_lead", "线索失真"),
]  # fmt: skip

# code, label, order, limit in workdays (domain table of stages; 90 calendar days to move in ≈ 60 workdays)
STAGES = [
    ("lead", "线索", 10, 45), ("screening", "研判", 20, 3), ("accepted", "跟进", 30, None),
    ("reserve", "储备", 40, None), ("dropped", "流失（线索）", 50, None), ("negotiating", "在谈", 110, 30),
    ("review", "评审决策", 120, 20), ("signed", "签约", 130, 20), ("registered", "注册落地", 140, 60),
    ("landed", "开工/入驻", 150, None), ("operating", "投产达产", 160, None),
    ("aftercare", "服务", 170, None),
    ("lost", "流失", 190, None),
]  # fmt: skip

RESTARTED = ("negotiating",)  # stages whose limit counts from the last progress

HOLIDAY_NAMES = {
    "New Year's Day": "元旦", "Spring Festival": "春节", "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节", "Mid-autumn Festival": "中秋节", "National Day": "国庆节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}  # fmt: skip
FIRST_YEAR = 2024


def load(get_model):
    """Insert every starting word that is not there yet; `get_model` maps a name to its model class.

    Never changes a row that exists: an administrator's edit outlives an upgrade.
    """
    _insert(get_model("City"), [{"code": c, "name": n, "province": p} for c, n, p in CITIES])
    _channels(get_model("Channel"))
    _terms(get_model("FusionSector"), SECTORS)
    _terms(get_model("FutureTrack"), TRACKS)
    _terms(get_model("LossReason"), LOSS_REASONS)
    carriers = [{"code": c, "name": n, "place": p, "order": i} for i, (c, n, p) in enumerate(CARRIERS)]
    _insert(get_model("Carrier"), carriers)
    _stages(get_model("StageSetting"))
    _insert(get_model("Holiday"), list(_holiday_rows()))


def _stages(model):
    rows = [{"code": c, "label": n, "order": o, "limit_days": d} for c, n, o, d in STAGES]
    _insert(model, _marked(model, rows, is_restarted_by_progress=RESTARTED))


def _channels(model):
    rows = [{"code": code, "name": name, "order": n} for n, (code, name) in enumerate(CHANNELS, 1)]
    _insert(model, _marked(model, rows, is_poolable=POOLABLE, has_introducer=INTRODUCED))


def _marked(model, rows, **marks):
    """The rows with their marks ({column: codes}); a first migration lacks the columns that came later."""
    columns = {field.name for field in model._meta.fields}
    for name, codes in marks.items():
        for row in rows if name in columns else []:
            row[name] = row["code"] in codes
    return rows


def _terms(model, pairs):
    _insert(model, [{"code": code, "name": name, "order": n} for n, (code, name) in enumerate(pairs, 1)])


def _insert(model, rows):
    model._default_manager.bulk_create([model(**row) for row in rows], ignore_conflicts=True)


def _holiday_rows():
    for table, is_workday in ((holidays, False), (workdays, True)):
        for day, name in table.items():
            if day.year >= FIRST_YEAR:
                yield {"day": day, "name": HOLIDAY_NAMES.get(name, name), "is_workday": is_workday}
