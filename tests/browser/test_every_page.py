"""The demo year as the command tells it: every state is there and keeps to the rules, and every page of the
map over it is read by everybody, in light and dark, on desk and phone."""

from decimal import Decimal

import pytest

from django.core.management import call_command
from django.utils import timezone

from config.pagemap import pages
from crm.models import FieldChange, User
from crm.workdays import shanghai_day
from projects.commitments import keeping
from projects.demo import story
from projects.models import Agreement, Commitment, Project, Receipt
from tests import pristine
from tests.browser.judging import faults

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def year(django_db_setup, django_db_blocker):
    """The whole year, committed for the server and for all tests of this module.

    All projects of the demo are there, with most of the leads that became none left out.
    """
    with pytest.MonkeyPatch.context() as monkeypatch, django_db_blocker.unblock(), pristine.standing():
        monkeypatch.setattr(story, "TRIPS", [(*trip[:-1], 15) for trip in story.TRIPS])
        monkeypatch.setattr(story, "OTHER_LEADS", 30)
        monkeypatch.setattr(story, "FATE", [("lead", 1), ("accepted", 9)])
        call_command("demo", password="Demo-2026-xihu", verbosity=0)
        yield


def test_the_demo_shows_every_state_and_breaks_no_rule(year):
    today = shanghai_day(timezone.now())
    assert Project.objects.count() == story.PROJECTS
    assert not FieldChange.objects.exists()  # a year written within seconds is no history
    kept = keeping(Commitment.objects.all(), today)
    assert all(kept.counts[state] for state in Commitment.State)
    assert {row.kind for row in Agreement.objects.all()} >= {"framework", "investment", "supplement"}
    assert Agreement.objects.filter(kind="investment", counted_on=None).count() < Agreement.objects.count()
    assert Receipt.objects.exists()
    for project in Project.objects.filter(receipts__isnull=False).distinct():
        assert Decimal(0) < project.receipts.total() <= project.amount_wan


def test_no_page_keeps_anybody_out_or_speaks_code(desk, year):
    """Each page of the map is opened once: at the desk in both themes, then on narrower screens."""
    manager = User.objects.get(username="manager")
    one, paths, found = desk(manager), pages(manager), {}
    for name, path in paths.items():
        one.open(path)
        if said := faults(one):
            found[name] = said
    assert found == {}
    assert one.troubles == []
    assert len(paths) >= 45


def test_a_page_begins_in_the_colours_the_system_asks_for(desk, year):
    one = desk(User.objects.get(username="manager"))
    for scheme in ("dark", "light"):
        one.page.emulate_media(color_scheme=scheme)
        assert one.open("/").get_attribute("html", "data-bs-theme") == scheme
