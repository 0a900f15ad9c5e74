"""流转 of a project: A negotiates first, it lands in B. Lead, project and open orders go together."""

from datetime import date, timedelta

import pytest

from django.urls import reverse
from django.utils import timezone

from crm.models import AuditEvent, LossReason, Notification
from crm.workdays import shanghai_day
from leads import credit, handover
from leads.contacts import Person, add
from leads.handover import AlreadyAnswered
from leads.losing import OFFER_ENDS, Loss
from leads.models import Handover, Lead
from projects.losing import lose
from projects.models import Project
from projects.opening import accept
from projects.supervising import issue
from projects.suspending import resume_due, suspend
from tests import callers, make

DAY = timedelta(days=1)
DUE = shanghai_day(timezone.now()) + 10 * DAY


@pytest.fixture
def other_head(wanggu):
    return make.user("other_head", "head", wanggu, "袁野")


@pytest.fixture
def project(owner, head):
    contact = {"contact_name": "王景行", "contact_phone": "13287530409"}
    return make.project(owner, name="深圳云芯科技有限公司", **contact)


def offer(project, head, wanggu, at=None, **more):
    at = at or timezone.now()
    return handover.hand_over(project.lead, to_unit=wanggu, by=head, at=at, reason="落在智慧网谷", **more)


def asked(project, wanggu, **more):
    given = {"to_unit": wanggu.pk, "to_owner": "", "share": 40, "reason": "落在智慧网谷"}
    given["version"] = project.lead.version
    return {f"handover-{name}": value for name, value in {**given, **more}.items()}


def told(person):
    return list(Notification.objects.filter(user=person).order_by("pk").values_list("title", flat=True))


def test_offered_on_its_page_it_stays_until_the_other_unit_accepts(as_, project, head, wanggu, other_head):
    door = reverse("projects:hand_over", args=[project.pk])
    page = as_(head).post(door, asked(project, wanggu), follow=True).content.decode()
    assert "待接收" in page
    assert "handover-to_unit" not in page
    assert Project.objects.get().unit == head.unit
    assert AuditEvent.objects.get(action="hand_over").subject == "projects.project"
    assert "半山区块移交项目：深圳云芯科技有限公司" in told(other_head)
    text = as_(other_head).get("/handovers/").content.decode()
    for word in ("深圳云芯科技有限公司", "落在智慧网谷", "在谈", "项目"):
        assert word in text
    assert "王景行" not in text
    assert as_(other_head).get(project.get_absolute_url()).status_code == 404


def test_accepted_lead_project_and_open_orders_go_together(
    as_, project, head, wanggu, other_head, owner, leader
):
    order = issue(project, demand="请约见。", due_on=DUE, by=leader, at=timezone.now())
    row = offer(project, head, wanggu)
    answer = as_(other_head).post(f"/handovers/{row.pk}/accept/")
    assert answer.headers["Location"] == project.get_absolute_url()
    lead, moved = Lead.objects.get(), Project.objects.get()
    assert {(one.unit, one.owner) for one in (lead, moved)} == {(wanggu, other_head)}
    order.refresh_from_db()
    assert order.unit == wanggu
    assert credit.shares_of(lead) == {head.unit: 40, wanggu: 60}
    assert lead.claim.unit == head.unit
    assert (moved.stage, moved.entered_at, moved.limit_on) == (
        project.stage,
        project.entered_at,
        project.limit_on,
    )
    page = as_(other_head).get(moved.get_absolute_url()).content.decode()
    assert "半山区块 → 智慧网谷小镇" in page
    assert as_(owner).get(moved.get_absolute_url()).status_code == 404
    for person in (head, owner):
        assert any(title.startswith("已接收：移交「深圳云芯") for title in told(person))


def test_a_suspended_project_goes_with_its_pause(project, head, owner, wanggu, other_head, now):
    suspend(project, until=date(2026, 5, 18), reason="等土地", by=owner, at=now)
    handover.accept(offer(project, head, wanggu, at=now), by=other_head, at=now)
    moved = Project.objects.get()
    assert (moved.unit, moved.suspended_until, moved.limit_on) == (wanggu, date(2026, 5, 18), None)
    resume_due(now + 30 * DAY)
    moved.refresh_from_db()
    assert moved.limit_on
    assert any("挂起到期" in title for title in told(other_head))


