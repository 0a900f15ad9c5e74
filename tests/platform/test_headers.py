"""What every answer carries, and what the probes say when a server is away."""

import threading
import time

import pytest

from django.db import connections
from django.test import Client

from crm.security import CONTENT_SECURITY_POLICY
from tests import brokers

PATIENCE = 2.5
LONGEST_PAGE = 2 * PATIENCE  # two seconds of waiting, the rest for a machine that is busy with other tests


def timed(path):
    """The answer to a logged-in browser, asked for in a thread with its own connections, and its seconds."""

    def ask():
        client = Client(raise_request_exception=False)
        client.cookies["session"] = "a" * 32
        began = time.monotonic()
        told.extend([client.get(path), time.monotonic() - began])
        connections.close_all()

    told = []
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return told


@pytest.fixture(autouse=True)
def _loaded():
    """The first request loads every page's code; the times below are those of a site that runs."""
    Client().get("/healthz")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/login/", "/healthz", "/", "/no-such-page/"])
def test_every_answer_carries_the_headers(client, path):
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Request-ID"]


def test_the_policy_allows_nothing_inline_and_nobody_else():
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY
    assert "*" not in CONTENT_SECURITY_POLICY


def test_what_a_person_was_sent_is_kept_in_no_cache(client, owner):
    client.force_login(owner)
    assert client.get("/notifications/").headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_what_a_token_was_sent_is_kept_in_no_cache(client):
    answer = client.get("/api/v1/leads/", headers={"authorization": "Bearer nonsense"})
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("lost_database", ["refused", "silent"], indirect=True)
def test_liveness_asks_nobody_even_when_the_database_is_away(lost_database):
    answer, seconds = timed("/healthz")
    assert answer.status_code == 200
    assert seconds < 1


@pytest.mark.parametrize("lost_database", ["refused", "silent"], indirect=True)
def test_a_page_says_that_the_database_is_away(lost_database):
    answer, seconds = timed("/notifications/")
    assert seconds < LONGEST_PAGE
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "数据库暂时连不上" in answer.text


@pytest.mark.django_db(transaction=True)
def test_readiness_tells_all_three(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert set(answer.json()) == {"database", "broker", "beat_age_seconds"}
    assert answer.json()["database"] == "ok"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["refused", "silent"])
def test_a_broker_that_is_away_is_told_and_does_no_harm(settings, kind):
    with brokers.black_hole() as silent:
        settings.REDIS_URL = silent if kind == "silent" else brokers.refused()
        answer, seconds = timed("/readyz")
    assert seconds < PATIENCE
    assert (answer.status_code, answer.json()["broker"], answer.json()["database"]) == (200, "down", "ok")


@pytest.fixture
def lost_database(django_db_blocker, monkeypatch, request):
    """The database server refuses every connection, or takes it and says nothing."""
    with brokers.black_hole() as silent:
        address = silent if request.param == "silent" else brokers.refused()
        port = address.rsplit(":", 1)[1].split("/")[0]
        lost = connections.settings["default"] | {"HOST": "127.0.0.1", "PORT": port}
        monkeypatch.setitem(connections.settings, "default", lost)
        with django_db_blocker.unblock():
            yield


@pytest.mark.parametrize("lost_database", ["refused", "silent"], indirect=True)
def test_a_lost_database_is_told_within_two_and_a_half_seconds(lost_database):
    answer, seconds = timed("/readyz")
    assert seconds < PATIENCE
    assert (answer.status_code, answer.json()["database"]) == (503, "down")
    assert answer.headers["Retry-After"]
