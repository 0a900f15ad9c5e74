"""`make run`: one process that starts database, web, worker and beat, and ends them together."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from config import embedded, environment, guardian

FIRST_PORT, PORTS = 8000, 100
STEADY = 60.0  # seconds after which a child's earlier deaths are forgotten
LONGEST_PAUSE = 30.0
PATIENCE = 600.0  # until the site answers for the first time
TRIES = 3  # restarts of a child before the site has answered once
GRACE = 3.0  # between asking a child to stop and stopping it
ASKS_TO_STOP = sum(1 << (number - 1) for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM))
PYTHON = sys.executable
FORGOTTEN = "密码是以前设定的；不记得就设环境变量 DEMO_PASSWORD 再启动一次，改成新的"


class CannotServe(Exception):
    """The site cannot start; the message says why and what to do."""


@dataclass
class Child:
    """One process we keep alive; it leads a group of its own, so that its children end with it."""

    name: str
    command: list
    fds: tuple = ()
    process: subprocess.Popen | None = None
    started: float = 0.0
    deaths: int = 0
    due: float = field(default=0.0)

    def start(self, env):
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            env=env,
            cwd=environment.BASE_DIR,
            pass_fds=self.fds,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def pause(self):
        """Seconds to wait before the next start: twice as long after every death in quick succession."""
        steady = time.monotonic() - self.started > STEADY
        self.deaths = 1 if steady else self.deaths + 1
        return min(0.5 * 2 ** (self.deaths - 1), LONGEST_PAUSE)


class Supervisor:
    """Starts the children, restarts those that die, and stops all of them within ten seconds."""

    def __init__(self, children, env):
        self.children, self.env = children, env
        self.guardian = None
        self.stopping = False
        self.parent = os.getppid() if "MAKELEVEL" in os.environ else None
        self.parent_catches = _caught(self.parent)

    def __enter__(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self.watch_guardian()
        return self

    def __exit__(self, *_):
        self.stop()

    def _on_signal(self, number, frame):
        self.stopping = True

    def watch_guardian(self):
        """The guardian ends our children should we be killed; it is started again if it dies itself."""
        if self.guardian and self.guardian.poll() is None:
            return
        self.guardian = subprocess.Popen(
            [PYTHON, "-P", guardian.__file__], stdin=subprocess.PIPE, text=True, start_new_session=True
        )
        for child in self.children:
            if child.process and child.process.poll() is None:
                self._tell("+", child)

    def _tell(self, sign, child):
        try:
            self.guardian.stdin.write(f"{sign}{child.process.pid}\n")
            self.guardian.stdin.flush()
        except BrokenPipeError:
            self.watch_guardian()

    def start(self, child):
        child.start(self.env)
        self._tell("+", child)

    def tend(self):
        """One round: start what is due, see who has died, and stop when `make` was killed or told to stop."""
        self.stopping |= self.parent not in (None, os.getppid()) or self._make_was_told()
        self.watch_guardian()
        for child in self.children:
            if child.process is None:
                if time.monotonic() >= child.due:
                    self.start(child)
            elif child.process.poll() is not None:
                self._bury(child)

    def _make_was_told(self):
        """Whether `make` alone got an INT or HUP: it hands on only TERM and waits for us for ever.

        It puts the signal it got back to its default before it waits, and that can be seen.
        """
        return bool(self.parent_catches & ~_caught(self.parent))

    def _bury(self, child):
        guardian.end({child.process.pid}, grace=1.0)  # what it left behind
        self._tell("-", child)
        pause = child.pause()
        say(f"{child.name} 意外退出（代码 {child.process.returncode}），{pause:.1f} 秒后重新启动。")
        child.process, child.due = None, time.monotonic() + pause

    def stop(self):
        """Ask all children to stop at once, then stop what is left; nothing remains."""
        living = [child for child in self.children if child.process]
        guardian.end({child.process.pid for child in living}, grace=GRACE, reap=lambda: _reap(living))
        for child in living:
            child.process.wait()
            child.process = None
        if self.guardian:
            self.guardian.stdin.close()
            self.guardian.wait()
            self.guardian = None


def _caught(pid):
    """The signals for which process `pid` has a handler, as bits; 0 where that cannot be seen."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1], 16) & ASKS_TO_STOP for line in lines if line.startswith("SigCgt")), 0)


def _reap(children):
    for child in children:
        child.process.poll()


def say(text):
    """A line for the person at the keyboard."""
    print(text, flush=True)


