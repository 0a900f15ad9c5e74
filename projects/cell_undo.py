"""撤销 of what was changed in a cell of a list: a sealed slip says what, for one person and a while.

Which record it was, which cell and who did it are sealed in, so that nobody writes what a form would refuse.
"""

from django.core import signing

from crm.errors import Refused
from leads import classifying, tagging
from leads.tagging import Retagged
from projects import cell_values

SALT = "projects.cell_undo"
GOOD_FOR = 60 * 60  # seconds


class UndoRefused(Refused):
    """The slip is none of this person's, or too old; nothing happened."""

    code = "too_late"


def token_of(changed, record, name, *, by):
    """The slip for what changed in the cell `name` of `record`."""
    return signing.dumps([_of(record, name, by), changed], salt=SALT)


def take_back(token, record, name, *, by, at):
    """Undo what the slip says. Raises UndoRefused, NothingToTakeBack, NotAllowed, Gone, and for a value that
    could not be chosen any more what the form raises."""
    try:
        of, changed = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature as error:
        raise UndoRefused("已经过了可以撤销的时间，要改请再选一次。") from error
    if of != _of(record, name, by):
        raise UndoRefused("这次修改不是您在这里做的，没有撤销。")
    if name == "tags":
        return tagging.take_back(record, Retagged(*changed), by=by, at=at)
    undo = classifying if name == "sector" else cell_values
    return undo.take_back(record, *changed, by=by, at=at)


def _of(record, name, by):
    return [record._meta.label_lower, record.pk, name, by.pk]
