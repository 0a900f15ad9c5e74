"""A message is queued once per person and effect, delivered once, and seen by nobody else."""

import threading
from datetime import timedelta

import pytest

from django.db import connection, transaction

from crm.models import Attempt, Notification
from crm.notifications import deliver_all, deliver_batch, notify
from tests import make


def tell(person, key="effect", at=make.NOW, **fields):
    notify(person, kind="system", key=key, title="已完成", at=at, **fields)


def test_the_same_effect_is_told_once_to_each(owner, teammate):
    for _ in range(3):
        tell(owner)
        tell(teammate)
    assert Notification.objects.filter(user=owner).count() == 1
    assert Notification.objects.count() == 2


def test_a_message_of_an_undone_change_does_not_exist(owner):
    with transaction.atomic():
        tell(owner)
        transaction.set_rollback(True)
    assert not Notification.objects.exists()


def test_a_message_is_seen_by_its_reader_only_after_delivery(owner, manager):
    tell(owner)
    assert not Notification.objects.visible_to(owner).exists()
    deliver_all(make.NOW)
    assert Notification.objects.visible_to(owner).exists()
    assert not Notification.objects.visible_to(manager).exists()


def test_delivery_leaves_one_attempt_and_the_time(owner):
    tell(owner)
    later = make.NOW + timedelta(minutes=1)
    assert deliver_all(later) == 1
    assert deliver_all(later + timedelta(minutes=1)) == 0
    assert Attempt.objects.get().notification.sent_at == later


def test_the_oldest_go_first_and_a_batch_costs_the_same_whatever_its_size(owner, django_assert_num_queries):
    for n in (3, 1, 2):
        tell(owner, key=f"effect {n}", at=make.NOW + timedelta(minutes=n))
    with django_assert_num_queries(7):  # savepoint, select, attempts, update, muted, wishes, release
        assert deliver_batch(make.NOW + timedelta(hours=1), size=2) == 2
    assert Notification.objects.get(sent_at=None).key == "effect 3"


def test_a_long_title_is_cut_to_what_the_column_holds(owner):
    notify(owner, kind="system", key="long", title="长" * 300, at=make.NOW)
    assert len(Notification.objects.get().title) == 120


def test_two_workers_at_once_deliver_everything_once(transactional_db, owner):
    for n in range(400):
        tell(owner, key=f"effect {n}")
    gate, counts = threading.Barrier(4), []

    def worker():
        gate.wait()
        counts.append(deliver_all(make.NOW))
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sum(counts) == 400
    assert Attempt.objects.count() == Attempt.objects.values("notification").distinct().count() == 400
    assert not Notification.objects.filter(sent_at=None).exists()


@pytest.fixture
def forced(owner, head, manager, now):
    """A project forced into 评审决策 by the bureau."""
    project = make.project(owner)
    project.move_to("review", by=manager, at=now, reason="区长办公会要求", forced=True)
    return project


def test_a_forced_move_is_told_to_the_owner_and_the_head_with_reason_and_gaps(forced, owner, head, manager):
    messages = Notification.objects.filter(kind="stage")
    assert {message.user for message in messages} == {owner, head}
    message = messages[0]
    assert message.title == f"何科长强制推进了{forced}"
    assert "区长办公会要求" in message.body
    assert "没有投资额" in message.body
    assert message.url == forced.get_absolute_url()


def test_who_forces_a_move_is_not_told_of_it(owner, head, manager, now):
    make.project(owner).move_to("review", by=head, at=now, reason="急", forced=True)
    assert [message.user for message in Notification.objects.filter(kind="stage")] == [owner]


def test_an_ordinary_move_tells_nobody(owner, head, now):
    make.lead(owner).move_to("screening", by=owner, at=now)
    assert not Notification.objects.exists()
