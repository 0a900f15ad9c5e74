"""用房需求: what a project needs of a space; its least area and wished carriers stay in the project."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from crm.errors import Refused
from crm.permissions import require
from crm.rules.dictionary import SPACE_USES
from projects.mending import current, edit
from projects.models import SpaceNeed

IN_PROJECT = ("area_sqm", "carriers")


class NeedRefused(Refused):
    """The need cannot be as asked; `field` names why."""

    code = "invalid"


@dataclass(frozen=True)
class Need:
    """A need as stated: None is not said, 0 is no demand. ㎡, kVA, m, kg/㎡, 元/㎡/天."""

    area_sqm: Decimal | None = None
    carriers: frozenset = frozenset()
    area_most_sqm: Decimal | None = None
    use: str = ""
    needed_by: date | None = None
    power_kva: int | None = None
    racks: int | None = None
    height_m: Decimal | None = None
    load_kg: int | None = None
    needs_eia: bool | None = None
    rent_most: Decimal | None = None
    note: str = ""


@transaction.atomic
def state_need(project, need, *, by, at, version):
    """Write the need of `project`, whose `version` one has seen; returns the SpaceNeed.

    Raises NotAllowed, NeedRefused, StaleVersion: the need is part of the project's record.
    """
    require(by, "edit", project)
    _check(need)
    given = {name: getattr(need, name) for name in IN_PROJECT}
    changed = {name: value for name, value in given.items() if current(project, name) != value}
    edit(project, changed, by=by, at=at, version=version)
    own = {name: value for name, value in vars(need).items() if name not in IN_PROJECT}
    return SpaceNeed.objects.update_or_create(project=project, defaults={**own, "updated_at": at})[0]


def _check(need):
    if need.use and need.use not in SPACE_USES:
        raise NeedRefused("没有这种用途，请从列表里选。", field="use")
    if need.area_sqm is not None and need.area_sqm <= 0:
        raise NeedRefused("面积下限要大于 0 ㎡；没有谈到请留空。", field="area_sqm")
    least, most = need.area_sqm or 0, need.area_most_sqm
    if most is not None and most < least:
        raise NeedRefused("面积上限不能小于面积下限。", field="area_most_sqm")
