"""What an officer adds to a project so that the next gate opens: fields and evidence; and whom one knows."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from crm import audit, roles
from crm.clashes import check_clashes
from crm.errors import Refused, StaleVersion
from crm.models import Company, FusionSector
from crm.permissions import require
from crm.workdays import shanghai_day
from leads.contacts import known
from leads.editing import unlinkable
from leads.follow_up import unplannable
from leads.models.prospects import SectorKind
from projects import milestones, receipts
from projects.days import check_year
from projects.models import Evidence, Project
from projects.papers import attach

FIELDS = (
    *("name", "owner", "leader", "grade", "landing_mode", "category"),
    *("amount_wan", "prior_wan", "public_equity_wan", "excess_note", "fixed_wan", "area_sqm", "land_mu"),
    *("chain_position", "carrier"),
    *("demands", "problems", "for_leader", "next_step", "next_contact_on"),
)
SETS = ("carriers", "tracks")


class MendingRefused(Refused):
    """What was entered cannot stand; `field` names it."""

    code = "invalid"


@dataclass(frozen=True)
class Proof:
    """A document or act a gate asks for: the day it happened, and the day it counts (统计日期)."""

    kind: str
    event_on: date
    counted_on: date | None = None
    number: str = ""
    amount_wan: Decimal | None = None
    note: str = ""


@transaction.atomic
def edit(project, changes, *, by, at, version, shown=None):
    """Write `changes` over the row of `version`; names are those of FIELDS, SETS, `sector` and `uscc`.

    When somebody saved in between and `shown` tells what the form held when it opened, changes of other
    fields are merged; changes of the same field raise Clashing (StaleVersion without `shown`).
    Raises NotAllowed for strangers and for a new owner or 联系区领导 by those who may not assign,
    MendingRefused for an owner of another unit, a 联系区领导 who is none, a new day of the next contact that
    is past or too far, 总投资 lowered below what has arrived without an explanation, or a credit code that
    another company carries or that would replace the one on file.
    """
    require(by, "edit", project)
    row = (
        Project.objects.select_for_update(of=("self",)).select_related("company", "sector").get(pk=project.pk)
    )
    if row.version != version:
        _check_clashes(row, changes, shown)
    _check_owner(row, changes, by)
    _check_leader(row, changes, by)
    _check_whole(row, changes)
    _check_carrier(row, changes)
    wrong = unplannable(changes.get("next_contact_on"), at)
    if wrong and changes["next_contact_on"] != row.next_contact_on:
        raise MendingRefused(wrong, field="next_contact_on")
    fields = [name for name in changes if name in FIELDS]
    for name in fields:
        setattr(row, name, changes[name])
    if "sector" in changes:
        fields += _classify(row, changes["sector"])
    row.index_words()
    row.save_version(row.version, {*fields, "grams"}, at=at)
    for name in SETS:
        if name in changes:
            getattr(row, name).set(changes[name])
    if "uscc" in changes:
        _register(row.company, changes["uscc"] or "", at)
    return row


def current(project, name):
    """The value of a field of the form as the row has it: a sector by its code, several rows as a set."""
    if name in SETS:
        return frozenset(getattr(project, name).all())
    if name == "sector":
        return project.sector.code if project.sector else project.sector_kind
    if name == "uscc":
        return project.company.uscc if project.company else None
    return getattr(project, name)


def _check_clashes(row, changes, shown):
    if shown is None:
        raise StaleVersion(row)
    check_clashes(row, changes, shown, {name: current(row, name) for name in changes})


def _classify(row, code):
    """Put the row into a fusion sector by its code, or into 基础层, 未分类, or nowhere yet."""
    row.sector = FusionSector.objects.filter(code=code).first()
    row.sector_kind = SectorKind.FUSION.value if row.sector else code
    return ["sector", "sector_kind"]


@transaction.atomic
def add_evidence(project, proof, *, by, at, scan=None):
    """Write one piece of evidence; MendingRefused for a day that has not come yet, and for what is recorded
    as an agreement, a promise or a receipt.

    A 统计日期 given along is confirmed like one given later: by the bureau only, and audited. `scan` is the
    file of the proof, an upload, when there is one.
    """
    require(by, "edit", project)
    if proof.kind not in dict(Evidence.Kind.recorded_here()):
        raise MendingRefused("协议、承诺和到位资金请登记在各自的地方，不作为阶段材料。", field="kind")
    check_year(proof.event_on, "发生日期", MendingRefused, field="event_on")
    if proof.event_on > shanghai_day(at):
        raise MendingRefused("发生日期不能晚于今天：还没有发生的事不能当材料。", field="event_on")
    given = {**vars(proof), "counted_on": None}
    row = Evidence.objects.create(project=project, by=by, created_at=at, **given)
    if proof.counted_on:
        row = milestones.count(row, proof.counted_on, by=by, at=at)
    if scan is not None:
        attach(row, scan, by=by, at=at)
    Project.objects.filter(pk=project.pk).update(updated_at=at)
    return row


def contacts(project):
    """The people at the company whom this project's unit, its source station or who handed it over knows."""
    return known(project.company_id, {project.unit_id, project.station_id} - {None}, project.lead)


