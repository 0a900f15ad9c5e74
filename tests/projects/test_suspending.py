"""挂起: the clock stands still, nobody is reminded, and it goes on where it stopped."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from crm.errors import NotAllowed
from crm.models import LossReason, Notification, Setting, StageSetting
from crm.workdays import SHANGHAI, Calendar
from leads.follow_up import FollowUp, log_visit
from leads.lapses import scan
from leads.losing import Loss
from leads.models import Claim, ClaimWarning, Lead
from projects import clocks
from projects.losing import lose
from projects.models import Project, Suspension
from projects.models.suspensions import Suspended
from projects.reminders import Scan, morning_scan
from projects.stays import stays
from projects.suspending import (
    AlreadySuspended,
    SuspensionRefused,
    resume,
    resume_due,
    suspend,
)
from tests import make

PAGE = (Path(__file__).parents[2] / "docs" / "stages.md").read_text(encoding="utf-8")
WHY = "等待土地挂牌"


def examples():
    """The rows of the table under 挂起."""
    lines = PAGE.split("## 挂起")[1].split("\n## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return rows[2:]


def at(day, hour=10):
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime.combine(day, time(hour), SHANGHAI)


def stored(project):
    return Project.objects.get(pk=project.pk)


@pytest.fixture
def project(owner):
    """In 在谈 since Monday, 20 April, with 30 workdays."""
    return make.project(owner)


@pytest.mark.parametrize("row", examples(), ids=lambda row: " ".join(row[:4]))
def test_an_example_of_the_page_is_true(row, owner):
    days, entered, stopped, until, left, limit = row
    StageSetting.objects.filter(pk="negotiating").update(limit_days=int(days))
    project = make.project(owner, at=at(entered))
    found = suspend(project, until=date.fromisoformat(until), reason=WHY, by=owner, at=at(stopped))
    assert (found.workdays_left, stored(project).limit_on) == (int(left), None)
    assert resume_due(at(until, 0)) == 1
    assert stored(project).limit_on == date.fromisoformat(limit)


def test_there_are_examples():
    assert len(examples()) == 4


def test_while_it_stands_no_lamp_is_lit_and_nobody_is_reminded(project, owner):
    Project.objects.filter(pk=project.pk).update(next_contact_on="2026-04-21")
    Lead.objects.exclude(project=None).update(next_contact_on=None)
    StageSetting.objects.filter(pk="negotiating").update(limit_days=2)
    clocks.rewind("negotiating")
    suspend(stored(project), until=date(2026, 5, 18), reason=WHY, by=owner, at=at("2026-04-21"))
    for day in ("2026-04-28", "2026-05-15"):
        resume_due(at(day, 0))
        morning_scan(at(day))
    row = stored(project)
    assert (row.blue_on, row.limit_on, row.red_on) == (None, None, None)
    assert (row.next_contact_on, row.light(date(2026, 5, 15))) == (date(2026, 5, 18), "")
    assert not Notification.objects.exists()


def test_on_the_last_day_the_project_goes_on_and_its_owner_is_told_once(project, owner):
    suspend(project, until=date(2026, 5, 18), reason=WHY, by=owner, at=at("2026-04-21"))
    assert resume_due(at("2026-05-17", 23)) == 0
    assert [resume_due(at("2026-05-18", 0)) for _ in range(3)] == [1, 0, 0]
    row = stored(project)
    assert (row.is_suspended, row.version) == (False, 3)
    told = Notification.objects.get(user=owner)
    assert "挂起到期" in told.title
    assert f"时限 {row.limit_on}" in told.body
    morning_scan(at("2026-05-18"))
    digest = Notification.objects.get(user=owner, kind="digest")
    assert ("due", project.pk) in [(item["kind"], item["id"]) for item in digest.items]


def test_however_late_the_job_runs_the_clock_goes_on_from_the_agreed_day(project, owner):
    suspend(project, until=date(2026, 4, 27), reason=WHY, by=owner, at=at("2026-04-21"))
    resume_due(at("2026-05-08"))
    found = Suspension.objects.get()
    assert found.ended_at == at("2026-04-27", 0)
    assert stored(project).limit_on == Calendar.load().add(date(2026, 4, 27), 29)


@pytest.mark.parametrize("who", ["resume", "lose"])
def test_who_ends_a_pause_before_the_late_job_ends_it_on_the_agreed_day(project, owner, who):
    suspend(project, until=date(2026, 4, 29), reason=WHY, by=owner, at=at("2026-04-22"))
    if who == "resume":
        resume(project, by=owner, at=at("2026-05-08"))
        assert stored(project).limit_on == Calendar.load().add(date(2026, 4, 29), 28)
    else:
        loss = Loss(LossReason.objects.get(code="no_interest"), "不来了")
        lose(project, loss, by=owner, at=at("2026-05-08"))
    assert project.suspensions.get().ended_at == at("2026-04-29", 0)
    assert project.changes.get(stage="negotiating").paused_days == pytest.approx(6 + 14 / 24)


def test_a_talk_after_the_agreed_day_and_before_the_late_job_stays_the_last_one(project, owner):
    suspend(project, until=date(2026, 4, 29), reason=WHY, by=owner, at=at("2026-04-22"))
    said = FollowUp("call", "土地已挂牌", "准备报名", date(2026, 5, 20), at("2026-05-07"))
    log_visit(project.lead, said, by=owner, at=at("2026-05-07"))
    resume_due(at("2026-05-08"))
    assert Claim.objects.get(lead=project.lead_id).last_effective_at == at("2026-05-07")


def test_it_may_go_on_earlier_and_is_then_to_be_contacted(project, owner, as_):
    suspend(project, until=date(2026, 5, 18), reason=WHY, by=owner, at=at("2026-04-21"))
    resume(project, by=owner, at=at("2026-04-28"))
    row, found = stored(project), Suspension.objects.get()
    assert (row.next_contact_on, row.suspended_until) == (date(2026, 4, 28), None)
    assert row.limit_on == Calendar.load().add(date(2026, 4, 28), 29)
    assert (found.ended_by, found.ended_at) == (owner, at("2026-04-28"))
    with pytest.raises(SuspensionRefused, match="没有挂起"):
        resume(project, by=owner, at=at("2026-04-28"))


def test_two_pauses_in_one_stage_are_both_left_out(project, owner, head):
    for start, end in (("2026-04-22", "2026-04-24"), ("2026-05-11", "2026-05-20")):
        suspend(stored(project), until=date.fromisoformat(end), reason=WHY, by=owner, at=at(start))
        resume_due(at(end, 0))
    calendar = Calendar.load()
    used = calendar.between(date(2026, 4, 20), date(2026, 4, 22))
    used += calendar.between(date(2026, 4, 24), date(2026, 5, 11))
    assert stored(project).limit_on == calendar.add(date(2026, 5, 20), 30 - used)


def test_a_new_limit_winds_a_resumed_clock_without_its_pauses_and_no_suspended_one(project, owner):
    other = make.project(owner)
    suspend(project, until=date(2026, 4, 29), reason=WHY, by=owner, at=at("2026-04-22"))
    resume_due(at("2026-04-29", 0))
    suspend(other, until=date(2026, 5, 18), reason=WHY, by=owner, at=at("2026-04-22"))
    StageSetting.objects.filter(pk="negotiating").update(limit_days=10)
    assert clocks.rewind("negotiating") == 1
    assert stored(project).limit_on == date(2026, 5, 13)
    assert stored(other).limit_on is None
    assert clocks.rewind("negotiating") == 0
    resume_due(at("2026-05-18", 0))
    assert stored(other).limit_on == Calendar.load().add(date(2026, 5, 18), 8)


def test_a_limit_changed_meanwhile_is_what_is_left_and_what_counts_afterwards(project, owner, as_):
    suspend(project, until=date(2026, 4, 29), reason=WHY, by=owner, at=at("2026-04-22"))
    assert Suspension.objects.get().workdays_left == 28
    StageSetting.objects.filter(pk="negotiating").update(limit_days=10)
    clocks.rewind("negotiating")
    assert Suspension.objects.get().workdays_left == 8
    assert "恢复后还剩 8 个工作日" in as_(owner).get(project.get_absolute_url()).content.decode()
    resume_due(at("2026-04-29", 0))
    assert stored(project).limit_on == Calendar.load().add(date(2026, 4, 29), 8)


def test_a_second_pause_counts_what_the_first_left_also_after_a_new_limit(project, owner):
    for start, end in (("2026-04-22", "2026-04-24"), ("2026-04-27", "2026-05-11")):
        suspend(stored(project), until=date.fromisoformat(end), reason=WHY, by=owner, at=at(start))
        if end == "2026-04-24":
            resume_due(at(end, 0))
    assert Suspension.objects.get(ended_at=None).workdays_left == 30 - 2 - 1
    StageSetting.objects.filter(pk="negotiating").update(limit_days=5)
    clocks.rewind_all()
    assert Suspension.objects.get(ended_at=None).workdays_left == 5 - 2 - 1
    assert Suspension.objects.exclude(ended_at=None).get().workdays_left == 28


def test_a_limit_taken_away_or_given_meanwhile_is_seen(project, owner):
    suspend(project, until=date(2026, 4, 29), reason=WHY, by=owner, at=at("2026-04-22"))
    StageSetting.objects.filter(pk="negotiating").update(limit_days=None)
    clocks.rewind("negotiating")
    assert Suspension.objects.get().workdays_left is None
    StageSetting.objects.filter(pk="negotiating").update(limit_days=3)
    clocks.rewind("negotiating")
    assert Suspension.objects.get().workdays_left == 1


@pytest.mark.parametrize(
    "last, stopped, resumed, due",
    [
        ("2026-04-20", None, None, "2026-05-04"),
        ("2026-04-20", "2026-04-22", "2026-04-29", "2026-05-11"),
        ("2026-04-20", "2026-04-22", "2026-06-22", "2026-07-04"),
        ("2026-05-01", "2026-04-22", "2026-05-11", "2026-05-25"),  # somebody called meanwhile
        ("2026-05-18", "2026-04-22", "2026-05-11", "2026-06-01"),  # the pause lies before the last report
    ],
)
def test_suspended_days_are_no_silence(project, owner, head, last, stopped, resumed, due):
    if stopped:
        until = date.fromisoformat(resumed)
        suspend(project, until=until, reason=WHY, by=head, at=at(stopped))
        resume_due(at(resumed, 0))
    quiet = {"next_contact_on": None, "blue_on": None, "limit_on": None, "red_on": None}
    Project.objects.update(last_contact_at=at(last), **quiet)
    due = date.fromisoformat(due)
    said = [
        [(one.since, one.level) for one in Scan(at(due + timedelta(days=n))).reminders(Lead.objects.none())]
        for n in (-8, -7, 0, 1)
    ]
    assert said == [[], [(due, "blue")], [(due, "blue")], [(due, "yellow")]]


def test_the_first_report_of_a_suspended_project_does_not_lapse_and_goes_on_where_it_was(project, head):
    claim = Claim.objects.filter(lead=project.lead)
    claim.update(last_effective_at=at("2026-04-10"))
    suspend(project, until=date(2026, 6, 22), reason=WHY, by=head, at=at("2026-04-20"))
    scan(at("2026-06-21"))
    assert claim.get().is_open
    assert not ClaimWarning.objects.exists()
    resume_due(at("2026-06-22", 0))
    assert claim.get().last_effective_at == at("2026-06-12", 0)
    make.days_pass(20, begin=at("2026-06-22"))
    assert claim.get().is_open
    scan(at("2026-07-13"))
    assert claim.get().ended == "silence"


def test_a_talk_during_the_pause_lets_the_silence_begin_at_its_end(project, owner):
    suspend(project, until=date(2026, 4, 27), reason=WHY, by=owner, at=at("2026-04-21"))
    Claim.objects.filter(lead=project.lead).follow_up(at("2026-04-24"))
    resume_due(at("2026-04-27", 0))
    assert Claim.objects.get(lead=project.lead).last_effective_at == at("2026-04-27", 0)


def test_the_first_report_of_a_signed_project_stays_without_clock(project, head):
    Project.objects.filter(pk=project.pk).update(stage="signed")
    signed = stored(project)
    suspend(signed, until=date(2026, 4, 27), reason=WHY, by=head, at=at("2026-04-21"))
    resume_due(at("2026-04-27", 0))
    assert Claim.objects.get(lead=project.lead).clock == "none"


def test_two_pauses_are_both_no_silence(project, owner):
    for start, end in (("2026-04-22", "2026-04-24"), ("2026-04-27", "2026-05-06")):
        suspend(stored(project), until=date.fromisoformat(end), reason=WHY, by=owner, at=at(start))
        resume_due(at(end, 0))
    quiet = {"next_contact_on": None, "blue_on": None, "limit_on": None, "red_on": None}
    Project.objects.update(last_contact_at=at("2026-04-20"), **quiet)
    (found,) = [one for one in Scan(at("2026-06-01")).reminders() if one.record == "project"]
    assert found.since == date(2026, 5, 4) + timedelta(days=2 + 9)


def test_the_days_of_a_pause_are_no_days_in_the_stage(project, owner, head):
    suspend(project, until=date(2026, 4, 30), reason=WHY, by=owner, at=at("2026-04-22"))
    running = stays(Lead.objects.all(), Project.objects.all(), at=at("2026-04-27"))[None]["negotiating"]
    assert running.median == pytest.approx(2)
    resume_due(at("2026-04-30", 10))
    assert stays_of(at("2026-05-02")) == pytest.approx(2 + 2 + 10 / 24)
    change = stored(project).move_to("review", by=head, at=at("2026-05-03"), reason="急", forced=True)
    closed = project.changes.get(stage="negotiating")
    assert closed.days == pytest.approx(3 + 2 + 10 / 24 - 0)
    assert closed.days + closed.paused_days == pytest.approx(13)
    assert change.paused_days == 0


def stays_of(moment):
    return stays(Lead.objects.all(), Project.objects.all(), at=moment)[None]["negotiating"].median


@pytest.mark.parametrize("forced", [False, True])
def test_a_suspended_project_moves_nowhere(project, owner, head, forced):
    make.ready_for_review(project, owner)
    suspend(stored(project), until=date(2026, 4, 30), reason=WHY, by=owner, at=at("2026-04-22"))
    with pytest.raises(Suspended, match="挂起至 2026-04-30"):
        stored(project).move_to("review", by=head, at=at("2026-04-23"), reason="急", forced=forced)
    assert stored(project).stage == "negotiating"
    assert project.changes.count() == 1


def test_a_suspended_project_may_be_lost_and_is_suspended_no_longer(project, owner):
    suspend(project, until=date(2026, 4, 30), reason=WHY, by=owner, at=at("2026-04-22"))
    loss = Loss(LossReason.objects.get(code="strategy"), "不来了")
    lose(project, loss, by=owner, at=at("2026-04-26"))
    row, found = stored(project), Suspension.objects.get()
    assert (row.stage, row.suspended_until, found.ended_by) == ("lost", None, owner)
    assert project.changes.get(stage="negotiating").days == pytest.approx(2)
    row.move_to("negotiating", by=owner, at=at("2026-05-06"), reason="又来了")
    assert stored(project).limit_on == Calendar.load().add(date(2026, 5, 6), 30)


@pytest.mark.parametrize(
    ("until", "reason", "words"),
    [
        ("2026-04-22", WHY, "晚于今天"),
        ("2026-04-30", "  ", "挂起理由"),
        ("2026-10-20", WHY, "一次最多挂起 180 天（到 2026-10-19）"),
    ],
)
def test_a_suspension_that_cannot_be_is_refused(project, head, until, reason, words):
    with pytest.raises(SuspensionRefused, match=words):
        suspend(project, until=date.fromisoformat(until), reason=reason, by=head, at=at("2026-04-22"))
    assert (stored(project).suspended_until, Suspension.objects.count()) == (None, 0)


def test_more_than_a_month_in_one_stage_is_for_head_and_bureau(project, owner, head):
    with pytest.raises(SuspensionRefused, match="超过 30 天"):
        suspend(project, until=date(2026, 5, 23), reason=WHY, by=owner, at=at("2026-04-22"))
    suspend(project, until=date(2026, 5, 22), reason=WHY, by=owner, at=at("2026-04-22"))
    resume(project, by=owner, at=at("2026-05-12"))
    with pytest.raises(SuspensionRefused, match="累计挂起超过 30 天"):
        suspend(project, until=date(2026, 5, 23), reason=WHY, by=owner, at=at("2026-05-12"))
    suspend(project, until=date(2026, 10, 30), reason=WHY, by=head, at=at("2026-05-12"))
    assert stored(project).suspended_until == date(2026, 10, 30)


def test_the_limits_of_a_suspension_are_settings(project, owner):
    Setting.objects.create(key="suspension_days_alone", value=5)
    with pytest.raises(SuspensionRefused, match="超过 5 天"):
        suspend(project, until=date(2026, 4, 28), reason=WHY, by=owner, at=at("2026-04-22"))


def test_a_project_is_suspended_once_at_a_time(project, owner):
    suspend(project, until=date(2026, 4, 30), reason=WHY, by=owner, at=at("2026-04-22"))
    with pytest.raises(AlreadySuspended, match="已挂起至 2026-04-30"):
        suspend(stored(project), until=date(2026, 5, 6), reason=WHY, by=owner, at=at("2026-04-22"))
    assert Suspension.objects.count() == 1


def test_what_is_lost_or_served_is_not_suspended(project, owner, head):
    lose(project, Loss(LossReason.objects.get(code="strategy"), "不来了"), by=owner, at=at("2026-04-21"))
    with pytest.raises(SuspensionRefused, match="没有时限"):
        suspend(stored(project), until=date(2026, 4, 30), reason=WHY, by=head, at=at("2026-04-22"))


def test_strangers_suspend_nothing(project, outsider, leader):
    for person in (outsider, leader):
        with pytest.raises(NotAllowed):
            suspend(project, until=date(2026, 4, 30), reason=WHY, by=person, at=at("2026-04-22"))
    assert not Suspension.objects.exists()


def test_a_stage_without_a_limit_goes_on_without_one(owner, head):
    project = make.project(owner)
    project.move_to("landed", by=head, at=make.NOW, reason="区里已定", forced=True)
    found = suspend(project, until=date(2026, 4, 30), reason=WHY, by=owner, at=at("2026-04-22"))
    assert found.workdays_left is None
    resume_due(at("2026-04-30") + timedelta(hours=1))
    assert stored(project).limit_on is None


def test_to_go_back_and_come_again_gives_nobody_a_month_more(owner, head, project):
    make.ready_for_review(project, owner)
    for step, begun, until in (
        ("negotiating", "2026-04-20", "2026-05-15"),
        ("review", "2026-05-15", "2026-06-09"),
    ):
        if step == "review":
            stored(project).move_to("review", by=owner, at=at(begun))
        suspend(stored(project), until=date.fromisoformat(until), reason=WHY, by=owner, at=at(begun))
        resume_due(at(until))
    stored(project).move_to("negotiating", by=owner, at=at("2026-06-09"), reason="条款重谈")
    again = {"until": date(2026, 6, 20), "reason": WHY, "at": at("2026-06-09")}
    with pytest.raises(SuspensionRefused, match="同一阶段累计挂起超过 30 天"):
        suspend(stored(project), by=owner, **again)
    assert not stored(project).is_suspended
    suspend(stored(project), by=owner, **{**again, "until": date(2026, 6, 13)})
    resume(stored(project), by=owner, at=again["at"])
    suspend(stored(project), by=head, **again)
    assert stored(project).is_suspended
