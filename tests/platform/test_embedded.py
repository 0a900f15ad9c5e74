"""The embedded server: it speaks Chinese whatever LANG says, is shared, and stops with its last user."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from config import keeper

BASE = Path(__file__).resolve().parents[2]
USER = """
import sys, time
from pathlib import Path
from config import embedded
print(embedded.start(Path(sys.argv[1]), throw_away=sys.argv[2] == "1"), flush=True)
time.sleep(120)
"""


@contextmanager
def user_of(home, *, throw_away=False, lang="C"):
    """A process that uses the server under `home`; yields it and the server's address."""
    env = {
        key: value for key, value in os.environ.items() if not key.startswith(("LC_", "PG", "DATABASE_URL"))
    }
    process = subprocess.Popen(
        [sys.executable, "-c", USER, str(home), str(int(throw_away))],
        cwd=BASE,
        env=env | {"LANG": lang},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def connect(url):
    return psycopg.connect(url.replace("postgres://", "postgresql://", 1), autocommit=True)


def is_gone(url, patience=10):
    """Whether the server stops answering in time."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            connect(url).close()
        except psycopg.OperationalError:
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def home(tmp_path):
    return tmp_path / "招商 测试" / ("很长的目录名" * 8) / "data"


def test_it_knows_chinese_under_lang_c_and_in_a_long_odd_path(home):
    with user_of(home, lang="C") as (_, url), connect(url) as server:
        server.execute("CREATE EXTENSION pg_trgm")
        row = server.execute(
            "SELECT lower('ÀÉ'), '杭州拱墅' LIKE '%州拱%', cardinality(show_trgm('深圳')), "
            "similarity('深圳恒远科技', '深圳恒远科技公司') > 0.5, current_setting('server_encoding')"
        ).fetchone()
    assert row == ("àé", True, 3, True, "UTF8")


def test_two_users_share_it_and_the_last_one_ends_it(home):
    with user_of(home) as (_, first):
        with user_of(home) as (_, second):
            assert second == first
        time.sleep(1)
        with connect(first) as server:
            assert server.execute("SELECT 1").fetchone() == (1,)
    assert is_gone(first)


def test_its_data_survive_a_stop_and_a_crash(home):
    with user_of(home) as (_, url), connect(url) as server:
        server.execute("CREATE TABLE kept (word text)")
        server.execute("INSERT INTO kept VALUES ('敲门')")
    assert is_gone(url)
    with user_of(home) as (process, url):
        _kill_everything(home, process)
    with user_of(home) as (_, url), connect(url) as server:
        assert server.execute("SELECT word FROM kept").fetchone() == ("敲门",)


def _kill_everything(home, user):
    """Power failure: user, keeper and server die at once and clean up nothing."""
    keeper = next(
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if f"config.keeper\0{home}".encode() in _read(path)
    )
    server = int((home / "data" / "postmaster.pid").read_text().splitlines()[0])
    for pid in (keeper, user.pid, server):
        os.kill(pid, signal.SIGKILL)
    user.wait()
    time.sleep(0.3)


def _read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_a_killed_user_leaves_nothing_of_a_throw_away_server(tmp_path):
    home = tmp_path / "once"
    with user_of(home, throw_away=True) as (process, url):
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert is_gone(url)
    deadline = time.monotonic() + 5
    while home.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not home.exists()


def test_programs_in_a_folder_only_root_may_enter_are_copied_where_all_may_run_them(tmp_path):
    closed = tmp_path / "closed"
    programs = closed / "package" / "pginstall" / "bin"
    programs.mkdir(parents=True)
    (programs / "initdb").write_text("#!/bin/sh")
    (closed / "package.libs").mkdir()
    closed.chmod(0o700)
    found = keeper._open_to_all(programs)
    try:
        assert found != programs
        assert (found / "initdb").read_text() == "#!/bin/sh"
        assert (found.parents[2] / "package.libs").is_dir()
        assert all(folder.stat().st_mode & 0o001 for folder in found.parents)
        assert keeper._open_to_all(programs) == found
    finally:
        shutil.rmtree(found.parents[2])
