"""How alike two names and two amounts are: what tells firms apart in a name, and the pairs of its characters.

Two names are *the same* when their keys are equal: `company_key`, only that numbers are kept apart. They are
*similar* by their cores: the key without legal form, leading or bracketed place and words like 科技.
Basis: domain rule §2.8 (bigram Dice × 100; strip 有限公司/股份/（杭州）/科技, else all names look alike).
"""

import re
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from crm.values.names import NOT_A_WORD, company_key
from crm.values.text import as_text, is_unknown, plain

SHORTEST = 2  # characters that every stripping must leave: a name is never stripped to nothing

_provinces = (
    "北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|"
    "四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
# cities of prefecture rank and county cities nearby; not those that are rather brands (安康, 朝阳 …)
_cities = (
    "石家庄|唐山|秦皇岛|邯郸|邢台|保定|张家口|承德|沧州|廊坊|衡水|太原|阳泉|晋城|朔州|晋中|运城|忻州|临汾|"
    "吕梁|呼和浩特|包头|乌海|赤峰|通辽|鄂尔多斯|呼伦贝尔|沈阳|大连|鞍山|抚顺|本溪|丹东|锦州|营口|阜新|辽阳|"
    "盘锦|铁岭|葫芦岛|长春|四平|辽源|通化|松原|哈尔滨|齐齐哈尔|鸡西|大庆|伊春|佳木斯|牡丹江|绥化|南京|无锡|"
    "徐州|常州|苏州|南通|连云港|淮安|盐城|扬州|镇江|泰州|宿迁|昆山|张家港|江阴|常熟|太仓|宜兴|杭州|宁波|"
    "温州|嘉兴|湖州|绍兴|金华|衢州|舟山|台州|丽水|义乌|慈溪|余姚|海宁|桐乡|诸暨|瑞安|乐清|桐庐|德清|合肥|"
    "芜湖|蚌埠|淮南|马鞍山|淮北|铜陵|安庆|滁州|阜阳|宿州|六安|亳州|池州|宣城|福州|厦门|莆田|泉州|漳州|南平|"
    "龙岩|宁德|南昌|景德镇|萍乡|九江|新余|鹰潭|赣州|宜春|上饶|济南|青岛|淄博|枣庄|东营|烟台|潍坊|济宁|威海|"
    "日照|临沂|德州|聊城|滨州|菏泽|郑州|开封|洛阳|平顶山|安阳|鹤壁|新乡|焦作|濮阳|许昌|漯河|三门峡|南阳|"
    "商丘|信阳|周口|驻马店|武汉|黄石|十堰|宜昌|襄阳|鄂州|荆门|孝感|荆州|黄冈|咸宁|随州|长沙|株洲|湘潭|衡阳|"
    "邵阳|岳阳|常德|张家界|益阳|郴州|怀化|娄底|广州|韶关|深圳|珠海|汕头|佛山|江门|湛江|茂名|肇庆|惠州|梅州|"
    "汕尾|河源|阳江|清远|东莞|潮州|揭阳|云浮|南宁|柳州|桂林|梧州|北海|防城港|钦州|贵港|玉林|海口|三亚|成都|"
    "自贡|攀枝花|泸州|德阳|绵阳|广元|遂宁|内江|乐山|南充|眉山|宜宾|广安|达州|雅安|巴中|资阳|贵阳|六盘水|"
    "遵义|安顺|昆明|曲靖|玉溪|丽江|普洱|临沧|拉萨|西安|铜川|宝鸡|咸阳|渭南|延安|汉中|榆林|兰州|嘉峪关|白银|"
    "天水|武威|张掖|酒泉|庆阳|西宁|银川|石嘴山|吴忠|乌鲁木齐|克拉玛依"
)
_districts = "拱墅|上城|下城|西湖|滨江|萧山|余杭|富阳|临安|临平|钱塘"  # only with 区: 滨江 is a firm, too
# fields and forms of business: they tell no firm from another; a city before nothing else stays (杭州银行)
_common = (
    "大学|学院|银行|医院|学校|研究院|研究所|研究中心|实验室|设计院|中心|协会|商会|学会|钢铁|电力|电气|电网|"
    "电器|电子|微电子|半导体|集成电路|芯片|光电|航空|航天|机场|港口|港务|地铁|轨道|交通|公交|铁路|高速|燃气|"
    "热电|水务|水利|环境|环保|城投|城建|城市|市政|建设|建筑|建工|工程|工业|产业|实业|企业|开发|投资|发展|"
    "创业|创新|创投|资本|基金|资产|资源|国有|管理|运营|经营|控股|咨询|服务|文化|旅游|文旅|传媒|广告|影视|"
    "教育|体育|健康|医疗|医药|制药|药业|生物|生命|科学|基因|器械|化工|化学|材料|新材料|新能源|能源|石油|"
    "石化|汽车|机械|机床|机电|重工|装备|设备|制造|仪器|仪表|机器人|人工|人工智能|智能|智慧|数字|数据|大数据|"
    "云计算|网络|互联网|物联网|软件|系统|通信|通讯|计算机|安全|自动化|激光|电池|动力|食品|农业|粮食|粮油|"
    "商业|商贸|商务|贸易|外贸|进出口|国际|供应链|物流|电商|电子商务|酒店|餐饮|置业|地产|房地产|物业|园区|"
    "产业园|科技园|总部|高新|高科|经济|区域|有限|公司|分公司|项目|科技|技术|信息|股份|集团|中国|理工|师范|"
    "财经|医科|中文|期|跨境|工厂|无人|配送|仓储|低空|数字人|孪生|视觉|算力|模型|大模型|要素|合成|检验|影像|"
    "医学|制作|安防|风控|研发|基地|平台|生产|生产线|加工|智算|云端|康复|疫苗|检测|测试|认证|零售|消费|直播|"
    "电竞|游戏|动漫|会展|金融|租赁|保险|支付|货运|航运|飞行器|无人机|磁悬浮|传感器|显示|面板|服务器|存储|"
    "年产|万吨|光影|文娱"
)

_provinces = rf"(?:{_provinces})(?:省|市(?![政场民区])|(?:壮族|回族|维吾尔)?自治区|特别行政区)?"
PLACE = (
    rf"(?:{_provinces}|(?:{_cities})(?:市(?![政场民区]))?|(?:{_districts})区)(?![东西南北中]?[湾路街港滩])"
)
LEADING_PLACE = re.compile(rf"^(?:中国|{PLACE})+")
TRAILING_PLACE = re.compile(rf"(?:{PLACE})+$")
_shared = "|".join(sorted(_common.split("|"), key=len, reverse=True))
SHARED = re.compile(_shared)
NOTHING_ELSE = re.compile(rf"(?>{_shared}|{PLACE}|\d)*+")  # atomic: no hours over 人工智能人工智能…
SHARED_LETTERS = frozenset(_common) - {"|"}

REMARK = r"筹|筹建|筹备|筹备组|拟|拟设|拟设立|拟注册|暂定|暂定名|中国"
BRACKETED = re.compile(rf"[(\[【〔〖「『<《](?:(?:{PLACE})+|{REMARK})[)\]】〕〗」』>》]")
ENGLISH_FILLERS = re.compile(
    r"\b(?:technology|technologies|tech|information|group|holdings?|china|international|pte)\b"
)
FILLERS = re.compile(r"科技|技术|信息|股份|集团|控股")
ASSOCIATION = re.compile(r"(?:合伙企业|个人独资企业)$")
PROJECT = re.compile(r"(?:投资|建设|产业化|落地|合作|招商|引进|新建|扩建|总部)*项目(?=\d+期|$)")
# registered apart from their parent
_branches = "分公司|支公司|子公司|办事处|代表处|营业部|分部|分厂|分院|分校|分行|支行|分店|分所"
BRANCH = re.compile(rf"(.{{2,}}?公司|.{{2,}}?)((?:{PLACE})*\d*(?:{_branches}))")
BRANCH_OF_FIRM = re.compile(rf"(.{{2,}}?(?<![分支子])公司)(.{{0,12}}?(?:{_branches}))")

NUMERALS = "一二三四五六七八九"
_counted = "期|号|批|标段|阶段|地块|车间|厂区|分厂|分公司"
COUNTED = re.compile(
    rf"(?<![{NUMERALS}十百千])第?([{NUMERALS}]?十[{NUMERALS}]?|[{NUMERALS}])(?=(?:{_counted}))"
)
ORDINAL = re.compile(rf"第(?=\d+(?:{_counted}))")
ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}
ROMAN_PHASE = re.compile(rf"(?<![a-z])({'|'.join(sorted(ROMAN, key=len, reverse=True))})(?=期)")
POINT = re.compile(r"(?<=\d)\.(?=\d)")
RANGE = re.compile(r"(?<=\d)[\-~/:](?=\d)")
BESIDE_CHINESE = re.compile(r"(?<![a-z])\s+(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])\s+(?![a-z])")
LATIN = re.compile(r"[a-z]+")
NUMBER = re.compile(r"(\d+(?:[点至]\d+)*)([^\d点至]?)|(?<![a-z])([a-z])(区|座|栋|地块|标段)")


