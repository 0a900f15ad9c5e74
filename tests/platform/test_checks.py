"""The system checks find each unsafe setting and server that is planted."""

import contextlib
import socketserver
import threading

import psycopg
import pytest

from django.db import connection, connections

from config import checks


def found(problems):
    return [problem.id for problem in problems]


def test_the_settings_as_they_are_pass(settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 2 * settings.CELERY_TASK_TIME_LIMIT}
    for check in (checks.visibility_timeout, checks.sessions_in_database, checks.connections_recover):
        assert found(check(None)) == []
    assert found(checks.pool_does_not_hang(None)) == []


def test_a_visibility_timeout_below_two_task_limits_is_refused(settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 2 * settings.CELERY_TASK_TIME_LIMIT - 1}
    assert found(checks.visibility_timeout(None)) == ["wiring.E001"]


@pytest.mark.parametrize("engine", ["cache", "cached_db", "file"])
def test_sessions_outside_the_database_are_refused(settings, engine):
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    assert found(checks.sessions_in_database(None)) == ["wiring.E002"]


def test_connections_without_health_checks_are_refused(settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES["default"], "CONN_HEALTH_CHECKS", False)
    assert found(checks.connections_recover(None)) == ["wiring.E003"]


def test_connections_kept_for_ever_without_health_checks_are_refused(settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES["default"], "CONN_MAX_AGE", None)
    monkeypatch.setitem(settings.DATABASES["default"], "CONN_HEALTH_CHECKS", False)
    assert found(checks.connections_recover(None)) == ["wiring.E003"]


@pytest.mark.parametrize("pool", [True, {"timeout": 10}, {"max_size": 4}])
def test_a_pool_that_waits_long_is_refused(settings, monkeypatch, pool):
    monkeypatch.setitem(settings.DATABASES["default"], "OPTIONS", {"pool": pool})
    assert found(checks.pool_does_not_hang(None)) == ["wiring.E004"]


@pytest.mark.django_db
def test_the_database_of_the_tests_knows_chinese():
    assert found(checks.database_knows_chinese(None, databases=["default"])) == []


@contextlib.contextmanager
def plain_database():
    """A database of locale C beside the one of the tests."""
    parameters = connection.get_connection_params() | {"dbname": "postgres"}
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    name = f"{connection.settings_dict['NAME']}_plain"
    with psycopg.connect(**parameters, autocommit=True) as server:
        locale = "LC_COLLATE 'C' LC_CTYPE 'C'"
        if server.info.server_version >= 170000:
            locale += " LOCALE_PROVIDER libc"
        server.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8' {locale}")
        try:
            yield name
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.django_db
def test_a_database_of_locale_c_is_refused():
    with plain_database() as name:
        other = connections.create_connection("default")
        other.settings_dict = other.settings_dict | {"NAME": name}
        try:
            assert found(checks._locale_problems(other)) == ["wiring.E006"]
        finally:
            other.close()


class Forgetful(socketserver.StreamRequestHandler):
    """Answers like a Redis that evicts keys when memory is short."""

    def handle(self):
        told = b"# Memory\r\nmaxmemory_policy:allkeys-lru\r\n"
        while line := self.rfile.readline():
            if line.startswith(b"*"):
                words = [self._word() for _ in range(int(line[1:]))]
                is_info = words[0].upper() == b"INFO"
                self.wfile.write(b"$%d\r\n%s\r\n" % (len(told), told) if is_info else b"+OK\r\n")

    def _word(self):
        length = int(self.rfile.readline()[1:])
        return self.rfile.read(length + 2)[:-2]


@pytest.fixture
def forgetful_redis():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Forgetful) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"redis://127.0.0.1:{server.server_address[1]}/0?protocol=2"
        server.shutdown()


def test_a_redis_that_evicts_is_refused(settings, forgetful_redis):
    settings.REDIS_URL = forgetful_redis
    assert found(checks.broker_forgets_nothing(None, databases=["default"])) == ["wiring.E007"]


def test_a_redis_that_is_away_is_a_warning_only(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert found(checks.broker_forgets_nothing(None, databases=["default"])) == ["wiring.W001"]