def _check_owner(row, changes, by):
    if "owner" not in changes:
        return
    require(by, "assign", row)
    owner = changes["owner"]
    if owner and owner.unit_id != row.unit_id:
        raise MendingRefused(f"{owner}不属于{row.unit}。", field="owner")
    if owner and not (owner.is_active and owner.role in roles.WORKS_ON_LEADS):
        raise MendingRefused(f"{owner}已停用或不再跟进项目，请换一位负责人。", field="owner")


def _check_leader(row, changes, by):
    if "leader" not in changes:
        return
    require(by, "assign", row)
    if wrong := unlinkable(changes["leader"]):
        raise MendingRefused(wrong, field="leader")


def _check_whole(row, changes):
    """What arrived is no more than 总投资 unless explained (domain §5.1), also when 总投资 is lowered."""
    whole = changes.get("amount_wan")
    if whole is None or whole == row.amount_wan:
        return
    arrived = row.receipts.total()
    was_beyond = row.amount_wan is not None and arrived > row.amount_wan
    note = changes.get("excess_note", row.excess_note if was_beyond else "")
    if arrived > whole and not note.strip():
        raise MendingRefused(receipts.beyond(arrived, whole), code="above_total", field="excess_note")


def _check_carrier(row, changes):
    """The settled carrier is that of the final space, while there is one."""
    if "carrier" not in changes or changes["carrier"] == row.carrier:
        return
    final = row.candidates.final().select_related("space__building").first()
    if final and final.space.building.carrier_id != (changes["carrier"] and changes["carrier"].pk):
        raise MendingRefused(f"项目已确定「{final.space}」，要换载体请先交还这处空间。", field="carrier")


def _register(company, uscc, at):
    """Give the company its 统一社会信用代码, once; the code identifies it from then on."""
    on_file = company.uscc or "" if company else ""
    if on_file == uscc:
        return
    if company is None:
        raise MendingRefused("这个项目还没有企业，请先登记企业。", field="uscc")
    if on_file:
        raise MendingRefused(
            "统一社会信用代码登记后不能修改或清空；确实登记有误，请联系区投促局核对。", field="uscc"
        )
    if Company.objects.filter(uscc=uscc).exclude(pk=company.pk).exists():
        raise MendingRefused("这个统一社会信用代码已登记在另一家企业名下，请核对。", field="uscc")
    company.uscc, company.updated_at = uscc, at
    company.save(update_fields=["uscc", "updated_at"])


@transaction.atomic
def reveal(project, contact, *, by, at):
    """Note that `by` looked at the numbers of `contact`; NotAllowed for those who see them masked."""
    require(by, "reveal", project)
    audit.record(by, "reveal_contact", contact, detail={"project": project.pk, "name": project.name}, at=at)
