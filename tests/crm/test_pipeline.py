"""The only way a stage changes: gates, skips, force, two clicks at once."""

import threading
from datetime import date, timedelta

import pytest

from django.db import connection

from crm.errors import NotAllowed, Refused, StaleVersion
from crm.pipeline import AlreadyMoved, MoveRefused
from crm.stages import StepRefused
from leads.models import Lead, Screening
from projects.models import Project
from projects.opening import accept
from tests import make


def codes(refusal):
    return [m.code for m in refusal.value.missing]


def test_a_lead_without_an_opinion_is_refused_and_told_exactly_what_is_missing(owner, now):
    lead = make.lead(owner)
    lead.move_to("screening", by=owner, at=now)
    with pytest.raises(MoveRefused) as refusal:
        accept(lead, by=owner, at=now)
    classified = ["sector", "chain_position", "tracks"]
    assert codes(refusal) == [*classified, *Screening.ASPECTS, "verdict"]
    lead.refresh_from_db()
    assert lead.stage == "screening"
    assert lead.changes.count() == 2
    assert not Project.objects.exists()


def test_a_skipped_stage_is_refused_and_leaves_no_trace(owner, now):
    project = make.project(owner)
    with pytest.raises(StepRefused) as refusal:
        project.move_to("signed", by=owner, at=now)
    assert "评审决策" in refusal.value.detail
    project.refresh_from_db()
    assert (project.stage, project.version, project.changes.count()) == ("negotiating", 1, 1)


def test_the_verdict_must_agree_with_the_step(owner, now):
    lead = make.screened(owner, verdict="reserve")
    with pytest.raises(MoveRefused) as refusal:
        accept(lead, by=owner, at=now)
    assert codes(refusal) == ["verdict"]
    lead.move_to("reserve", by=owner, at=now, reason="等二期厂房")
    assert lead.stage == "reserve"


def test_an_accepted_lead_is_a_project_with_the_same_source(owner, station, now):
    trip = make.roadshow(station)
    project = make.project(owner, roadshow=trip)
    assert project.stage == "negotiating"
    assert (project.roadshow, project.station, project.unit) == (trip, station.unit, owner.unit)
    assert project.sector.name == "智能制造"
    assert [t.code for t in project.tracks.all()] == ["ai"]
    assert project.code == "GS2026-000001"
    assert Lead.objects.get().stage == "accepted"


def test_the_gate_to_review_opens_when_everything_is_there(owner, now):
    project = make.project(owner)
    with pytest.raises(MoveRefused) as refusal:
        project.move_to("review", by=owner, at=now)
    assert codes(refusal) == ["decision_contact", "amount", "space_need", "carrier", "demands", "proposal"]
    make.ready_for_review(project, owner)
    project.move_to("review", by=owner, at=now + timedelta(days=2))
    first, second = project.changes.all()
    assert (first.left_at, first.days) == (now + timedelta(days=2), 2.0)
    assert (second.stage, second.previous, second.left_at) == ("review", "negotiating", None)


def test_an_officer_cannot_force_and_a_head_forces_with_a_reason_that_stays_visible(owner, head, now):
    project = make.project(owner)
    with pytest.raises(NotAllowed):
        project.move_to("review", by=owner, at=now, forced=True, reason="急")
    with pytest.raises(StepRefused) as refusal:
        project.move_to("review", by=head, at=now, forced=True, reason="  ")
    assert refusal.value.code == "reason_required"
    change = project.move_to("review", by=head, at=now, forced=True, reason="区长专题会已定")
    assert change.is_forced
    assert change.reason == "区长专题会已定"
    assert "没有投资额。" in change.missing


def test_a_forced_jump_keeps_the_stages_it_passed_over(owner, head, now):
    project = make.project(owner)
    change = project.move_to("registered", by=head, at=now, forced=True, reason="当天签约并注册")
    assert change.skipped == ["review", "signed"]
    back = project.move_to("negotiating", by=head, at=now, reason="登记有误", forced=True)
    assert back.skipped == []


def test_a_stranger_cannot_move_what_is_another_units(outsider, owner, now):
    lead = make.lead(owner)
    with pytest.raises(NotAllowed):
        lead.move_to("screening", by=outsider, at=now)


def test_going_back_wants_a_reason(owner, now):
    project = make.ready_for_review(make.project(owner), owner)
    project.move_to("review", by=owner, at=now)
    with pytest.raises(StepRefused):
        project.move_to("negotiating", by=owner, at=now)
    project.move_to("negotiating", by=owner, at=now, reason="条款有变")
    assert project.furthest == "review"


def test_the_clock_counts_workdays_and_skips_the_may_holiday(owner, now):
    lead = make.lead(owner, at=now.replace(day=30), met_at=None)  # Thursday before 1–5 May 2026
    assert lead.limit_on == date(2026, 5, 6)


def test_a_stale_version_is_refused(owner, now):
    lead = make.lead(owner)
    Lead.objects.filter(pk=lead.pk).update(version=7)
    with pytest.raises(StaleVersion):
        lead.move_to("screening", by=owner, at=now, version=1)


@pytest.mark.django_db(transaction=True)
def test_two_simultaneous_clicks_give_one_change_and_one_refusal(owner, teammate, now):
    lead = make.lead(owner)
    barrier = threading.Barrier(2)
    outcomes = []

    def click(by):
        mine = Lead.objects.get(pk=lead.pk)
        barrier.wait()
        try:
            outcomes.append(mine.move_to("screening", by=by, at=now))
        except Refused as refusal:
            outcomes.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=[by]) for by in (owner, teammate)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(one).__name__ for one in outcomes) == [AlreadyMoved.__name__, "LeadStageChange"]
    assert lead.changes.count() == 2
