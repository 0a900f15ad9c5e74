"""The set-up: what it copies, when it works again, and how it says that something failed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from config import bootstrap
from crm import joined, menus

BASE = Path(__file__).resolve().parents[2]
PINNED = re.compile(r'^[A-Za-z0-9_.-]+(\[[a-z]+\])?==[0-9][\w.]*(; python_full_version < "[\d.]+")?$')


@pytest.mark.parametrize(
    "text",
    [
        "a{}\n/*# sourceMappingURL=a.css.map */",
        "let a;\n//# sourceMappingURL=a.js.map\n",
        "let a;\n//@ sourceMappingURL=x",
    ],
)
def test_pointers_to_source_maps_are_cut_off(text):
    assert "sourceMappingURL" not in bootstrap.without_source_map(text)
    assert bootstrap.without_source_map(text)[:3] == text[:3]


def test_a_fingerprint_changes_with_a_file(tmp_path):
    file = tmp_path / "锁 file"
    file.write_text("1")
    before = bootstrap.fingerprint(file, "x")
    assert bootstrap.fingerprint(file, "x") == before
    file.write_text("2")
    assert bootstrap.fingerprint(file, "x") != before


def test_a_step_that_fails_names_cause_and_remedy(capfd):
    step = bootstrap.Step("试一步")
    failing = "import sys; print('一切正常'); print('ERROR: 磁盘已满', file=sys.stderr); sys.exit(7)"
    with pytest.raises(bootstrap.Failed) as failure:
        step.run([sys.executable, "-c", failing], "清理磁盘")
    assert "磁盘已满" in failure.value.cause
    assert "退出码 7" in failure.value.cause
    assert failure.value.remedy == "清理磁盘"
    assert "试一步" in capfd.readouterr().out


def test_a_program_that_is_not_there_is_a_failed_step():
    with pytest.raises(bootstrap.Failed, match="无法执行"):
        bootstrap.Step("试一步").run(["/no/such/program"], "安装它")


def test_a_slow_step_says_that_it_is_still_at_work(capfd, monkeypatch):
    monkeypatch.setattr(bootstrap, "HEARTBEAT", 0.1)
    bootstrap.Step("慢的一步").run([sys.executable, "-c", "import time; time.sleep(0.5)"], "")
    assert "仍在慢的一步" in capfd.readouterr().out


def test_a_failed_set_up_ends_with_an_error(monkeypatch, capfd, tmp_path):
    def refuse(step):
        raise bootstrap.Failed("没有网络", "接上网络")

    monkeypatch.setattr(bootstrap, "STEPS", [("取软件包", refuse)])
    monkeypatch.setattr(bootstrap, "BASE", tmp_path)
    assert bootstrap.main() == 1
    told = capfd.readouterr().err
    assert "取软件包 失败" in told
    assert "没有网络" in told
    assert "接上网络" in told


@pytest.mark.parametrize(
    "built, chosen, there, taken",
    [
        ("--prefix=/opt", "", True, "distribution"),
        ("--prefix=/opt", "", False, "own"),  # no such Python, or one without venv
        ("--prefix=/opt", "command line", True, "own"),
        ("--prefix=/opt --enable-optimizations", "", True, "own"),
        (None, "", True, "distribution"),
    ],
)
def test_the_distributions_python_is_taken_where_ours_is_slow_and_nobody_named_one(
    built, chosen, there, taken, monkeypatch, tmp_path
):
    found = tmp_path / "python"
    if there:
        found.symlink_to(sys.executable)
    monkeypatch.setattr(bootstrap, "DISTRIBUTION", found)
    monkeypatch.setattr(bootstrap.sysconfig, "get_config_var", {"CONFIG_ARGS": built}.get)
    monkeypatch.setenv("CHOSEN_PYTHON", chosen)
    assert bootstrap.quick_python() == (found if taken == "distribution" else sys.executable)


@pytest.mark.parametrize("given, told", [([], ""), (["PYTHON=python3"], "command line")])
def test_make_says_whether_somebody_named_the_python(given, told):
    command = ["make", "-s", "-f", BASE / "Makefile", "--eval", 'told:; @echo "$$CHOSEN_PYTHON"', "told"]
    without = {name: value for name, value in os.environ.items() if name not in ("PYTHON", "CHOSEN_PYTHON")}
    done = subprocess.run([*command, *given], env=without, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == told


def test_the_set_up_needs_nothing_but_the_standard_library():
    code = (
        "import sys; sys.argv = ['x']; import runpy; runpy.run_path('config/bootstrap.py', run_name='loaded')"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], cwd=BASE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-node.txt"])
def test_every_package_is_pinned_exactly(name):
    lines = [line.strip() for line in (BASE / name).read_text(encoding="utf-8").splitlines()]
    packages = [line for line in lines if line and not line.startswith(("#", "-r"))]
    assert packages
    assert [line for line in packages if not PINNED.match(line)] == []


def test_front_end_packages_are_exact_and_locked_without_an_address():
    wanted = json.loads((BASE / "package.json").read_text())
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted["dependencies"].values())
    lock = (BASE / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    locked = json.loads(lock)["packages"]
    for name, version in wanted["dependencies"].items():
        assert locked[f"node_modules/{name}"]["version"] == version
        assert locked[f"node_modules/{name}"]["integrity"]


def test_every_icon_in_use_is_listed():
    listed = set((BASE / "crm" / "icons.txt").read_text().split())
    pages = "".join(path.read_text(encoding="utf-8") for path in (BASE / "templates").rglob("*.html"))
    used = set(re.findall(r"{%\s*icon\s+[\"']([^\"']+)[\"']", pages))
    used |= {icon for entries in [menus.WORK, menus.PHONE, *menus.MENUS.values()] for _, _, icon in entries}
    assert used - listed == set()


def test_every_file_a_page_loads_is_copied():
    pages = "".join(path.read_text(encoding="utf-8") for path in (BASE / "templates").rglob("*.html"))
    loaded = set(re.findall(r"static ['\"]vendor/([^'\"]+)", pages))
    assert loaded
    parts = {part for name in joined.PARTS for part in joined.PARTS[name]}
    loaded |= {part.removeprefix("vendor/") for part in parts if part.startswith("vendor/")}
    assert loaded - {name.removeprefix("vendor/") for name in joined.PARTS} <= set(bootstrap.VENDOR)


def test_a_terminal_that_cannot_show_a_character_stops_no_command():
    told = subprocess.run(
        [
            "make",
            "-s",
            "-f",
            BASE / "Makefile",
            "--eval",
            "told:; @\"$(PYTHON)\" -c 'print(chr(0x2717))'",
            "told",
        ],
        env={**os.environ, "PYTHON": sys.executable, "LC_ALL": "en_US.ISO-8859-1", "PYTHONUTF8": "0"}
        | {"PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout in (b"?\n", "✗\n".encode())
