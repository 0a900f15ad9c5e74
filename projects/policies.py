"""The record of a policy as data of the bureau: entered, corrected, and every change on record.

What a policy asks and gives is published as versions (projects/publishing.py); here is what stands beside.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from crm.errors import Refused
from crm.permissions import require
from projects import offer_records
from projects.models import Policy

DOCUMENTS_MAX = 20_000  # characters of all papers to hand in, together


class PolicyRefused(Refused):
    """The policy cannot be as asked; `field` names why."""

    code = "invalid"


@dataclass(frozen=True)
class Entry:
    """What is known of a policy beside its criteria. Amounts in 万元; None and empty: not published."""

    name: str
    level: str
    status: str
    issuer: str = ""
    number: str = ""
    issued_on: date | None = None
    status_note: str = ""
    budget_wan: Decimal | None = None
    documents: tuple[str, ...] = ()
    window_from: date | None = None
    window_to: date | None = None
    window_note: str = ""
    office: str = ""


def current(policy):
    """The record as it stands."""
    return offer_records.entry_of(policy, Entry)


@transaction.atomic
def add(code, entry, *, by, at):
    """Enter a policy, still without criteria; returns it. Raises NotAllowed, PolicyRefused."""
    require(by, "edit_policies")
    offer_records.check_code(code, PolicyRefused)
    _check(entry)
    taken = PolicyRefused("已经有一条政策用这个代码，请换一个。", field="code")
    return offer_records.enter(Policy(code=code), entry, taken=taken, action="add_policy", by=by, at=at)


@transaction.atomic
def change(policy, entry, *, by, at, version):
    """Correct a policy from now on; returns it. Raises NotAllowed, StaleVersion, PolicyRefused.

    The door rings `match_policy` after it: another status is another verdict.
    """
    require(by, "edit_policies")
    kept = offer_records.hold(policy, version)
    _check(entry)
    return offer_records.correct(kept, entry, action="change_policy", by=by, at=at)


def _check(entry):
    if not entry.name.strip():
        raise PolicyRefused("请填写政策名称。", code="required", field="name")
    if entry.level not in Policy.Level.values:
        raise PolicyRefused("没有这个层级，请从列表里选。", field="level")
    if entry.status not in Policy.Status.values:
        raise PolicyRefused("没有这个状态，请从列表里选。", field="status")
    if entry.budget_wan is not None and entry.budget_wan <= 0:
        raise PolicyRefused("每年资金总额要大于 0 万元；没有公布的请留空。", field="budget_wan")
    if sum(map(len, entry.documents)) > DOCUMENTS_MAX:
        raise PolicyRefused(f"申报材料合计不能超过 {DOCUMENTS_MAX:,} 字。", field="documents")
    if entry.window_from and entry.window_to and entry.window_from > entry.window_to:
        raise PolicyRefused("申报截止不能早于申报开始。", field="window_to")