def test_a_lost_project_is_neither_offered_nor_accepted(as_, project, head, owner, wanggu, other_head, now):
    row = offer(project, head, wanggu, at=now)
    loss = Loss(LossReason.objects.get(code="no_interest"), "不来了", "", None)
    lose(project, loss, by=owner, at=now)
    with pytest.raises(AlreadyAnswered, match="已撤回"):
        handover.accept(row, by=other_head, at=now)
    assert {Lead.objects.get().unit, Project.objects.get().unit} == {head.unit}
    row.refresh_from_db()
    assert (row.state, row.answered_by, row.answer) == ("withdrawn", owner, OFFER_ENDS)
    assert any(title.startswith("已撤回：移交「深圳云芯") for title in told(other_head))
    door = reverse("projects:hand_over", args=[project.pk])
    page = as_(head).post(door, asked(project, wanggu))
    assert page.status_code == 400
    assert "重新激活以后再移交" in page.content.decode()
    assert "handover-to_unit" not in as_(head).get(project.get_absolute_url()).content.decode()
    assert Handover.objects.count() == 1


def test_a_second_hand_over_waits_for_the_bureau_also_when_the_first_was_of_the_lead(
    owner, head, wanggu, other_head, manager, now, shenzhen_station, station
):
    lead = make.screened(owner, at=now)
    first = handover.hand_over(lead, to_unit=wanggu, by=head, at=now, reason="载体")
    handover.accept(first, by=other_head, at=now)
    lead.refresh_from_db()
    project = accept(lead, by=other_head, at=now)
    row = offer(project, other_head, shenzhen_station, at=now)
    assert row.state == "approval"
    assert f"待审批：再次移交「{project}」" in told(manager)
    handover.accept(handover.approve(row, by=manager, at=now), by=station, at=now)
    assert credit.shares_of(lead) == {head.unit: 40, wanggu: 24, shenzhen_station: 36}
    assert Project.objects.get().unit == shenzhen_station


def test_the_api_has_a_door_for_projects_too(project, head, wanggu, other_head, outsider, owner):
    giver, receiver = callers.person(head), callers.person(other_head)
    wanted = {"to_unit": "wanggu", "reason": "落在智慧网谷", "share": 30}
    path = f"projects/{project.pk}/handover/"
    assert callers.person(outsider).post(path, wanted).status_code == 404
    assert callers.person(owner).post(path, wanted).status_code == 403
    offered = giver.post(path, wanted)
    assert (offered.status_code, offered.json()["project"]) == (201, project.pk)
    again = giver.post(path, wanted)
    assert (again.status_code, again.json()["code"]) == (400, "handover_open")
    assert AuditEvent.objects.filter(action="hand_over").count() == 1
    assert receiver.post(f"handovers/{offered.json()['id']}/accept/").json()["state"] == "accepted"
    assert receiver.get(f"projects/{project.pk}/").json()["unit"] == "wanggu"
    assert giver.get(f"projects/{project.pk}/").status_code == 404


def test_the_list_costs_the_same_for_projects(as_, owner, head, wanggu, django_assert_max_num_queries):
    client = as_(head)
    for _ in range(4):
        offer(make.project(owner), head, wanggu)
    with django_assert_max_num_queries(8):
        client.get("/handovers/")


def test_the_people_each_unit_got_to_know_go_along_with_every_hand_over(
    project, head, other_head, station, manager
):
    steps = [(head, other_head.unit, "李闻溪"), (other_head, station.unit, "周知远")]
    for giver, to_unit, name in steps:
        project = Project.objects.get(pk=project.pk)
        add(project.lead, Person(name), by=giver, at=timezone.now(), target=project)
        offered = offer(project, giver, to_unit)
        if offered.state == Handover.State.APPROVAL:
            handover.approve(offered, by=manager, at=timezone.now())
        handover.accept(offered, by=manager, at=timezone.now())
    client = callers.person(station).client
    for page in (project.get_absolute_url(), project.lead.get_absolute_url()):
        shown = client.get(page).content.decode()
        assert [name for name in ("王**", "李**", "周**") if name not in shown] == []
