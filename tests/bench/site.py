"""The site as it is served, two gunicorn workers, and somebody at it over HTTP with a session."""

import http.client
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client
from django.utils import timezone

from crm.accounts import begin_session
from crm.models import User
from tests.bench.statements import asked_by

WORKERS = 2
PATIENCE = 60
EMPTY = "/healthz"
CSRF = "b" * 32
HOST = "127.0.0.1"


class Unexpected(Exception):
    """A page did not answer as it should; its figure would mean nothing."""


class Site:
    """A running site on a port of its own."""

    def __init__(self, port):
        self.port = port

    def ask(self, method, path, body=None, headers=None, expect=200):
        """One request on a connection of its own, so that both workers take their turns; the body."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        if response.status != expect:
            raise Unexpected(f"{method} {path}: {response.status}\n{content[:1500].decode(errors='replace')}")
        return content

    def empty(self, *_):
        """The page that does nothing: what server and middleware cost by themselves."""
        self.ask("GET", EMPTY)

    def is_up(self):
        try:
            self.empty()
        except OSError:
            return False
        return True


class Visitor:
    """Somebody logged in: the same session over HTTP and in this process, where queries can be seen."""

    def __init__(self, site, username):
        self.site, self.user = site, User.objects.select_related("unit").get(username=username)
        self.inside = Client(SERVER_NAME=HOST)
        self.inside.force_login(self.user)
        session = self.inside.session
        begin_session(session, timezone.now())
        session.save()
        cookies = {settings.SESSION_COOKIE_NAME: session.session_key, settings.CSRF_COOKIE_NAME: CSRF}
        self.headers = {"Cookie": "; ".join(f"{key}={value}" for key, value in cookies.items())}

    def get(self, path):
        """Fetch a page over HTTP; its length in bytes."""
        return len(self.site.ask("GET", path, headers=self.headers))

    def post(self, path, fields, expect=302):
        """Send a form over HTTP."""
        headers = {**self.headers, "Content-Type": "application/x-www-form-urlencoded"}
        self.site.ask("POST", path, urlencode({**fields, "csrfmiddlewaretoken": CSRF}), headers, expect)

    def statements(self, path):
        """What the page asks of the database once it is warm."""
        self._see(path)
        return asked_by(lambda: self._see(path))

    def _see(self, path):
        response = self.inside.get(path)
        if response.status_code != 200:
            raise Unexpected(f"GET {path}: {response.status_code}")


@contextmanager
def running(folder):
    """The site on the database of this process's environment; its log lies in `folder`."""
    with socket.socket() as listener, (folder / "web.log").open("wb") as log:
        listener.bind((HOST, 0))
        listener.listen(64)
        command = [sys.executable, "-m", "gunicorn", "--config", "python:config.web"]
        command += ["--bind", f"fd://{listener.fileno()}"]
        process = subprocess.Popen(
            command, env={**os.environ, "WEB_WORKERS": str(WORKERS)}, cwd=settings.BASE_DIR, stdout=log,
            stderr=log, pass_fds=[listener.fileno()],
        )  # fmt: skip
        try:
            yield _awaited(Site(listener.getsockname()[1]), process)
        finally:
            process.terminate()
            process.wait()


def _awaited(site, process):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if site.is_up():
            return site
        time.sleep(0.2)
    raise Unexpected("网站没有启动，原因见它的日志 web.log。")