def main():
    """Serve until asked to stop; 0 then, 1 after saying what is wrong."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return serve()
    except (CannotServe, environment.Refused, embedded.CannotStart) as error:
        print(f"✗ 无法启动\n  原因：{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def serve():
    """Start everything in order: address, database, its contents, processes."""
    environment.check(os.environ)
    env = {**os.environ, "MODE": environment.mode(os.environ)}
    home = environment.made(environment.data_dir(env))
    with open_port(env) as listener:
        if not env.get("DATABASE_URL"):
            began = time.monotonic()
            say("· 启动嵌入式 PostgreSQL …")
            env["DATABASE_URL"] = embedded.start(home / "postgres")
            say(f"  完成（{time.monotonic() - began:.1f} 秒）")
        with Supervisor([web(listener.fileno())], env) as supervisor:
            run(supervisor, listener.getsockname()[1])
    if not embedded.release(home / "postgres"):
        say("嵌入式数据库仍被其他程序使用，它们结束后会自行停止。")
    return 0


def open_port(env):
    """The listening socket: the wished port or an error; the first free one from 8000 when none is wished."""
    wished = environment.number(env, "PORT", 0, least=1, most=65535)
    for port in [wished] if wished else range(FIRST_PORT, FIRST_PORT + PORTS):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen(128)
            return listener
        except OSError as error:
            listener.close()
            if wished:
                raise CannotServe(
                    f"端口 {port} 不能使用（{error.strerror}）。请停止占用它的程序，或用 PORT 换一个端口。"
                ) from None
    raise CannotServe(f"端口 {FIRST_PORT} 到 {FIRST_PORT + PORTS - 1} 都被占用，请用环境变量 PORT 指定一个。")


class Preparation:
    """Brings the database up to date in a process of its own, while the web server loads its code."""

    def __init__(self, env):
        self.told = tempfile.NamedTemporaryFile("r", encoding="utf-8")  # noqa: SIM115 (closed with the site)
        self.process = subprocess.Popen(
            [PYTHON, "-m", "config.prepare", self.told.name], env=env, cwd=environment.BASE_DIR
        )

    def is_done(self):
        """Whether the database is ready; CannotServe when it will not be."""
        code = self.process.poll()
        if code:
            raise CannotServe("数据库没有准备好，原因见上。")
        return code == 0

    def accounts(self):
        """What there is to say about the demo accounts."""
        return json.loads(Path(self.told.name).read_text(encoding="utf-8") or "{}")

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.told.close()


def web(listener):
    """The web server on a socket that is open already, so that nobody can take its port."""
    command = ["-m", "gunicorn", "--config", "python:config.web", "--bind", f"fd://{listener}"]
    return Child("web", [PYTHON, *command], (listener,))


def background():
    """Worker and beat; docker-compose.yml starts the same."""
    celery = [PYTHON, "-m", "celery", "-A", "config", "--quiet"]
    return [Child("worker", [*celery, *WORKER]), Child("beat", [*celery, *BEAT])]


WORKER = ["worker", "--concurrency", "2", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
BEAT = ["beat", "--loglevel", "WARNING", "--pidfile", ""]


def run(supervisor, port):
    """Tend the children until asked to stop; say READY when database and site are there."""
    say("· 启动网站 …")
    with closing(Preparation(supervisor.env)) as preparation:
        ready = patiently(supervisor, lambda: preparation.is_done() and answers(port))
        accounts = preparation.accounts() if ready else {}
    if ready:
        announce(port, accounts)
        supervisor.children += background()
    while not supervisor.stopping:
        supervisor.tend()
        time.sleep(0.1)
    say("正在停止 …")


def patiently(supervisor, truth):
    """Tend the children until it is true, or until asked to stop; whether it came true."""
    began = time.monotonic()
    while not supervisor.stopping:
        supervisor.tend()
        if truth():
            return True
        if any(child.deaths > TRIES for child in supervisor.children):
            raise CannotServe("进程反复退出，原因见上面的输出。")
        if time.monotonic() - began > PATIENCE:
            raise CannotServe(f"{PATIENCE:.0f} 秒内网站没有应答，原因见上面的输出。")
        time.sleep(0.05)
    return False


def answers(port):
    """Whether /healthz answers on this port."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def announce(port, accounts):
    """The one line that says the site is there, and who may log in."""
    say(f"READY http://127.0.0.1:{port}")
    if not accounts:
        return
    known = f"密码都是 {accounts['password']}" if accounts["password"] else FORGOTTEN
    say(f"演示账号（{known}）：")
    for username, role, name, unit in accounts["rows"]:
        say(f"  {username:<10}{role}　{name}　{unit}")


if __name__ == "__main__":
    sys.exit(main())
