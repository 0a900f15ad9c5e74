"""Telephone numbers: mobiles, landlines, service numbers, in one written form."""

import re
from datetime import date, time
from decimal import Decimal

from crm.values.text import BadValue, is_unknown, plain, quoted

MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"(010|02\d|0[3-9]\d{2})(\d{7,8})")
SERVICE = re.compile(r"[48]00\d{7}")
ABROAD = re.compile(r"(?:\+|00)(?!86)[1-9]\d{6,13}")
EXTENSION = re.compile(r"(?:转|ext\.?|#|-)\s*(\d{1,6})$", re.IGNORECASE)
# as people write numbers into a sentence, whatever stands between the parts; a date is none
GAP, MORE = r"[\s.-]{0,2}", r"(?!\d)(?:\s?(?:转|ext\.?|-)\s?\d{1,6}(?!\d))?"
WRITTEN = re.compile(
    rf"(?<![\d.])(?:(?:\+|00)?86{GAP})?1[3-9]\d{GAP}\d{{4}}{GAP}\d{{4}}{MORE}"
    rf"|(?<![\d.])(?<!\d-)\(?0\d{{2,3}}\)?{GAP}\d{{3,4}}{GAP}\d{{4}}{MORE}"
    rf"|(?<!\d)[48]00{GAP}\d{{3}}{GAP}\d{{4}}{MORE}"
    rf"|(?:\+|(?<!\d)00)[1-9]\d{{0,2}}(?:{GAP}\d{{2,5}}){{2,5}}(?!\d)",
    re.IGNORECASE,
)
NARROW = str.maketrans("０１２３４５６７８９（）＋－．　", "0123456789()+-. ")
CHINA = re.compile(r"^(?:\+|00)?86(?=(?:1[3-9]\d{9}|0?10\d{8}|0?[2-9]\d{9,10})$)")
DASHES = re.compile("[\u2010-\u2015\u2212]+")  # of an input method: 0571—88886666
BESIDE = re.compile(
    r"\(?\s*(?:微信同号|同微信号?|电话同微信|微信|手机号?码?|联系电话|电话|座机|办公室?|tel|mobile)\s*\)?\s*[:.]?",
    re.IGNORECASE,
)
AS_A_FLOAT = re.compile(r"(?<=\d{7})\.0+$")  # 13800000000.0, as programs write a number without decimals
EXPONENT = re.compile(r"\d(?:\.\d+)?e\+?\d{1,2}", re.IGNORECASE)


def phone(value):
    """The number as `13287530409`, `0571-88886666`, `0571-88886666-801` or `+85212345678`; "" when unknown.

    Takes text and the floats that sheets make of it. BadValue: wrong length, words, two numbers in one cell.
    """
    if isinstance(value, (date, time, bool)):
        raise BadValue(f"电话{quoted(value)}是日期或其他内容，请填手机号或带区号的座机号。")
    if is_unknown(value):
        return ""
    text = _digits(value)
    if EXPONENT.fullmatch(text):
        raise BadValue(
            f"电话{quoted(value)}被表格写成了科学计数法，后几位已丢失，请把这一列设为文本格式后重新填写。"
        )
    bare = re.sub(r"[\s().-]", "", text)
    if number := _one_number(bare):
        return number
    if (extension := EXTENSION.search(text)) and (number := _landline(_bare(text[: extension.start()]))):
        return f"{number}-{extension[1]}"
    raise BadValue(_what_is_wrong(bare, value))


def without_numbers(text):
    """The text with every telephone number in it hidden: for what leaves the site."""
    return replace_numbers(text, lambda number: "（号码略）")


def replace_numbers(text, replaced):
    """The text with every telephone number in it, as it is written there, `replaced` by something else."""
    kept, done = [], 0
    for found in WRITTEN.finditer(text.translate(NARROW)):  # letter for letter, so the places are the same
        kept += [text[done : found.start()], replaced(text[found.start() : found.end()])]
        done = found.end()
    return "".join([*kept, text[done:]]) if kept else text


def _digits(value):
    """The text of a cell without what is said of the number (微信同号); 1.3287530409E+10 as digits.

    1.33E+10, of which some are lost, stays as it is.
    """
    text = AS_A_FLOAT.sub("", BESIDE.sub("", DASHES.sub("-", plain(value))).strip())
    if not EXPONENT.fullmatch(text):
        return text
    written = Decimal(text)
    return format(written, "f") if written.as_tuple().exponent == 0 else text


def _bare(text):
    return CHINA.sub("", re.sub(r"[\s().-]", "", text))


def _one_number(bare):
    inland = CHINA.sub("", bare)
    if MOBILE.fullmatch(inland) or (ABROAD.fullmatch(bare) and inland == bare):
        return inland
    if SERVICE.fullmatch(inland):
        return f"{inland[:3]}-{inland[3:6]}-{inland[6:]}"
    return _landline(inland)


def _landline(bare):
    found = LANDLINE.fullmatch(bare if bare.startswith("0") else f"0{bare}" if len(bare) >= 10 else bare)
    return f"{found[1]}-{found[2]}" if found else ""


def _what_is_wrong(bare, value):
    if re.search(r"\d{7,}\D+\d{7,}|(?:1[3-9]\d{9}){2}", bare):
        return f"电话{quoted(value)}里有两个号码，请只留一个，另一个写到备注里。"
    if re.fullmatch(r"\d{7,8}", bare):
        return f"电话{quoted(value)}缺区号，请写成 0571-88886666 的样子。"
    if re.fullmatch(r"1\d{10}", bare):
        return f"手机号{quoted(value)}的号段不对，手机号以 13–19 开头，请核对。"
    if re.fullmatch(r"1\d+", bare):
        return f"手机号{quoted(value)}是 {len(bare)} 位，手机号应为 11 位、以 13–19 开头。"
    return f"电话{quoted(value)}看不懂，请填 11 位手机号或带区号的座机号，例如 0571-88886666。"
