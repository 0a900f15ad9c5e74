"""逾期未复: the issuer and the linked 区领导 hear of an order past its day without an answer, once."""

from datetime import date, datetime, timedelta

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Notification
from crm.workdays import SHANGHAI
from leads.models import Lead
from projects.models import Project, SupervisionOrder
from projects.supervising import answer, issue
from projects.unanswered import LISTED, tell_unanswered
from tests import make

DUE = date(2026, 4, 24)
FRIDAY = datetime(2026, 4, 24, 8, 25, tzinfo=SHANGHAI)
MONDAY = FRIDAY + timedelta(days=3)


@pytest.fixture
def linked(owner):
    """A project with a leader of its own."""
    found = make.user("linked", "leader", None, "联系领导")
    project = make.project(owner, name="深圳云芯科技有限公司")
    Project.objects.update(leader=found)
    project.refresh_from_db()
    return project


def order(record, by, due_on=DUE):
    return issue(record, demand="请约见董事长。", due_on=due_on, by=by, at=make.NOW)


def told(person):
    return list(Notification.objects.filter(user=person, key__startswith="orders-late:").order_by("pk"))


def test_the_issuer_and_the_linked_leader_are_told_once_after_the_day(linked, leader, manager):
    found = order(linked, leader)
    assert tell_unanswered(FRIDAY) == 0
    assert [tell_unanswered(MONDAY + timedelta(days=n)) for n in range(3)] == [1, 0, 0]
    for person in (leader, linked.leader):
        (message,) = told(person)
        assert message.title == f"督办 {found.number} 逾期未复：深圳云芯科技有限公司"
        assert message.items[0]["text"] == "半山区块没有回复，期限 2026-04-24，已过 3 天"
        assert message.url == found.get_absolute_url()
    assert told(manager) == []


def test_the_bureau_is_told_of_what_the_ladder_issued_or_somebody_who_left(linked, leader, manager, owner):
    first, second = order(linked, leader), order(make.lead(owner), leader)
    SupervisionOrder.objects.filter(pk=first.pk).update(issuer=None, limit_on=date(2026, 3, 1))
    leader.is_active = False
    leader.save()
    tell_unanswered(MONDAY)
    (message,) = told(manager)
    assert message.title == "2 件督办逾期未复"
    assert {item["title"].split()[0] for item in message.items} == {first.number, second.number}
    assert message.url == "/orders/?state=overdue"
    assert [one.title.split()[1] for one in told(linked.leader)] == [first.number]
    assert told(leader) == []


def test_the_leader_linked_to_a_lead_is_told_of_its_order(linked, leader, owner):
    lead = make.lead(owner)
    Lead.objects.filter(pk=lead.pk).update(leader=linked.leader)
    found = order(lead, leader)
    tell_unanswered(MONDAY)
    assert [one.title.split()[1] for one in told(linked.leader)] == [found.number]


def test_a_leader_who_issued_it_to_his_own_project_hears_of_it_once(linked):
    order(linked, linked.leader)
    tell_unanswered(MONDAY)
    assert len(told(linked.leader)) == 1


def test_an_answer_in_time_or_an_order_not_due_brings_nothing(linked, leader, owner):
    answer(order(linked, leader), text="已约。", by=owner, at=make.NOW)
    order(linked, leader, due_on=date(2026, 4, 30))
    assert tell_unanswered(MONDAY) == 0
    assert not Notification.objects.filter(key__startswith="orders-late:").exists()


def test_a_backlog_is_one_message_cut_to_size_and_costs_the_same(owner, leader):
    project, costs = make.project(owner), []
    for number in (2, LISTED + 5):
        for _ in range(number):
            order(project, leader)
        with CaptureQueriesContext(connection) as captured:
            assert tell_unanswered(MONDAY) == number
        costs.append(len(captured))
    message = told(leader)[-1]
    assert message.title == f"{LISTED + 5} 件督办逾期未复"
    assert len(message.items) == LISTED + 1
    assert message.items[-1]["title"] == "另有 5 件，请到督办列表查看"
    assert costs[0] == costs[1]
