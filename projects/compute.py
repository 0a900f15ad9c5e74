"""算力: the register of what the bases supply, and what projects ask for."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from crm.errors import Refused
from crm.permissions import require
from crm.rules import VerdictCode
from crm.rules.dictionary import COMPUTE_KINDS, COMPUTE_SERVES, COMPUTE_UNITS, DOMESTIC
from crm.workdays import shanghai_day
from projects.compute_fit import fit
from projects.mending import edit
from projects.models import ComputeDemand, ComputeOffer, Project
from projects.registers import RegisterRefused, changes, check_period, fill, held, note


class DemandRefused(Refused):
    """The demand cannot be as asked; `field` names why."""

    code = "invalid"


@dataclass(frozen=True)
class Entry:
    """What is known of an offer; the price is 元 per unit and month, None is not known."""

    base: str
    operator: str
    unit: str
    capacity: Decimal
    free: Decimal
    as_of: date
    source: str
    site: str = ""
    serves: str = ""
    price_monthly: Decimal | None = None
    is_domestic: bool | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""


@dataclass(frozen=True)
class Demand:
    """What a project asks for; the budget is 万元 for the whole time, None is not said."""

    kind: str = ""
    unit: str = ""
    amount: Decimal | None = None
    months: int | None = None
    starts_on: date | None = None
    domestic: str = ""
    budget_wan: Decimal | None = None
    note: str = ""


@transaction.atomic
def add_offer(entry, *, by, at):
    """Enter an offer; NotAllowed, RegisterRefused."""
    require(by, "edit_compute")
    _check(entry, shanghai_day(at))
    made = ComputeOffer.objects.create(**vars(entry))
    note("add_compute", made, changes(ComputeOffer(), vars(entry)), by=by, at=at)
    return made


@transaction.atomic
def change_offer(offer, entry, *, by, at, version):
    """Correct an offer; NotAllowed, StaleVersion, RegisterRefused."""
    require(by, "edit_compute")
    row = held(offer, version)
    _check(entry, shanghai_day(at))
    if told := changes(row, vars(entry)):
        fill(row, vars(entry)).save_version(version, vars(entry), at=at)
        note("change_compute", row, told, by=by, at=at)
    return row


def _check(entry, day):
    for name, words in (("base", "算力基地"), ("operator", "运营单位"), ("source", "来源")):
        if not getattr(entry, name).strip():
            raise RegisterRefused(f"请填写{words}。", code="required", field=name)
    if entry.unit not in COMPUTE_UNITS:
        raise RegisterRefused("请选择计量单位。", field="unit")
    if entry.serves and entry.serves not in COMPUTE_SERVES:
        raise RegisterRefused("没有这个用途，请从列表里选；运营单位没有说的不选。", field="serves")
    if entry.capacity is None or entry.capacity <= 0:
        raise RegisterRefused("总量要大于 0。", field="capacity")
    if entry.free is None or not 0 <= entry.free <= entry.capacity:
        raise RegisterRefused("空闲要在 0 和总量之间；没有空闲填 0。", field="free")
    if entry.as_of is None or entry.as_of > day:
        raise RegisterRefused("请填写数据日期，不晚于今天。", field="as_of")
    check_period(vars(entry))


@transaction.atomic
def demand(project, asked, *, by, at, version):
    """Write what `project`, whose `version` one has seen, asks for; returns the ComputeDemand.

    An offer chosen before that does not fit any more is let go. Raises NotAllowed, DemandRefused,
    StaleVersion: the demand is part of the project's record.
    """
    require(by, "edit", project)
    _check_demand(asked)
    edit(project, {}, by=by, at=at, version=version)
    row, _ = ComputeDemand.objects.update_or_create(
        project=project, defaults={**vars(asked), "updated_at": at}
    )
    if row.offer and fit(row.offer, row, shanghai_day(at)).code == VerdictCode.UNFIT:
        row.offer = None
        row.save(update_fields=["offer"])
    return row


def _check_demand(asked):
    known = (("kind", COMPUTE_KINDS), ("unit", COMPUTE_UNITS), ("domestic", DOMESTIC))
    for name, options in known:
        if getattr(asked, name) and getattr(asked, name) not in options:
            raise DemandRefused("没有这个选项，请从列表里选。", field=name)
    for name in ("amount", "months"):
        if getattr(asked, name) is not None and getattr(asked, name) <= 0:
            raise DemandRefused("要大于 0；没有谈到请留空。", field=name)


@transaction.atomic
def choose(project, offer, *, by, at):
    """Note which offer the project means to use (None: none any more); NotAllowed, DemandRefused.

    It reserves nothing: the base decides. An offer that is 不符合 cannot be chosen.
    """
    require(by, "edit", project)
    Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    row = ComputeDemand.objects.filter(project=project).first()
    if row is None:
        raise DemandRefused("请先登记算力需求。")
    if offer is not None and fit(offer, row, shanghai_day(at)).code == VerdictCode.UNFIT:
        raise DemandRefused(f"「{offer}」不符合这个项目的需求，不能选用；请先核对需求或台账。")
    row.offer, row.updated_at = offer, at
    row.save(update_fields=["offer", "updated_at"])
    return row
