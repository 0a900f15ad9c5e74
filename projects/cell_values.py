"""下次联系, 投资额, 情况说明, 企业诉求 and 负责人 taken back: the fields stand again as before one change.

What has rules of its own (who may be 负责人, what 投资额 does to clocks and receipts) goes back by the call
of the form. Of the rest nobody plans or names anybody anew: a day that is past by now may stand again, and a
colleague whom the text named before is not told a second time.
"""

from django.db import transaction

from crm.errors import Gone
from crm.permissions import require
from leads import editing
from leads.models import Lead
from leads.replanning import NothingToTakeBack, stand_again
from projects import mending

PLAIN = frozenset({"next_contact_on", "next_step", "note", "demands"})


def changed(record, row, names):
    """[before, after]: the fields among `names` that the saved `row` has otherwise than `record`, as text;
    None when there are none."""
    others = [name for name in names if _value(record, name) != _value(row, name)]
    return [_texts(record, others), _texts(row, others)] if others else None


@transaction.atomic
def take_back(record, before, after, *, by, at):
    """Let `record`, a Lead or Project, stand at `before` again, as `changed` gave it; returns the row.

    Raises NotAllowed, Gone, NothingToTakeBack when it stands no more at `after`, and what the form raises
    when the value that stood there is none any more.
    """
    row = type(record).objects.select_for_update(of=("self",)).filter(pk=record.pk).first()
    if row is None:
        raise Gone
    require(by, "assign" if "owner" in before else "edit", row)
    if any(_value(row, name) != _read(row, name, text) for name, text in after.items()):
        raise NothingToTakeBack("这一格已经又改了，没有可以撤销的；要改请再改一次。")
    values = {name: _read(row, name, text) for name, text in before.items()}
    if PLAIN.issuperset(values):
        return stand_again(row, values, at=at)
    edit = editing.edit if isinstance(row, Lead) else mending.edit
    values = {name: _row_of(row, name, value) for name, value in values.items()}
    return edit(row, values, by=by, at=at, version=row.version)


def _field(row, name):
    return row._meta.get_field(name)


def _value(row, name):
    """The value as the database has it: of another row its number."""
    return getattr(row, _field(row, name).attname)


def _texts(row, names):
    """{name: the value as text that `_read` reads, None for none}."""
    return {
        name: None if _value(row, name) is None else _field(row, name).value_to_string(row) for name in names
    }


def _read(row, name, text):
    return _field(row, name).to_python(text)


def _row_of(row, name, value):
    """The value as the form gives it: of another row the row itself."""
    field = _field(row, name)
    return field.remote_field.model.objects.filter(pk=value).first() if field.is_relation else value
