"""The supervisor: children that die come back, and nothing is left when it ends, even by kill -9."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config import serve

BASE = Path(__file__).resolve().parents[2]
SLEEPER = [sys.executable, "-c", "import time; time.sleep(300)"]
STUBBORN = [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(300)"]
SLEEP = "import time; time.sleep(300)"
PARENT = [
    sys.executable,
    "-c",
    f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); {SLEEP}",
]


@pytest.fixture
def keep_signals():
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def is_alive(group):
    """Whether any process of the group is left that is not merely waiting to be buried."""
    states = [path.read_text().rsplit(")", 1)[1].split() for path in _stats()]
    return any(int(state[2]) == group and state[0] != "Z" for state in states)


def _stats():
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            path.read_text()
        except OSError:
            continue
        yield path


def eventually(truth, patience=10):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if truth():
            return True
        time.sleep(0.05)
    return False


def test_a_child_that_dies_is_started_again_and_announced(keep_signals, capfd):
    child = serve.Child("睡者", SLEEPER)
    with serve.Supervisor([child], dict(os.environ)) as supervisor:
        supervisor.tend()
        first = child.process.pid
        os.kill(first, signal.SIGKILL)
        child.process.wait()
        assert eventually(lambda: supervisor.tend() or (child.process and child.process.pid != first))
        second = child.process.pid
    assert "睡者 意外退出" in capfd.readouterr().out
    assert not is_alive(first)
    assert not is_alive(second)


def test_the_pause_before_a_restart_doubles_and_ends_somewhere():
    child = serve.Child("x", SLEEPER, started=time.monotonic())
    assert [child.pause() for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    child.started -= serve.STEADY + 1
    assert child.pause() == 0.5


def test_stopping_ends_the_stubborn_and_the_children_of_children(keep_signals, monkeypatch):
    monkeypatch.setattr(serve, "GRACE", 0.5)
    children = [serve.Child("stubborn", STUBBORN), serve.Child("parent", PARENT)]
    with serve.Supervisor(children, dict(os.environ)) as supervisor:
        supervisor.tend()
        groups = [child.process.pid for child in children]
        time.sleep(0.5)
        began = time.monotonic()
    assert time.monotonic() - began < 5
    assert not any(is_alive(group) for group in groups)


def test_killing_the_supervisor_leaves_nothing():
    code = (
        "import os, sys, time\nfrom config import serve\n"
        f"child = serve.Child('parent', {PARENT!r})\n"
        "with serve.Supervisor([child], dict(os.environ)) as supervisor:\n"
        "    supervisor.tend()\n    print(child.process.pid, flush=True)\n    time.sleep(300)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=BASE, stdout=subprocess.PIPE, text=True)
    group = int(process.stdout.readline())
    time.sleep(0.5)
    assert is_alive(group)
    process.kill()
    process.wait()
    process.stdout.close()
    assert eventually(lambda: not is_alive(group))


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGHUP, signal.SIGTERM])
def test_a_signal_to_make_alone_stops_everything(tmp_path, asked):
    code = (
        "import os\nfrom config import serve\n"
        f"child = serve.Child('sleeper', {SLEEPER!r})\n"
        "with serve.Supervisor([child], dict(os.environ)) as supervisor:\n"
        "    supervisor.tend()\n    print(child.process.pid, flush=True)\n"
        "    while not supervisor.stopping:\n        supervisor.tend()\n"
    )
    (tmp_path / "code.py").write_text(code)
    (tmp_path / "Makefile").write_text(f"run:\n\t@exec '{sys.executable}' '{tmp_path / 'code.py'}'\n")
    make = subprocess.Popen(
        ["make", "-s", "-f", tmp_path / "Makefile", "run"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(BASE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: [signal.signal(number, signal.SIG_DFL) for number in (1, 2, 15)],
        start_new_session=True,
    )
    group = int(make.stdout.readline())
    make.send_signal(asked)
    try:
        assert make.wait(10) is not None
        assert eventually(lambda: not is_alive(group))
    finally:
        if make.poll() is None:
            os.killpg(make.pid, signal.SIGKILL)
        make.stdout.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "maybe"),
        ("HTTPS", "ja"),
        ("WEB_WORKERS", "viele"),
        ("TRUSTED_PROXIES", "drüben"),
        ("DATABASE_URL", "mysql://a/b"),
        ("REDIS_URL", "localhost"),
        ("MODE", "test"),
    ],
)
def test_a_wrong_variable_is_told_in_one_message_before_anything_starts(
    tmp_path, monkeypatch, capfd, keep_signals, name, value
):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv(name, value)
    assert serve.main() == 1
    told = capfd.readouterr().err
    assert f"环境变量 {name}" in told
    assert "Traceback" not in told
    assert not list(tmp_path.iterdir())


def test_a_wished_port_that_is_busy_is_an_error_that_names_it():
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        with pytest.raises(serve.CannotServe, match=str(port)):
            serve.open_port({"PORT": str(port)})


def test_without_a_wish_the_next_free_port_is_taken(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        monkeypatch.setattr(serve, "FIRST_PORT", port)
        with serve.open_port({}) as listener:
            assert port < listener.getsockname()[1] < port + serve.PORTS


def test_the_accounts_are_told_with_their_password(capfd):
    serve.announce(8000, {"password": "Gs7-x", "rows": [["officer", "招商专员", "林晓", "半山区块"]]})
    told = capfd.readouterr().out
    assert told.splitlines()[0] == "READY http://127.0.0.1:8000"
    assert "officer" in told
    assert "Gs7-x" in told


def test_accounts_of_an_unknown_password_are_told_how_to_get_a_new_one(capfd):
    serve.announce(8000, {"password": None, "rows": [["officer", "招商专员", "林晓", "半山区块"]]})
    assert "DEMO_PASSWORD" in capfd.readouterr().out.splitlines()[1]
