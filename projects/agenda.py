"""The day's work of a person over leads and projects together: how many of each sort, which come first."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from django.db.models import CharField, Count, F, OuterRef, Q, Sum, Value
from django.db.models.functions import Coalesce

from crm import display, roles
from crm.together import read
from crm.workdays import CALENDAR, Calendar
from leads.models import Lead, Roadshow
from leads.stages import MAP as LEAD_MAP
from projects.models import Project
from projects.stages import LINE, MAP, ProjectStage

DAY, WEEK = timedelta(days=1), timedelta(days=7)
LISTED = 12
SHORT = 6
TRIP_SOON, TRIP_LATELY = timedelta(days=14), timedelta(days=15)
SIGNED = LINE[LINE.index(ProjectStage.SIGNED) :]
PAGES = {"lead": "leads", "project": "projects"}
WORDS = {"lead": LEAD_MAP.labels, "project": MAP.labels}
SORTS = {
    "overdue": "已逾期",
    "today": "今天到期",
    "week": "7 天内",
    "yellow": "黄灯",
    "red": "红灯",
    "no_next": "没约下次",
}
COUNTED = (*SORTS, "ahead")


@dataclass(frozen=True)
class Listing:
    """One list of the 工作台: which sorts are on it, what it is ordered by, how many of it are shown, and the
    filter that lists it in full."""

    sorts: tuple
    order: str
    most: int
    query: str


LISTS = {
    "now": Listing(("overdue", "today"), "next_contact_on", LISTED, "due=now"),
    "ahead": Listing(("ahead",), "next_contact_on", SHORT, "due=ahead"),
    "late": Listing(("yellow", "red"), "limit_on", SHORT, "light=late"),
    "red": Listing(("red",), "limit_on", LISTED, "light=red"),
    "no_next": Listing(("no_next",), "entered_at", SHORT, "no_next=1"),
}


@dataclass(frozen=True)
class Task:
    """One record that wants something done, ready to be shown."""

    record: str
    pk: int
    title: str
    stage: str
    next_on: date | None
    next_step: str
    blue_on: date | None
    limit_on: date | None
    red_on: date | None
    entered_at: datetime
    owner: str
    unit: str
    day: date
    workdays_over: int = 0

    @property
    def kind(self):
        return "线索" if self.record == "lead" else "项目"

    @property
    def light(self):
        """The lamp of the stage limit."""
        return Lead(blue_on=self.blue_on, limit_on=self.limit_on, red_on=self.red_on).light(self.day)

    @property
    def days_late(self):
        """Calendar days past the next contact date; negative when it lies ahead, None when there is none."""
        return (self.day - self.next_on).days if self.next_on else None

    @property
    def when(self):
        """The next contact in words: 逾期 3 天, 今天, 明天, 5 天后, 未定."""
        if self.days_late is None:
            return "未定"
        if self.days_late > 0:
            return f"逾期 {self.days_late} 天"
        return {0: "今天", -1: "明天"}.get(self.days_late, f"{-self.days_late} 天后")

    @property
    def over(self):
        """How long the limit of the stage is over, in workdays as in the digest: 超时限 27 个工作日."""
        if self.limit_on is None or self.limit_on >= self.day:
            return ""
        return f"超时限 {display.workdays(self.workdays_over)}" if self.workdays_over else "刚过时限"

    @property
    def reason(self):
        """Why its lamp is lit: 「研判」时限 2026-11-20，超时限 5 个工作日; "" while no limit is over."""
        return f"「{self.stage}」时限 {self.limit_on:%Y-%m-%d}，{self.over}" if self.over else ""

    @property
    def urgency(self):
        """late, today, soon or none: how the words above are coloured."""
        if self.days_late is None:
            return "none"
        return "late" if self.days_late > 0 else "soon" if self.days_late else "today"

    @property
    def page(self):
        return f"{PAGES[self.record]}:detail"


class Agenda:
    """What lies before `user` on `day`: an officer's and a station's own records, a head's whole unit,
    everything for those who see everything."""

    def __init__(self, user, day):
        self.user, self.day = user, day
        self.is_personal = user.role in {roles.OFFICER, roles.STATION}
        leads, projects = Lead.objects.visible_to(user), Project.objects.visible_to(user)
        if self.is_personal:
            leads, projects = leads.filter(owner=user), projects.filter(owner=user)
        self._projects = projects
        self._parts = {"lead": leads.open(), "project": projects.open()}
        self._listing = None

    def read(self, *names, beside=()):
        """Ask by one message for the numbers, for the lists of these names and for the querysets `beside`."""
        self._counting, self._listing = self._counted(), self._listed(names)
        read(*self._counting.values(), self._listing, CALENDAR, *beside)

    def counts(self):
        """Numbers per kind of record: every sort, `open`, `nobody` (without owner), `amount` (万元)."""
        return {name: _total(units.values()) for name, units in self._by_unit.items()}

    @cached_property
    def _by_unit(self):
        """{kind: {unit number: numbers}}."""
        found = {name: list(units) for name, units in self._counting.items()}
        return {name: {one["unit_id"]: one for one in units} for name, units in found.items()}

    @cached_property
    def _counting(self):
        return self._counted()

    def _counted(self):
        """{kind: the numbers of every unit}, counted inside the indexes lead_agenda and project_agenda."""
        wanted = {name: Count("unit_id", filter=self._condition(name)) for name in COUNTED}
        wanted |= {
            "open": Count("unit_id"),
            "nobody": Count("unit_id", filter=Q(owner=None)),
            "amount": Sum("amount_wan"),
        }
        return {
            name: rows.order_by().values("unit_id").annotate(**wanted) for name, rows in self._parts.items()
        }

    def signed(self):
        """Projects that ever reached 签约, whatever became of them but 重复: one row of `number`, `amount` in
        万元, or none of it; a queryset."""
        rows = self._projects.once().filter(furthest__in=SIGNED).order_by().annotate(every=Value(1))
        return rows.values("every").annotate(number=Count("pk"), amount=Sum("amount_wan"))

    def lists(self, *names):
        """{name: its first tasks} for lists of LISTS, both kinds together; a query unless `read`."""
        found = {name: [] for name in names}
        for name, *row in self._listing if self._listing is not None else self._listed(names):
            found[name].append(self._task(row))
        return {name: self._first(LISTS[name], tasks) for name, tasks in found.items()}

    def _listed(self, names):
        """The first rows of all these lists, by one statement."""
        parts = [
            self._part(name, kind, rows.filter(self._on(name)))
            for name in names
            for kind, rows in self._parts.items()
        ]
        return parts[0].union(*parts[1:], all=True)

    def find(self, name, kind, pk):
        """The task of one record if it stands on the list `name`, else None."""
        rows = self._parts[kind].filter(self._on(name), pk=pk)
        return next((self._task(row) for _, *row in self._part(name, kind, rows)), None)

    @staticmethod
    def _first(listing, tasks):
        column = {"next_contact_on": "next_on"}.get(listing.order, listing.order)
        return sorted(tasks, key=lambda task: (getattr(task, column), task.pk))[: listing.most]

    def red_by_unit(self, units):
        """[(unit's code, its name, leads, projects)]: red lamps per unit of `units`, (key, code, name) each;
        most first."""
        red = {
            name: {unit: found["red"] for unit, found in units.items()}
            for name, units in self._by_unit.items()
        }
        rows = [(code, name, red["lead"].get(pk, 0), red["project"].get(pk, 0)) for pk, code, name in units]
        return sorted((row for row in rows if row[2] or row[3]), key=lambda row: (-row[2] - row[3], row[1]))

    def _condition(self, sort):
        """The same words as the filters of the lists (leads/filters.py): every number opens its list."""
        day = self.day
        is_red = Q(limit_on__lt=day, red_on__lte=day)
        return {
            "overdue": Q(next_contact_on__lt=day),
            "today": Q(next_contact_on=day),
            "week": Q(next_contact_on__range=(day, day + WEEK)),
            "ahead": Q(next_contact_on__range=(day + DAY, day + WEEK)),
            "yellow": Q(limit_on__lt=day) & (Q(red_on=None) | Q(red_on__gt=day)),
            "red": is_red,
            "no_next": Q(next_contact_on=None),
        }[sort]

    def _on(self, name):
        """What stands on a list: everything of its sorts; what adjoins as one condition, for the index."""
        whole = {"now": Q(next_contact_on__lte=self.day), "late": Q(limit_on__lt=self.day)}
        return whole.get(name) or self._condition(LISTS[name].sorts[0])

    def _part(self, name, kind, rows):
        listing, title = LISTS[name], "title" if kind == "lead" else "name"
        rows = rows.order_by(listing.order, "pk")[: listing.most]
        return rows.annotate(
            where=Value(name, CharField()),
            record=Value(kind, CharField()),
            number=F("pk"),
            words=F(title),
            owner_name=Coalesce("owner__name", Value("")),
        ).values_list(
            "where", "record", "number", "words", "stage", "next_contact_on", "next_step", "blue_on",
            "limit_on", "red_on", "entered_at", "owner_name", "unit__name",
        )  # fmt: skip

    def _task(self, row):
        record, pk, title, stage, *rest = row
        task = Task(record, pk, title, WORDS[record].get(stage, stage), *rest, self.day)
        return replace(task, workdays_over=self._workdays_since(task.limit_on))

    def _workdays_since(self, limit_on):
        return self._calendar.between(limit_on, self.day) if limit_on else 0

    @cached_property
    def _calendar(self):
        return Calendar.load()


def _total(units):
    """The numbers of several units in one; an amount nobody knows stays None."""
    units = list(units)
    total = {name: sum(found[name] for found in units) for name in (*COUNTED, "open", "nobody")}
    known = [found["amount"] for found in units if found["amount"] is not None]
    return {**total, "amount": sum(known) if known else None}


def trips_about(user, day):
    """Trips under way, soon or just over, with `reported` leads and `unresolved` targets; a queryset.

    Those that have begun and of which nothing is recorded yet stand first: `is_unrecorded`.
    """
    reported = Lead.objects.visible_to(user).filter(roadshow=OuterRef("pk"))
    near = Q(starts_on__lte=day + TRIP_SOON, ends_on__gte=day - TRIP_LATELY, is_cancelled=False)
    return (
        Roadshow.objects.visible_to(user)
        .filter(near)
        .select_related("city")
        .with_unresolved()
        .annotate(reported=_number_of(reported), is_unrecorded=Q(reported=0, starts_on__lte=day))
        .order_by("-is_unrecorded", "-starts_on", "-pk")[:SHORT]
    )


def _number_of(rows):
    """A correlated count, 0 when there is none."""
    counted = rows.order_by().values("roadshow").annotate(number=Count("pk")).values("number")
    return Coalesce(counted, Value(0))
