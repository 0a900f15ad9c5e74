"""Random histories: whatever people and the schedule do in whatever order, these things stay true.

Every example tells one history over a few leads of two units, day by day; after every deed all of
`RULES` are asked. A deed that is refused must have changed nothing they see.
"""

import os
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from django.db import transaction
from django.db.models import Count

from crm.errors import Refused
from crm.models import Channel, Contact, LossReason, Notification, User
from leads import claims, conflicts, handover, judging, lapses, losing, merging, pool, suspecting
from leads.contacts import Person, add
from leads.follow_up import FollowUp, log_visit
from leads.losing import Loss
from leads.models import Claim, Conflict, CreditSplit, DuplicatePair, Handover, Lead, Merge, PoolEntry, Visit
from projects import losing as project_losing
from projects import suspending
from projects.models import Evidence, Project
from projects.opening import accept
from projects.reminders import morning_scan
from projects.supervising import issue_overdue
from tests import make

DAY = timedelta(days=1)
NAMES = (
    "深圳望川智能装备有限公司",
    "杭州望川智能装备有限公司",
    "上海朔风感知技术有限公司",
    "望川智能装备（苏州）",
)


class History:
    """The cast, the clock, and every deed by its name; what was written is counted beside the database."""

    def __init__(self, people, manager):
        self.people, self.manager = people, manager
        self.at = make.NOW
        self.visits = self.contacts = self.files = 0
        walk_in = Channel.objects.get(code="walk_in")
        for number, name in enumerate(NAMES):
            by = people[number % 2]
            channel = walk_in if number % 2 else Channel.objects.get(code="knock")
            make.lead(by, name, at=self.at, channel=channel, contact_name=f"联系人{number}")
            self.contacts += 1
            self.visits += 1

    def do(self, deed, which, who):
        """One deed on one lead by one person, in a transaction of its own; refusals are part of life."""
        lead = Lead.objects.order_by("pk")[which % len(NAMES)]
        person = [*self.people, self.manager][who % 3]
        self.at += DAY * (1 + which % 4)
        try:
            with transaction.atomic():
                getattr(self, deed)(lead, User.objects.get(pk=person.pk))
        except Refused:
            return

    def visit(self, lead, by):
        talk = FollowUp("call", "谈了进展", "再约", (self.at + 7 * DAY).date(), self.at)
        log_visit(lead, talk, by=by, at=self.at)
        self.visits += 1

    def know(self, lead, by):
        add(lead, Person(f"新联系人{self.contacts}"), by=by, at=self.at)
        self.contacts += 1

    def screen(self, lead, by):
        lead.move_to("screening", by=by, at=self.at, reason="继续")

    def accept(self, lead, by):
        accept(lead, by=by, at=self.at, reason="区里已定", forced=True)

    def reserve(self, lead, by):
        lead.move_to("reserve", by=by, at=self.at, reason="等时机", forced=True)

    def drop(self, lead, by):
        loss = Loss(LossReason.objects.get(code="no_interest"), "企业暂不外扩")
        losing.step(lead, "dropped", loss=loss, by=by, at=self.at, forced=True)

    def offer(self, lead, by):
        other = next(one.unit for one in self.people if one.unit_id != lead.unit_id)
        handover.hand_over(lead, to_unit=other, by=by, at=self.at, reason="载体在那里")

    def answer(self, lead, by):
        offer = Handover.objects.open().filter(lead=lead).first()
        if offer and offer.state == "approval":
            handover.approve(offer, by=self.manager, at=self.at)
        elif offer and lead.pk % 2:
            handover.accept(offer, by=by, at=self.at)
        elif offer:
            handover.refuse(offer, by=by, at=self.at, reason="没有合适的面积")

    def give_away(self, lead, by):
        pool.give(lead, by=by, at=self.at, reason="暂无精力")

    def take(self, lead, by):
        if entry := PoolEntry.objects.filter(lead=lead, taken_at=None).first():
            pool.take(entry, by=by, at=self.at)

    def contest(self, lead, by):
        conflicts.open_case(lead.title, by=by, at=self.at, reason="我方在先")

    def decide(self, lead, by):
        case = Conflict.objects.open().filter(claim__lead=lead).first()
        if case is None:
            return
        verdict, part = [("keep", 0), ("transfer", 100), ("joint", 40)][lead.pk % 3]
        shares = {case.first_unit: 100 - part, case.unit: part}
        conflicts.decide(
            case, verdict=verdict, opinion="按证据裁决", shares=shares, by=self.manager, at=self.at
        )

    def extend(self, lead, by):
        claims.extend(lead, by=by, at=self.at, reason="等土地指标")

    def judge(self, lead, by):
        suspecting.check(lead.pk, at=self.at)
        pair = DuplicatePair.objects.open().of_lead(lead.pk).first()
        if pair:
            verdict = ("different", "same")[lead.pk % 2]
            judging.judge(pair, verdict, by=by, at=self.at, kept=pair.one_id, reason="核实过")

    def merge(self, lead, by):
        other = Lead.objects.own().exclude(pk=lead.pk).order_by("pk").first()
        merging.merge(lead, other, by=by, at=self.at, reason="同一家")

    def unmerge(self, lead, by):
        judging.undo_merge(lead, by=by, at=self.at, reason="弄错了")

    def suspend(self, lead, by):
        project = Project.objects.filter(lead=lead).first()
        if project:
            until = (self.at + 20 * DAY).date()
            suspending.suspend(project, until=until, reason="等土地", by=by, at=self.at)

    def resume(self, lead, by):
        project = Project.objects.filter(lead=lead).first()
        if project:
            suspending.resume(project, by=by, at=self.at)

    def carry_on(self, lead, by):
        project = Project.objects.filter(lead=lead).first()
        if project:
            to = ("review", "negotiating")[project.stage == "review"]
            project.move_to(to, by=by, at=self.at, reason="区里已定", forced=True)

    def file(self, lead, by):
        project = Project.objects.filter(lead=lead).first()
        if project:
            make.evidence(project, "diligence", by=by, on=self.at.date())
            self.files += 1

    def lose(self, lead, by):
        project = Project.objects.filter(lead=lead).first()
        if project and project.stage == "lost":
            project.move_to(project.left_from, by=by, at=self.at, reason="企业又回来了")
        elif project:
            loss = Loss(LossReason.objects.get(code="no_interest"), "企业暂不外扩")
            project_losing.lose(project, loss, by=by, at=self.at)

    def night(self, lead, by):
        """What the schedule does, again and again at one moment: nobody is told anything another time.

        The second pass may tell what the first brought about after its turn: a project that goes on again,
        say, is near the end of its first report.
        """
        self.at += 6 * DAY
        for _ in range(2):
            self._schedule()
        told = Notification.objects.count()
        self._schedule()
        assert Notification.objects.count() == told

    def _schedule(self):
        lapses.scan(self.at)
        handover.lapse(self.at)
        pool.watch(self.at)
        pool.return_all(self.at)
        suspending.resume_due(self.at)
        conflicts.remind(self.at)
        issue_overdue(self.at)
        morning_scan(self.at)