@dataclass(frozen=True)
class NameForm:
    """A name for comparison. All parts are "" or empty for a name that nobody knows yet (待定, 无, /)."""

    key: str = ""  # equal keys are the same name
    core: str = ""  # what is compared; at least two characters unless the name has only one
    telling: frozenset = frozenset()  # characters (of Latin words: pairs) outside the words that firms share
    branch: str = ""  # 上海分公司: registered apart from its parent
    numbers: frozenset = frozenset()  # numbers with what they count: 1期, 3点5万


def name_form(name):
    """The NameForm of any cell. Never raises."""
    return _form(as_text(name))


@lru_cache(maxsize=20000)
def _form(name):
    if is_unknown(name):
        return NameForm()
    text = _numbered(BESIDE_CHINESE.sub("", plain(name).lower()))
    key, bare = company_key(text), _bare(text)
    body, branch = _branch(bare)
    branch = _branch(key)[1] or branch  # 「（杭州）」 tells one branch from another
    core = _core(company_key(body))
    return NameForm(key, core + branch, _telling(core), branch, _numbers(key))


def is_same_name(one, other):
    """Whether two names differ only in width, case, spaces, brackets, punctuation or legal form; 二期 is 2期.

    A city, 集团, 科技, a branch or another number makes another name. Unknown names are nobody's.
    """
    return bool(name_form(one).key) and name_form(one).key == name_form(other).key


