"""赛道 taken back: a lead or project stands in the sector again that it stood in before one change.

To change it is a part of 研判 (leads/screening.py) or of editing the project (projects/mending.py). A sector
that has ended by now may stand again: nobody chooses it, a slip is undone.
"""

from django.db import transaction

from crm.errors import Gone
from crm.permissions import require
from leads.models import Lead
from leads.replanning import NothingToTakeBack


def sector_of(record):
    """Where the record stands: the kind, and the key of the sector when it stands in one."""
    return [record.sector_kind, record.sector_id]


@transaction.atomic
def take_back(record, before, after, *, by, at):
    """Let `record`, a Lead or Project, stand at `before` again, as `sector_of` gave it; returns the row.

    Raises NotAllowed, Gone, and NothingToTakeBack when it stands no more at `after`.
    """
    row = type(record).objects.select_for_update(of=("self",)).filter(pk=record.pk).first()
    if row is None:
        raise Gone
    require(by, "screen" if isinstance(row, Lead) else "edit", row)
    if sector_of(row) != after:
        raise NothingToTakeBack("赛道已经又改了，没有可以撤销的；要改请再选一次。")
    row.sector_kind, row.sector_id = before
    row.save_version(row.version, ["sector_kind", "sector"], at=at)
    return row
