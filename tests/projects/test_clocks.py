"""Running clocks after a change of limits or of the calendar: as if they had been wound so from the start."""

from datetime import date, timedelta

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Holiday, Setting, StageSetting
from crm.pipeline import CLOCK, set_clock
from leads.follow_up import FollowUp, log_visit
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
    for record in records:
        set_clock(record)
    return [ladder_of(record) for record in records]


def ladder_of(record):
    return tuple(getattr(record, name) for name in CLOCK)


def stored(records):
    rows = {row.pk: row for row in type(records[0]).objects.all()}
    return [ladder_of(rows[record.pk]) for record in records]


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
    assert stored(projects) == [(None, None, None)] * 2


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
    evening = make.NOW.replace(hour=16, minute=30)
    late = make.lead(owner, at=evening)
    StageSetting.objects.filter(pk="lead").update(limit_days=2)
    clocks.rewind("lead")
    assert stored([late]) == wound([late])


def test_an_unanswered_lead_has_a_day_and_an_answered_one_the_time_of_its_stage(owner):
    asked, met = make.lead(owner, met_at=None), make.lead(owner)
    assert (asked.limit_on, asked.blue_on) == (date(2026, 4, 21), None)
    assert met.limit_on == date(2026, 6, 25)  # 45 workdays, five of them lost to May and Dragon Boat
    assert met.blue_on == date(2026, 6, 18)
    Setting.objects.create(key="first_response_days", value=3)
    assert clocks.rewind_all() == 1
    assert stored([asked, met]) == wound([asked, met])
    assert stored([asked])[0][1] == date(2026, 4, 23)


def test_the_first_contact_gives_the_lead_the_time_of_its_stage(owner):
    lead = make.lead(owner, met_at=None)
    call = FollowUp("call", "电话联系", "约企业来访", date(2026, 5, 8), make.NOW)
    log_visit(lead, call, by=owner, at=make.NOW)
    assert stored([lead])[0][1] == date(2026, 6, 25)


def test_a_major_one_has_longer_to_be_judged(owner):
    small, major = make.lead(owner), make.lead(owner, amount_wan=100_000)
    for lead in (small, major):
        lead.move_to("screening", by=owner, at=make.NOW)
    assert [small.limit_on, major.limit_on] == [date(2026, 4, 23), date(2026, 4, 27)]
    Lead.objects.update(limit_on=None)
    assert clocks.rewind("screening") == 2
    assert stored([small, major]) == wound([small, major])


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


def test_a_rule_number_changed_in_the_settings_winds_running_clocks_at_once(as_, admin_user, running):
    leads, _ = running
    before = stored(leads)
    notice = {"key": "pre_reminder_days", "value": 3}
    page = as_(admin_user).post("/admin/crm/setting/add/", notice, follow=True)
    assert "条在办记录的到期日" in page.content.decode()
    assert stored(leads) == wound(leads) != before
