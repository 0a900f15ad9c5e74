"""Workers die, the broker stops or hangs: every message goes out once, and nobody at a page waits for it."""

import time
from datetime import timedelta

import pytest

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from crm import outgoing, preferences
from crm.models import Attempt, Delivery, Notification
from crm.workdays import shanghai_day
from leads.models import Handover, Lead
from tests import brokers

MESSAGES = 2000
PUSHED = 80
A_REQUEST = 2.0  # seconds


@pytest.fixture
def slow_delivery(transactional_db):
    """A database that takes a tenth of a second for every batch, so that a kill meets a worker at work."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_sleep(0.1); RETURN NULL; END $$;"
            "CREATE TRIGGER take_time AFTER INSERT ON crm_attempt "
            "FOR EACH STATEMENT EXECUTE FUNCTION take_time()"
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER take_time ON crm_attempt; DROP FUNCTION take_time()")


def queue(person, number):
    """Reminders that wait for delivery."""
    at = timezone.now()
    Notification.objects.bulk_create(
        Notification(user=person, kind="system", key=f"reminder:{n}", title="提醒", created_at=at)
        for n in range(number)
    )


def sent():
    return Notification.objects.filter(sent_at__isnull=False).count()


def assert_each_once(number):
    assert sent() == number
    assert Attempt.objects.count() == Attempt.objects.values("notification").distinct().count() == number


def test_workers_killed_in_the_middle_lose_and_double_nothing(machine, slow_delivery, owner):
    queue(owner, MESSAGES)
    machine.beat()
    for goal, worker in [(200, machine.worker()), (800, machine.worker())]:
        machine.until(lambda goal=goal: sent() >= goal)
        machine.kill(worker)
        assert sent() < MESSAGES
        machine.worker()
    machine.until(lambda: sent() == MESSAGES)
    assert_each_once(MESSAGES)


@pytest.fixture
def mails(tmp_path, monkeypatch):
    """The folder into whose files the processes write the mails they send."""
    folder = tmp_path / "mails"
    monkeypatch.setenv("FAULTS_MAILS", str(folder))
    monkeypatch.setenv("EMAIL_HOST", "mail.example.cn")
    monkeypatch.setenv("EMAIL_FROM", "crm@example.cn")
    return folder


@pytest.fixture
def slow_notes(transactional_db):
    """A database that takes a moment to note what was sent, so that a kill meets a worker between the two."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_sleep(0.05); RETURN NULL; END $$;"
            "CREATE TRIGGER take_time AFTER UPDATE ON crm_delivery "
            "FOR EACH STATEMENT EXECUTE FUNCTION take_time()"
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER take_time ON crm_delivery; DROP FUNCTION take_time()")


def test_workers_killed_while_they_send_lose_nothing_and_repeat_at_most_what_each_had_in_hand(
    mails, machine, slow_notes, owner
):
    def out():
        return Delivery.objects.filter(state="sent").count()

    wishes = preferences.Wishes(email="lin@example.cn", email_kinds=["system"])
    preferences.save(owner, wishes, at=timezone.now())
    queue(owner, PUSHED)
    machine.beat()
    workers = [machine.worker(), machine.worker()]
    machine.until(lambda: out() >= 10)
    for worker in workers:
        machine.kill(worker)
    assert out() < PUSHED
    held = Delivery.objects.filter(state="waiting", leased_until__isnull=False)
    assert held.count() <= 2 * outgoing.BATCH
    held.update(leased_until=timezone.now() - timedelta(seconds=1))  # as if their leases had ended
    machine.worker(), machine.worker()
    machine.until(lambda: out() == PUSHED)
    written = "".join(path.read_text() for path in mails.iterdir())
    assert PUSHED <= written.count("Message-ID:") <= PUSHED + len(workers)
    assert set(Delivery.objects.values_list("notification__user", flat=True)) == {owner.pk}


def post(client, address, **fields):
    """Post a form as a person would; it must redirect, and soon."""
    start = time.monotonic()
    response = client.post(address, fields)
    assert response.status_code == 302, response.content.decode()[:2000]
    assert time.monotonic() - start < A_REQUEST
    return response


def record_and_hand_over(client, names, unit):
    """Save leads through the page and pass each to another unit, which its head is told of."""
    soon = shanghai_day(timezone.now()) + timedelta(days=3)
    for name in names:
        post(client, reverse("leads:capture"), company_name=name, contact_name="王总", next_contact_on=soon)
        lead = Lead.objects.get(title=name)
        fields = {"to_unit": unit.pk, "reason": "企业看中网谷的楼宇", "share": 40, "version": lead.version}
        fields = {f"handover-{name}": value for name, value in fields.items()}
        post(client, reverse("leads:hand_over", args=[lead.pk]), **fields)


def test_with_the_broker_killed_under_a_worker_saving_works_and_the_messages_go_out_once_it_is_back(
    stoppable, slow_delivery, as_, head, outsider
):
    outsider.role = "head"
    outsider.save()
    queue(head, 1000)
    stoppable.beat()
    worker = stoppable.worker()
    stoppable.until(lambda: sent() >= 100)
    stoppable.broker.stop()
    stoppable.until(lambda: sent() == 1000)  # the work goes on; its receipt finds no broker
    record_and_hand_over(as_(head), ["深圳海量数据有限公司", "深圳微光医疗有限公司"], outsider.unit)
    assert sent() == 1000
    stoppable.broker.start()
    if isinstance(stoppable.broker, brokers.Folder):  # without its folder that transport ends the worker
        stoppable.kill(worker)
        stoppable.worker()
    stoppable.until(lambda: sent() == 1002)
    assert_each_once(1002)


@pytest.mark.parametrize("place", ["hung", "refused"])
def test_a_dead_broker_costs_a_request_less_than_two_seconds(transactional_db, place, as_, head, outsider):
    client = as_(head)
    with brokers.black_hole() as hung, brokers.ringing_at(hung if place == "hung" else brokers.refused()):
        record_and_hand_over(client, ["深圳云芯科技有限公司", "深圳海量数据有限公司"], outsider.unit)
    assert Handover.objects.count() == 2
