"""Whether a text that others will read tells how to reach somebody: telephone, mail, 微信, QQ.

Amounts, dates, credit codes and the numbers of documents are none of these: what is followed by a unit of
measure is an amount, a credit code is left out, and a part of a longer number or of a date is not looked at.
"""

import re

from crm.values.text import plain

GAP = r"[\s.\-·_—–]?"
ALONE = r"(?<!\d)(?<!\d[.\-/])"  # not within a longer number or a date
ITSELF = r"(?<!\d)(?<!0\.)(?<!\d\d-)"  # as above; but it may stand after the number of a list
UNITS = "元|万|亿|美元|美金|港|欧|%|㎡|平|亩|吨|千瓦|度|家|人|户|件|份|次|个|项|台|套"
NOT_COUNTED = rf"(?!\d)(?!\s*(?:{UNITS}))"
CHINA = r"(?:(?:\+|00)?86[\s.\-)]{0,2})?"
AREA = r"(?:010|02\d|0[3-9]\d{2})"
LOCAL = rf"[2-8]\d{{2,3}}{GAP}\d{{4}}"
WECHAT = r"(?:微信|薇信|(?<![a-z0-9])(?:vx|wx|wechat|weixin)(?![a-z0-9]))\s*"
SPELT = re.compile("[〇零一幺二三四五六七八九]{7,}")  # a number read out: 一三八…
DIGITS = str.maketrans("〇零一幺二三四五六七八九", "001123456789")
CREDIT_CODE = re.compile(r"(?<![0-9a-z])[0-9a-z]{18}(?![0-9a-z])")
CONTACTS = [
    rf"{ITSELF}{CHINA}1[3-9]\d{GAP}\d{{4}}{GAP}\d{{4}}{NOT_COUNTED}",
    rf"{ALONE}(?<!\d )1 ?[3-9](?: ?\d){{9}}(?! \d){NOT_COUNTED}",
    rf"{ALONE}{CHINA}\(?{AREA}\)?[\s.\-—–]{{0,3}}{LOCAL}{NOT_COUNTED}",
    rf"\+86[\s.\-]*\(?(?:10|2\d|[3-9]\d{{2}})\)?[\s.\-]*{LOCAL}(?!\d)",
    r"(?<![\d-])[48]00-\d{3,4}-\d{3,4}(?!\d)",
    rf"(?:电话|手机|座机|热线|tel|phone|mobile)(?:号码?|[是为:,\s])*(?!20\d\d)(?:\d[\s.-]?){{7,8}}{NOT_COUNTED}",
    r"[\w.+-]+\s*(?:@|[(\[]at[)\]])\s*[\w-]+(?:\.\w+)+",
    rf"{WECHAT}(?:(?:号码?|id|账号|帐号)\s*[:是为=]?|[:=])\s*[a-z0-9][a-z0-9_-]{{4,19}}",
    rf"{WECHAT}(?=[a-z]*[\d_-])[a-z][a-z0-9_-]{{5,19}}",
    rf"(?<![a-z0-9])(?:qq|扣扣)\s*(?:号码?|群)?\s*[:是为=]?\s*[1-9]\d{{4,11}}{NOT_COUNTED}",
]
ANY = re.compile("|".join(f"(?:{one})" for one in CONTACTS))


def tells_contact(text):
    """Whether the text holds a telephone number, a mail address, a 微信号 or QQ 号, however it is written."""
    read = SPELT.sub(lambda spelt: spelt[0].translate(DIGITS), plain(text).lower())
    return bool(ANY.search(CREDIT_CODE.sub(" ", read)))
