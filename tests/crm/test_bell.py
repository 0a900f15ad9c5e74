"""The bell rings after commit, costs a request at most a second, and is silent after a failure."""

import logging
import threading
import time

import pytest
from celery import current_app

from django.db import transaction

from crm import bell
from tests import brokers

A_SECOND = 1.0


@pytest.fixture(autouse=True)
def quiet_bell():
    bell.breaker.reset()
    yield
    bell.breaker.reset()


def seconds_to_ring(*args):
    start = time.monotonic()
    with transaction.atomic():
        bell.ring(*args)
    return time.monotonic() - start


def waiting(app):
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue("celery")
        return [queue.get(block=False).headers["task"] for _ in range(queue.qsize())]


@pytest.mark.django_db(transaction=True)
def test_a_refused_broker_costs_less_than_a_second_and_one_line(caplog):
    with brokers.ringing_at(brokers.refused()), caplog.at_level(logging.WARNING, "crm.bell"):
        assert seconds_to_ring("leads.tasks.nothing", 4711) < A_SECOND
    assert len(caplog.messages) == 1
    assert "leads.tasks.nothing" in caplog.text
    assert "4711" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_hung_broker_costs_less_than_a_second_then_nothing(caplog):
    with brokers.black_hole() as hung, brokers.ringing_at(hung), caplog.at_level(logging.WARNING, "crm.bell"):
        assert seconds_to_ring("leads.tasks.nothing") < A_SECOND
        assert sum(seconds_to_ring("leads.tasks.nothing") for _ in range(20)) < 0.2
    assert len(caplog.messages) == 1


@pytest.mark.django_db(transaction=True)
def test_nothing_rings_before_commit_nor_after_a_rollback():
    with brokers.ringing_at("memory://before-commit") as app:
        with transaction.atomic():
            bell.ring("leads.tasks.wake", 1)
            assert waiting(app) == []
            with transaction.atomic():
                bell.ring("leads.tasks.undone")
                transaction.set_rollback(True)
        assert waiting(app) == ["leads.tasks.wake"]


@pytest.mark.django_db(transaction=True)
def test_the_bell_is_tried_again_when_the_silence_is_over(monkeypatch):
    monkeypatch.setattr(bell, "SILENCE", 0.5)
    with brokers.ringing_at(brokers.refused()):
        seconds_to_ring("leads.tasks.wake")
    assert bell.breaker.is_open()
    with brokers.ringing_at("memory://again") as app:
        seconds_to_ring("leads.tasks.wake")
        assert waiting(app) == []
        time.sleep(0.6)
        seconds_to_ring("leads.tasks.wake")
        assert waiting(app) == ["leads.tasks.wake"]


def test_a_thread_of_the_web_server_rings_at_the_products_own_broker():
    apps = []
    thread = threading.Thread(target=lambda: apps.append(current_app.main))
    thread.start()
    thread.join()
    assert apps == ["config"]
