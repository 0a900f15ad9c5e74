"""A real browser against the real site: Chromium by Playwright, one context per person."""

import os
import shutil
import threading

import pytest
from playwright.sync_api import sync_playwright

from django.conf import settings
from django.db import connections
from django.test import Client

from tests.conftest import logged_in

# Playwright keeps an event loop running in this thread; the ORM calls of a test are synchronous all the same.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
]
SECONDS = 15_000


@pytest.fixture(scope="session")
def chromium(django_db_setup):
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
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


class Desk:
    """A person at a browser: a page, and everything that went wrong on it."""

    def __init__(self, browser, base, width, height, user):
        self.base, self.user, self.troubles = base, user, []
        self.context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        self.page = self.context.new_page()
        self.page.set_default_timeout(SECONDS)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))

    def _heard(self, message):
        # a refusal is answered with 4xx on purpose; the browser notes it as a failed load
        if message.type == "error" and "the server responded with a status of 4" not in message.text:
            self.troubles.append(message.text)

    def open(self, path):
        self.page.goto(self.base + path)
        return self.page

    def seat(self):
        """Logged in without the login page, by a session of its own."""
        client = logged_in(Client(), self.user)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": self.base}])
        return self

    def login(self, password):
        page = self.open("/login/")
        page.fill("#id_username", self.user.username)
        page.fill("#id_password", password)
        page.click("button[type=submit]")
        page.wait_for_url(self.base + "/")
        return self

    def scrolls_sideways(self):
        return self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"
        )


@pytest.fixture
def desk(chromium, live_server):
    """`desk(user, width=390)`: a new browser context, logged in; with a password, through the login page."""
    opened = []

    def sit(user, password="", width=1440, height=900):
        one = Desk(chromium, live_server.url, width, height, user)
        opened.append(one)
        return one.login(password) if password else one.seat()

    yield sit
    for one in opened:
        one.context.close()
