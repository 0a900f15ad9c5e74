"""行程: planning a trip with its target list, and saying afterwards what became of each target."""

import re
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from crm import roles
from crm.errors import NotAllowed, Refused
from crm.permissions import may, require
from crm.values import company_key
from leads.models import Lead, Roadshow, RoadshowTarget
from leads.stages import LeadStage

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
LONGEST_ADDRESS = 120
BAR = re.compile(r"\s*[|｜]\s*")  # between a company and its address
# what is said of a target by one tap: code → (state, reason)
QUICK = {
    "visited": (RoadshowTarget.State.VISITED, ""),
    "away": (RoadshowTarget.State.NOT_VISITED, "联系不上"),
    "later": (RoadshowTarget.State.NOT_VISITED, "对方改期"),
    "no_wish": (RoadshowTarget.State.NO_FOLLOW_UP, "没有投资意向"),
}


class ResultGiven(Refused):
    """Somebody said a moment ago what became of the target; nothing happened."""

    code = "result_given"
    status = 409


@dataclass(frozen=True)
class Added:
    """How many targets are new, and what is said of the lines that were left out."""

    number: int
    doubles: list


class TripRefused(Refused):
    """The trip cannot be written as asked; `field` names why."""

    code = "invalid"


def with_numbers(trips, user):
    """The trips with what came of each: leads `met` and `accepted` as `user` sees them, `targeted` companies
    and how many of these are `unresolved`."""
    of_trip = {"roadshow": OuterRef("pk")}
    met = Lead.objects.visible_to(user).filter(**of_trip)
    targets = RoadshowTarget.objects.filter(**of_trip)
    accepted = met.filter(stage=LeadStage.ACCEPTED)
    numbers = {"met": _number(met), "accepted": _number(accepted), "targeted": _number(targets)}
    return trips.with_unresolved().annotate(**numbers)


def _number(rows):
    grouped = rows.order_by().values("roadshow").annotate(number=Count("pk"))
    return Coalesce(Subquery(grouped.values("number")), 0)


@transaction.atomic
def plan(values, *, members, targets, by, at):
    """Create a trip of the unit of `by` with its people and its targets (`add_targets`): (trip, Added).

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
    return trip, add_targets(trip, targets, by=by)


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


@transaction.atomic
def add_targets(trip, lines, *, by):
    """Add companies to the target list, one per line, empty lines count; what is on it stays as it is.

    「企业 | 地址」 keeps the address too.
    The same company by `company_key` is listed once; whatever is left out is told of in `Added.doubles`.
    """
    require(by, "plan_trip", trip)
    Roadshow.objects.select_for_update(of=("self",)).get(pk=trip.pk)
    known = {_key(name): name for name in trip.targets.values_list("company_name", flat=True)}
    parted = [(*BAR.split(line, maxsplit=1), "")[:2] for line in lines]
    names, doubles = _sift([name for name, _ in parted], known)
    places = {name: place[:LONGEST_ADDRESS] for name, place in reversed(parted)}
    RoadshowTarget.objects.bulk_create(
        RoadshowTarget(roadshow=trip, company_name=name, address=places[name]) for name in names
    )
    return Added(len(names), doubles)


def _sift(lines, known):
    """(the names that are new, a sentence for each of the others) of a list written one company a line."""
    first, names, doubles = {}, [], []
    for number, name in enumerate(lines, 1):
        key = _key(name)
        if key in known:
            doubles.append(f"第 {number} 行「{name}」{_same(name, known[key])}已在清单里，没有再加。")
        elif key in first:
            line, other = first[key]
            doubles.append(f"第 {number} 行「{name}」{_same(name, other)}与第 {line} 行重复，只列一次。")
        elif name:
            first[key] = number, name
            names.append(name)
    return names, doubles


def _key(name):
    """What makes two names one company; a name of mere punctuation is only itself."""
    return company_key(name) or name


def _same(name, other):
    """「（即「…」）」 where the same company is written in another way."""
    return "" if name == other else f"（即「{other}」）"


def may_resolve(user, trip):
    """Whether `user` may say what became of the targets: who plans trips there, and all who went along."""
    if may(user, "plan_trip", trip):
        return True
    along = trip.leader_id == user.pk or trip.members.filter(pk=user.pk).exists()
    return along and user.role in roles.WORKS_ON_LEADS


def next_stop(targets):
    """The first target of the list nobody has gone to yet; None when all have a result."""
    waiting = (RoadshowTarget.State.PLANNED, RoadshowTarget.State.APPOINTED)
    return next((one for one in targets if one.lead_id is None and one.state in waiting), None)


@transaction.atomic
def resolve(target, *, state, note, by, address=None, seen=None):
    """Say what became of a target; 未访 and 无需跟进 want a reason (domain rule §2.7).

    `address` is written too unless it is None; `seen` is the state the person looked at, None for whichever.
    Raises NotAllowed for those who neither went along nor plan the trips of the unit; ResultGiven for a
    target that is a lead by now, or that somebody gave another result than the one seen.
    """
    if not may_resolve(by, target.roadshow):
        raise NotAllowed("目标企业的结果由同行人员、站长、单位负责人填写。")
    if state in RoadshowTarget.EXPLAINED and not note.strip():
        raise TripRefused(f"「{RoadshowTarget.State(state).label}」请写明原因。", field="note")
    row = RoadshowTarget.objects.select_for_update().get(pk=target.pk)
    _check_result(row, (state, note.strip()), seen)
    row.state, row.note = state, note.strip()
    if address is not None:
        row.address = address.strip()[:LONGEST_ADDRESS]
    row.save(update_fields=["state", "note", "address"])
    target.state, target.note, target.address = row.state, row.note, row.address


def _check_result(row, result, seen):
    if row.lead_id:
        raise ResultGiven(f"「{row}」已经记成线索，不用再填结果；没有改。")
    if seen not in (None, row.state) and result != (row.state, row.note):
        why = f"：{row.note}" if row.note else ""
        said = f"{row.get_state_display()}{why}"
        raise ResultGiven(f"「{row}」刚被同事标为「{said}」，没有改；要改请看过再填。")


def link_targets(trip, *leads):
    """Say of the targets that are the company of a lead what became of them: visited, if it was met.

    Why it was not visited before (「对方改期」) is then true no more.
    """
    named = {company_key(lead.title): lead for lead in leads}
    for target in trip.targets.filter(lead=None):
        if lead := named.get(company_key(target.company_name)):
            target.lead = lead
            if lead.first_response_at:
                target.note = "" if target.state in RoadshowTarget.EXPLAINED else target.note
                target.state = RoadshowTarget.State.VISITED
            target.save(update_fields=["lead", "state", "note"])


def check_days(starts, ends):
    """Raise TripRefused when no trip can last from `starts` to `ends`."""
    if ends < starts:
        raise TripRefused("结束日期不能早于开始日期。", field="ends_on")
    if (ends - starts).days > LONGEST_DAYS:
        raise TripRefused(f"一次行程最长 {LONGEST_DAYS} 天，请核对日期。", field="ends_on")
