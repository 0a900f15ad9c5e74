"""A small machine of real processes around the test database: broker, workers, beats."""

import os
import signal
import subprocess
import sys
import time
from urllib.parse import quote, urlencode

import pytest

from django.conf import settings
from django.db import connection

from crm import bell
from tests import brokers

PATIENCE = 60.0  # seconds until something that must happen has happened


def database_url():
    """The test database as a DATABASE_URL for another process."""
    params = connection.get_connection_params()
    user, password = quote(params.get("user", "")), quote(params.get("password", ""), safe="")
    account = f"{user}:{password}" if password else user
    host, port = params.get("host", ""), params.get("port", "")
    folder = f"?{urlencode({'host': host})}" if host.startswith("/") else ""
    place = f":{port}" if folder else f"{host}:{port}"
    return f"postgres://{account}@{place.rstrip(':')}/{params['dbname']}{folder}"


class Machine:
    """Real processes of the product, each a process group of its own: a kill takes its children along."""

    def __init__(self, broker, folder):
        self.broker = broker
        self._folder = folder
        self._processes = []
        self._environ = {
            **os.environ,
            "MODE": "local",
            "DATA_DIR": str(folder),
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            **broker.environ,
        }

    def worker(self):
        """A Celery worker with one child; not up yet when this returns."""
        return self._start("worker", "--concurrency=1", "--without-gossip", "--without-mingle")

    def beat(self):
        """A Celery beat that ticks every second."""
        schedule = self._folder / f"beat-{len(self._processes)}"
        return self._start("beat", f"--schedule={schedule}", "--pidfile=")

    def _start(self, *arguments):
        log = self._folder / f"{arguments[0]}-{len(self._processes)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "config", *arguments, "--loglevel=INFO"],
                cwd=settings.BASE_DIR,
                env=self._environ,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def kill(self, process):
        """kill -9 of a process and its children."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self):
        for process in self._processes:
            if process.returncode is None:
                self.kill(process)

    def until(self, condition, patience=PATIENCE):
        """Wait until `condition()` holds; says what the processes logged when it does not."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if condition():
                return
            time.sleep(0.02)
        logs = [f"--- {log.name}\n{log.read_text()[-3000:]}" for log in sorted(self._folder.glob("*.log"))]
        pytest.fail(f"not within {patience:.0f} s\n" + "\n".join(logs))


@pytest.fixture(autouse=True)
def _quiet_bell():
    """A test that met a dead broker leaves no silence behind."""
    yield
    bell.breaker.reset()


def _running(broker, folder):
    broker.start()
    machine = Machine(broker, folder)
    try:
        with brokers.ringing_at(broker.url, **broker.options):
            yield machine
    finally:
        machine.stop()
        broker.stop()


@pytest.fixture
def machine(transactional_db, tmp_path):
    """Processes around the broker this machine has; what the test rings, rings there."""
    yield from _running(brokers.any_broker(tmp_path), tmp_path)


@pytest.fixture
def stoppable(transactional_db, tmp_path):
    """Processes around a broker the test may kill."""
    yield from _running(brokers.stoppable_broker(tmp_path), tmp_path)
