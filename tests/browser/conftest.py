"""A real browser against the real site: Chromium by Playwright, one context per person."""

import os
import shutil
import threading

import pytest
from playwright.sync_api import sync_playwright

from django.conf import settings
from django.db import connections
from django.test import Client

from config.bootstrap import BROWSERS
from tests.conftest import logged_in

# Playwright keeps an event loop running in this thread; the ORM calls of a test are synchronous all the same.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
]
SECONDS = 15_000
# noted by htmx when a newer request of a form replaces one; one that fails is noted by other words
CALLED_OFF = ("htmx:afterRequest", "htmx:sendAbort")


@pytest.fixture(scope="session")
def chromium(django_db_setup):
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("没有找到 Chromium。请先安装：apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
        _hang_up()


def _hang_up():
    """Close what would keep the test database from being dropped.

    The threads of the live server end when the browser is gone, each with its connection. And while the
    loop runs, Django gives this thread a connection of its own, which nobody else closes.
    """
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(timeout=5)
    connections.close_all()


# also the worker of the site: requests that pass through it are not those of the page
FORGET = """async () => {
  localStorage.clear(); sessionStorage.clear();
  for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister();
  for (const name of await caches.keys()) await caches.delete(name);
}"""


class Seats:
    """Places at the browser, each a page in a context of its own; one that was left is wiped and used again.

    A new context costs as much as four pages: it starts a process and compiles every script anew.
    """

    def __init__(self, browser):
        self._browser, self._free = browser, []

    def take(self, width, height):
        page = self._free.pop() if self._free else self._browser.new_context(locale="zh-CN").new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.set_default_timeout(SECONDS)
        return page

    def leave(self, page, base):
        """Nobody finds anything of the last person: no session, no draft, no second page, no night."""
        for other in page.context.pages:
            if other is not page:
                other.close()
        page.unroute_all()
        page.context.set_offline(False)
        page.goto(base + "/healthz")
        page.evaluate(FORGET)
        page.context.clear_cookies()
        page.emulate_media(media="null", color_scheme="light")
        self._free.append(page)


@pytest.fixture(scope="session")
def seats(chromium):
    return Seats(chromium)


class Desk:
    """A person at a browser: a page, and everything that went wrong on it."""

    def __init__(self, page, base, user):
        self.page, self.base, self.user, self.troubles = page, base, user, []
        self.page.on("console", self._heard)
        self.page.on("pageerror", self._broke)

    def _heard(self, message):
        # a refusal is answered with 4xx on purpose; the browser notes it as a failed load
        if message.type != "error" or "the server responded with a status of 4" in message.text:
            return
        if not message.text.startswith(CALLED_OFF):
            self.troubles.append(message.text)

    def _broke(self, error):
        self.troubles.append(str(error))

    def stand_up(self):
        self.page.remove_listener("console", self._heard)
        self.page.remove_listener("pageerror", self._broke)

    def open(self, path):
        self.page.goto(self.base + path)
        return self.page

    def seat(self):
        """Logged in without the login page, by a session of its own."""
        client = logged_in(Client(), self.user)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": self.base}
        self.page.context.add_cookies([cookie])
        return self

    def login(self, password):
        page = self.open("/login/")
        page.fill("#id_username", self.user.username)
        page.fill("#id_password", password)
        page.click("button[type=submit]")
        page.wait_for_url(self.base + "/")
        return self

    def scrolls_sideways(self):
        """Asked in one go of a page that stands: one on its way has no root to measure yet."""
        width = self.page.wait_for_function(
            """() => { const root = document.documentElement;
                return root && document.readyState === "complete" &&
                    { wanted: root.scrollWidth, given: root.clientWidth } }"""
        ).json_value()
        return width["wanted"] > width["given"] + 1


@pytest.fixture
def desk(seats, live_server):
    """`desk(user, width=390)`: somebody at a browser, logged in; with a password, through the login page."""
    taken = []

    def sit(user, password="", width=1440, height=900):
        one = Desk(seats.take(width, height), live_server.url, user)
        taken.append(one)
        return one.login(password) if password else one.seat()

    yield sit
    for one in taken:
        one.stand_up()
        seats.leave(one.page, one.base)


@pytest.fixture
def plain_desk(chromium, live_server):
    """`plain_desk(user)`: somebody at a browser that runs no scripts."""
    contexts = []

    def sit(user, width=1440, height=900):
        given = {"locale": "zh-CN", "java_script_enabled": False}
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, **given))
        page = contexts[-1].new_page()
        page.set_default_timeout(SECONDS)
        return Desk(page, live_server.url, user).seat()

    yield sit
    for context in contexts:
        context.close()
