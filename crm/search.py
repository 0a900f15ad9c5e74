"""Search made exact: grams find the candidates, this drops those in which the characters only stand apart.

Also what else a query may be: a piece of a credit code, a telephone or its end, the number of a record.
"""

import re

from django.db.models import CharField, F, Func, Q, Value
from django.db.models.functions import Coalesce

from crm.display import mask_phone
from crm.values import BadValue, phone, plain

CHINESE = re.compile(r"[\u4e00-\u9fff]")
NOT_A_WORD = re.compile(r"[\W_]+")
CODE = re.compile(r"[0-9A-HJ-NP-RTUWXY]{6,18}")  # the alphabet of GB 32100
TAIL = re.compile(r"\d{4}")
NUMBER = re.compile(r"\+?[\d\s()-]{10,20}")
RECORD = re.compile(r"#?\s*(\d{1,9})(?:\s*号)?")
GRAM = 2
# characters that both Python and PostgreSQL treat alike; a name with any other is kept without this check
STRANGE = r"[^0-9A-Za-z\u4e00-\u9fff\u0020-\u007e\u2010-\u2027\u3000-\u303f（）·]"


class Squeezed(Func):
    """A name in small letters without spaces and punctuation."""

    template = "lower(regexp_replace(%(expressions)s, '[^0-9A-Za-z\u4e00-\u9fff]+', '', 'g'))"
    output_field = CharField()


def code_fragment(query):
    """`query` as a piece of a 统一社会信用代码 (six characters or more, at least one of them a digit), or "".

    The end of a code is letters for the most part (「MACPN4X08Y」); of letters alone it would be pinyin.
    """
    text = NOT_A_WORD.sub("", plain(query)).upper()
    return text if CODE.fullmatch(text) and any(map(str.isdigit, text)) else ""


def phone_asked(query):
    """(last four digits, the number as it is shown masked) when `query` is a telephone or its end, or None.

    Of a number nobody is told more than its mask shows: four digits are compared with its end, a whole number
    with the mask; six or eight digits of one find nothing, or asking would uncover it digit by digit.
    """
    text = plain(query)
    if TAIL.fullmatch(text):
        return text, ""
    if not NUMBER.fullmatch(text):
        return None
    try:
        whole = phone(text)
    except BadValue:
        return None
    return whole[-4:], mask_phone(whole)


def number_asked(query):
    """The number of a record that `query` asks for (「17」, 「#17」), or None."""
    found = RECORD.fullmatch(plain(query))
    return int(found[1]) if found else None


def long_words(query):
    """The words of `query` that are longer than a gram and hold a Chinese character, or digits alone."""
    words = (NOT_A_WORD.sub("", word) for word in plain(query).lower().split())
    return [word for word in words if len(word) > GRAM and (CHINESE.search(word) or word.isdecimal())]


def either(rows, *found):
    """Those of `rows` that one of the querysets `found` holds, each looked up by its own index."""
    first, *others = (one.order_by().values("pk") for one in found)
    return rows.filter(pk__in=first.union(*others))


def standing_together(rows, query, *columns, unless=None):
    """`rows` without those in which a long word of `query` stands in none of the text `columns`.

    Rows for which `unless` holds have further names and are kept.
    """
    for word in long_words(query):
        found = Q()
        for number, column in enumerate(columns):
            name = f"squeezed_{number}"
            rows = rows.alias(**{name: Squeezed(Coalesce(F(column), Value("")))})
            found |= Q(**{f"{column}__contains": word})  # cheap, and true for nearly every candidate
            found |= Q(**{f"{name}__contains": word}) | Q(**{f"{column}__regex": STRANGE})
        rows = rows.filter(found | unless if unless else found)
    return rows
