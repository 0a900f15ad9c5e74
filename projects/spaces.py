"""载体台账: buildings and spaces, kept by the bureau and by who manages their carrier, all on record.

A space that is let or withdrawn leaves the candidates of every project at once, and their owners are told.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from crm.models import Carrier
from crm.permissions import require
from crm.rules.dictionary import SPACE_USES
from projects.candidates import leave_all, tell_reserved
from projects.models import Building, CandidateSpace, Space
from projects.registers import RegisterRefused, changes, check_period, fill, held, note

GONE = {Space.State.LEASED: "空间已租出", Space.State.RETIRED: "空间已停用"}
HELD = (Space.State.RESERVED, Space.State.LEASED)  # what the final space of a project may be


@dataclass(frozen=True)
class House:
    """What is known of a building."""

    carrier: Carrier
    name: str
    address: str = ""
    note: str = ""


@dataclass(frozen=True)
class Entry:
    """What is known of a space: ㎡, 元/㎡/天, kVA, m, kg/㎡; None is not known."""

    building: Building
    label: str
    floor: int
    area_sqm: Decimal
    available_from: date
    uses: tuple[str, ...]
    rent_daily: Decimal | None = None
    power_kva: int | None = None
    racks: int | None = None
    height_m: Decimal | None = None
    load_kg: int | None = None
    allows_eia: bool | None = None
    limits: str = ""
    state: str = Space.State.FREE
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""
    tracks: tuple = ()

    @property
    def columns(self):
        return {name: value for name, value in vars(self).items() if name != "tracks"}


@transaction.atomic
def add_building(house, *, by, at):
    """Enter a building; NotAllowed for who does not keep its carrier, RegisterRefused for a name twice."""
    require(by, "edit_spaces", house.carrier)
    _check_house(None, house)
    told = changes(Building(), vars(house) | {"carrier": house.carrier.pk})
    made = Building.objects.create(created_at=at, updated_at=at, **vars(house))
    note("add_building", made, told, by=by, at=at)
    return made


@transaction.atomic
def change_building(building, house, *, by, at, version):
    """Correct a building; both carriers must be the person's when it goes to another. StaleVersion,
    NotAllowed, RegisterRefused."""
    require(by, "edit_spaces", building)
    require(by, "edit_spaces", house.carrier)
    row = held(building, version)
    _check_house(row, house)
    told = changes(row, vars(house))
    if told:
        fill(row, vars(house)).save_version(version, vars(house), at=at)
        note("change_building", row, told, by=by, at=at)
    return row


def _check_house(row, house):
    if not house.name.strip():
        raise RegisterRefused("请填写楼宇名称。", code="required", field="name")
    same = Building.objects.filter(carrier=house.carrier, name=house.name).exclude(pk=row and row.pk)
    if same.exists():
        raise RegisterRefused(f"{house.carrier}里已经有楼宇「{house.name}」。", field="name")


@transaction.atomic
def add_space(entry, *, by, at):
    """Enter a space; NotAllowed, RegisterRefused."""
    require(by, "edit_spaces", entry.building)
    _check(None, entry)
    made = Space.objects.create(created_at=at, updated_at=at, **_written(entry))
    made.tracks.set(entry.tracks)
    note("add_space", made, changes(Space(), _plain(entry)), by=by, at=at)
    return made


@transaction.atomic
def change_space(space, entry, *, by, at, version):
    """Correct a space. NotAllowed, StaleVersion, RegisterRefused — the last also for a state that contradicts
    a project's final space.

    One that becomes 已租 or 停用 leaves the candidates of other projects; of one that becomes 已预留 their
    people are told, for the register does not say for whom it is.
    """
    require(by, "edit_spaces", space)
    require(by, "edit_spaces", entry.building)
    row = held(space, version)
    _check(row, entry)
    _check_state(row, entry.state)
    told = _told(row, entry)
    if told:
        was, written = row.state, _written(entry)
        fill(row, written).save_version(version, written, at=at)
        row.tracks.set(entry.tracks)
        note("change_space", row, told, by=by, at=at)
        if entry.state in GONE and entry.state != was:
            leave_all(row, GONE[entry.state], by=by, at=at)
        if entry.state == Space.State.RESERVED != was:
            tell_reserved(row, by=by, at=at)
    return row


def _written(entry):
    return {name: list(value) if isinstance(value, tuple) else value for name, value in entry.columns.items()}


def _plain(entry):
    """The columns as the words of a new row: what is empty is not told."""
    return {name: value for name, value in entry.columns.items() if name not in ("building", "label")}


def _told(row, entry):
    told = changes(row, entry.columns)
    before, after = (sorted(map(str, tracks)) for tracks in (row.tracks.all(), entry.tracks))
    if before != after:
        told["适合赛道"] = f"{'、'.join(before) or '空'} → {'、'.join(after) or '空'}"
    return told


def _check(row, entry):
    if not entry.label.strip():
        raise RegisterRefused("请填写楼层与单元，例如 3 层 301。", code="required", field="label")
    if entry.area_sqm is None or entry.area_sqm <= 0:
        raise RegisterRefused("面积要大于 0 ㎡。", field="area_sqm")
    if entry.available_from is None:
        raise RegisterRefused("请填写可用日期；现在就能用的填今天。", code="required", field="available_from")
    if not entry.uses or not set(entry.uses) <= SPACE_USES.keys():
        raise RegisterRefused("请至少选一种允许用途。", code="required", field="uses")
    check_period(vars(entry))
    same = Space.objects.filter(building=entry.building, label=entry.label).exclude(pk=row and row.pk)
    if same.exists():
        raise RegisterRefused(f"{entry.building}里已经有「{entry.label}」。", field="label")


def _check_state(row, state):
    """A project's final space stays reserved or let until the project gives it back."""
    final = CandidateSpace.objects.final().filter(space=row).exists()
    if final and state not in HELD:
        raise RegisterRefused(
            "这处空间已经确定给一个项目，只能是已预留或已租；要改成别的状态，请先由项目交还。", field="state"
        )
