"""Company and place names: the keys by which two spellings count as one."""

import re
from functools import lru_cache

from crm.values.name_words import (
    ENDS_OF_PLACES,
    KIND_OF_PLACE,
    NOTHING_ELSE,
    PLACE,
    PROVINCE_OF_CITY,
    PROVINCE_OF_PLACE,
    SHARED,
    TRAILING_PLACE,
)
from crm.values.text import as_text, plain

KEY_LENGTH = 120
NOT_A_WORD = re.compile(r"[\W_]+")
ENGLISH_FORM = re.compile(
    r"[\s,.]+(?:co\s*[.,]*\s*(?:ltd|limited|inc)|ltd|limited|inc|llc|corp|corporation|gmbh|plc)[\s.]*$"
)
LEGAL_FORM = re.compile(
    r"(?:股份有限责任公司|股份有限公司|有限责任公司|责任有限公司|有限公司|股份公司|(?<![分子总支])公司)$"
)
PARTNERSHIP = re.compile(r"(?:特殊普通合伙|有限合伙|普通合伙)$")
# a team or project that was reported before there is a company bears a name like these
WORKING_TITLE_ENDS = ("团队", "项目", "课题组", "实验室", "小组")
FILLERS = re.compile(r"科技|技术|信息|股份|集团|中国")
ONE_PLACE = re.compile(PLACE)
SAYS_KIND = re.compile("[省市区]")
BRANCHES = "分公司|支公司|子公司|办事处|代表处|营业部|分部|分厂|分院|分校|分行|支行|分店|分所"
# a place in brackets, unless it says where a branch is: 相芯科技有限公司（上海）分公司
BRACKETED_PLACE = re.compile(
    rf"[(\[{{【〔〖「『<《〈]\s*((?:{PLACE})+)\s*[)\]}}】〕〗」』>》〉](?!\W*\d*(?:{BRANCHES}))"
)


def company_key(name):
    """Names of one firm have one key: those that differ in width, case, spaces, brackets, punctuation, legal
    form, or in how the city is written: 杭州相芯科技, 杭州市相芯科技, 相芯科技（杭州）, 相芯（杭州）科技.

    Another city makes another firm, and so does one beside it: 上海相芯（杭州） is neither 上海相芯 nor
    杭州相芯. Other words in brackets stay, so do words such as 科技; a 分公司 is not its parent.
    """
    return _company_key(as_text(name))


def spelled_key(name):
    """The key of a name with its places where they were written: for what it sounds like, 相芯科技杭州."""
    return _spelled_key(as_text(name))


def is_other_spelling(one, other):
    """Whether the two are one name whose city is written in two ways."""
    return company_key(one) == company_key(other) and spelled_key(one) != spelled_key(other)


@lru_cache(maxsize=4000)
def _spelled_key(name):
    text = ENGLISH_FORM.sub("", plain(name).lower())
    key = NOT_A_WORD.sub("", text)
    return PARTNERSHIP.sub("", LEGAL_FORM.sub("", key))[:KEY_LENGTH]


@lru_cache(maxsize=4000)
def _company_key(name):
    text = plain(name).lower()
    found = [run[1] for run in BRACKETED_PLACE.finditer(text)]
    key = _spelled_key(BRACKETED_PLACE.sub("", text) if found else text)
    if found and NOTHING_ELSE.fullmatch(key):
        found, key = [], _spelled_key(text)  # 智慧（杭州）: what would remain tells no firm from another
    if not found and (place := _trailing(key)):
        found, key = [place], _spelled_key(key.removesuffix(place))
    return _placed(key, [_place(run) for run in found])[:KEY_LENGTH]


def _trailing(key):
    """The place a key ends with where it says where the firm is, as in 相芯科技杭州; 印象杭州 is a name."""
    if key[-1:] not in ENDS_OF_PLACES or not (found := TRAILING_PLACE.search(key)):
        return ""
    rest = key[: found.start()]
    is_of_trade = any(word.end() == len(rest) for word in SHARED.finditer(rest))
    return found[0] if is_of_trade and not NOTHING_ELSE.fullmatch(rest) else ""


def _placed(key, places):
    """The key with the place it begins with in its short form, or else the first of `places` in front."""
    if not places and not SAYS_KIND.search(key):  # most names: nothing to change
        return key
    key = PROVINCE_OF_CITY.sub("", key)
    if leading := ONE_PLACE.match(key):
        place = _place(leading[0])
        return place + key[leading.end() :] + "".join(one for one in places if one != place)
    return "".join([*places[:1], key, *places[1:]])


def _place(run):
    """杭州 of 杭州市, 浙江杭州 and 浙江省杭州市."""
    places = ONE_PLACE.findall(PROVINCE_OF_PLACE.sub("", run))
    return "".join(KIND_OF_PLACE.sub("", place) for place in places)


def loose_key(name):
    """The key without words that many names share (科技, 技术, 信息 …): for hints, never for a verdict."""
    return FILLERS.sub("", company_key(name))


def city_name(value):
    """无锡, 无锡市 and 江苏省无锡市 are 无锡; "" when nothing stands there."""
    text = NOT_A_WORD.sub("", plain(value))
    text = re.sub(r"^.{2,3}?(?:省|自治区)(?=.{2})", "", text)
    return text.removesuffix("市") if len(text) > 2 else text
