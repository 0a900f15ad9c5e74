"""The demo shows what a year leaves: other names, steps ahead of the gate, losses and who won them."""

import pytest

from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F

from crm.models import AuditEvent, Company, Fact, User
from leads.models import Conflict, Handover, Lead, PoolEntry
from projects.demo import story
from projects.demo.dealings import UNANSWERED
from projects.demo.doubts import Doubts
from projects.demo.people import make_people
from projects.models import Project, ProjectStageChange
from tests import make

FATES = {"negotiating": 1, "review": 1, "signed": 8, "registered": 6, "lost": 6}


@pytest.fixture(scope="module")
def small():
    """A year of fewer companies, most of which become projects, told in the same way."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(story, "TRIPS", [(*story.TRIPS[0][:-1], 16)])
        monkeypatch.setattr(story, "OTHER_LEADS", 12)
        monkeypatch.setattr(story, "FATE", [("lead", 1), ("accepted", 5)])
        monkeypatch.setattr(story, "PROJECT_FATE", FATES)
        yield


@pytest.fixture(scope="module")
def year(module_db, small):
    """The year stands in the tables; told once before, it left the values returned."""
    make_people(None)
    with transaction.atomic():
        story.Story(make.NOW).tell()
        before = told()
        transaction.set_rollback(True)
    story.Story(make.NOW).tell()
    return before


def test_firms_are_found_by_their_brand_and_by_their_former_name(as_, year):
    client = as_(User.objects.get(username="manager"))
    for one in (
        Lead.objects.exclude(company__brand="").first(),
        Lead.objects.filter(company__former_names__len__gt=0).first(),
    ):
        for word in filter(None, (one.company.brand, *one.company.former_names)):
            assert word not in one.title
            found = client.get("/leads/", {"q": word}).context["page"].rows
            assert one.pk in [lead.pk for lead in found], word
    project = Project.objects.exclude(company__brand="").first()
    found = client.get("/projects/", {"q": project.company.brand}).context["page"].rows
    assert project.pk in [row.pk for row in found]
    assert Company.objects.filter(former_names__len__gt=0).count() == 28 // 9


def test_some_steps_were_forced_and_their_trace_is_on_the_page(as_, year):
    forced = list(ProjectStageChange.objects.filter(is_forced=True).select_related("project"))
    assert len(forced) >= 2
    assert AuditEvent.objects.filter(action="force_move").count() == len(forced)
    for change in forced:
        assert change.by.role in ("head", "manager")
        page = as_(User.objects.get(username="auditor")).get(change.project.get_absolute_url())
        assert f"理由：{change.reason}" in page.content.decode()
        assert change.missing[0] in page.content.decode()


def test_lost_projects_say_why_and_some_which_city_won(year):
    lost = Project.objects.filter(stage="lost")
    assert lost.count() >= 3
    assert not lost.filter(loss_reason=None).exists()
    elsewhere = lost.exclude(winning_city="")
    assert set(elsewhere.values_list("loss_reason__code", flat=True)) == {"other_city"}


def test_most_introducers_heard_in_time_and_few_wait(year):
    introduced = Lead.objects.exclude(feedback_due_on=None)
    late = introduced.filter(fed_back_on=None, feedback_due_on__lt=make.NOW.date())
    assert late.count() <= UNANSWERED < introduced.exclude(fed_back_on=None).count()
    assert not introduced.filter(fed_back_on__gt=F("feedback_due_on")).exists()


def test_the_same_day_tells_the_same_year(year, db):
    assert told() == year


def told():
    """What a telling left, as values."""
    leads = Lead.objects.order_by("pk").values_list(
        "title",
        "stage",
        "created_at",
        "entered_at",
        "amount_wan",
        "company__brand",
        "company__former_names",
    )
    moves = ProjectStageChange.objects.order_by("pk").values_list(
        "project__code", "stage", "entered_at", "reason", "is_forced", "missing"
    )
    cases = Conflict.objects.order_by("pk").values_list("title", "verdict", "opened_at")
    offers = Handover.objects.order_by("pk").values_list("lead__title", "to_unit__code", "state")
    pooled = PoolEntry.objects.order_by("pk").values_list("lead__title", "entered_at", "taken_at")
    heard = Lead.objects.order_by("pk").values_list("feedback_due_on", "fed_back_on")
    return [list(rows) for rows in (leads, moves, cases, offers, pooled, heard)]


def test_sources_disagree_some_of_it_is_decided_and_leads_are_known(year):
    with transaction.atomic():
        Doubts(make.NOW, User.objects.order_by("pk")).tell()
        assert Fact.objects.contested().exists()
        assert Fact.objects.in_use().exclude(chosen_at=None).exists()
        assert Fact.objects.exclude(withdrawn_at=None).count() == 1
        assert Lead.objects.filter(project=None, company__facts__isnull=False).distinct().count() > 3
        transaction.set_rollback(True)


@pytest.mark.parametrize("command", [("demo", "--password", "Xihu-2026-demo"), ("bulk_demo", "--leads", "5")])
def test_nothing_is_invented_in_production(db, settings, command):
    """The accounts of the demo are known to everybody, one of them an administrator's."""
    settings.PRODUCTION = True
    there = User.objects.count(), Lead.objects.count()
    with pytest.raises(CommandError, match="生产环境"):
        call_command(*command)
    assert (User.objects.count(), Lead.objects.count()) == there
