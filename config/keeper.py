"""The process that runs an embedded PostgreSQL until its last user has gone; config/embedded.py starts it."""

import fcntl
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from config.embedded import FAILED, PATIENCE, POLL, CannotStart, locked, programs

NAME = "crm"
PORT = "5432"  # names the socket file only; nothing listens on the network
ADDRESS_BYTES = 107  # the longest socket path Linux takes
CTYPES = ("C.UTF-8", "C.utf8", "en_US.UTF-8", "zh_CN.UTF-8", "UTF-8")
THROW_AWAY = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off", "jit=off")


def keep(home: Path, throw_away: bool) -> int:
    """Run the server under `home` until its last user has gone; the exit code says how it went."""
    lock = _keeper_lock(home)
    if lock is None:
        return 0
    server = Server(home, throw_away)
    try:
        server.start()
    except (CannotStart, OSError, subprocess.SubprocessError) as error:
        print(" ".join(str(error).split()), file=sys.stderr)  # noqa: T201 (keeper.log, read by start())
        server.stop()
        return FAILED
    lock.write(server.url)
    lock.flush()
    users = _when_unused(home, server)
    server.stop()
    lock.truncate(0)
    if throw_away:
        shutil.rmtree(home, ignore_errors=True)
    lock.close()
    users.close()
    return 0


