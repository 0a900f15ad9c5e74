"""How fast is it? `make bench` calls this; tests/bench measures, on a database of its own."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import environment
from tests.bench import databases, machine

CALLS = 40


class Command(BaseCommand):
    help = "在专用数据库上测速，打印表格并写 bench.json"
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("--leads", type=int, default=100_000, help="线索条数，每种规模只写入一次")
        parser.add_argument("--calls", type=int, default=CALLS, help="每个页面请求多少次")
        parser.add_argument("--only", default="*", help="只测一个题目，如 pages、search*")
        parser.add_argument("--plans", default="", help="把慢语句的执行计划追加到这个文件")
        parser.add_argument("--out", default=str(settings.BASE_DIR / "bench.json"), help="结果写到哪里")
        parser.add_argument("--drop", action="store_true", help="测完删除这种规模的库")

    def handle(self, *, leads, calls, only, plans, out, drop, **options):
        if leads < 1 or calls < 1:
            raise CommandError("--leads 和 --calls 要大于 0。")
        is_forced = environment.flag(os.environ, "FORCE")
        try:
            if not is_forced:
                machine.refuse_when_busy()
            self._measure(
                leads, is_forced, ["--calls", calls, "--only", only, "--plans", plans, "--out", out]
            )
        except machine.TooBusy as busy:
            raise CommandError(str(busy)) from busy
        finally:
            if drop:
                databases.drop(leads)

    def _measure(self, leads, is_forced, arguments):
        with databases.working_copy(leads, self._say) as env:
            if not is_forced:
                machine.settle(self._say)
            command = [sys.executable, "-m", "tests.bench", "--leads", leads, *arguments]
            run = subprocess.run(list(map(str, command)), env=env, cwd=settings.BASE_DIR, check=False)
            if run.returncode:
                log = Path(env["DATA_DIR"], "web.log")
                told = log.read_text(encoding="utf-8", errors="replace")[-3000:] if log.exists() else ""
                raise CommandError(f"测速没有完成，原因见上。{told}")

    def _say(self, text):
        self.stdout.write(text)
        self.stdout.flush()
