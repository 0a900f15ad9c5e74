"""Correcting a lead: a field that two people changed is never overwritten, the second one chooses."""

from dataclasses import dataclass

from django.db import transaction

from crm import mentions, roles
from crm.copying import rewrite
from crm.errors import Refused, StaleVersion
from crm.permissions import require
from crm.pipeline import CLOCK, set_clock, wind
from crm.workdays import shanghai_day
from leads import feedback, suspecting
from leads.follow_up import unplannable
from leads.models import Lead, PoolEntry

FIELDS = [
    "title",
    "city",
    "channel",
    "channel_detail",
    "roadshow",
    "owner",
    "leader",
    "amount_wan",
    "area_sqm",
    "investor_name",
    "city_code",
    "next_step",
    "next_contact_on",
    "note",
]


class EditRefused(Refused):
    """A field has a value it cannot have; `field` names it."""

    code = "invalid"


@dataclass(frozen=True)
class Clash:
    """A field on which the form and the row differ: what I typed, what stands there, who changed it."""

    name: str
    mine: object
    theirs: object
    by_me: bool
    by_them: bool

    @property
    def suggestion(self):
        """`mine` when only I changed it; else `theirs`, also when both did: nobody is overwritten unasked."""
        return "mine" if self.by_me and not self.by_them else "theirs"


@transaction.atomic
def edit(lead, values, *, by, at, version):
    """Write `values` (dict of FIELDS) into `lead` if it still has `version`; raise StaleVersion otherwise.

    Raises NotAllowed for strangers and for a changed owner or 联系区领导 by those who may not assign;
    EditRefused for an owner of another unit or one who has to wait for what he let into the pool, a
    联系区领导 who is none, and for a new day of the next contact that is past or more than two years ahead;
    MentionRefused for a 情况说明 that newly names a colleague who may not see the lead.
    """
    require(by, "edit", lead)
    row = Lead.objects.select_related("company").hold(lead.pk)
    changed, named = _change(row, values, by, at)
    row.save_version(version, [*changed, *row.WORDS], at=at)
    suspecting.ask()
    _tell(row, named, by, at)
    if "amount_wan" in changed:
        wind(row)  # a major one has longer for 研判
    return row


def edit_held(row, values, *, by, at, version):
    """Do as `edit` to a lead that the caller holds, raising what it raises; `save_held` writes it."""
    require(by, "edit", row)
    if row.version != version:
        raise StaleVersion(row)
    changed, named = _change(row, values, by, at)
    row.version, row.updated_at = row.version + 1, at
    _tell(row, named, by, at)
    if "amount_wan" in changed:
        set_clock(row)


def save_held(rows):
    """Write these leads, which the caller holds, as `edit_held` left them."""
    rewrite(rows, [*FIELDS, *feedback.COLUMNS, *Lead.WORDS, *CLOCK, "version", "updated_at"])
    if rows:
        suspecting.ask()


def _change(row, values, by, at):
    """Set `values` after all checks: (columns that are others now, colleagues the 情况说明 newly names)."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    if "owner" in changed:
        _check_owner(row, values["owner"], by, at)
    if "leader" in changed:
        _check_leader(row, values["leader"], by)
    wrong = unplannable(values.get("next_contact_on"), at)
    if wrong and "next_contact_on" in changed:
        raise EditRefused(wrong, field="next_contact_on")
    named = []
    if "note" in changed:
        named = mentions.find(values["note"], row, field="note", before=row.note)
    for name in changed:
        setattr(row, name, values[name])
    if "channel" in changed:
        changed += feedback.owe(row, shanghai_day(at))
    row.index_words()
    return changed, named


def _tell(row, named, by, at):
    key = f"note:{row.pk}:{row.version}"
    mentions.tell(named, row, key=key, where="情况说明", text=row.note, by=by, at=at)


def _check_owner(row, owner, by, at):
    require(by, "assign", row)
    if owner and row.is_pooled:
        raise EditRefused("这条线索在公海，不能指定负责人；请由要跟进的人在公海领取。", field="owner")
    if owner and owner.unit_id != row.unit_id:
        raise EditRefused(f"{owner}不属于{row.unit}，请先移交线索。", field="owner")
    if owner and not (owner.is_active and owner.role in roles.WORKS_ON_LEADS):
        raise EditRefused(f"{owner}已停用或不再跟进线索，请换一位负责人。", field="owner")
    waits = PoolEntry.objects.wait_of(owner, row, shanghai_day(at)) if owner else ""
    if waits and by.role != roles.MANAGER:
        raise EditRefused(waits, field="owner")


def _check_leader(row, leader, by):
    require(by, "assign", row)
    if wrong := unlinkable(leader):
        raise EditRefused(wrong, field="leader")


def unlinkable(leader):
    """Why this person cannot be the 联系区领导 of a record; "" when nothing stands against it."""
    if leader is None or (leader.role == roles.LEADER and leader.is_active):
        return ""
    return f"{leader}不是在岗的区领导。"


def clashes(current, values, initial):
    """Where `values` (mine) and the row as it stands differ; `initial` is what my form showed at first."""
    found = []
    for name, mine in values.items():
        theirs = getattr(current, name)
        if mine != theirs:
            found.append(Clash(name, mine, theirs, mine != initial[name], theirs != initial[name]))
    return found
