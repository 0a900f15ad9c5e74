"""Real brokers for tests: one that hangs, one that is not there, and ones that can be stopped and started."""

import os
import shutil
import socket
import subprocess
import threading
import time
import uuid
from contextlib import closing, contextmanager, suppress

from celery import Celery, current_app

READY_AFTER = 10.0  # seconds


def free_port():
    """A port nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def refused():
    """The address of a Redis that is not there."""
    return f"redis://127.0.0.1:{free_port()}/0"


@contextmanager
def black_hole():
    """The address of a server that accepts every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = []
        threading.Thread(target=_swallow, args=(server, held), daemon=True).start()
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        for connection in held:
            connection.close()


def _swallow(server, held):
    with suppress(OSError):  # the test closes the server when it is over
        while True:
            held.append(server.accept()[0])


@contextmanager
def ringing_at(url, **options):
    """Let this process ring at the broker `url`; gives the Celery app that does."""
    before = current_app._get_current_object()
    app = Celery("bell", broker=url, set_as_current=False)
    app.conf.broker_transport_options = {**before.conf.broker_transport_options, **options}
    app.set_current()
    with closing(app):
        yield app
        before.set_current()


class PrivateRedis:
    """A Redis server of our own without persistence: what is in it is lost when it stops."""

    def __init__(self, folder):
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.options = {}
        self.environ = {"REDIS_URL": self.url}
        self._folder = folder
        self._process = None

    def start(self):
        command = [
            "redis-server",
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        self._process = subprocess.Popen(command, cwd=self._folder, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + READY_AFTER
        while time.monotonic() < deadline:
            with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        raise AssertionError("redis-server does not listen")

    def stop(self):
        """Kill it without a farewell."""
        self._process.kill()
        self._process.wait()


class Folder:
    """The broker without a server: messages as files. Stopped means that its folder is gone."""

    def __init__(self, folder):
        self._folder = folder / "broker"
        self._away = folder / "away"
        self.url = "filesystem://"
        self.options = {
            "data_folder_in": str(self._folder),
            "data_folder_out": str(self._folder),
            "control_folder": str(folder / "broker-control"),
        }
        self.environ = {"DATA_DIR": str(folder), "REDIS_URL": ""}

    def start(self):
        if self._folder.is_file():
            self._folder.unlink()
            self._away.rename(self._folder)
        self._folder.mkdir(parents=True, exist_ok=True)

    def stop(self):
        self._folder.rename(self._away)
        self._folder.write_text("not a folder")


class SharedRedis:
    """The Redis of REDIS_URL, used under a key prefix of our own; never stopped."""

    def __init__(self):
        self.url = os.environ["REDIS_URL"]
        self.options = {"global_keyprefix": f"test-{uuid.uuid4().hex}:"}
        self.environ = {"REDIS_URL": self.url, "FAULTS_KEY_PREFIX": self.options["global_keyprefix"]}

    def start(self):
        """It runs already."""

    def stop(self):
        """It is not ours to stop."""


def any_broker(folder):
    """The broker of this machine: REDIS_URL if given, else a Redis of our own, else files."""
    return SharedRedis() if os.environ.get("REDIS_URL") else stoppable_broker(folder)


def stoppable_broker(folder):
    """A broker the test may kill: a Redis of our own where the program exists, else files."""
    return PrivateRedis(folder) if shutil.which("redis-server") else Folder(folder)
