"""The record of a fund as data of the bureau: entered, corrected, its accounts named; every change on record.

What a fund asks is published as versions (projects/publishing.py); here is what stands beside. A fund that
is established (筹建中 → 已设立) is matched for money from then on.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import transaction

from crm import roles
from crm.errors import Refused
from crm.models import User
from crm.permissions import require
from projects import offer_records
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


def accounts_named(names):
    """The ids of the accounts with these user names; FundRefused for a name that is none of `accounts`."""
    found = dict(accounts().filter(username__in=names).values_list("username", "pk"))
    if strange := [name for name in names if name not in found]:
        raise FundRefused(f"只能选在用的基金方账号，没有：{'、'.join(strange)}。", field="managers")
    return tuple(sorted(found.values()))


def current(fund):
    """The record as it stands, without accounts that may not be chosen any more: saving leaves them out."""
    entry, known = offer_records.entry_of(fund, Entry), set(accounts().values_list("pk", flat=True))
    return replace(entry, managers=tuple(pk for pk in entry.managers if pk in known))


@transaction.atomic
def add(code, entry, *, by, at):
    """Enter a fund, still without criteria; returns it. Raises NotAllowed, FundRefused."""
    require(by, "edit_funds")
    offer_records.check_code(code, FundRefused)
    _check(entry)
    taken = FundRefused("已经有一只基金用这个代码，请换一个。", field="code")
    return offer_records.enter(Fund(code=code), entry, taken=taken, action="add_fund", by=by, at=at)


@transaction.atomic
def change(fund, entry, *, by, at, version):
    """Correct a fund from now on; returns it. Raises NotAllowed, StaleVersion, FundRefused.

    A fund with referrals under way stays one that can invest. The door rings `match_fund` after it: another
    status is another verdict.
    """
    require(by, "edit_funds")
    kept = offer_records.hold(fund, version)
    _check(entry)
    _check_referrals(kept, entry)
    return offer_records.correct(kept, entry, action="change_fund", by=by, at=at)


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
