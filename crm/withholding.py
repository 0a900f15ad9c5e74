"""Telephone numbers in free text: masked for whoever may not see contacts, wherever he reads them.

What people write down (the note of a visit, a remark, a reason) often holds a number. Contacts are masked for
区领导, 审计, 基金方 and other roles that do not work on leads, and for tokens without `contacts:read`
(crm/permissions.py, crm/partners.py); a number in a sentence is the same number. The rule stands here alone:
pages, pieces and the API go through it on their way out (crm/middleware.py), workbooks as their cells are
written (crm/sheets/writer.py), papers as they are drawn. What a person types himself, in a field of a form,
stays as he typed it. Who works on leads reads sentences whole, which is no look at a contact and not audited.
"""

import re

from crm import roles
from crm.display import MASK, mask_phone
from crm.values import BadValue, phone
from crm.values.phones import replace_numbers

# a part of a page that says a number openly: what was revealed and audited, what is published anyway
OPEN, CLOSE = "<!--open-->", "<!--/open-->"
MARKUP = re.compile(
    rf"{OPEN}.*?{CLOSE}|<(textarea|script|style|svg)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE
)
SPOKEN = re.compile(r'(?<=\s)((?:title|aria-label)=")([^"]*)', re.IGNORECASE)  # read out, or shown on hover

# what a text that was shortened for a list still has of a number
CUT = re.compile(r"(?<![\d.])(1[3-9]\d|0\d{2})[\d -]{1,12}(?=…)")


def is_withheld_from(reader):
    """Whether numbers are masked for this reader; somebody who is not logged in is shown no record at all."""
    role = getattr(reader, "role", "")
    if role == roles.PARTNER:
        return "contacts:read" not in reader.scopes
    return bool(role) and role not in roles.REVEALS_CONTACTS


def for_reader(told, reader):
    """A text, or texts in lists and dicts, as `reader` may read them."""
    return _masked_in(told) if is_withheld_from(reader) else told


def _masked_in(told):
    if isinstance(told, dict):
        return {name: _masked_in(value) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return type(told)(_masked_in(value) for value in told)
    return masked(told) if isinstance(told, str) else told


def masked(text):
    """The text with every telephone number in it masked as those of contacts are: 138****0001.

    Of one that a short version of the text cuts off the first three digits stay.
    """
    return CUT.sub(lambda found: found[1] + MASK * 4, replace_numbers(text, _mask))


def masked_page(html):
    """A page or piece with the numbers in its sentences masked; fields and addresses stay as they are."""
    kept, done = [], 0
    for found in MARKUP.finditer(html):
        kept += [masked(html[done : found.start()]), _spoken(found[0])]
        done = found.end()
    return "".join([*kept, masked(html[done:])])


def _spoken(tag):
    return tag if tag.startswith(OPEN) else SPOKEN.sub(lambda found: found[1] + masked(found[2]), tag)


def _mask(written):
    try:
        return mask_phone(phone(written))
    except BadValue:  # written as no field would take it, and a number all the same
        return mask_phone(re.sub(r"\D", "", written))
