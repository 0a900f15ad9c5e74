"""Company and place names: the keys by which two spellings count as one."""

import re
from functools import lru_cache

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


def company_key(name):
    """Names that differ only in width, case, spaces, brackets, punctuation or legal form have one key.

    What stands in brackets stays, so do cities and words such as 科技; a 分公司 is not its parent.
    """
    return _company_key(as_text(name))


@lru_cache(maxsize=4000)
def _company_key(name):
    text = ENGLISH_FORM.sub("", plain(name).lower())
    key = NOT_A_WORD.sub("", text)
    return PARTNERSHIP.sub("", LEGAL_FORM.sub("", key))[:KEY_LENGTH]


def loose_key(name):
    """The key without words that many names share (科技, 技术, 信息 …): for hints, never for a verdict."""
    return FILLERS.sub("", company_key(name))


def city_name(value):
    """无锡, 无锡市 and 江苏省无锡市 are 无锡; "" when nothing stands there."""
    text = NOT_A_WORD.sub("", plain(value))
    text = re.sub(r"^.{2,3}?(?:省|自治区)(?=.{2})", "", text)
    return text.removesuffix("市") if len(text) > 2 else text
