"""上手引导: five steps on the person's own data, ticked by what exists, skipped, called back, and gone."""

import pytest

from django.utils import timezone

from crm import audit
from crm.models import FieldChange, Notification
from leads.handover import hand_over
from projects.guide import OF_ROLE, STEPS, TRACES, steps_of
from projects.supervising import issue
from tests import make

pytestmark = pytest.mark.django_db


def done(user):
    user.refresh_from_db()
    return {step.name for step, is_done in steps_of(user) if is_done}


def read_one(user):
    now = timezone.now()
    Notification.objects.create(user=user, kind="system", key="k", title="x", created_at=now, sent_at=now)
    return f"/notifications/{Notification.objects.get(user=user).pk}/read/"


def test_every_step_of_every_role_has_its_trace():
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


@pytest.mark.parametrize("person", ["leader", "reviewer", "fund_user", "auditor", "admin_user"])
def test_who_has_no_steps_is_shown_none(request, as_, person):
    page = as_(request.getfixturevalue(person)).get("/").content.decode()
    assert 'id="guide"' not in page
    assert "上手引导" not in page
