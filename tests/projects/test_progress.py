"""在谈 counts from the last progress: what goes on is no stall, whatever the weeks; other stages count on."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from django.urls import reverse

from crm.models import Notification, StageSetting
from crm.pipeline import CLOCK, set_clock
from crm.workdays import SHANGHAI
from leads.follow_up import FollowUp, log_visit
from leads.models import Lead
from projects import clocks
from projects.models import Project, Suspension
from projects.reminders import morning_scan
from projects.supervising import issue_overdue
from projects.suspending import resume_due, suspend
from tests import make

PAGE = (Path(__file__).parents[2] / "docs" / "stages.md").read_text(encoding="utf-8")
NOTHING = "—"
WEEK = timedelta(days=7)


def noon(text):
    return datetime.combine(date.fromisoformat(text), time(12), SHANGHAI)


def talk(record, at, told_at=None, by=None):
    """An effective follow-up on `record`, a lead or a project."""
    lead, told_at = getattr(record, "lead", record), told_at or at
    said = FollowUp("out", "谈了选址和政策", "寄送方案", told_at.date() + WEEK, at)
    log_visit(lead, said, by=by or record.owner, at=told_at, target=record)


def stored(record):
    row = type(record).objects.get(pk=record.pk)
    return tuple(getattr(row, name) for name in CLOCK)


def wound(record):
    row = type(record).objects.get(pk=record.pk)
    set_clock(row)
    return tuple(getattr(row, name) for name in CLOCK)


def examples():
    lines = PAGE.split("## 线索的闸口")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [row for row in rows if len(row) == 5 and row[0].isdigit()]


def happenings(talks, pause):
    """(day, what) in order of time; a talk told of late comes after the one before it on the page."""
    found, latest = [], ""
    for day in [] if talks == NOTHING else talks.split("、"):
        latest = max(latest, day)
        found.append((latest, "talk", day))
    if pause != NOTHING:
        start, end = pause.split("—")
        found += [(start, "suspend", end), (end, "resume", end)]
    return sorted(found, key=lambda one: one[0])


@pytest.mark.parametrize("row", examples(), ids=lambda row: " ".join(row[:4]))
def test_an_example_of_the_page_is_true(row, owner):
    days, entered, talks, pause, limit = row
    StageSetting.objects.filter(pk="negotiating").update(limit_days=int(days))
    project = make.project(owner, at=noon(entered))
    for day, what, of in happenings(talks, pause):
        project.refresh_from_db()
        if what == "talk":
            talk(project, noon(of), noon(day))
        elif what == "suspend":
            suspend(project, until=date.fromisoformat(of), reason="等土地", by=owner, at=noon(day))
        else:
            resume_due(datetime.combine(date.fromisoformat(of), time(), SHANGHAI))
    assert f"{stored(project)[1]}" == limit
    assert stored(project) == wound(project)


def test_there_are_examples():
    assert len(examples()) == 7


def test_the_page_says_from_when_every_stage_counts(db):
    rows = [line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("| `")]
    said = {row[0].strip(" `"): row[3].strip() for row in rows if len(row) == 5}
    words = {True: "最近有效跟进", False: "进入阶段"}
    for setting in StageSetting.objects.all():
        expected = words[setting.is_restarted_by_progress] if setting.limit_days else ""
        assert said[setting.code] == expected


def test_a_project_visited_every_week_is_no_stall_after_twelve_of_them(as_, owner, freeze):
    project = make.project(owner, at=make.NOW)
    for week in range(1, 13):
        at = make.NOW + week * WEEK
        freeze(at)
        said = {
            "visit-kind": "call",
            "visit-content": "谈了条款",
            "visit-next_step": "再谈",
            "visit-next_on": f"{(at + WEEK).date()}",
        }
        assert as_(owner).post(reverse("projects:visit", args=[project.pk]), said).status_code == 302
    morning = (make.NOW + timedelta(days=85)).replace(hour=0, minute=30)
    assert issue_overdue(morning) == 0
    morning_scan(morning)
    told = [item for one in Notification.objects.filter(kind="digest") for item in one.items]
    assert [item["text"] for item in told if item["record"] == "project"] == []
    project.refresh_from_db()
    assert project.entered_at == make.NOW


def test_silent_after_its_last_visit_it_is_one_and_both_say_so(owner, head):
    project = make.project(owner, at=make.NOW)
    talk(project, noon("2026-05-08"))
    Lead.objects.update(next_contact_on=None)
    Project.objects.update(next_contact_on=None)
    morning = noon("2026-07-13")
    assert stored(project)[1] == date(2026, 6, 18)
    morning_scan(morning)
    digest = Notification.objects.get(user=head, kind="digest")
    said = next(item["text"] for item in digest.items if item["due_on"] == "2026-06-18")
    assert said.startswith("没有新进展，超过阶段时限 16 个工作日")
    issue_overdue(morning)
    assert project.orders.filter(demand__startswith="没有新进展，超过阶段时限 16 个工作日，").count() == 1


def test_progress_after_an_order_and_another_silence_is_another_matter(owner, manager):
    project = make.project(owner, at=make.NOW - timedelta(days=150))
    assert issue_overdue(make.NOW) == 2
    told_late = make.NOW - timedelta(hours=3)
    talk(project, told_late, make.NOW + timedelta(hours=3))
    later = make.NOW + timedelta(days=120)
    assert issue_overdue(later) == 0
    project.orders.update(replied_at=later, closed_at=later)
    assert issue_overdue(later) == 2
    project.orders.update(replied_at=later, closed_at=later)
    assert issue_overdue(later + timedelta(days=1)) == 0


def test_other_stages_count_from_their_entry(owner, manager):
    lead = make.lead(owner, at=make.NOW)
    before = stored(lead)
    talk(lead, noon("2026-05-08"))
    assert stored(lead) == before
    lead.refresh_from_db()
    lead.move_to("screening", by=owner, at=noon("2026-05-08"))
    before = stored(lead)
    talk(lead, noon("2026-05-09"))
    assert stored(lead) == before
    project = make.project(owner, at=make.NOW)
    project.move_to("review", by=manager, at=noon("2026-05-08"), forced=True, reason="急")
    before = stored(project)
    talk(project, noon("2026-05-12"))
    assert stored(project) == before


def test_progress_during_a_suspension_lights_no_lamp_and_leaves_the_whole_stage(owner, as_):
    project = make.project(owner, at=make.NOW)
    suspend(project, until=date(2026, 5, 18), reason="等土地", by=owner, at=noon("2026-04-22"))
    assert Suspension.objects.get().workdays_left == 28
    talk(project, noon("2026-05-07"))
    assert stored(project) == (None, None, None)
    assert Suspension.objects.get().workdays_left == 30
    assert "恢复后还剩 30 个工作日" in as_(owner).get(project.get_absolute_url()).content.decode()


def test_a_new_limit_and_a_new_calendar_count_from_the_progress_too(owner):
    visited, silent = make.project(owner, at=make.NOW), make.project(owner, at=make.NOW)
    paused = make.project(owner, at=make.NOW)
    suspend(paused, until=date(2026, 5, 18), reason="等土地", by=owner, at=noon("2026-05-12"))
    for project in (visited, paused):
        talk(project, noon("2026-05-13"))
    resume_due(noon("2026-05-18"))
    StageSetting.objects.filter(pk="negotiating").update(limit_days=12, red_after_days=3)
    assert clocks.rewind("negotiating") == 3
    assert [stored(one) for one in (visited, silent, paused)] == [
        wound(one) for one in (visited, silent, paused)
    ]
    assert stored(visited)[1] == date(2026, 5, 29)
    assert clocks.rewind_all() == 0


def test_the_administrator_decides_which_stages_count_from_progress(as_, admin_user, owner):
    lead, project = make.lead(owner, at=make.NOW), make.project(owner, at=make.NOW)
    for record in (lead, project):
        talk(record, noon("2026-05-08"))
    client = as_(admin_user)
    for code, word, days, ticked in (("lead", "线索", 45, "on"), ("negotiating", "在谈", 30, "")):
        values = {"label": word, "limit_days": days, "red_after_days": 7}
        values |= {"is_restarted_by_progress": ticked} if ticked else {}
        page = client.post(f"/admin/crm/stagesetting/{code}/change/", values, follow=True)
        assert "已按新时限重算 1 条在办记录的到期日" in page.content.decode()
    assert [stored(lead), stored(project)] == [wound(lead), wound(project)]
    assert stored(project)[1] == date(2026, 6, 3)
    assert stored(lead)[1] == date(2026, 7, 10)