def similarity(one, other):
    """How similar two names are: `dice` of the cores in whole percent; the same name is 100. None: unknown.

    0 when the names share not one telling character: 朔川跨境供应链 is not like 砚山跨境供应链.
    """
    ours, theirs = name_form(one), name_form(other)
    if not ours.key or not theirs.key:
        return None
    if ours.key == theirs.key:
        return 100
    is_told_apart = ours.telling.isdisjoint(theirs.telling) and (ours.telling or theirs.telling)
    return 0 if is_told_apart else dice(ours.core, theirs.core)


def dice(one, other):
    """Twice the common pairs of neighbouring characters by all pairs, × 100, rounded down.

    Pairs that occur twice count twice. A text of one character has no pair: 100 with itself, else 0.
    An empty text has nothing in common with any, not even with another empty one.
    """
    if one == other:
        return 100 if one else 0
    ours, theirs = pairs(one), pairs(other)
    common = sum((Counter(ours) & Counter(theirs)).values())
    return 200 * common // (len(ours) + len(theirs)) if common else 0


def pairs(text):
    """The pairs of neighbouring characters (bigrams) in their order."""
    return [text[start : start + 2] for start in range(len(text) - 1)]


def lookups(name, limit):
    """Words of which two names share one whenever their `similarity` is at least `limit` percent (1–100).

    Of n pairs of a core then at least n·t/(200−t) are common (t: the limit). They cannot all be among
    the last n·t/(200−t) − 1 of an order that is the same for every name, so the words are the ones before.
    A pair of letters that many firms bear (智能) is looked up together with each telling character.
    """
    form = name_form(name)
    of = pairs(form.core)
    ranked = sorted((_is_frequent(pair), pair, of[:place].count(pair)) for place, pair in enumerate(of))
    fewest = -(-len(of) * limit // (200 - limit))
    telling = form.telling or {""}
    found = {form.key, form.core} - {""}
    for is_frequent, pair, again in ranked[: len(of) - fewest + 1]:
        word = pair + str(again or "")
        found |= {f"{word}|{part}" for part in telling} if is_frequent else {word}
    return found


def _is_frequent(pair):
    return SHARED_LETTERS.issuperset(pair)


def clash(one, other):
    """What makes two names other names however similar they are: ("1期", "2期"), ("", "上海分公司") or None.

    Numbers clash when both names count the same thing differently; one name without the number does not.
    """
    ours, theirs = name_form(one), name_form(other)
    if ours.branch != theirs.branch:
        return ours.branch, theirs.branch
    counted = {_what(number) for number in ours.numbers} & {_what(number) for number in theirs.numbers}
    left = {number for number in ours.numbers if _what(number) in counted}
    right = {number for number in theirs.numbers if _what(number) in counted}
    return None if left == right else (_read(left - right), _read(right - left))


def deviation(one, other):
    """|a − b| / max(|a|, |b|) as an exact Fraction; two zeros deviate by 0; None when one is no number."""
    try:
        ours, theirs = Fraction(one), Fraction(other)
    except (TypeError, ValueError, ArithmeticError):
        return None
    largest = max(abs(ours), abs(theirs))
    return abs(ours - theirs) / largest if largest else Fraction(0)


def _numbered(text):
    """第二期, 二期, Ⅱ期 become 2期; what parts two digits stays (3.5 is not 35)."""
    text = COUNTED.sub(lambda found: str(_value(found[1])), text)
    text = ROMAN_PHASE.sub(lambda found: str(ROMAN[found[1]]), ORDINAL.sub("", text))
    return RANGE.sub("至", POINT.sub("点", text))


def _value(numeral):
    if "十" not in numeral:
        return NUMERALS.index(numeral) + 1
    tens, ones = ((NUMERALS.index(part) + 1 if part else None) for part in numeral.split("十"))
    return 10 * (tens or 1) + (ones or 0)


def _numbers(key):
    return frozenset("".join(filter(None, found)) for found in NUMBER.findall(key))


def _what(number):
    """What a number counts: 期 of 1期, 区 of a区."""
    return re.sub(r"^(?:[\d点至]+|[a-z](?=.))", "", number)


def _read(numbers):
    return "、".join(number.replace("点", ".") for number in sorted(numbers))


def _branch(key):
    found = BRANCH_OF_FIRM.fullmatch(key) or BRANCH.fullmatch(key)
    return found.groups() if found else (key, "")


def _bare(text):
    """The key of a name without 「（杭州）」, 「（筹）」 and the English words that all firms share."""
    return company_key(_without(ENGLISH_FILLERS, _without(BRACKETED, text)))


def _core(key):
    for pattern in (PROJECT, ASSOCIATION):
        key = company_key(_without(pattern, key))
    for pattern in (LEADING_PLACE, TRAILING_PLACE):
        rest = pattern.sub("", key)
        key = key if NOTHING_ELSE.fullmatch(rest) else _without(pattern, key)
    return _without(FILLERS, key)


def _telling(core):
    rest = SHARED.sub("|", core)
    if not (parts := _parts(re.sub(PLACE, "|", rest))):
        parts = _parts(rest)  # 杭州银行: the place tells
    return frozenset(parts)


def _parts(text):
    """Single Chinese characters and pairs of Latin letters; no digits, for 2期 is the second of anything."""
    latin = {part for word in LATIN.findall(text) for part in (pairs(word) or [word])}
    return latin | set(re.sub(r"[\W\d_]|点", "", LATIN.sub("", text)))


def _without(pattern, text):
    """The text without the pattern, or as it was when too little would remain."""
    rest = pattern.sub("", text)
    return rest if len(NOT_A_WORD.sub("", rest)) >= SHORTEST else text
