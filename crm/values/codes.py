"""统一社会信用代码 (GB 32100-2015): cleaning, checking and saying what is wrong."""

import re
from datetime import date

from stdnum.cn.uscc import calc_check_digit

from crm.values.text import BadValue, is_unknown, plain, quoted

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
MEANT = {"O": "数字 0", "I": "数字 1", "S": "数字 5", "Z": "数字 2", "V": "字母 U 或 Y"}
LENGTH = 18
SEPARATORS = re.compile(r"[\s\-–—·.'’`]")
ORGANISATION = slice(8, 17)  # the GB 11714 organisation code inside
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def uscc(value):
    """The code in 18 upper-case characters, "" when unknown.

    BadValue: wrong length, a character that the standard does not use (named, with what was probably meant),
    a wrong check character.
    """
    if is_unknown(value):
        return ""
    if isinstance(value, (float, int, date)) or re.fullmatch(r"\d\.\d+E\+\d+", plain(value), re.IGNORECASE):
        raise BadValue("信用代码被表格当成了数字或日期，后几位已丢失，请把这一列设为文本格式后重新填写。")
    code = SEPARATORS.sub("", plain(value)).upper()
    _refuse_characters(code)
    if len(code) != LENGTH:
        raise BadValue(f"信用代码{quoted(value)}是 {len(code)} 位，应为 18 位，请核对营业执照。")
    if code[-1] != calc_check_digit(code[:-1]):
        raise BadValue(f"信用代码 {code} 的校验位不对，至少有一位写错了，请核对营业执照。")
    return code


def uscc_warnings(code):
    """Doubts about a valid code that do not stop it: the inner organisation code's own check character."""
    inner = code[ORGANISATION]
    if inner[-1] == _organisation_check(inner[:-1]):
        return []
    return [f"信用代码 {code} 里的组织机构代码（第 9–17 位）校验位不符，建议核对营业执照。"]


def _refuse_characters(code):
    for place, character in enumerate(code, start=1):
        if character in ALPHABET:
            continue
        if character in MEANT:
            doubt = f"第 {place} 位是字母 {character}，代码里不用这个字母，是不是{MEANT[character]}？"
        else:
            doubt = f"第 {place} 位是「{character}」，代码里只有数字和大写字母。"
        raise BadValue(f"信用代码 {code[:LENGTH]} {doubt}请核对营业执照。")


def _organisation_check(body):
    total = sum(int(c, 36) * w for c, w in zip(body, ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]
