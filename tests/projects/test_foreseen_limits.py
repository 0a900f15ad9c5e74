"""A shorter limit is foreseen before it is saved: how many become late at once, and how they are told of."""

from datetime import date, datetime, timedelta

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import AuditEvent, FieldChange, Notification, Setting, StageSetting
from crm.workdays import SHANGHAI
from leads.models import Lead
from projects import clocks
from projects.models import Project, SupervisionOrder
from projects.reminders import LISTED, morning_scan
from projects.supervising import issue_overdue
from projects.suspending import resume, suspend
from tests import make

LIMITS = "/admin/crm/stagesetting/{}/change/"
NOW = make.NOW  # Monday, 20 April 2026
MORNING = datetime(2026, 4, 21, 8, 30, tzinfo=SHANGHAI)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _monday(freeze):
    freeze(NOW)


def limit(client, stage, days, red=7, **more):
    label = StageSetting.objects.get(pk=stage).label
    return client.post(
        LIMITS.format(stage), {"label": label, "limit_days": days, "red_after_days": red, **more}
    )


def lates(model):
    return model.objects.yellow(NOW.date()).count()


@pytest.fixture
def running(owner):
    """Leads of today and of 5, 25 and 60 days ago, answered; a project of 25 days ago and one once paused."""
    for days in (0, 5, 25, 25, 60):
        make.lead(owner, at=NOW - days * DAY)
    make.project(owner, at=NOW - 25 * DAY)
    paused = make.project(owner, at=NOW - 40 * DAY)
    suspend(paused, until=date(2026, 4, 18), reason="等待土地挂牌", by=owner, at=NOW - 30 * DAY)
    resume(Project.objects.get(pk=paused.pk), by=owner, at=NOW - 10 * DAY)


def test_the_page_says_how_many_become_late_and_saves_only_what_is_confirmed(as_, admin_user, running):
    client = as_(admin_user)
    told = limit(client, "lead", 5)
    page = told.content.decode()
    assert told.status_code == 200
    assert told.context["later"] == clocks.Later(late=3, red=3, supervise=1)
    assert "当时就有 <b>3</b> 条在办记录超过时限（黄灯）" in page
    assert "时限（工作日） 45 → 5" in page
    assert StageSetting.objects.get(pk="lead").limit_days == 45
    assert lates(Lead) == 0
    assert not AuditEvent.objects.filter(action="admin_change").exists()
    assert not FieldChange.objects.filter(kind="crm.stagesetting").exists()
    given = dict(told.context["given"])
    answer = client.post(LIMITS.format("lead"), {**given, "_foreseen": "1", "_save": "确认，保存并重算"})
    assert answer.status_code == 302
    assert (StageSetting.objects.get(pk="lead").limit_days, lates(Lead)) == (5, 3)
    assert AuditEvent.objects.get(action="admin_change").detail["时限（工作日）"] == "45 → 5"


@pytest.mark.parametrize("stage, days, red", [("lead", 3, 2), ("lead", 12, 0), ("negotiating", 4, 7)])
def test_what_is_foreseen_is_what_becomes_of_it(as_, admin_user, running, stage, days, red):
    told = limit(as_(admin_user), stage, days, red).context["later"]
    limit(as_(admin_user), stage, days, red, _foreseen="1")
    model = Lead if stage == "lead" else Project
    late = model.objects.filter(stage=stage).yellow(NOW.date())
    assert (told.late, told.red) == (late.count(), late.filter(red_on__lte=NOW.date()).count())
    assert told.late > 0


def test_a_longer_limit_and_a_new_word_are_saved_at_once(as_, admin_user, running):
    assert limit(as_(admin_user), "lead", 60).status_code == 302
    values = {"label": "新线索", "limit_days": 60, "red_after_days": 7}
    assert as_(admin_user).post(LIMITS.format("lead"), values).status_code == 302
    assert StageSetting.objects.get(pk="lead").label == "新线索"


def test_a_number_that_shortens_clocks_is_foreseen_too(as_, admin_user, owner, running):
    make.lead(owner, at=NOW - 5 * DAY, met_at=None)
    Setting.objects.create(key="first_response_days", value=9)
    clocks.rewind_all()
    address = "/admin/crm/setting/first_response_days/change/"
    told = as_(admin_user).post(address, {"value": "2"})
    assert told.context["later"].late == 1
    assert Setting.objects.get().value == 9
    assert as_(admin_user).post(address, {"value": "2", "_foreseen": "1"}).status_code == 302
    assert Setting.objects.get().value == 2
    assert as_(admin_user).post(address, {"value": "0"}).status_code == 200  # out of range: the form says so


def test_taking_a_number_away_says_how_many_the_default_makes_late(as_, admin_user, owner):
    make.lead(owner, at=NOW - 5 * DAY, met_at=None)
    Setting.objects.create(key="first_response_days", value=9)
    clocks.rewind_all()
    page = as_(admin_user).get("/admin/crm/setting/first_response_days/delete/").content.decode()
    assert "恢复默认值以后，当时就有 1 条在办记录超过时限" in page
    assert Setting.objects.get().value == 9
    assert lates(Lead) == 0


def test_who_may_not_change_it_learns_nothing(as_, owner, auditor, running):
    for person in (owner, auditor):
        assert limit(as_(person), "lead", 5).status_code == 403


def test_hundreds_that_become_late_are_one_message_each_morning_and_few_orders(as_, admin_user, owner, head):
    first = make.lead(owner, at=NOW - 60 * DAY)
    copies = [Lead.objects.get(pk=first.pk) for _ in range(120)]
    for number, copy in enumerate(copies):
        copy.pk, copy.title, copy.company_id, copy._state.adding = None, f"杭州{number}号", None, True
    Lead.objects.bulk_create(copies)
    with CaptureQueriesContext(connection) as asked:
        told = limit(as_(admin_user), "lead", 5)
    assert told.context["later"].late == 121
    assert len(asked) < 40
    limit(as_(admin_user), "lead", 5, _foreseen="1")
    before = Notification.objects.count()
    morning_scan(MORNING)
    digests = Notification.objects.filter(kind="digest", user__in=[owner, head])
    assert digests.count() == 2
    assert Notification.objects.count() - before <= 2 + 1
    for digest in digests:
        assert len(digest.items) <= LISTED + 2
        assert "121" in digest.title + digest.body
    assert issue_overdue(MORNING) == SupervisionOrder.objects.count() == 20
