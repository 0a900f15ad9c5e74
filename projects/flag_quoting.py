"""What a wording says that the text of the clause it quotes does not say. Pure.

A deal that applies a public clause repeats it: its words stand in the text, or are words of procedure. What
is left over is what somebody added, whatever it means. Characters are held together in pairs, so that the
order of the words and small changes do not matter.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from projects.flag_text import NUMERALS, Folded

LEAST_ADDED = 6  # Han characters of a part that nothing explains: fewer are a turn of phrase
SHOWN = 24
NEUTRAL = re.compile(
    "企业|乙方|甲方|双方|公司|单位|机构|申报|申请|申领|项目|条款|本条|本款|政策|办法|细则|措施|规定|标准|条件|符合|"
    "给予|予以|获得|享受|领取|可以|可按|按照|依照|依据|根据|有关|相关|相应|上述|其中|以及|或者|同时|并按|"
    "补助|补贴|奖励|奖补|资助|支持|扶持|金额|资金|经费|专项|额度|比例|最高|不超过|不高于|以内|以上|以下|每年|"
    "年度|当年|连续|期限|期内|一次性|单家|单个|单项|每家|每个|同一|累计|总额|合计|实际|发生|支付|支出|投入|购置|"
    "审核|审定|评审|评估|认定|核定|公示|验收|绩效|评价|结果|拨付|兑付|兑现|发放|分期|分年|首期|首批|其余|剩余|"
    "发票|合同|凭证|材料|审计|报告|为准|不含|增值税|凡|均可|同等|所有|各类|公开|统一|一致|办理|受理|流程|程序|"
    "对于|针对|由|在|至|为|的|对|并|和|与|及|或|者|家|个|项|次|人|元|万|亿|年|月|日|内|后|前|起|止|期|等|其|该|"
    "应当|应|须|可|将|已|不|未|无|如|若|从|向|以|于|到|按|每|各|满|达|超过|逾期|重复|就高|叠加|"
    "弄虚作假|骗取|虚报|追回|责令|退回|取消资格|依法|依规|负责|解释|主管部门|财政部门"
)
OFFICE = re.compile("区[\u4e00-\u9fff]{2,4}局")
STOP = re.compile("[。;!?,:、]")
PLAIN_SIGN = re.compile(rf"[^\u3400-\u9fff]|[{NUMERALS}]")


def added(wording: str, source: str) -> Iterator[str]:
    """The parts of `wording` (folded) that hold what neither `source` nor procedure explains, as folded."""
    pairs = _pairs(source)
    begin = 0
    for stop in [*(match.start() for match in STOP.finditer(wording)), len(wording)]:
        part = wording[begin:stop]
        if _unexplained(part, pairs) >= LEAST_ADDED:
            yield part
        begin = stop + 1


@lru_cache(maxsize=1024)
def _pairs(source):
    return frozenset(pairwise(Folded(source).text))


def _unexplained(part, pairs):
    known = [bool(PLAIN_SIGN.match(sign)) for sign in part]
    for place, pair in enumerate(pairwise(part)):
        if pair in pairs:
            known[place] = known[place + 1] = True
    for start, end in _neutral(part):
        known[start:end] = [True] * (end - start)
    return known.count(False)


def _neutral(part):
    return (match.span() for words in (OFFICE, NEUTRAL) for match in words.finditer(part))
