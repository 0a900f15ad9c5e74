"""The production form: compose file and image say what they must, and every command they name exists."""

import re
import shutil
import sys
from importlib import import_module
from pathlib import Path

import pytest
import yaml

BASE = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((BASE / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
DOCKERFILE = (BASE / "Dockerfile").read_text(encoding="utf-8")
OURS = ("migrate", "web", "worker", "beat")


def test_all_parts_are_there():
    assert set(SERVICES) == {*OURS, "db", "redis"}


def test_the_servers_are_the_versions_we_say():
    assert SERVICES["db"]["image"] == "postgres:18"
    assert SERVICES["redis"]["image"] == "redis:8"


def test_redis_forgets_nothing():
    command = SERVICES["redis"]["command"]
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_the_database_is_made_for_chinese():
    assert "--builtin-locale=C.UTF-8" in SERVICES["db"]["environment"]["POSTGRES_INITDB_ARGS"]


@pytest.mark.parametrize("name", ["web", "worker", "beat", "db", "redis"])
def test_every_lasting_service_is_watched_and_started_again(name):
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_our_services_wait_for_the_migrations(name):
    assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


@pytest.mark.parametrize("name", OURS)
def test_our_services_run_in_production_with_no_power_of_their_own(name):
    service = SERVICES[name]
    assert service["environment"]["MODE"] == "production"
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True
    assert "user" not in service


def test_the_image_runs_as_an_ordinary_user():
    last = DOCKERFILE.rsplit("FROM ", 1)[1]
    assert re.search(r"^USER crm$", last, re.MULTILINE)
    assert "useradd --system" in last


def test_no_secret_stands_in_the_files():
    for service in SERVICES.values():
        password = service.get("environment", {}).get("POSTGRES_PASSWORD", "${")
        assert password.startswith("${")
    assert "SECRET_KEY=" not in DOCKERFILE


@pytest.mark.parametrize("name", [*OURS, "image"])
def test_the_command_exists(name):
    command = SERVICES[name]["command"].split() if name != "image" else ["gunicorn", "python:config.web"]
    program = command[0]
    if program == "python":
        assert (BASE / command[1]).is_file()
    else:
        assert shutil.which(program, path=str(Path(sys.executable).parent))
    for module in re.findall(r"python:([\w.]+)|-A (\w+)", " ".join(command)):
        assert import_module(module[0] or module[1])


def test_the_health_checks_exist():
    for name in ("web", "worker", "beat"):
        _, python, dash_m, module, what = SERVICES[name]["healthcheck"]["test"]
        assert (python, dash_m) == ("python", "-m")
        assert callable(import_module(module).main)
        assert what in ("web", "beat")


def test_every_variable_is_described():
    described = set(
        re.findall(r"^([A-Z_]+)=", (BASE / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    )
    used = set(re.findall(r"\$\{([A-Z_]+)", (BASE / "docker-compose.yml").read_text(encoding="utf-8")))
    for module in ("settings", "environment", "web", "serve"):
        text = (BASE / "config" / f"{module}.py").read_text(encoding="utf-8")
        used |= set(re.findall(r"""(?:environ(?:\.get\(|,\s*|\[)|env(?:\.get\(|,\s*))"([A-Z_]+)\"""", text))
    assert used - {"MAKELEVEL"} <= described
    assert {
        "PORT",
        "DATABASE_URL",
        "REDIS_URL",
        "SECRET_KEY",
        "DEBUG",
        "DATA_DIR",
        "DEMO_PASSWORD",
    } <= described
