"""行程: planning a trip with its target list, and saying afterwards what became of each target."""

from django.db import transaction

from crm.errors import Refused
from crm.permissions import require
from crm.values import company_key
from leads.models import Roadshow, RoadshowTarget

TRIP_FIELDS = [
    "title",
    "kind",
    "city",
    "starts_on",
    "ends_on",
    "leader",
    "purpose",
    "budget_wan",
    "cost_wan",
    "summary",
    "is_cancelled",
]
LONGEST_DAYS = 60


class TripRefused(Refused):
    """The trip cannot be written as asked; `field` names why."""

    code = "invalid"


@transaction.atomic
def plan(values, *, members, targets, by, at):
    """Create a trip of the unit of `by` with its people and its target companies (names, one per line).

    Raises TripRefused when the days are senseless, NotAllowed for those who do not plan trips.
    """
    require(by, "plan_trip")
    if by.unit_id is None:
        raise TripRefused("您的账号没有所属单位，请联系管理员。", code="no_unit")
    check_days(values["starts_on"], values["ends_on"])
    trip = Roadshow(unit=by.unit, created_by=by, created_at=at, updated_at=at)
    for name in TRIP_FIELDS:
        if name in values:
            setattr(trip, name, values[name])
    trip.save()
    trip.members.set(members)
    add_targets(trip, targets, by=by)
    return trip


@transaction.atomic
def change(trip, values, *, members, by, at, version):
    """Correct a trip that still has `version`; raise StaleVersion otherwise."""
    require(by, "plan_trip", trip)
    check_days(values["starts_on"], values["ends_on"])
    for name in TRIP_FIELDS:
        if name in values:
            setattr(trip, name, values[name])
    trip.save_version(version, [name for name in TRIP_FIELDS if name in values], at=at)
    trip.members.set(members)
    return trip


def add_targets(trip, names, *, by):
    """Add companies to the target list; a name already on it is left as it is. Returns how many are new."""
    require(by, "plan_trip", trip)
    before = trip.targets.count()
    rows = [RoadshowTarget(roadshow=trip, company_name=name) for name in dict.fromkeys(names)]
    RoadshowTarget.objects.bulk_create(rows, ignore_conflicts=True)
    return trip.targets.count() - before


def resolve(target, *, state, note, by):
    """Say what became of a target; 未访 and 无需跟进 want a reason (domain rule §2.7)."""
    require(by, "plan_trip", target.roadshow)
    if state in RoadshowTarget.EXPLAINED and not note.strip():
        raise TripRefused(f"「{RoadshowTarget.State(state).label}」请写明原因。", field="note")
    target.state, target.note = state, note.strip()
    target.save(update_fields=["state", "note"])


def link_targets(trip, lead):
    """Say of the targets that are the company of `lead` what became of them: visited, if it was met."""
    key = company_key(lead.title)
    for target in trip.targets.filter(lead=None):
        if company_key(target.company_name) == key:
            target.lead = lead
            target.state = RoadshowTarget.State.VISITED if lead.first_response_at else target.state
            target.save(update_fields=["lead", "state"])


def check_days(starts, ends):
    """Raise TripRefused when no trip can last from `starts` to `ends`."""
    if ends < starts:
        raise TripRefused("结束日期不能早于开始日期。", field="ends_on")
    if (ends - starts).days > LONGEST_DAYS:
        raise TripRefused(f"一次行程最长 {LONGEST_DAYS} 天，请核对日期。", field="ends_on")
