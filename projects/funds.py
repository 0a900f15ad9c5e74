"""The record of a fund as data of the bureau: entered, corrected, its accounts named; every change on record.

What a fund asks is published as versions (projects/publishing.py); here is what stands beside. A fund that
is established (筹建中 → 已设立) is matched for money from then on.
"""

import hashlib
from dataclasses import dataclass, fields
from decimal import Decimal

from django.db import transaction

from crm import audit, roles
from crm.errors import Refused, StaleVersion
from crm.models import User
from crm.permissions import require
from projects.models import Fund, Referral

INVESTING = frozenset({Fund.Status.OPERATING, Fund.Status.ESTABLISHED})


class FundRefused(Refused):
    """The fund cannot be as asked; `field` names why."""

    code = "invalid"


@dataclass(frozen=True)
class Entry:
    """What is known of a fund beside its criteria; `size_wan` in 万元, None if unknown; `managers`: ids."""

    name: str
    kind: str
    status: str
    status_note: str = ""
    size_wan: Decimal | None = None
    operator: str = ""
    is_local: bool = False
    managers: tuple[int, ...] = ()


def accounts():
    """The accounts a fund may have: those of 基金方 who are still here."""
    return User.objects.filter(role=roles.FUND, is_active=True).order_by("name", "pk")


def entry_of(fund):
    """The record as it stands."""
    known = {one.name: getattr(fund, one.name) for one in fields(Entry) if one.name != "managers"}
    return Entry(**known, managers=tuple(fund.managers.order_by("pk").values_list("pk", flat=True)))


def seal(fund):
    """A short sum over the record; another one means that somebody changed it meanwhile."""
    words = [f"{one.name}={_plain(getattr(entry_of(fund), one.name))}" for one in fields(Entry)]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


@transaction.atomic
def add(code, entry, *, by, at):
    """Enter a fund, still without criteria; returns it. Raises NotAllowed, FundRefused."""
    require(by, "edit_funds")
    _check(entry)
    if Fund.objects.filter(code=code).exists():
        raise FundRefused("已经有一只基金用这个代码，请换一个。", field="code")
    made = _filled(Fund(code=code, order=Fund.objects.count() + 1), entry)
    made.save(force_insert=True)
    made.managers.set(entry.managers)
    _record("add_fund", made, _changes(Entry("", "", ""), entry), by, at)
    return made


@transaction.atomic
def change(fund, entry, *, by, at, seen):
    """Correct a fund from now on; returns it. Raises NotAllowed, StaleVersion, FundRefused.

    `seen` is the `seal` of what the person was shown. A fund with referrals under way stays one that can
    invest. The door rings `match_fund` after it: another status is another verdict.
    """
    require(by, "edit_funds")
    kept = Fund.objects.select_for_update(no_key=True).get(pk=fund.pk)
    if seal(kept) != seen:
        raise StaleVersion(kept)
    _check(entry)
    _check_referrals(kept, entry)
    changes = _changes(entry_of(kept), entry)
    if changes:
        _filled(kept, entry).save()
        kept.managers.set(entry.managers)
        _record("change_fund", kept, changes, by, at)
    return kept


def _check(entry):
    if not entry.name.strip():
        raise FundRefused("请填写基金名称。", code="required", field="name")
    if entry.kind not in Fund.Kind.values:
        raise FundRefused("没有这个类别，请从列表里选。", field="kind")
    if entry.status not in Fund.Status.values:
        raise FundRefused("没有这个状态，请从列表里选。", field="status")
    if entry.size_wan is not None and entry.size_wan <= 0:
        raise FundRefused("规模要大于 0 万元；不知道请留空。", field="size_wan")
    if set(entry.managers) - set(accounts().values_list("pk", flat=True)):
        raise FundRefused("只能选在用的基金方账号。", field="managers")


def _check_referrals(fund, entry):
    if entry.status in INVESTING:
        return
    if waiting := Referral.objects.open().filter(fund=fund).count():
        raise FundRefused(
            f"还有 {waiting} 条推荐在进行中，请先有结论或撤回，再改成不能出资。", field="status"
        )


def _filled(fund, entry):
    for one in fields(entry):
        if one.name != "managers":
            setattr(fund, one.name, getattr(entry, one.name))
    return fund


def _changes(before, after):
    """{column in words: before → after} for the audit log."""
    said = {}
    for one in fields(Entry):
        old, new = (_said(one.name, getattr(entry, one.name)) for entry in (before, after))
        if old != new:
            said[str(Fund._meta.get_field(one.name).verbose_name)] = f"{old} → {new}"
    return said


def _said(name, value):
    if name == "managers":
        return "、".join(map(str, User.objects.filter(pk__in=value).order_by("pk"))) or "空"
    if isinstance(value, bool):
        return "是" if value else "否"
    return dict(Fund._meta.get_field(name).flatchoices).get(value, _plain(value)) or "空"


def _plain(value):
    return f"{value.normalize():f}" if isinstance(value, Decimal) else "" if value is None else str(value)


def _record(action, fund, changes, by, at):
    audit.record(by, action, fund, detail={"object": str(fund), **changes}, at=at)
