"""What was measured on: processors, memory, versions, load; and whether the machine is quiet enough."""

import os
import platform
import subprocess
import time
from datetime import datetime
from pathlib import Path

import django

from crm.workdays import SHANGHAI

TURNS = 200_000
QUIET = 1.5  # load average above which a figure says more about the neighbours
PATIENCE = 120


class TooBusy(Exception):
    """The machine does other work; the message says what to do."""


def load():
    """The load average of the last minute."""
    return round(os.getloadavg()[0], 2)


def pace():
    """Milliseconds for a fixed little loop just now: a page's figure divided by it outlives busy machines."""
    began, total = time.perf_counter(), 0
    for number in range(TURNS):
        total += number
    return round((time.perf_counter() - began) * 1000, 1)


def refuse_when_busy():
    """Raise TooBusy above the quiet load."""
    if load() > QUIET:
        raise TooBusy(
            f"机器正忙（一分钟负载 {load()}，超过 {QUIET}），测得的数字不可信。"
            "请等它空下来，或用 FORCE=1 照测，负载会记在结果里。"
        )


def settle(say):
    """Wait a while until our own preparation has left the load average."""
    deadline = time.monotonic() + PATIENCE
    while load() > QUIET and time.monotonic() < deadline:
        say(f"等负载回落（{load()}）…")
        time.sleep(10)


def describe(db):
    """The machine, its software and the state of the code, as they stand beside every result."""
    return {
        "at": datetime.now(SHANGHAI).isoformat(timespec="seconds"),
        "cpus": os.cpu_count(),
        "cpu": _first(Path("/proc/cpuinfo"), "model name") or platform.machine(),
        "memory": _first(Path("/proc/meminfo"), "MemTotal"),
        "python": platform.python_version(),
        "django": django.get_version(),
        "postgresql": db.value("SHOW server_version"),
        "shared_buffers": db.value("SHOW shared_buffers"),
        "commit": _commit(),
        "load_before": load(),
    }


def _first(file, word):
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(word)), "")


def _commit():
    """The commit measured, with a + when files were changed since; empty without git."""
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty=+"], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return found.stdout.strip()
