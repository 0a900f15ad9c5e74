"""Running clocks after a change of limits or of the calendar: as if they had been wound so from the start."""

from datetime import date, timedelta

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Holiday, StageSetting
from crm.pipeline import _start_clock
from crm.workdays import Calendar
from leads.models import Lead
from projects import clocks
from projects.models import Project
from tests import make


@pytest.fixture
def running(owner):
    leads = [make.lead(owner, at=make.NOW - timedelta(days=shift)) for shift in (0, 3, 40)]
    projects = [make.project(owner, at=make.NOW - timedelta(days=shift)) for shift in (1, 9)]
    return leads, projects


def wound(records):
    """What the clock of each record would be had it been started now (crm.pipeline)."""
    dates = []
    for record in records:
        _start_clock(record, record.entered_at, Calendar.load())
        dates.append((record.limit_on, record.red_on))
    return dates


def stored(records):
    rows = {row.pk: row for row in type(records[0]).objects.all()}
    return [(rows[record.pk].limit_on, rows[record.pk].red_on) for record in records]


def test_a_new_limit_winds_every_record_of_the_stage_as_the_pipeline_would(running):
    leads, projects = running
    StageSetting.objects.filter(pk="lead").update(limit_days=12, red_after_days=3)
    untouched = stored(projects)
    assert clocks.rewind("lead") == 3
    assert stored(leads) == wound(leads)
    assert stored(projects) == untouched


def test_a_limit_taken_away_stops_the_clock(running):
    _, projects = running
    StageSetting.objects.filter(pk="negotiating").update(limit_days=None)
    assert clocks.rewind("negotiating") == 2
    assert stored(projects) == [(None, None)] * 2


def test_a_second_winding_changes_nothing(running):
    StageSetting.objects.filter(pk="lead").update(limit_days=12)
    clocks.rewind("lead")
    assert clocks.rewind("lead") == 0


def test_a_holiday_in_the_way_puts_off_what_it_meets(running):
    leads, projects = running
    for day in range(1, 15):
        Holiday.objects.update_or_create(
            day=date(2026, 4, 20) + timedelta(days=day), defaults={"name": "放假"}
        )
    assert clocks.rewind_all() > 0
    assert stored(leads) == wound(leads)
    assert stored(projects) == wound(projects)


def test_the_entry_counts_by_its_shanghai_day(owner):
    late = make.lead(owner, at=make.NOW.replace(hour=16, minute=30))
    StageSetting.objects.filter(pk="lead").update(limit_days=2)
    clocks.rewind("lead")
    assert stored([late]) == wound([late])


def test_the_number_of_statements_does_not_depend_on_the_number_of_records(owner):
    StageSetting.objects.filter(pk="lead").update(limit_days=12)
    costs = []
    for number in (2, 20):
        for _ in range(number):
            make.lead(owner)
        Lead.objects.update(limit_on=None)
        with CaptureQueriesContext(connection) as captured:
            clocks.rewind("lead")
        costs.append(len(captured))
    assert costs[0] == costs[1]
    assert not Project.objects.exists()