DEEDS = [name for name in vars(History) if not name.startswith("_") and name != "do"]


def stays_add_up(history):
    """Stays follow one another without gap; their days and the pauses are the age of the record."""
    for record in (*Lead.objects.all(), *Project.objects.all()):
        stays = list(record.changes.order_by("seq"))
        assert [stay.seq for stay in stays] == list(range(1, len(stays) + 1))
        assert [stay.left_at for stay in stays[:-1]] == [stay.entered_at for stay in stays[1:]]
        assert stays[-1].left_at is None
        assert stays[-1].stage == record.stage
        closed = [stay for stay in stays if stay.left_at]
        assert all(stay.days >= 0 for stay in closed)
        spent = sum(stay.days + stay.paused_days for stay in closed)
        age = (stays[-1].entered_at - stays[0].entered_at) / DAY
        assert spent == pytest.approx(age, abs=1e-6)


def credit_is_whole(history):
    for split in CreditSplit.objects.prefetch_related("shares"):
        assert sum(share.percent for share in split.shares.all()) == 100


def a_claim_has_one_holder(history):
    """One open claim per company and key; and only a lead that stands for itself holds one."""
    held = Claim.objects.open()
    for column in ("company", "key"):
        assert not held.values(column).annotate(n=Count("pk")).filter(n__gt=1).exists()
    assert not held.filter(lead__stage__in=["dropped", "merged"]).exists()
    assert not held.filter(lead__project__stage="lost").exists()
    lying = PoolEntry.objects.filter(taken_at=None, lead__stage__in=["lead", "screening"])
    assert not held.filter(lead__in=lying.values("lead")).exists()
    assert not Lead.objects.filter(pk__in=lying.values("lead"), owner__isnull=False).exists()


def nothing_is_lost(history):
    """Every visit, contact and file is there, and where people look for it."""
    assert Visit.objects.exclude(lead__stage="merged").count() == history.visits
    assert Contact.objects.exclude(company=None).count() == history.contacts
    assert Evidence.objects.count() == history.files


def merged_leads_point_to_one_that_stands(history):
    for lead in Lead.objects.filter(stage="merged"):
        assert Merge.objects.standing().filter(merged=lead, kept=lead.merged_into_id).count() == 1
    assert not Lead.objects.exclude(stage="merged").exclude(merged_into=None).exists()


def lead_and_project_are_one_units(history):
    for project in Project.objects.select_related("lead"):
        assert project.unit_id == project.lead.unit_id


RULES = (
    stays_add_up,
    credit_is_whole,
    a_claim_has_one_holder,
    nothing_is_lost,
    merged_leads_point_to_one_that_stands,
    lead_and_project_are_one_units,
)
deeds = st.tuples(st.sampled_from(DEEDS), st.integers(0, 11), st.integers(0, 5))


@settings(
    max_examples=int(os.environ.get("HISTORIES", "8")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a history takes a second: no shrinking
)
@given(st.lists(deeds, min_size=8, max_size=24))
def test_no_history_breaks_the_rules(head, outsider, manager, history):
    boss = make.user("boss", "head", outsider.unit) if not User.objects.filter(username="boss") else None
    people = (head, boss or User.objects.get(username="boss"))
    with transaction.atomic():
        told = History(people, manager)
        for deed, which, who in history:
            told.do(deed, which, who)
            for rule in RULES:
                rule(told)
        transaction.set_rollback(True)


def test_every_deed_is_done_at_least_once_by_a_history_that_may(head, outsider, manager):
    """The deeds are not all refused: each changes something in its place."""
    people = (head, make.user("boss", "head", outsider.unit))
    told = History(people, manager)
    for which, deed in enumerate(["screen", "offer", "answer", "know", "visit", "merge", "unmerge"]):
        told.do(deed, which % 2, 2)
    assert told.visits > len(NAMES)
    assert Merge.objects.exists()
    assert told.contacts > len(NAMES)
    assert Lead.objects.filter(amount_wan=Decimal(0)).count() == 0
