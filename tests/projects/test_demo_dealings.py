"""The demo's units contest, pass on, give up and take: one of every kind, and the pages show them."""

from datetime import timedelta
from random import Random

import pytest

from crm.models import Channel, User
from leads.models import (
    Conflict,
    ConflictEvidence,
    DuplicatePair,
    Feedback,
    Handover,
    Lead,
    Merge,
    PoolEntry,
)
from projects.demo.dealings import UNANSWERED, Dealings
from projects.demo.firms import Firms
from projects.demo.people import make_people
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def told(module_db):
    """What passes between the units over eight young leads, four of them introduced."""
    make_people(None)
    people = {person.username: person for person in User.objects.select_related("unit")}
    chamber = Channel.objects.get(code="chamber")
    for number, name in enumerate(["station", "officer", "officer2", "station_sh"] * 2):
        fields = {"channel": chamber} if number % 2 else {}
        make.lead(people[name], at=make.NOW - (5 + number) * DAY, **fields)
    Dealings(make.NOW, people.values(), Firms(Random(7))).tell()
    return people


def test_one_case_waits_one_is_kept_one_is_shared(told, as_):
    assert list(Conflict.objects.order_by("pk").values_list("verdict", flat=True)) == ["", "keep", "joint"]
    assert ConflictEvidence.objects.count() == 6
    page = as_(told["manager"]).get("/conflicts/").content.decode()
    assert Conflict.objects.get(verdict="").title in page


def test_one_hand_over_waits_one_was_accepted_one_sent_back(told, as_):
    states = list(Handover.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["pending", "accepted", "refused"]
    waiting = Handover.objects.get(state="pending")
    receiver = next(p for p in told.values() if p.unit_id == waiting.to_unit_id and p.role == "head")
    assert waiting.lead.title in as_(receiver).get("/handovers/").content.decode()


def test_the_pool_holds_three_and_the_taken_one_is_followed_up(told, as_):
    assert PoolEntry.objects.waiting().count() == 3
    (taken,) = PoolEntry.objects.exclude(taken_at=None)
    assert taken.followed_up_at
    assert taken.lead.owner == taken.taken_by
    page = as_(told["officer2"]).get("/leads/pool/").content.decode()
    assert all(entry.lead.title in page for entry in PoolEntry.objects.waiting())


def test_one_pair_waits_for_its_verdict_and_one_was_merged(told, as_):
    assert DuplicatePair.objects.open().filter(level="L2").count() == 1
    merge = Merge.objects.get()
    assert merge.merged.merged_into == merge.kept
    page = as_(told["officer"]).get("/duplicates/?show=sure").content.decode()
    assert DuplicatePair.objects.get(verdict="", level="L2").one.title in page


def test_the_oldest_introducers_heard_and_the_newest_wait(told):
    introduced = Lead.objects.exclude(feedback_due_on=None).order_by("feedback_due_on", "pk")
    past = [lead for lead in introduced if lead.feedback_due_on < make.NOW.date()]
    assert [lead.fed_back_on is None for lead in past] == [False] * (len(past) - UNANSWERED) + [
        True
    ] * UNANSWERED
    assert Feedback.objects.count() == len(past) - UNANSWERED == 1
