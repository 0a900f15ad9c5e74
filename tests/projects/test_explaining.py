"""「为什么（没）提醒我」: the page answers for every rule, and says what reached whom."""

from datetime import date, datetime, timedelta

from django.urls import reverse

from crm.workdays import SHANGHAI
from leads.models import Lead
from projects.explaining import explain
from projects.models import Project
from projects.reminders import morning_scan
from tests import make

MORNING = datetime(2026, 4, 20, 8, 30, tzinfo=SHANGHAI)
EARLIER = MORNING - timedelta(days=60)


def findings(record, person):
    return {one.rule: one for one in explain(record, person, MORNING)[0]}


def test_what_tells_is_said_with_its_readers(owner, head, teammate):
    lead = make.lead(owner, at=EARLIER)
    Lead.objects.update(limit_on=date(2026, 4, 17), red_on=date(2026, 4, 28), blue_on=None)
    found = findings(lead, owner)["阶段时限"]
    assert found.says == "黄灯：超过阶段时限 1 个工作日"
    assert found.readers == [owner.name, head.name]
    assert found.tells_me
    assert not findings(lead, teammate)["阶段时限"].tells_me


def test_what_is_silent_says_why(owner):
    lead = make.lead(owner, at=MORNING, next_contact_on=date(2026, 4, 27))
    assert findings(lead, owner)["下次联系日期"].says == "约在 2026-04-27，还没到。"
    assert findings(make.lead(owner), owner)["下次联系日期"].says == "没有约下次联系日期。"
    dropped = make.lead(owner)
    dropped.move_to("dropped", by=owner, at=MORNING, reason="联系不上")
    assert "这个阶段不提醒" in findings(dropped, owner)["阶段时限"].says
    project = make.project(owner)
    Project.objects.update(suspended_until=date(2026, 6, 1))
    project.refresh_from_db()
    assert "挂起至 2026-06-01" in findings(project, owner)["阶段时限"].says


def test_the_log_says_what_was_told_when_and_whether_it_reached_me(as_, owner, head, teammate):
    lead = make.lead(owner, at=EARLIER, next_contact_on=date(2026, 3, 20))
    Lead.objects.update(limit_on=None, blue_on=None, next_contact_on=date(2026, 4, 20))
    morning_scan(MORNING)
    (mine,), (theirs,) = explain(lead, owner, MORNING)[1], explain(lead, teammate, MORNING)[1]
    assert (mine.level, mine.due_on, mine.first, mine.reached_me) == (
        "到期联系",
        date(2026, 4, 20),
        owner,
        True,
    )
    assert not theirs.reached_me
    page = as_(owner).get(reverse("projects:lead_reminders", args=[lead.pk]))
    assert "收到，列在当天的今日提醒里" in page.content.decode()


def test_a_page_of_another_unit_does_not_exist(as_, owner, outsider):
    lead, project = make.lead(owner), make.project(owner)
    for name, record in (("projects:lead_reminders", lead), ("projects:reminders", project)):
        assert as_(outsider).get(reverse(name, args=[record.pk])).status_code == 404
        assert as_(owner).get(reverse(name, args=[record.pk])).status_code == 200
