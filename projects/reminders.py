"""The morning scan: one digest per person and Shanghai day, over leads and projects together."""

from datetime import datetime, time
from functools import cached_property
from heapq import merge
from operator import attrgetter

from django.db import connection, transaction
from django.db.models import OuterRef
from django.urls import reverse

from crm.bell import ring
from crm.models import Notification, Preference, StageSetting
from crm.notifications import DELIVER
from crm.workdays import SHANGHAI, Calendar, shanghai_day
from leads.models import Lead
from leads.reminders import (
    BLUE,
    CHUNK,
    CONTACT,
    DUE,
    FEEDBACK,
    RED,
    REPORT,
    RESPONSE,
    STAGE,
    SUPERVISE,
    YELLOW,
    Ladder,
    Readers,
    contact_due,
    feedback_due,
    near_limit,
    past_limit,
    report_due,
)
from projects.models import Project, ReminderSent
from projects.reporting import owing_reports

LISTED = 30  # records listed per kind; the rest are a number
BATCH = 200
WORDS = {SUPERVISE: "督办", RED: "红灯", YELLOW: "黄灯", DUE: "到期联系", BLUE: "蓝灯"}
OVERDUE = {
    STAGE: "超过阶段时限",
    RESPONSE: "没有首次响应，超过",
    REPORT: "没有汇报进展，超过",
    FEEDBACK: "没有给引荐人回音，超过",
}
LIMITS = {STAGE: "阶段时限", REPORT: "汇报期限", FEEDBACK: "回音期限"}
PAGES = {"lead": "leads:detail", "project": "projects:detail"}
SCAN_LOCK = 7302  # any number of our own: one scan at a time
LOG = f"COPY {ReminderSent._meta.db_table} (lead_id, project_id, rule, level, due_on, user_id, at) FROM STDIN"


class Digest:
    """What one person is told: counts per kind, and the first records of each kind."""

    def __init__(self):
        self.counts = dict.fromkeys(WORDS, 0)
        self.items = {kind: [] for kind in WORDS}
        self.told = 0

    def add(self, reminder, describe):
        """Count the reminder; list it while there is room. The untold come first in the stream."""
        self.counts[reminder.level] += 1
        self.told += reminder.is_told
        if len(self.items[reminder.level]) < LISTED:
            self.items[reminder.level].append(describe(reminder))

    def title(self):
        parts = [f"{WORDS[kind]} {count}" for kind, count in self.counts.items() if count]
        return f"今日提醒：{'，'.join(parts)}"

    def body(self):
        return f"其中 {self.told} 项之前已提醒，仍未处理。" if self.told else ""

    def entries(self):
        """The items of the message: 红灯, 黄灯, 到期联系, each list closed by the number beyond it."""
        return [entry for kind in WORDS for entry in (*self.items[kind], *self._beyond(kind))]

    def _beyond(self, kind):
        beyond = self.counts[kind] - len(self.items[kind])
        if not beyond:
            return []
        title = f"另有 {beyond} 项{WORDS[kind]}，请到工作台查看"
        more = {"kind": kind, "record": "more", "id": None, "title": title, "days": None}
        return [{**more, "url": reverse("home")}]


