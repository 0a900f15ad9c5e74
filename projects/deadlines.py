"""承诺和协议的到期提醒: both responsible people are told once before the day and once after it.

One message per person and run lists everything new to that person, so catching up after a stop is no storm.
What was told stands on the row with the due date it was told for: a moved date is told of anew.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from crm.models import Notification
from crm.notifications import notify, responsible
from crm.numbers import number
from crm.workdays import shanghai_day
from projects.models import Agreement, Commitment, Project
from projects.stages import ProjectStage

SOON, OVERDUE, ENDING = "soon", "overdue", "ending"
WORDS = {OVERDUE: "承诺已过期", SOON: "承诺将到期", ENDING: "协议将到期"}
LAMPS = {OVERDUE: "red", SOON: "due", ENDING: "due"}
LISTED = 30  # items in one message; the rest are a number


@dataclass(frozen=True)
class News:
    """One thing to tell: the row, how it stands, and the day it is about."""

    row: Commitment | Agreement
    level: str
    due_on: object

    @property
    def key(self):
        return f"{self.level}:{self.row.pk}:{self.due_on}"

    def item(self, day):
        """The entry in the message, as digests have it."""
        days = (self.due_on - day).days
        text = f"已过期 {-days} 天，请核实" if days < 0 else f"{self.due_on:%Y-%m-%d} 到期，还有 {days} 天"
        return {
            "kind": LAMPS[self.level],
            "title": f"{self.row.project}：{self.row}",
            "text": text,
            "url": self.row.get_absolute_url(),
        }


@transaction.atomic
def remind_deadlines(at):
    """Tell of everything that came near or went past and was not told of yet; returns how many messages.

    Rows are locked and marked in the transaction that writes the messages: run twice, it tells once.
    """
    day = shanghai_day(at)
    until = day + timedelta(days=number("commitment_notice_days"))
    news = [*_overdue(day), *_soon(day, until), *_ending(day, until)]
    audience, letters = Audience(news), defaultdict(list)
    for one in news:
        for person in audience.of(one):
            letters[person].append(one)
    for person, told in letters.items():
        _write(person, told, day, at)
    _mark(news)
    return len(letters)


def _open_commitments(day):
    rows = Commitment.objects.filter(outcome="").exclude(project__stage=ProjectStage.LOST).standing(day)
    people = ("project__unit", "project__owner", "owner", "partner_owner", "agreement__supervisor")
    return rows.select_related(*people).select_for_update(of=("self",))


def _overdue(day):
    rows = _open_commitments(day).filter(due_on__lt=day)
    rows = rows.filter(Q(told_overdue_for=None) | ~Q(told_overdue_for=F("due_on")))
    return [News(row, OVERDUE, row.due_on) for row in rows]


def _soon(day, until):
    rows = _open_commitments(day).filter(due_on__range=(day, until))
    rows = rows.filter(Q(told_soon_for=None) | ~Q(told_soon_for=F("due_on")))
    return [News(row, SOON, row.due_on) for row in rows]


def _ending(day, until):
    rows = Agreement.objects.filter(expires_on__range=(day, until))
    rows = rows.filter(Q(told_ending_for=None) | ~Q(told_ending_for=F("expires_on")))
    replaced = Exists(Agreement.objects.filter(supersedes=OuterRef("pk")))
    rows = rows.exclude(replaced).exclude(project__stage=ProjectStage.LOST)
    rows = rows.select_related("project__unit", "project__owner", "supervisor").select_for_update(
        of=("self",)
    )
    return [News(row, ENDING, row.expires_on) for row in rows]


class Audience:
    """Who is told of what: the people named on both sides, asked once each what they see."""

    def __init__(self, news):
        self.projects = {one.row.project_id for one in news}
        self.seen, self.heads = {}, {}

    def of(self, news):
        """The responsible of both sides who work here and see the project; without any, the unit's heads.

        Where nobody is named to watch over a promise, the heads of the unit that watches over its agreement
        do, else of the unit itself: of both sides somebody is told.
        """
        row, project = news.row, news.row.project
        if news.level == ENDING:
            named = [project.owner, *(self._responsible(row.supervisor) if row.supervisor else [])]
        else:
            watching = row.agreement.supervisor or project.unit
            named = [row.owner or project.owner]
            named += [row.partner_owner] if row.partner_owner else self._responsible(watching)
        people = {person for person in named if person and project.pk in self._sees(person)}
        return people or set(self._responsible(project.unit))

    def _sees(self, person):
        if person.pk not in self.seen:
            rows = Project.objects.visible_to(person).filter(pk__in=self.projects)
            self.seen[person.pk] = set(rows.values_list("pk", flat=True))
        return self.seen[person.pk]

    def _responsible(self, unit):
        if unit.pk not in self.heads:
            self.heads[unit.pk] = responsible(unit)
        return self.heads[unit.pk]


def _write(person, told, day, at):
    counts = {level: sum(one.level == level for one in told) for level in WORDS}
    title = "，".join(f"{WORDS[level]} {count}" for level, count in counts.items() if count)
    items = [one.item(day) for one in told[:LISTED]]
    if len(told) > LISTED:
        items.append(_beyond(len(told) - LISTED))
    digest = hashlib.sha256("|".join(one.key for one in told).encode()).hexdigest()[:32]
    single = told[0].row.get_absolute_url() if len(told) == 1 else reverse("projects:commitments")
    notify(
        person,
        kind=Notification.Kind.DIGEST,
        key=f"deadlines:{digest}",
        title=title,
        items=items,
        url=single,
        at=at,
    )


def _beyond(rest):
    url = reverse("projects:commitments")
    return {"kind": "more", "title": f"另有 {rest} 项，请到承诺列表查看", "text": "", "url": url}


def _mark(news):
    """Write on every row the due date it was told for; what is overdue needs no earlier notice any more."""
    commitments = {one.row for one in news if one.level != ENDING}
    for one in news:
        if one.level == OVERDUE:
            one.row.told_soon_for = one.row.told_overdue_for = one.due_on
        elif one.level == SOON:
            one.row.told_soon_for = one.due_on
        else:
            one.row.told_ending_for = one.due_on
    Commitment.objects.bulk_update(commitments, ["told_soon_for", "told_overdue_for"], batch_size=500)
    endings = [one.row for one in news if one.level == ENDING]
    Agreement.objects.bulk_update(endings, ["told_ending_for"], batch_size=500)
