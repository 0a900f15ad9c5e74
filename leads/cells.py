"""Editing in the row: which fields a cell of the list of leads holds, and saving them like the page does."""

from crm.errors import StaleVersion
from leads import editing

# cell → fields; 负责人 only for those who may assign
FIELDS = {
    "next": ("next_contact_on", "next_step"),
    "owner": ("owner",),
    "amount": ("amount_wan",),
    "note": ("note",),
}


def save(lead, values, shown, *, by, at, version):
    """Write `values` of a cell that showed `shown` at `version`; what others changed elsewhere stays. Returns
    the row.

    Raises StaleVersion when somebody changed a field of this cell meanwhile, and what `editing.edit` raises.
    """
    try:
        return editing.edit(lead, values, by=by, at=at, version=version)
    except StaleVersion as refusal:
        current = refusal.current
        if any(clash.by_them for clash in editing.clashes(current, values, shown)):
            raise
        return editing.edit(current, values, by=by, at=at, version=current.version)
