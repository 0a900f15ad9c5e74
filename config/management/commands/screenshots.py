"""Picture every page of the map at three widths: `manage.py screenshots` (needs demo data and Chromium)."""

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

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
        port = _free_port()
        server = subprocess.Popen(
            [sys.executable, "manage.py", "runserver", f"127.0.0.1:{port}", "--noreload", "--insecure"],
            cwd=settings.BASE_DIR,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            base = _await(f"http://127.0.0.1:{port}")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=_chromium(), args=FLAGS)
                camera = Camera(browser, base, dark)
                if readme:
                    self._readme(camera)
                else:
                    for user in User.objects.filter(username__in=users.split(",")):
                        self._all(camera, user, [word for word in only.split(",") if word])
        finally:
            server.terminate()
            server.wait(10)

    def _all(self, camera, user, only):
        folder = Path(settings.DATA_DIR) / "screenshots" / user.username
        for name, path in pages(user).items():
            if only and not any(word in name for word in only):
                continue
            for width, size in WIDTHS.items():
                self.stdout.write(str(camera.take(user, path, size, folder / f"{name}-{width}.png")))

    def _readme(self, camera):
        for name, (username, page) in README.items():
            user = User.objects.get(username=username)
            target = settings.BASE_DIR / "docs" / "images" / f"{name}.png"
            self.stdout.write(str(camera.take(user, pages(user)[page], WIDTHS["wide"], target, whole=False)))


class Camera:
    """Opens a page as somebody and keeps its picture."""

    def __init__(self, browser, base, dark):
        self.browser, self.base = browser, base
        self.scheme = "dark" if dark else "light"

    def take(self, user, path, size, target, *, whole=True):
        """Picture `path` as `user` sees it into `target`; returns the target."""
        target.parent.mkdir(parents=True, exist_ok=True)
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=self.scheme, locale="zh-CN"
        )
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": _session(user), "url": self.base}]
        )
        page = context.new_page()
        page.goto(self.base + path, wait_until="networkidle")
        page.wait_for_timeout(400)
        page.screenshot(path=str(target), full_page=whole)
        context.close()
        return target


def _session(user):
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    begin_session(store, timezone.now())
    store.save()
    return store.session_key


def _chromium():
    path = shutil.which("chromium") or shutil.which("google-chrome")
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
