"""Who must be told today: what is due on leads (and on the projects they become), and trips left open."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    Value,
    When,
)

from crm import roles
from crm.models import Notification, User
from crm.notifications import notify, responsible
from crm.numbers import number
from crm.workdays import Calendar, shanghai_day
from leads.models import Lead, Roadshow
from leads.models.leads import UNANSWERED

CONTACT, RESPONSE, STAGE, REPORT = "contact", "response", "stage", "report"  # the rules
FEEDBACK = "feedback"
DUE, BLUE, YELLOW, RED, SUPERVISE = "due", "blue", "yellow", "red", "supervise"  # the levels
CHUNK = 2000
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
    leader_id: int | None = None


@dataclass(frozen=True)
class Ladder:
    """The days that part the levels on `day` (domain §1.9): a limit up to one of them has reached its level,
    for it is so many workdays over.

    The red day of a stage limit is stored with it, for every stage has its own.
    """

    day: date
    red_upto: date
    supervise_upto: date

    @classmethod
    def of(cls, day, calendar):
        """The ladder of `day`; 红灯 and 督办 begin on the day that is so many workdays past a limit."""
        supervise_upto = calendar.before(day, number("supervision_after_days"))
        return cls(day, calendar.before(day, number("red_after_days")), supervise_upto)


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


def near_limit(records, day, told, title="title"):
    """Reminders for open records whose limit comes near: 蓝灯."""
    rows = records.blue(day).annotate(
        rule=Value(STAGE, CharField()),
        level=Value(BLUE, CharField()),
        due=F("limit_on"),
        since=F("limit_on"),
    )
    return _stream(rows, told, title)


def past_limit(records, ladder, told, title="title"):
    """Reminders for open records past the limit of their stage, in the same order: 黄灯, 红灯, 督办.

    An unanswered lead is reminded of its first response, for that is the clock it runs on.
    """
    is_red = Q(red_on__lte=ladder.day)
    is_supervised = Q(limit_on__lte=ladder.supervise_upto)
    level = Case(
        When(is_supervised, then=Value(SUPERVISE)),
        When(is_red, then=Value(RED)),
        default=Value(YELLOW),
        output_field=CharField(),
    )
    due = Case(When(~is_supervised & is_red, then=F("red_on")), default=F("limit_on"))
    rows = records.yellow(ladder.day).annotate(
        rule=_rule_of_limit(records), level=level, due=due, since=F("limit_on")
    )
    return _stream(rows, told, title)


def _rule_of_limit(records):
    if records.model is not Lead:
        return Value(STAGE, CharField())
    return Case(When(UNANSWERED, then=Value(RESPONSE)), default=Value(STAGE), output_field=CharField())


def report_due(records, ladder, told, title="title"):
    """Reminders for `records` whose `report_due_on` comes near or is past: the whole ladder.

    An interval (`report_interval`) no longer than the notice has no 蓝灯, or it would never go out.
    """
    notice = number("pre_reminder_days")
    is_near = Q(report_due_on__lte=ladder.day + timedelta(days=notice), report_interval__gt=notice)
    due = F("report_due_on")
    rows = records.filter(Q(report_due_on__lt=ladder.day) | is_near)
    rows = rows.annotate(
        rule=Value(REPORT, CharField()), level=_level("report_due_on", ladder), due=due, since=due
    )
    return _stream(rows, told, title)


def _level(limit, ladder):
    """The level of a clock whose red day is not stored: by workdays past the column `limit`."""
    return Case(
        When(**{f"{limit}__lte": ladder.supervise_upto}, then=Value(SUPERVISE)),
        When(**{f"{limit}__lte": ladder.red_upto}, then=Value(RED)),
        When(**{f"{limit}__lt": ladder.day}, then=Value(YELLOW)),
        default=Value(BLUE),
        output_field=CharField(),
    )


def feedback_due(leads, ladder, told):
    """Reminders for `leads` whose introducer waits for a 回音: the whole ladder, in workdays past its day.

    A clock no longer than the notice has no 蓝灯, or it would be lit from the first day, as for the stages.
    """
    notice = number("pre_reminder_days")
    horizon = timedelta(days=notice if number("feedback_days") > notice else -1)
    level = _level("feedback_due_on", ladder)
    rows = leads.owing_feedback().filter(feedback_due_on__lte=ladder.day + horizon)
    due = F("feedback_due_on")
    rows = rows.annotate(rule=Value(FEEDBACK, CharField()), level=level, due=due, since=due)
    return _stream(rows, told, "title")


def _stream(rows, told, title):
    """The annotated rows as Reminders, by a server-side cursor: memory does not grow with their number."""
    known = told.filter(rule=OuterRef("rule"), level=OuterRef("level"), due_on=OuterRef("due"))
    values = rows.annotate(is_told=Exists(known)).order_by("is_told", "since", "pk")
    fields = ("pk", title, "stage", "unit_id", "station_id", "owner_id", "next_step")
    fields += ("rule", "level", "due", "since", "is_told", "leader_id")
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
        self.leaders = [person.pk for person in people if person.role == roles.LEADER]

    def of(self, reminder):
        """Who is told, nobody twice: the owner; from 黄灯 on the head too; of 督办 also the bureau and the
        leader linked to the record, or all leaders where none is.

        Where no owner is reached, the head is told of everything, and without a head the bureau.
        """
        heads = self.heads.get(reminder.unit_id, [])
        people = [reminder.owner_id] if self._reaches_owner(reminder) else heads or self.bureau
        if reminder.level in (YELLOW, RED, SUPERVISE):
            people = [*people, *heads]
        if reminder.level == SUPERVISE:
            linked = [reminder.leader_id] if reminder.leader_id in self.leaders else self.leaders
            people = [*people, *self.bureau, *linked]
        return list(dict.fromkeys(people))

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
    """Tell who led a trip, once, of target companies without a result `trip_grace_days` after the return."""
    day, calendar, grace = shanghai_day(at), Calendar.load(), number("trip_grace_days")
    for trip in _trips_left_open(day):
        if calendar.between(trip.ends_on, day) >= grace:
            _remind_trip(trip, at)


def _trips_left_open(day):
    trips = Roadshow.objects.filter(is_cancelled=False, ends_on__lt=day, ends_on__gte=day - TRIP_MEMORY)
    return trips.with_unresolved().filter(unresolved__gt=0).select_related("leader", "created_by", "unit")


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
