"""Invented firms: names, valid but unissued codes, phones from ranges no operator has."""

from decimal import Decimal

from stdnum.cn import uscc as codes

# city code → (city word in names, districts seen on doors)
CITIES = {
    "440300": ("深圳", ["南山", "福田", "宝安", "龙岗"]),
    "310000": ("上海", ["浦东", "闵行", "徐汇", "嘉定"]),
    "320500": ("苏州", ["工业园区", "高新区"]),
    "320100": ("南京", ["江宁", "建邺"]),
    "320200": ("无锡", ["新吴", "滨湖"]),
    "110000": ("北京", ["海淀", "亦庄"]),
    "340100": ("合肥", ["高新区"]),
    "330200": ("宁波", ["鄞州"]),
}
BRANDS = list("澄霁砚屿朔昀桁翊栎沅璟珩槿逸笙淼熠弈霖晗") + [
    "云桥", "星汐", "北辰", "拓疆", "极羽", "明瓴", "青崖", "远岫", "朗格", "睿渡", "海柘", "知衡", "启澜",
    "墨石", "禾光", "鹭洲", "卓渊", "衡岳", "灵泽", "牧原云", "天枢", "微澜", "观复", "镜湖", "叁合", "见微",
]  # fmt: skip

# field word in the name, sector code (None = foundation layer), chain position, tracks, demand
FIELDS = [
    ("数字人", "commerce_finance", "application", ["ai"], "直播基地与算力券"),
    ("跨境供应链", "commerce_finance", "application", ["other"], "跨境结算便利与人才公寓"),
    ("智能风控", "commerce_finance", "algorithm", ["ai", "advanced_software"], "金融场景开放"),
    ("合成生物", "life_health", "outside", ["synthetic_biology"], "P2 实验室与环评指导"),
    ("医学影像", "life_health", "application", ["ai"], "三甲医院临床场景"),
    ("智慧检验", "life_health", "application", ["ai"], "注册证办理辅导"),
    ("数字文旅", "culture_tourism", "application", ["ai"], "大运河场景合作"),
    ("光影制作", "culture_tourism", "application", ["ai"], "摄影棚与渲染算力"),
    ("工业软件", "smart_manufacturing", "application", ["advanced_software"], "首台套与示范工厂"),
    ("机器人", "smart_manufacturing", "application", ["ai"], "层高 6 米以上厂房"),
    ("低空装备", "smart_manufacturing", "outside", ["low_altitude"], "试飞空域与适航辅导"),
    ("无人配送", "smart_logistics", "application", ["low_altitude", "ai"], "末端配送路权"),
    ("仓储智能", "smart_logistics", "application", ["ai"], "高标仓 3000 ㎡"),
    ("数字孪生", "urban_governance", "data", ["ai", "advanced_software"], "城市治理场景"),
    ("安防视觉", "urban_governance", "algorithm", ["ai"], "政务云接入"),
    ("算力运营", None, "compute", ["ai"], "机柜 200 架、电力 5 MW"),
    ("大模型", None, "algorithm", ["ai"], "国产算力 1,000 卡"),
    ("数据要素", None, "data", ["other"], "公共数据授权"),
]
KNOWN_AS = [
    "智造",
    "云脑",
    "实验室",
    "星链",
    "快线",
]  # behind the brand, where a firm is known by another word
ONCE = ["信息咨询", "网络", "电子", "贸易"]  # what a firm did under its former name
ENDINGS = ["科技有限公司", "技术有限公司", "智能科技有限公司", "信息技术股份有限公司", "科技（集团）有限公司"]
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华"
GIVEN = [
    "嘉禾",
    "景行",
    "望舒",
    "子衿",
    "一鸣",
    "怀瑾",
    "若溪",
    "明哲",
    "清越",
    "思远",
    "知夏",
    "书航",
    "云起",
]
TITLES = ["总经理", "董事长", "副总经理", "战略总监", "政府事务经理", "联合创始人", "投融资总监"]
AMOUNTS = [300, 500, 800, 1200, 2000, 3000, 5000, 8000, 12000, 20000, 35000, 60000, 120000]


class Firms:
    """A stream of distinct firms drawn from one seeded generator."""

    def __init__(self, random):
        self.random = random
        self.names = set()
        self.codes = 7_300_000

    def next(self, city):
        """A dict with name, uscc (or ""), contact, phone, brand, field words and amount of one new firm."""
        field = self.random.choice(FIELDS)
        brand, name = self._name(city, field[0])
        return {
            "name": name,
            "brand": brand,
            "uscc": self.fresh_code(city) if self.random.random() < 0.7 else "",
            "contact_name": self.random.choice(SURNAMES) + self.random.choice(GIVEN),
            "contact_title": self.random.choice(TITLES),
            "contact_phone": f"154{self.random.randrange(10**8):08d}",
            "amount_wan": Decimal(self.random.choice(AMOUNTS)) if self.random.random() < 0.9 else None,
            "area_sqm": Decimal(self.random.choice([200, 500, 800, 1200, 3000])),
            "field": field,
        }

    def _name(self, city, word):
        while True:
            brand = self.random.choice(BRANDS)
            brand = brand + self.random.choice(BRANDS[:20]) if len(brand) == 1 else brand
            name = CITIES[city][0] + brand + word + self.random.choice(ENDINGS)
            if name not in self.names:
                self.names.add(name)
                return brand, name

    def fresh_code(self, city):
        """A well-formed code nobody holds: a demo body, counted up, with the right check character."""
        self.codes += 1
        return demo_code(city, self.codes)


def known_as(brand, number):
    """The word the `number`-th firm is known by on the market; not every firm has another than its name."""
    return f"{brand}{KNOWN_AS[number % len(KNOWN_AS)]}" if number % 4 == 0 else ""


def former_names(city, brand, number):
    """What the `number`-th firm was called before: every ninth has been renamed."""
    return [f"{CITIES[city][0]}{brand}{ONCE[number % len(ONCE)]}有限公司"] if number % 9 == 0 else []


def demo_code(city, number):
    """The `number`-th demo code registered in `city`: 18 characters with a valid check character."""
    body = f"91{city}MA{number:07d}"
    return body + codes.calc_check_digit(body)