class Scan:
    """One run of the scan: the day, the calendar and the people, loaded once.

    Those who chose a time of their own are told when it has come; `is_morning` says that the others are, too.
    """

    def __init__(self, at, *, is_morning=True):
        self.at, self.is_morning = at, is_morning
        self.day = shanghai_day(at)
        self.key = f"digest:{self.day:%Y-%m-%d}"
        self.readers = Readers()
        self.calendar = Calendar.load()
        self.ladder = Ladder.of(self.day, self.calendar)
        settings = list(StageSetting.objects.all())
        self.stages = {one.code: one.label for one in settings}
        self.stalling = {one.code for one in settings if one.is_restarted_by_progress}
        self.begin = datetime.combine(self.day, time.min, tzinfo=SHANGHAI)
        self.told = ReminderSent.objects.all()
        self.done = set(Notification.objects.filter(key=self.key).values_list("user_id", flat=True))
        self.digests = {}
        self._workdays = {}

    @cached_property
    def own_times(self):
        """Who chose a time, of whom those in `due` are waiting."""
        return set(Preference.objects.values_list("user_id", flat=True))

    @cached_property
    def due(self):
        return set(waiting_digests(self.at).values_list("user_id", flat=True))

    @cached_property
    def logged(self):
        """What an earlier scan of the day has written down."""
        return set(_log_of(ReminderSent.objects.filter(at__gte=self.begin)))

    def run(self):
        """Compose and write everything; returns the number of digests.

        What was told of earlier on the same day, to somebody with an earlier time, is as new to the next.
        """
        self.told = ReminderSent.objects.filter(at__lt=self.begin)
        news = []
        for reminder in self.reminders():
            readers = [pk for pk in self.readers.of(reminder) if self.is_turn_of(pk)]
            for pk in readers:
                self.digests.setdefault(pk, Digest()).add(reminder, self.describe)
            if readers and not reminder.is_told and _place(reminder) not in self.logged:
                news.append(self._log_row(reminder, readers[0]))
            if len(news) >= CHUNK:
                _copy(news)
                news = []
        _copy(news)
        self._write_digests()
        waiting_digests(self.at).update(digested_on=self.day)
        return len(self.digests)

    def is_turn_of(self, pk):
        """Whether this run tells the person: not told today, and the time has come that is theirs."""
        if pk in self.done:
            return False
        return pk in self.due if pk in self.own_times else self.is_morning

    def describe(self, reminder):
        """One item of a digest, ready to be shown: words, days over, next step and link."""
        return {
            "kind": reminder.level,
            "record": reminder.record,
            "id": reminder.pk,
            "title": reminder.title,
            "stage": self.stages.get(reminder.stage, reminder.stage),
            "owner": self.readers.name(reminder.owner_id),
            "days": self.days_over(reminder),
            "due_on": f"{reminder.since:%Y-%m-%d}",
            "text": self.sentence(reminder),
            "next_step": reminder.next_step,
            "is_repeated": reminder.is_told,
            "url": reverse(PAGES[reminder.record], args=[reminder.pk]),
        }

    def days_over(self, reminder):
        """Calendar days since the contact date; workdays since a limit, below 0 while it lies ahead."""
        if reminder.rule == CONTACT:
            return (self.day - reminder.since).days
        if reminder.level == BLUE:
            return -self.calendar.between(self.day, reminder.since)
        if reminder.since not in self._workdays:
            self._workdays[reminder.since] = self.calendar.between(reminder.since, self.day)
        return self._workdays[reminder.since]

    def sentence(self, reminder):
        """What is the matter, in words with their unit."""
        days = self.days_over(reminder)
        if reminder.level == BLUE:
            limit = LIMITS[reminder.rule]
            return f"离{limit}还有 {-days} 个工作日" if days else f"今天到{limit}"
        if reminder.rule == CONTACT:
            late = f"约定联系日已过 {days} 天" if days else "约定今天联系"
        else:
            late = lateness(reminder.rule, days, is_stall=reminder.stage in self.stalling)
        return f"{late}，仍未处理" if reminder.is_told else late

    def reminders(self, leads=None, projects=None):
        """The reminders of the day for these records (None: all), the untold first, then the longest waiting.

        A suspended project has none.
        """
        told_leads = self.told.filter(lead=OuterRef("pk"))
        told_projects = self.told.filter(project=OuterRef("pk"))
        leads = Lead.objects.all() if leads is None else leads
        projects = (Project.objects.all() if projects is None else projects).filter(suspended_until=None)
        return merge(
            past_limit(leads, self.ladder, told_leads),
            past_limit(projects, self.ladder, told_projects, title="name"),
            contact_due(leads, self.day, told_leads),
            contact_due(projects, self.day, told_projects, title="name"),
            report_due(owing_reports(projects), self.ladder, told_projects, title="name"),
            feedback_due(leads, self.ladder, told_leads),
            near_limit(leads, self.day, told_leads),
            near_limit(projects, self.day, told_projects, title="name"),
            key=attrgetter("is_told", "since"),
        )

    def _log_row(self, reminder, reader):
        return *_place(reminder), reader, self.at

    def _write_digests(self):
        rows = [
            Notification(
                user_id=pk,
                kind=Notification.Kind.DIGEST,
                key=self.key,
                title=digest.title(),
                body=digest.body(),
                items=digest.entries(),
                url=reverse("home"),
                created_at=self.at,
            )
            for pk, digest in sorted(self.digests.items())
        ]
        Notification.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)


def waiting_digests(at):
    """The wishes of those whose own time has come by `at`, and for whom no scan ran on that day."""
    there = at.astimezone(SHANGHAI)
    come = Preference.objects.filter(digest_at__lte=there.time())
    return come.exclude(digested_on=there.date())


def lateness(rule, days, *, is_stall):
    """How late it is, in the words of every reminder and order: 「超过阶段时限 8 个工作日」.

    `is_stall` says that the stage counts from the last progress: past its limit nothing went on (§1.4).
    """
    late = f"{OVERDUE[rule]} {days} 个工作日"
    return f"没有新进展，{late}" if is_stall and rule == STAGE else late


def _place(reminder):
    """What the log knows a reminder by: lead, project, rule, level and day."""
    lead = reminder.pk if reminder.record == "lead" else None
    project = reminder.pk if reminder.record == "project" else None
    return lead, project, reminder.rule, reminder.level, reminder.due_on


def _log_of(rows):
    return rows.values_list("lead_id", "project_id", "rule", "level", "due_on")


def _copy(rows):
    """Write log rows several times as fast as bulk_create; only a scan writes them, and it holds its lock."""
    with connection.cursor() as cursor, cursor.copy(LOG) as copy:
        for row in rows:
            copy.write_row(row)


def morning_scan(at):
    """Tell everybody, once on the Shanghai day of `at`, what is due, 黄灯 and 红灯; returns how many digests.

    Digests and log commit together: a scan that dies leaves nothing and may be run again. A second scan
    of the day waits for the first and then finds everybody told. Who chose a later time waits for it.
    """
    return _scan(at, is_morning=True)


def own_times_scan(at):
    """Tell those who chose a time of their own, which has come by `at`; the same scan, and as often: once.

    Nothing is looked at on a day that is not worked, or when nobody's time has come.
    """
    if not Calendar.load().is_workday(shanghai_day(at)) or not waiting_digests(at).exists():
        return 0
    return _scan(at, is_morning=False)


@transaction.atomic
def _scan(at, *, is_morning):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = 0")  # a scan may take longer than a request may wait
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SCAN_LOCK])
    written = Scan(at, is_morning=is_morning).run()
    ring(DELIVER)
    return written
