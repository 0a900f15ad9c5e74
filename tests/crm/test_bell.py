"""The bell rings after commit, costs a request at most a second, and is silent after a failure."""

import logging
import socket
import threading
import time

import pytest
from celery import Celery, current_app

from django.db import transaction

from crm import bell

A_SECOND = 1.0


@pytest.fixture(autouse=True)
def quiet_bell():
    bell.breaker.reset()
    yield
    bell.breaker.reset()


@pytest.fixture
def broker():
    """Point this process at a broker: `broker(url)` gives the app that rings there."""
    apps = []
    before = current_app._get_current_object()

    def use(url):
        app = Celery("bell", broker=url, set_as_current=False)
        app.conf.broker_transport_options = dict(before.conf.broker_transport_options)
        app.set_current()
        apps.append(app)
        return app

    yield use
    before.set_current()
    [app.close() for app in apps]


@pytest.fixture
def black_hole():
    """A server that accepts every connection and never says a word."""
    server = socket.create_server(("127.0.0.1", 0))
    held = []

    def accept():
        while True:
            try:
                held.append(server.accept()[0])
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"
    server.close()
    [connection.close() for connection in held]


@pytest.fixture
def refused():
    """An address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"redis://127.0.0.1:{port}/0"


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
def test_a_refused_broker_costs_less_than_a_second_and_one_line(broker, refused, caplog):
    broker(refused)
    with caplog.at_level(logging.WARNING, "crm.bell"):
        assert seconds_to_ring("leads.tasks.nothing", 4711) < A_SECOND
    assert len(caplog.messages) == 1
    assert "leads.tasks.nothing" in caplog.text
    assert "4711" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_hung_broker_costs_less_than_a_second_then_nothing(broker, black_hole, caplog):
    broker(black_hole)
    with caplog.at_level(logging.WARNING, "crm.bell"):
        assert seconds_to_ring("leads.tasks.nothing") < A_SECOND
        assert sum(seconds_to_ring("leads.tasks.nothing") for _ in range(20)) < 0.2
    assert len(caplog.messages) == 1


@pytest.mark.django_db(transaction=True)
def test_nothing_rings_before_commit_nor_after_a_rollback(broker):
    app = broker("memory://before-commit")
    with transaction.atomic():
        bell.ring("leads.tasks.wake", 1)
        assert waiting(app) == []
        with transaction.atomic():
            bell.ring("leads.tasks.undone")
            transaction.set_rollback(True)
    assert waiting(app) == ["leads.tasks.wake"]


@pytest.mark.django_db(transaction=True)
def test_the_bell_is_tried_again_when_the_silence_is_over(broker, refused, monkeypatch):
    broker(refused)
    monkeypatch.setattr(bell, "SILENCE", 0.2)
    seconds_to_ring("leads.tasks.wake")
    assert bell.breaker.is_open()
    app = broker("memory://again")
    seconds_to_ring("leads.tasks.wake")
    assert waiting(app) == []
    time.sleep(0.25)
    seconds_to_ring("leads.tasks.wake")
    assert waiting(app) == ["leads.tasks.wake"]