def _keeper_lock(home):
    """The keeper's lock, or None when there is another keeper (a look at it may hold it for a moment)."""
    for _ in range(10):
        try:
            lock = locked(home / "keeper.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(POLL)
            continue
        lock.truncate(0)
        return lock
    return None


def _when_unused(home, server):
    """Wait until nobody holds the users' lock; it is ours then. A server that died is started again."""
    while True:
        try:
            return locked(home / "users.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            server.revive()
            time.sleep(POLL)
        except FileNotFoundError:
            return open(os.devnull)  # the folder was removed under us


class Server:
    """One PostgreSQL server in `home/data`, reached through a socket in a short folder of its own."""

    def __init__(self, home, throw_away):
        self.home, self.data, self.throw_away = home, home / "data", throw_away
        self.account = _account(self.data)
        self.programs = _open_to_all(programs()) if self.account else programs()
        self.sockets = None
        self.process = None

    @property
    def url(self):
        """The address of the application's database."""
        return f"postgres://postgres@/{NAME}?host={self.sockets}"

    def start(self):
        """Make the cluster if need be, take over a running server or start one, see to the database."""
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster()
        self._check_version()
        if not self._adopt():
            self._launch()
        self._make_database()

    def revive(self):
        """Start the server again if it has died; its clients reconnect by themselves."""
        if self.process is not None and self.process.poll() is not None:
            self._launch()

    def stop(self):
        """Stop the server: politely, then at once."""
        pid = self._pid()
        for how, patience in ((signal.SIGINT, 5), (signal.SIGQUIT, 2), (signal.SIGKILL, 1)):
            if pid is None or not self._signal(pid, how, patience):
                break
        if self.sockets:
            shutil.rmtree(self.sockets, ignore_errors=True)

    def _signal(self, pid, how, patience):
        """Send a signal and wait; whether the server is still there afterwards."""
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            return False
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if self._pid() is None:
                return False
            time.sleep(0.05)
        return True

    def _make_cluster(self):
        new = self.home / "data.new"
        for ctype in CTYPES:
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir(mode=0o700)
            if self.account:
                os.chown(new, self.account, -1)
            done = self._run("initdb", "-D", new, "-U", "postgres", *_cluster_options(ctype, self.throw_away))
            if done.returncode == 0:
                new.rename(self.data)
                return
        raise CannotStart(f"建立数据目录失败（{_last_line(done)}）。请检查磁盘空间和 {self.home} 的写权限。")

    def _check_version(self):
        found = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        mine = self._run("postgres", "--version").stdout.split()[-1].split(".")[0]
        if found != mine:
            raise CannotStart(f"数据目录是 PostgreSQL {found} 的，程序是 {mine}；请导出后换一个 DATA_DIR。")

    def _adopt(self):
        """Take over a server whose keeper was killed; a stale pid file is removed so that one can start."""
        lines = self._pid_file()
        if not lines:
            return False
        sockets = Path(lines[4]) if len(lines) > 4 and lines[4] else None
        if self._pid() is not None and len(lines) > 7 and sockets and sockets.is_dir():
            self.sockets = sockets
            return True
        if self._pid() is not None:
            self.stop()
        if sockets and sockets.name.startswith("crm-pg-"):
            shutil.rmtree(sockets, ignore_errors=True)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        return False

    def _launch(self):
        self.sockets = self.sockets or _short_folder(self.account)
        options = ["listen_addresses=", f"unix_socket_directories={self.sockets}", f"port={PORT}"]
        options += THROW_AWAY if self.throw_away else ()
        arguments = [word for option in options for word in ("-c", option)]
        command, more = self._command("postgres", "-D", self.data, *arguments)
        with open(self.home / "server.log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **more
            )
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            lines = self._pid_file()
            if len(lines) > 7 and lines[7].strip() == "ready" and int(lines[0]) == self.process.pid:
                return
            if self.process.poll() is not None:
                raise CannotStart(f"服务器退出（{self._last_log_line()}）。")
            time.sleep(0.02)
        raise CannotStart(f"服务器 {PATIENCE:.0f} 秒内没有就绪。")

    def _make_database(self):
        """The application's database: UTF-8, characters by the built-in C.UTF-8, whatever LANG says."""
        known = self._sql("SELECT count(*) FROM pg_database WHERE datname = 'crm'").stdout.strip()
        if known == "1":
            return
        ctype = self._sql("SELECT datctype FROM pg_database WHERE datname = 'template0'").stdout.strip()
        made = self._sql(
            f"CREATE DATABASE {NAME} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE '{ctype}' "
            "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
        )
        if made.returncode:
            raise CannotStart(f"建库失败（{_last_line(made)}）。")

    def _sql(self, statement):
        return self._run("psql", "-XAtq", "-h", self.sockets, "-p", PORT, "-U", "postgres", "-c", statement)

    def _run(self, program, *arguments):
        command, more = self._command(program, *arguments)
        return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, **more)

    def _command(self, program, *arguments):
        """The command line and how to run it; PostgreSQL refuses root, so root takes another account."""
        command = [str(self.programs / program), *map(str, arguments)]
        clean = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        more = {"env": clean | {"LC_MESSAGES": "C"}, "cwd": "/"}
        if not self.account:
            return command, more
        if shutil.which("setpriv"):
            return [*_lowered(self.account), *command], more
        return command, more | {"user": self.account, "extra_groups": []}

    def _pid_file(self):
        try:
            return (self.data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []

    def _pid(self):
        """The process of the running server, or None, also when its number is another program's by now."""
        if self.process is not None:
            return self.process.pid if self.process.poll() is None else None
        lines = self._pid_file()
        if not lines or not lines[0].strip().isdigit():
            return None
        return int(lines[0]) if _is_postgres(int(lines[0])) else None

    def _last_log_line(self):
        lines = (self.home / "server.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else "没有日志"


def _open_to_all(programs):
    """The programs where any account may run them: copied once if they lie in a folder only root may enter.

    PostgreSQL asks access(2) about its own files, which heeds no capability.
    """
    if all(folder.stat().st_mode & stat.S_IXOTH for folder in programs.resolve().parents):
        return programs
    package = programs.parents[1]
    mark = f"{programs.stat().st_mtime_ns:x}-{os.geteuid()}"
    copy = Path("/tmp") / f"crm-pg-programs-{mark}"  # noqa: S108 (only taken when it is ours)
    if not copy.exists():
        new = Path(tempfile.mkdtemp(prefix="crm-pg-copy-", dir="/tmp"))
        for part in (Path(package.name) / "pginstall", Path(f"{package.name}.libs")):
            if (package.parent / part).exists():
                shutil.copytree(package.parent / part, new / part, symlinks=True)
        new.chmod(0o755)
        try:
            new.rename(copy)
        except OSError:  # another process was faster
            shutil.rmtree(new)
    if copy.stat().st_uid != os.geteuid():
        raise CannotStart(f"{copy} 不属于当前用户，请删除它后重试。")
    return copy / package.name / "pginstall" / "bin"


def _account(data):
    """The user id the server must run as when we are root, else None."""
    owner = data.stat().st_uid if data.exists() else None
    if os.geteuid() == 0:
        return owner or pwd.getpwnam("nobody").pw_uid
    if owner not in (None, os.geteuid()):
        raise CannotStart(f"数据目录 {data} 属于另一个用户。请用那个用户运行，或用 DATA_DIR 换一个目录。")
    return None


def _lowered(uid):
    """Root without its name: another user id, but still able to pass folders that only root may enter."""
    power = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    plain = ["setpriv", f"--reuid={uid}", f"--regid={pwd.getpwuid(uid).pw_gid}", "--clear-groups"]
    able = (
        subprocess.run(
            [*plain, *power, sys.executable, "-c", ""], capture_output=True, check=False
        ).returncode
        == 0
    )
    return plain + power if able else plain


def _cluster_options(ctype, throw_away):
    locale = ["--locale=C", f"--lc-ctype={ctype}", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    more = ["--no-sync"] if throw_away else []
    return ["--encoding=UTF8", "--auth=trust", "--no-instructions", *locale, *more]


def _short_folder(account):
    """A new folder only we may enter, with a path short enough for a socket."""
    base = tempfile.gettempdir()
    if (
        len(os.fsencode(base)) + len("/crm-pg-12345678/.s.PGSQL.") + len(PORT) > ADDRESS_BYTES
        or not base.isascii()
    ):
        base = "/tmp"  # noqa: S108 (mkdtemp makes an unguessable folder of mode 700 in it)
    folder = Path(tempfile.mkdtemp(prefix="crm-pg-", dir=base))
    if account:
        os.chown(folder, account, -1)
    return folder


def _is_postgres(pid):
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return not Path("/proc/self").exists() and _exists(pid)
    return b"postgres" in command.split(b"\0")[0]


def _exists(pid):
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _last_line(done):
    return (done.stderr or done.stdout or "没有输出").strip().splitlines()[-1]


if __name__ == "__main__":
    sys.exit(keep(Path(sys.argv[1]), "--throw-away" in sys.argv))
