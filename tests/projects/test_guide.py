"""上手引导: five steps on the person's own data, ticked by what exists, skipped, called back, and gone."""

import pytest

from django.urls import reverse
from django.utils import timezone

from crm import audit
from crm.guide import HAVE_STEPS
from crm.models import FieldChange, Notification, SavedView
from crm.preferences import Wishes, save
from leads.handover import hand_over
from projects.guide import OF_ROLE, STEPS, TRACES, steps_of
from projects.incentives import draft
from projects.publishing import Edition, publish
from projects.referring import Move, advance
from projects.supervising import answer, issue
from tests import make
from tests.projects.test_criteria import STAFF
from tests.projects.test_reviewing import FINE, cleared, concluded

pytestmark = pytest.mark.django_db


def done(user):
    user.refresh_from_db()
    return {step.name for step, is_done in steps_of(user) if is_done}


def read_one(user):
    now = timezone.now()
    Notification.objects.create(user=user, kind="system", key="k", title="x", created_at=now, sent_at=now)
    return f"/notifications/{Notification.objects.get(user=user, key='k').pk}/read/"


def test_every_step_of_every_role_has_its_trace():
    assert OF_ROLE.keys() == HAVE_STEPS
    assert {name for names in OF_ROLE.values() for name in names} == STEPS.keys() == TRACES.keys()
    assert {len(names) for names in OF_ROLE.values()} == {5}


def test_an_officers_steps_tick_when_their_records_exist_and_the_last_closes_the_guide(as_, owner, teammate):
    make.screened(teammate)  # what others did ticks nothing
    client = as_(owner)
    assert "上手五步：已做 0 步" in client.get("/").content.decode()
    for page in ("/leads/new/", "/leads/board/", "/notifications/", "/leads/"):
        client.get(page)
    assert done(owner) == set()

    make.lead(owner)
    assert done(owner) == {"record"}
    lead = make.screened(owner)
    assert done(owner) == {"record", "screen", "move"}
    client.post(read_one(owner))
    page = client.get("/").content.decode()
    assert "已做 4 步" in page
    assert "下一步：检索" in page
    client.get(f"/leads/?q={lead.title[:4]}")
    assert "五步都做完了" in client.get("/").content.decode()
    assert 'id="guide"' not in client.get("/").content.decode()
    assert not FieldChange.objects.filter(kind="crm.user").exists()


def test_the_guide_is_skipped_and_called_back_from_the_account_menu(as_, owner):
    client = as_(owner)
    assert 'action="/guide/reopen/"' in client.get("/leads/").content.decode()
    client.post("/guide/close/")
    assert 'id="guide"' not in client.get("/").content.decode()
    client.get("/leads/?q=深圳")
    assert done(owner) == set()  # nothing is kept of who goes without
    client.post("/guide/reopen/")
    assert 'id="guide"' in client.get("/").content.decode()


def test_station_head_and_manager_have_steps_of_their_own(as_, owner, station, head, manager, outsider):
    now = timezone.now()
    make.roadshow(station)
    lead = make.lead(head, at=now)
    hand_over(lead, to_unit=outsider.unit, by=head, at=now, reason="落在网谷")
    issue(lead, by=manager, at=now, demand="请一周内反馈。", due_on=timezone.localdate())
    audit.record(head, "export", detail={}, at=now)
    assert [done(person) for person in (station, head, manager)] == [
        {"trip"},
        {"hand_over", "export"},
        {"supervise"},
    ]
    assert "签发一次督办" in as_(manager).get("/").content.decode()


def test_a_leaders_steps_are_supervising_closing_and_reading(as_, owner, leader):
    now, today = timezone.now(), timezone.localdate()
    client = as_(leader)
    assert "上手五步：已做 0 步" in client.get("/").content.decode()
    order = issue(make.project(owner), by=leader, at=now, demand="请一周内反馈。", due_on=today)
    assert done(leader) == {"supervise"}
    answer(order, text="已约访。", by=owner, at=now)
    client.post(f"/orders/{order.pk}/close/", {"note": "同意"})
    client.get("/reports/export/")
    client.get("/leads/?q=深圳")
    client.post(read_one(leader))
    assert "五步都做完了" in client.get("/").content.decode()


def test_a_reviewers_steps_are_the_review_and_its_conclusion(owner, reviewer):
    project = make.project(owner)
    item = draft(project, FINE, by=owner, at=make.NOW)
    cleared(item, reviewer)
    assert done(reviewer) == {"review"}
    concluded(project, reviewer)
    assert done(reviewer) == {"review", "conclude"}


def test_a_funds_steps_are_its_criteria_and_its_answers(as_, owner, fund_user):
    now, today = timezone.now(), timezone.localdate()
    fund = make.own_fund(fund_user)
    referral = make.referral(make.project(owner), fund, owner)
    client = as_(fund_user)
    publish(fund, {"all": [STAFF]}, Edition(today, "投委会纪要"), by=fund_user, at=now, after=0)
    advance(referral, Move("received", today), by=fund_user, at=now)
    assert done(fund_user) == {"criteria", "answer"}
    client.get("/exports/list/referrals/")
    assert done(fund_user) == {"criteria", "answer", "export_referrals"}


def test_the_auditor_and_the_administrator_begin_with_their_own_settings(as_, auditor, admin_user):
    times = {"created_at": make.NOW, "updated_at": make.NOW}
    SavedView.objects.create(kind="leads", name="红灯", owner=auditor, query="light=red", **times)
    save(auditor, Wishes(), at=make.NOW)
    assert done(auditor) == {"view", "remind"}
    client = as_(admin_user)
    client.post("/admin/crm/holiday/add/", {"day": "2026-06-08", "name": "临时放假"})
    client.post("/admin/crm/setting/add/", {"key": "protection_days", "value": 60})
    client.post(
        "/admin/crm/unit/add/", {"code": "new", "name": "新单位", "kind": "street", "is_active": "on"}
    )
    assert done(admin_user) == {"holidays", "limits", "units"}


PEOPLE = ["owner", "station", "head", "manager", "leader", "reviewer", "fund_user", "auditor", "admin_user"]


@pytest.mark.parametrize("person", PEOPLE)
def test_every_step_leads_to_a_page_that_its_person_may_open_and_all_can_be_skipped(request, as_, person):
    user = request.getfixturevalue(person)
    client = as_(user)
    page = client.get("/")
    assert "上手五步" in page.content.decode()
    for step, _ in page.context["guide"]["steps"]:
        assert client.get(reverse(step.page) + step.query).status_code == 200, step.name
    client.post("/guide/close/")
    assert 'id="guide"' not in client.get("/").content.decode()
