"""Reminders of commitments and agreements: once before, once after, to those who see the project."""

from datetime import date, datetime, time, timedelta

import pytest

from crm.models import Notification, Setting
from crm.workdays import SHANGHAI
from projects.deadlines import LISTED, remind_deadlines
from projects.models import Agreement, Commitment
from tests import make

DAY = date(2026, 4, 20)


def morning(day=DAY):
    return datetime.combine(day, time(8, 35), tzinfo=SHANGHAI)


def told(person):
    """[(title, [text of each item])] of the messages of a person, the oldest first."""
    found = Notification.objects.filter(user=person).order_by("pk")
    return [(one.title, [item["text"] for item in one.items]) for one in found]


@pytest.fixture
def agreement(owner):
    return make.agreement(make.project(owner, name="深圳星海智能有限公司"), owner, on=date(2025, 1, 1))


def promise(agreement, days, **fields):
    return make.commitment(agreement, DAY + timedelta(days=days), **fields)


def test_both_responsible_people_are_told_30_days_before_and_once(agreement, owner, manager):
    promise(agreement, 30, owner=owner, partner_owner=manager)
    promise(agreement, 31, owner=owner, partner_owner=manager)
    for _ in range(2):
        remind_deadlines(morning())
    expected = [("承诺将到期 1", ["2026-05-20 到期，还有 30 天"])]
    assert told(owner) == told(manager) == expected
    remind_deadlines(morning(DAY + timedelta(days=1)))
    assert len(told(owner)) == 2
    remind_deadlines(morning(DAY + timedelta(days=2)))
    assert len(told(owner)) == 2


def test_where_nobody_is_named_to_watch_the_watching_unit_is_told(agreement, owner, head, manager, bureau):
    promise(agreement, 30, owner=owner)
    remind_deadlines(morning())
    assert len(told(owner)) == len(told(head)) == 1
    Agreement.objects.filter(pk=agreement.pk).update(supervisor=bureau)
    promise(agreement, 29, owner=owner)
    remind_deadlines(morning())
    assert (len(told(owner)), len(told(head)), len(told(manager))) == (2, 1, 1)


def test_they_are_told_again_when_it_is_overdue_and_not_after(agreement, owner):
    promise(agreement, 5, owner=owner)
    for days in (0, 5, 6, 7, 20):
        remind_deadlines(morning(DAY + timedelta(days=days)))
    assert [title for title, _ in told(owner)] == ["承诺将到期 1", "承诺已过期 1"]


def test_after_a_stop_one_message_says_it_all(agreement, owner):
    for days in (-200, -100, -1, 10):
        promise(agreement, days, owner=owner)
    assert remind_deadlines(morning()) == 1
    assert told(owner)[0][0] == "承诺已过期 3，承诺将到期 1"
    assert remind_deadlines(morning()) == 0


def test_a_long_list_is_cut_and_says_so(agreement, owner):
    for _ in range(LISTED + 7):
        promise(agreement, -1, owner=owner)
    remind_deadlines(morning())
    items = Notification.objects.get(user=owner).items
    assert (len(items), items[-1]["title"]) == (LISTED + 1, "另有 7 项，请到承诺列表查看")


def test_a_moved_date_is_told_of_anew(agreement, owner):
    row = promise(agreement, 5, owner=owner)
    remind_deadlines(morning())
    Commitment.objects.filter(pk=row.pk).update(due_on=DAY + timedelta(days=15))
    remind_deadlines(morning())
    assert len(told(owner)) == 2


def test_what_came_in_later_the_same_day_is_not_lost(agreement, owner):
    promise(agreement, 5, owner=owner)
    remind_deadlines(morning())
    promise(agreement, 6, owner=owner)
    remind_deadlines(morning() + timedelta(hours=3))
    assert len(told(owner)) == 2


def test_what_is_settled_or_lost_reminds_nobody(agreement, owner):
    promise(agreement, -1, owner=owner, outcome="fulfilled", judged_on=DAY)
    lost = make.agreement(make.project(owner), owner)
    promise(lost, -1, owner=owner)
    type(lost.project).objects.filter(pk=lost.project_id).update(stage="lost")
    assert remind_deadlines(morning()) == 0


def test_who_does_not_see_the_project_is_not_told_and_the_head_is(agreement, outsider, head, owner):
    promise(agreement, 5, owner=outsider)
    remind_deadlines(morning())
    assert told(outsider) == []
    assert len(told(head)) == 1


def test_without_a_named_person_the_owner_of_the_project_is_told(agreement, owner):
    promise(agreement, 5)
    remind_deadlines(morning())
    assert len(told(owner)) == 1


def test_an_agreement_that_ends_is_told_of_once_unless_replaced(agreement, owner):
    Agreement.objects.update(expires_on=DAY + timedelta(days=12))
    old = make.agreement(agreement.project, owner, expires_on=DAY + timedelta(days=3))
    make.agreement(agreement.project, owner, supersedes=old)
    for days in (0, 1):
        remind_deadlines(morning(DAY + timedelta(days=days)))
    assert told(owner) == [("协议将到期 1", ["2026-05-02 到期，还有 12 天"])]


def test_the_administrator_sets_how_early(agreement, owner):
    Setting.objects.update_or_create(key="commitment_notice_days", defaults={"value": 7})
    promise(agreement, 8, owner=owner)
    assert remind_deadlines(morning()) == 0
    assert remind_deadlines(morning(DAY + timedelta(days=1))) == 1


def test_the_number_of_questions_does_not_grow_with_the_promises(
    agreement, owner, manager, django_assert_max_num_queries
):
    for _ in range(60):
        promise(agreement, 5, owner=owner, partner_owner=manager)
    with django_assert_max_num_queries(20):
        remind_deadlines(morning())


def test_nobody_is_told_of_what_ended_with_its_agreement(agreement, owner):
    before, after = promise(agreement, -9, owner=owner), promise(agreement, 5, owner=owner)
    make.agreement(
        agreement.project,
        owner,
        kind="termination",
        on=DAY - timedelta(days=3),
        supersedes=agreement,
        amount_wan=None,
    )
    remind_deadlines(morning())
    assert [title for title, _ in told(owner)] == ["承诺已过期 1"]
    before.refresh_from_db()
    after.refresh_from_db()
    assert (before.told_overdue_for, after.told_soon_for) == (before.due_on, None)
