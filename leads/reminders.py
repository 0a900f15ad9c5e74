"""Who must be told today: what is due on leads (and on the projects they become), and trips left open."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, Value, When

from crm import roles
from crm.models import Notification, User
from crm.notifications import notify, responsible
from crm.workdays import Calendar, shanghai_day
from leads.models import Roadshow, RoadshowTarget

CONTACT, STAGE = "contact", "stage"  # the rules: next contact date, limit of the stage
DUE, YELLOW, RED = "due", "yellow", "red"  # the levels
CHUNK = 2000
TRIP_GRACE = 3  # workdays after the return before somebody is reminded (domain table of scheduled work)
TRIP_MEMORY = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reason to tell somebody of one record. `since` is the day from which `days` are counted."""

    record: str
    pk: int
    title: str
    stage: str
    unit_id: int
    station_id: int | None
    owner_id: int | None
    next_step: str
    rule: str
    level: str
    due_on: date
    since: date
    is_told: bool


def contact_due(records, day, told, title="title"):
    """Reminders for open records whose next contact is due, the untold first, then the longest overdue.

    `records` is a queryset of leads or projects, `told` the log rows of one record (OuterRef "pk"),
    `title` the field that names it.
    """
    rows = records.due(day).annotate(
        rule=Value(CONTACT, CharField()),
        level=Value(DUE, CharField()),
        due=F("next_contact_on"),
        since=F("next_contact_on"),
    )
    return _stream(rows, told, title)


def past_limit(records, day, told, title="title"):
    """Reminders for open records past the limit of their stage, in the same order: 黄灯, then 红灯."""
    is_red = Q(red_on__lt=day)
    rows = records.yellow(day).annotate(
        rule=Value(STAGE, CharField()),
        level=Case(When(is_red, then=Value(RED)), default=Value(YELLOW), output_field=CharField()),
        due=Case(When(is_red, then=F("red_on")), default=F("limit_on")),
        since=F("limit_on"),
    )
    return _stream(rows, told, title)


def _stream(rows, told, title):
    """The annotated rows as Reminders, by a server-side cursor: memory does not grow with their number."""
    known = told.filter(rule=OuterRef("rule"), level=OuterRef("level"), due_on=OuterRef("due"))
    values = rows.annotate(is_told=Exists(known)).order_by("is_told", "since", "pk")
    fields = ("pk", title, "stage", "unit_id", "station_id", "owner_id", "next_step")
    fields += ("rule", "level", "due", "since", "is_told")
    for row in values.values_list(*fields).iterator(chunk_size=CHUNK):
        yield Reminder(rows.model._meta.model_name, *row)


class Readers:
    """The active people, and who of them is told of a record: loaded once for a whole scan."""

    def __init__(self):
        people = list(User.objects.filter(is_active=True).order_by("pk"))
        self.by_pk = {person.pk: person for person in people}
        self.heads = {}
        for person in people:
            if person.role == roles.HEAD:
                self.heads.setdefault(person.unit_id, []).append(person.pk)
        self.bureau = [person.pk for person in people if person.role == roles.MANAGER]

    def of(self, reminder):
        """Who is told: the owner, else the head of the unit, else the bureau; the head of every 红灯 too."""
        heads = self.heads.get(reminder.unit_id, [])
        if not self._reaches_owner(reminder):
            return heads or self.bureau
        if reminder.level != RED:
            return [reminder.owner_id]
        return [reminder.owner_id, *(pk for pk in heads if pk != reminder.owner_id)]

    def name(self, pk):
        """The name of a person, empty when unknown or gone."""
        return self.by_pk[pk].name if pk in self.by_pk else ""

    def _reaches_owner(self, reminder):
        """Whether the owner works here and still sees the record: nobody is told of what is hidden."""
        owner = self.by_pk.get(reminder.owner_id)
        if owner is None:
            return False
        if owner.role in roles.SEES_EVERYTHING:
            return True
        return owner.role in roles.SEES_OWN_UNIT and owner.unit_id in (reminder.unit_id, reminder.station_id)


def remind_trips(at):
    """Tell who led a trip, once, of target companies without a result three workdays after the return."""
    day, calendar = shanghai_day(at), Calendar.load()
    for trip in _trips_left_open(day):
        if calendar.between(trip.ends_on, day) >= TRIP_GRACE:
            _remind_trip(trip, at)


def _trips_left_open(day):
    states = RoadshowTarget.State
    unresolved = Q(targets__state__in=[states.PLANNED, states.APPOINTED, states.VISITED], targets__lead=None)
    trips = Roadshow.objects.filter(is_cancelled=False, ends_on__lt=day, ends_on__gte=day - TRIP_MEMORY)
    trips = trips.annotate(unresolved=Count("targets", filter=unresolved)).filter(unresolved__gt=0)
    return trips.select_related("leader", "created_by", "unit")


def _remind_trip(trip, at):
    person = trip.leader or trip.created_by
    for reader in [person] if person.is_active else responsible(trip.unit):
        notify(
            reader,
            kind=Notification.Kind.DIGEST,
            key=f"trip:{trip.pk}",
            title=f"{trip}：{trip.unresolved} 家目标企业还没有结果",
            body="请逐家补录线索，或标明未访、无需跟进。",
            url=trip.get_absolute_url(),
            at=at,
        )
