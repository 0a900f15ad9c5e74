"""The record of a policy as data of the bureau: entered, corrected, and every change on record.

What a policy asks and gives is published as versions (projects/publishing.py); here is what stands beside.
"""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from django.db import transaction

from crm import audit
from crm.errors import Refused, StaleVersion
from crm.permissions import require
from projects.models import Policy


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


@transaction.atomic
def add(code, entry, *, by, at):
    """Enter a policy, still without criteria; returns it. Raises NotAllowed, PolicyRefused."""
    require(by, "edit_policies")
    _check(entry)
    if Policy.objects.filter(code=code).exists():
        raise PolicyRefused("已经有一条政策用这个代码，请换一个。", field="code")
    made = _filled(Policy(code=code, order=Policy.objects.count() + 1), entry)
    made.save(force_insert=True)
    _record("add_policy", made, _changes(Policy(), entry), by, at)
    return made


@transaction.atomic
def change(policy, entry, *, by, at, version):
    """Correct a policy from now on; returns it. Raises NotAllowed, StaleVersion, PolicyRefused.

    The door rings `match_policy` after it: another status is another verdict.
    """
    require(by, "edit_policies")
    kept = Policy.objects.select_for_update(no_key=True).get(pk=policy.pk)
    if kept.version != version:
        raise StaleVersion(kept)
    _check(entry)
    changes = _changes(kept, entry)
    if not changes:
        return kept
    _filled(kept, entry).version += 1
    kept.save()
    _record("change_policy", kept, changes, by, at)
    return kept


def _check(entry):
    if not entry.name.strip():
        raise PolicyRefused("请填写政策名称。", code="required", field="name")
    if entry.level not in Policy.Level.values:
        raise PolicyRefused("没有这个层级，请从列表里选。", field="level")
    if entry.status not in Policy.Status.values:
        raise PolicyRefused("没有这个状态，请从列表里选。", field="status")
    if entry.budget_wan is not None and entry.budget_wan <= 0:
        raise PolicyRefused("每年资金总额要大于 0 万元；没有公布的请留空。", field="budget_wan")
    if entry.window_from and entry.window_to and entry.window_from > entry.window_to:
        raise PolicyRefused("申报截止不能早于申报开始。", field="window_to")


def _filled(policy, entry):
    for one in fields(entry):
        value = getattr(entry, one.name)
        setattr(policy, one.name, list(value) if isinstance(value, tuple) else value)
    return policy


def _changes(policy, entry):
    """{column in words: before → after} for the audit log."""
    found = {}
    for one in fields(entry):
        column = Policy._meta.get_field(one.name)
        before, after = _said(column, getattr(policy, one.name)), _said(column, getattr(entry, one.name))
        if before != after:
            found[str(column.verbose_name)] = f"{before} → {after}"
    return found


def _said(column, value):
    if isinstance(value, list | tuple):
        return "、".join(value) or "空"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return dict(column.flatchoices).get(value, value and str(value)) or "空"


def _record(action, policy, changes, by, at):
    audit.record(by, action, policy, detail={"object": str(policy), **changes}, at=at)
