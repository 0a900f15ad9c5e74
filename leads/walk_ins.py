"""扫码登记: a company tells of itself at the secret address of a trip, and waits to be taken over.

Who is not logged in is told nothing but that it arrived: whether the company is known here, or somebody
holds it, only our own people learn.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction

from crm import audit, roles
from crm.errors import NotAllowed, Refused
from crm.models import Notification, Unit
from crm.notifications import notify, responsible
from crm.numbers import number
from crm.permissions import require
from crm.values import company_key
from crm.workdays import SHANGHAI, shanghai_day
from leads.claims import AlreadyReported, notice, tell_holder
from leads.intake import Capture, capture
from leads.models import DoorTry, Lead, Roadshow, TripDoor, WalkIn
from leads.trips import may_resolve

LONGEST = timedelta(days=60)  # after the end of the trip
USUAL = timedelta(days=7)
WINDOW = timedelta(minutes=10)
ECHO = timedelta(minutes=10)
TRIES_KEPT = timedelta(days=1)
CONTACTS_KEPT = timedelta(days=90)  # of a company that did not become a lead


class DoorRefused(Refused):
    """The address cannot be opened as asked; `field` names why."""

    code = "invalid"


class TooManyForms(Refused):
    """The forms of these ten minutes are used up, from this network address or for this trip."""

    code = "too_many"
    status = 429

    def __init__(self):
        super().__init__("登记的人太多，请过几分钟再提交，或直接告诉现场工作人员。")


class NotPending(Refused):
    """Somebody has taken the lead over already; nothing happened."""

    code = "not_pending"
    status = 409


@dataclass(frozen=True)
class Visitor:
    """A company at the public form, in the place of a user: it may report to this unit and see nothing."""

    unit: Unit
    role = roles.PARTNER
    pk = id = None
    scopes = frozenset({"leads:write"})
    token_ids = frozenset()
    is_authenticated = is_active = True

    @property
    def unit_id(self):
        return self.unit.pk

    def __str__(self):
        return "企业扫码登记"


@dataclass(frozen=True)
class Told:
    """What a company said of itself; the phone is a cleaned one."""

    company_name: str
    contact_name: str
    contact_phone: str
    contact_title: str = ""
    wishes: str = ""


def usual_last_day(trip, at):
    """Until when an address usually works: a week after the trip, or from today if that is over."""
    return max(trip.ends_on, shanghai_day(at)) + USUAL


@transaction.atomic
def open_door(trip, last_day, *, by, at):
    """A new secret address of the trip, good through `last_day`; the one before works no more.

    Raises NotAllowed, DoorRefused for a cancelled trip and a senseless day. Written into the audit log.
    """
    require(by, "plan_trip", trip)
    trip = Roadshow.objects.select_for_update(of=("self",)).get(pk=trip.pk)
    if trip.is_cancelled:
        raise DoorRefused("行程已取消，不能开启扫码登记。")
    if not shanghai_day(at) <= last_day <= max(trip.ends_on, shanghai_day(at)) + LONGEST:
        raise DoorRefused(f"有效期从今天起，最晚到行程结束后 {LONGEST.days} 天。", field="last_day")
    trip.doors.filter(closed_at=None).update(closed_at=at)
    end = datetime.combine(last_day + timedelta(days=1), time(), SHANGHAI)
    secret = secrets.token_urlsafe(24)
    door = TripDoor.objects.create(roadshow=trip, secret=secret, expires_at=end, by=by, created_at=at)
    audit.record(by, "open_door", trip, detail={"to": f"{last_day:%Y-%m-%d}"}, at=at)
    return door


@transaction.atomic
def close_door(trip, *, by, at):
    """Let the secret address of the trip work no more; nothing happens when there is none."""
    require(by, "plan_trip", trip)
    if trip.doors.filter(closed_at=None).update(closed_at=at):
        audit.record(by, "close_door", trip, at=at)


def may_read(user, trip):
    """Whether `user` may see whom a registration without a lead names: who went along or plans the trips."""
    return user.role in roles.REVEALS_CONTACTS and may_resolve(user, trip)


@transaction.atomic
def register(door, told, *, address, at):
    """Keep what a company told of itself: a pending lead of the trip where that may be, and a WalkIn.

    The same again within ten minutes is kept once. Raises TooManyForms, and CaptureRefused for a senseless
    name; never tells that somebody holds the company.
    """
    TripDoor.objects.select_for_update(of=("self",)).get(pk=door.pk)
    _count(door, address, at)
    if known := _echo(door, told, at):
        return known
    visitor, trip = Visitor(door.roadshow.unit), door.roadshow
    try:
        with transaction.atomic():
            lead, why = capture(_capture(trip, told), by=visitor, at=at), ""
    except AlreadyReported as refusal:
        tell_holder(refusal.claim, by=visitor, at=at)
        lead, why = None, notice(refusal.claim, trip.unit_id)
    row = WalkIn(door=door, company_name=told.company_name, at=at, lead=lead, why_no_lead=why)
    if lead is None:
        for name in ("contact_name", "contact_title", "contact_phone", "wishes"):
            setattr(row, name, getattr(told, name))
    row.save()
    _tell(row, trip, at)
    return row


def _capture(trip, told):
    return Capture(
        name=told.company_name,
        contact_name=told.contact_name,
        contact_title=told.contact_title,
        contact_phone=told.contact_phone,
        note=told.wishes,
        roadshow=trip,
        unit=trip.unit,
        channel_detail=f"{trip.title[:100]}（扫码登记）",
        is_self_reported=True,
    )


def _count(door, address, at):
    """Count this form; the row of the door is held, so that no two are counted at once."""
    recent = DoorTry.objects.filter(door=door, at__gt=at - WINDOW)
    if recent.count() >= number("door_sends_per_trip"):
        raise TooManyForms
    if recent.filter(address=address).count() >= number("door_sends_per_address"):
        raise TooManyForms
    DoorTry.objects.create(door=door, address=address, at=at)


def _echo(door, told, at):
    """The row of the same form sent a moment ago (a second tap, a page loaded again), or None."""
    key = company_key(told.company_name)
    recent = door.walk_ins.filter(at__gt=at - ECHO).select_related("lead__contact")
    return next((row for row in recent if company_key(row.company_name) == key and _is_same(row, told)), None)


def _is_same(row, told):
    phone = row.contact_phone or (row.lead.contact.phone if row.lead and row.lead.contact else "")
    return phone == told.contact_phone


def _tell(row, trip, at):
    """Tell who leads the trip, or planned it, once; nobody active: who answers for the unit."""
    people = {one.pk: one for one in (trip.leader or trip.created_by, trip.created_by) if one.is_active}
    what = "请接手并在时限内首次响应。" if row.lead else row.why_no_lead
    for reader in people.values() or responsible(trip.unit):
        notify(
            reader,
            kind=Notification.Kind.CLAIM,
            key=f"walk-in:{row.pk}",
            title=f"扫码登记：{row.company_name}（{trip}）",
            body=what,
            url=row.lead.get_absolute_url() if row.lead else f"{trip.get_absolute_url()}door/",
            at=at,
        )


@transaction.atomic
def take(lead, *, by, at):
    """Take over a pending lead of the own unit that has no owner yet: it is `by`'s now, and pending no more.

    Raises NotAllowed, also for the bureau where it is another unit's; NotPending when somebody was faster.
    """
    require(by, "log_visit", lead)
    if by.unit_id != lead.unit_id:
        raise NotAllowed("待接收的线索由责任单位的人接手；要换单位请移交。")
    row = Lead.objects.hold(lead.pk)
    if not row.is_untouched:
        raise NotPending("这条线索已经有人接手，没有再改。")
    row.owner, row.is_pending = by, False
    row.save_version(row.version, ["owner", "is_pending"], at=at)
    return row


def forget_walk_ins(at):
    """Drop the counted tries of yesterday, and contacts of companies that became no lead in 90 days."""
    DoorTry.objects.filter(at__lt=at - TRIES_KEPT).delete()
    old = WalkIn.objects.filter(lead=None, at__lt=at - CONTACTS_KEPT).exclude(contact_phone="")
    old.update(contact_name="", contact_title="", contact_phone="", wishes="")
