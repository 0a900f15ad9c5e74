"""The demo's agreements, commitments and receipts: every state is there, and they keep to the rules."""

from decimal import Decimal

import pytest

from django.core.management import call_command
from django.utils import timezone

from crm.models import FieldChange
from crm.workdays import shanghai_day
from projects.commitments import keeping
from projects.demo import story
from projects.models import Agreement, Commitment, Project, Receipt
from projects.receipts import total

pytestmark = pytest.mark.django_db


def told():
    """What stands in the tables, without what differs between two runs (numbers and times)."""
    rows = Commitment.objects.order_by("agreement__number", "due_on", "item")
    return list(rows.values_list("agreement__number", "item", "due_on", "outcome", "actual"))


def test_the_demo_shows_every_state_and_breaks_no_rule(monkeypatch):
    """All projects of the demo, with the leads that became none left out."""
    monkeypatch.setattr(story, "TRIPS", [(*trip[:-1], 15) for trip in story.TRIPS])
    monkeypatch.setattr(story, "OTHER_LEADS", 30)
    monkeypatch.setattr(story, "FATE", [("lead", 1), ("accepted", 9)])
    call_command("demo", password="Grand-canal-2026")
    today = shanghai_day(timezone.now())
    assert Project.objects.count() == story.PROJECTS
    assert not FieldChange.objects.exists()  # a year written within seconds is no history
    kept = keeping(Commitment.objects.all(), today)
    assert all(kept.counts[state] for state in Commitment.State)
    assert {row.kind for row in Agreement.objects.all()} >= {"framework", "investment", "supplement"}
    assert Agreement.objects.filter(kind="investment", counted_on=None).count() < Agreement.objects.count()
    assert Receipt.objects.exists()
    for project in Project.objects.filter(receipts__isnull=False).distinct():
        assert Decimal(0) < total(project) <= project.amount_wan
    assert told()
