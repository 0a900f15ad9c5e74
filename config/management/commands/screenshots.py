"""Picture every page of the map at three widths: `manage.py screenshots` (needs Chromium; an empty database
gets the demo first, as by `make run`)."""

import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config import prepare
from config.bootstrap import BROWSERS
from config.pagemap import pages
from crm.accounts import begin_session
from crm.models import User

WIDTHS = {"wide": (1440, 900), "tablet": (768, 1024), "phone": (390, 844)}
README = {"funnel": ("manager", "reports"), "board": ("head", "projects-board")}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
]
WAIT = 30  # seconds for the server to answer


class Command(BaseCommand):
    help = "给每一页在三种宽度下截图，存入 .data/screenshots；--readme 另存两张到 docs/images"

    def add_arguments(self, parser):
        parser.add_argument("--users", default="head,officer,manager", help="以哪些演示账号截图，逗号分隔")
        parser.add_argument("--only", default="", help="只截名称含这些字的页面，逗号分隔")
        parser.add_argument("--dark", action="store_true", help="深色")
        parser.add_argument("--readme", action="store_true", help="只重新生成 README 用的两张图")

    def handle(self, *, users, only, dark, readme, **options):
        prepare.bring_up_to_date()
        shots = _for_readme() if readme else _for_all(users.split(","), [w for w in only.split(",") if w])
        port = _free_port()
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "gunicorn",
                "--config",
                "python:config.web",
                "--bind",
                f"127.0.0.1:{port}",
            ],
            cwd=settings.BASE_DIR,
            env={**os.environ, "MODE": "local"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            base = _await(f"http://127.0.0.1:{port}")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=_chromium(), args=FLAGS)
                camera = Camera(browser, base, dark)
                for shot in shots:
                    self.stdout.write(str(camera.take(shot)))
        finally:
            server.terminate()
            server.wait(10)


@dataclass
class Shot:
    """A page to picture: as whom (their session), which, how large, into which file; `whole` or its top."""

    session: str
    path: str
    size: tuple[int, int]
    target: Path
    whole: bool = True


def _for_all(usernames, only):
    """Every page of the map for each of `usernames`, at the three widths; of `only`, when that names any.

    What stands in the database is read before the browser starts: beside it Django refuses to.
    """
    shots = []
    for user in User.objects.filter(username__in=usernames):
        folder, session = Path(settings.DATA_DIR) / "screenshots" / user.username, _session(user)
        named = {n: path for n, path in pages(user).items() if not only or any(word in n for word in only)}
        shots += [
            Shot(session, path, size, folder / f"{name}-{width}.png")
            for name, path in named.items()
            for width, size in WIDTHS.items()
        ]
    if not shots:
        raise CommandError("没有可截的页面：--users 里没有一个账号存在，或 --only 的字不在任何页面的名称里。")
    return shots


def _for_readme():
    folder = settings.BASE_DIR / "docs" / "images"
    found = []
    for name, (username, page) in README.items():
        user = User.objects.get(username=username)
        found.append(
            Shot(_session(user), pages(user)[page], WIDTHS["wide"], folder / f"{name}.png", whole=False)
        )
    return found


class Camera:
    """Opens pages and keeps their pictures."""

    def __init__(self, browser, base, dark):
        self.browser, self.base = browser, base
        self.scheme = "dark" if dark else "light"
        self.pages = {}

    def take(self, shot):
        """Picture what `shot` asks for; returns the file."""
        shot.target.parent.mkdir(parents=True, exist_ok=True)
        page = self._page(shot.session, shot.size)
        page.goto(self.base + shot.path, wait_until="networkidle")
        page.wait_for_timeout(400)
        page.screenshot(path=str(shot.target), full_page=shot.whole)
        return shot.target

    def _page(self, session, size):
        """One window per person and width: what all pages share is loaded once."""
        if (session, size) not in self.pages:
            context = self.browser.new_context(
                viewport=dict(zip(("width", "height"), size, strict=True)),
                color_scheme=self.scheme,
                locale="zh-CN",
            )
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.base}
            context.add_cookies([cookie])
            self.pages[session, size] = context.new_page()
        return self.pages[session, size]


def _session(user):
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    begin_session(store, timezone.now())
    store.save()
    return store.session_key


def _chromium():
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not path:
        raise CommandError("没有找到 Chromium，请先安装：apt-get install chromium fonts-noto-cjk")
    return path


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _await(base):
    for _ in range(WAIT * 2):
        try:
            with urlopen(f"{base}/healthz", timeout=2):  # noqa: S310 (our own server)
                return base
        except OSError:
            time.sleep(0.5)
    raise CommandError(f"{WAIT} 秒内服务器没有应答。")
