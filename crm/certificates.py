"""资质 as rules read them: what certificates say, and a list that was checked beside them (docs/facts.md).

One rule for the two ways of reading: projects/known.py has the rows of one company, projects/survey.py what
a statement says of many. Both make the words of `word` of them, and `held` makes the value.
"""

from crm.rules import FIELDS, QUALIFICATIONS, Partly, WrongValue, qualification_code
from crm.workdays import shanghai_day

KEY = "qualifications"
VALID, NEWLY_VALID, OVER, NEWLY_OVER = "vVoO"  # how a word begins; its kind follows


def word(row, on, listed_on):
    """What a certificate says on the day `on`: valid or over, and whether newly, that is not before the day
    `listed_on` of the list that stands beside it (None without one)."""
    if is_valid(row, on):
        return (NEWLY_VALID if _is_since(known_since(row), listed_on) else VALID) + row.kind
    return (NEWLY_OVER if _is_since(ended_by(row), listed_on) else OVER) + row.kind


def is_valid(row, on):
    """Whether it was not ended and has not expired before `on`."""
    return row.ended_on is None and (row.expires_on is None or row.expires_on >= on)


def was_valid(row, day):
    """Whether it was issued by `day`, as far as that is known, and had not ended or expired before."""
    ends = [end for end in (row.expires_on, row.ended_on) if end]
    return (row.issued_on is None or row.issued_on <= day) and all(end >= day for end in ends)


def known_since(row):
    """The day of its issue or, later, when it was written here: a list of before did not know it. None for
    one without either."""
    written = shanghai_day(row.updated_at) if row.updated_at else None
    return max((day for day in (row.issued_on, written) if day), default=None)


def ended_by(row):
    """The last day of one that is over: its expiry, or the day it was taken away."""
    return min(day for day in (row.expires_on, row.ended_on) if day)


def _is_since(day, listed_on):
    return day is not None and listed_on is not None and day >= listed_on


def held(words, listed):
    """The 资质 that these words of certificates leave of a complete list, a frozenset of codes.

    With `listed` None nobody said what there is beside the certificates: Partly. Kinds the dictionary does
    not name cannot stand on a list, so their certificates count whatever their day.
    """
    said = {start: set() for start in (VALID, NEWLY_VALID, OVER, NEWLY_OVER)}
    for one in words:
        said[one[0]].add(qualification_code(one[1:]))
    valid = frozenset(said[VALID] | said[NEWLY_VALID])
    if listed is None:
        return Partly(valid, frozenset(said[OVER] | said[NEWLY_OVER]) - valid)
    return (listed - (said[NEWLY_OVER] - valid)) | said[NEWLY_VALID] | (valid - QUALIFICATIONS.keys())


def read_list(value):
    """The codes of a complete list as it was recorded; None for nothing, and for what is no such list."""
    try:
        found = FIELDS[KEY].read(value)
    except WrongValue:
        return None
    return None if isinstance(found, Partly) else found
