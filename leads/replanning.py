"""改期 taken back: the next contact and the next step of a lead or project stand again as they stood before.

To plan anew is to edit the record (leads/editing.py, projects/mending.py); the history of its fields says
what stood there. A day that is past by now may stand again: nobody plans it, a slip is undone.
"""

from datetime import date

from django.db import transaction

from crm.errors import Gone, Refused
from crm.models import FieldChange
from crm.permissions import require

PLAN = ("next_contact_on", "next_step")


class NothingToTakeBack(Refused):
    """The plan is no longer the one that this change left; nothing happened."""

    code = "already_changed"
    status = 409


@transaction.atomic
def take_back(record, request_id, *, by, at):
    """Undo what `by` changed of the plan of `record`, a Lead or Project, in one request; returns the row.

    Raises NotAllowed, Gone, and NothingToTakeBack when that was none of theirs or the plan was changed since.
    """
    require(by, "edit", record)
    row = type(record).objects.select_for_update(of=("self",)).filter(pk=record.pk).first()
    if row is None:
        raise Gone
    before, after = _plan_of(row, request_id, by)
    if not after or {name: getattr(row, name) for name in after} != after:
        raise NothingToTakeBack("约定已经又变了，没有可以撤销的；要改请打开记录更正。")
    return stand_again(row, before, at=at)


def stand_again(row, values, *, at):
    """Let the fields of `row`, which the caller holds, have `values` that they had before; returns it."""
    for name, value in values.items():
        setattr(row, name, value)
    row.save_version(row.version, list(values), at=at)
    return row


def _plan_of(row, request_id, by):
    """What the request changed of the plan, as it stood before and after; empty when it was another's."""
    changes = FieldChange.objects.filter(
        kind=row._meta.label_lower, record_key=str(row.pk), request_id=request_id, by=by
    )
    found = {name: pair for one in changes.order_by("pk") for name, pair in one.changes.items()}
    read = {name: [_read(name, value) for value in found[name]] for name in PLAN if name in found}
    return {name: pair[0] for name, pair in read.items()}, {name: pair[1] for name, pair in read.items()}


def _read(name, value):
    return date.fromisoformat(value) if name == "next_contact_on" and value else value
