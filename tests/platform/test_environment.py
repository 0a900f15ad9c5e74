"""The environment: what is understood, what is refused, and that production refuses to start unsafe."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from config import environment

STRONG = "kX9v-Q2m_T7w.R4n8Zp1Lb6Hc3Jd5Fg0Ys-WaEuIoMqNrBtVxK"
DATABASE = "postgres://crm_app:9f2c7be1a04d@127.0.0.1:5432/gongshu"
SAFE = {
    "MODE": "production",
    "SECRET_KEY": STRONG,
    "DATABASE_URL": DATABASE,
    "ALLOWED_HOSTS": "crm.example.cn",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [("DEBUG", "maybe"), ("HTTPS", "2"), ("DEBUG", "是")],
)
def test_a_flag_that_is_neither_on_nor_off_is_refused_by_name(name, value):
    with pytest.raises(environment.Refused, match=name):
        environment.flag({name: value}, name)


@pytest.mark.parametrize("value", ["0", "65536", "http", "-1", "８０"])
def test_a_port_that_is_none_is_refused_by_name(value):
    with pytest.raises(environment.Refused, match="PORT"):
        environment.number({"PORT": value}, "PORT", 8000, most=65535)


def test_an_unknown_mode_is_refused_by_name():
    with pytest.raises(environment.Refused, match="MODE"):
        environment.mode({"MODE": "prod"})


@pytest.mark.parametrize("url", ["mysql://a@b/c", "postgres://a@b:port/c", "深圳", "postgres://a@b/"])
def test_an_address_that_is_no_postgresql_is_refused_by_name(url):
    with pytest.raises(environment.Refused, match="DATABASE_URL"):
        environment.database(url)


def test_a_refused_address_does_not_repeat_its_password():
    with pytest.raises(environment.Refused) as refusal:
        environment.database("mysql://a:geheim@b/c")
    assert "geheim" not in str(refusal.value)


def test_an_unknown_database_option_is_refused_and_named():
    with pytest.raises(environment.Refused, match="pool_size"):
        environment.database("postgres://a:b@c/d?pool_size=3")


def test_a_database_address_is_read_with_its_special_characters():
    found = environment.database("postgres://u%40x:p%2Fw@[::1]:6000/库?sslmode=require")
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == ("u@x", "p/w", "::1", "6000")
    assert found["OPTIONS"] == {"sslmode": "require"}


def test_a_socket_folder_is_a_host():
    assert environment.database("postgres://postgres@/crm?host=/tmp/x y")["HOST"] == "/tmp/x y"


@pytest.mark.parametrize("url", ["http://127.0.0.1", "127.0.0.1:6379", "redis://127.0.0.1/eins"])
def test_a_broker_that_is_no_redis_is_refused_by_name(url):
    with pytest.raises(environment.Refused, match="REDIS_URL"):
        environment.redis(url)


@pytest.mark.parametrize("host", ["https://crm.example.cn/", "crm.example.cn:8000", "crm example", "::1"])
def test_a_host_that_no_request_can_have_is_refused_by_name(host):
    with pytest.raises(environment.Refused, match="ALLOWED_HOSTS"):
        environment.hosts({"ALLOWED_HOSTS": f"127.0.0.1,{host}"})


def test_hosts_are_names_addresses_and_whole_domains():
    named = ["crm.example.cn", ".gov.cn", "10.1.2.3", "[::1]", "招商.cn", "*"]
    assert environment.hosts({"ALLOWED_HOSTS": ", ".join(named)}) == named


def test_a_font_that_is_not_there_is_refused_by_name(tmp_path):
    with pytest.raises(environment.Refused, match="PDF_FONT"):
        environment.font({"PDF_FONT": str(tmp_path / "none.ttf")})


def test_a_folder_that_cannot_be_made_is_refused_with_the_variable_to_change(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(environment.Refused, match="DATA_DIR"):
        environment.made(tmp_path / "file" / "data")


def test_a_folder_we_may_not_look_into_is_refused_and_no_error(tmp_path, monkeypatch):
    def denied(self, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", denied)
    monkeypatch.setattr(Path, "mkdir", denied)
    with pytest.raises(environment.Refused, match="Permission denied.*DATA_DIR"):
        environment.made(environment.data_dir({"DATA_DIR": str(tmp_path / "x")}))


def test_the_web_server_refuses_a_number_of_processes_by_the_name_of_its_variable():
    result = subprocess.run(
        [sys.executable, "-c", "import config.web"],
        cwd=environment.BASE_DIR,
        env={**os.environ, "WEB_WORKERS": "viele"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "WEB_WORKERS" in result.stderr


def test_a_proxy_that_is_no_network_is_refused_by_name():
    with pytest.raises(environment.Refused, match="TRUSTED_PROXIES"):
        environment.networks({"TRUSTED_PROXIES": "10.0.0.0/8,proxy"}, "TRUSTED_PROXIES")


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path):
    first = environment.secret_key({"DATA_DIR": str(tmp_path)}, production=False)
    assert len(first) >= 50
    assert environment.secret_key({"DATA_DIR": str(tmp_path)}, production=False) == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "key",
    ["", "short", "a" * 60, "django-insecure-" + STRONG, "change-me-" + STRONG],
    ids=["none", "short", "one letter", "of Django", "of an example"],
)
def test_production_refuses_a_weak_key(key):
    with pytest.raises(environment.Refused, match="SECRET_KEY"):
        environment.secret_key({"SECRET_KEY": key}, production=True)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"DEBUG": "1"}, "DEBUG"),
        ({"DEMO_PASSWORD": "x"}, "DEMO_PASSWORD"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgres://postgres:postgres@db/crm"}, "密码"),
        ({"DATABASE_URL": "postgres://gongshu@db/crm"}, "密码"),
        ({"DATABASE_URL": "postgres://gongshu:gongshu@db/crm"}, "密码"),
    ],
)
def test_production_refuses_what_is_unsafe(change, named):
    environment.refuse_unsafe(SAFE)
    with pytest.raises(environment.Refused, match=named):
        environment.refuse_unsafe(SAFE | change)


@pytest.mark.parametrize("change", [{"SECRET_KEY": ""}, {"ALLOWED_HOSTS": "*"}, {"DATABASE_URL": ""}])
def test_make_run_refuses_an_unsafe_production_before_it_starts_anything(change):
    """Said in one line, instead of by the tracebacks of every process that loads the settings."""
    environment.check(SAFE)
    with pytest.raises(environment.Refused, match=next(iter(change))):
        environment.check(SAFE | change)


def _boot(changes):
    """Load the site as the web server does, in a process of its own with only this environment."""
    env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **changes}
    command = [sys.executable, "-m", "gunicorn", "--check-config", "config.wsgi"]
    return subprocess.run(
        command, cwd=environment.BASE_DIR, env=env, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({}, "DATABASE_URL|ALLOWED_HOSTS"),
        (SAFE | {"DEBUG": "1"}, "DEBUG"),
        (SAFE | {"SECRET_KEY": "short"}, "SECRET_KEY"),
        (SAFE | {"DATABASE_URL": "postgres://postgres:postgres@127.0.0.1/gongshu"}, "密码"),
    ],
    ids=["empty", "debug", "known key", "default password"],
)
def test_the_web_server_does_not_start_unsafe(env, named, tmp_path):
    done = _boot(env | {"DATA_DIR": str(tmp_path)})
    assert done.returncode != 0
    assert any(word in done.stderr for word in named.split("|"))


def test_the_web_server_starts_with_safe_settings(tmp_path):
    done = _boot(SAFE | {"DATA_DIR": str(tmp_path)})
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({}, ("", 25, "", "", False, False, None)),
        (
            {"EMAIL_URL": "smtp+tls://crm%40a.cn:p%2Fw@mail.a.cn"},
            ("mail.a.cn", 587, "crm@a.cn", "p/w", True, False, "crm@a.cn"),
        ),
        (
            {"EMAIL_URL": "smtps://mail.a.cn:994", "EMAIL_FROM": "招商 <crm@a.cn>"},
            ("mail.a.cn", 994, "", "", False, True, "招商 <crm@a.cn>"),
        ),
        (
            {"EMAIL_HOST": "mail.a.cn", "EMAIL_HOST_USER": "crm@a.cn", "EMAIL_USE_SSL": "1"},
            ("mail.a.cn", 465, "crm@a.cn", "", False, True, "crm@a.cn"),
        ),
    ],
)
def test_a_mail_server_is_read_from_one_address_or_by_its_names(environ, found):
    names = ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "USE_SSL")
    read = environment.email(environ)
    assert (*(read[f"EMAIL_{name}"] for name in names), read.get("DEFAULT_FROM_EMAIL")) == found


@pytest.mark.parametrize(("named", "domains"), [("", ["a.cn"]), ("b.cn, c.cn", ["b.cn", "c.cn"]), ("*", [])])
def test_mail_goes_to_the_senders_own_domain_unless_others_are_named(named, domains):
    environ = {"EMAIL_HOST": "mail.a.cn", "EMAIL_FROM": "招商 <crm@a.cn>", "EMAIL_DOMAINS": named}
    assert environment.email(environ)["EMAIL_DOMAINS"] == domains


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"EMAIL_URL": "http://a:geheim@b"}, "EMAIL_URL"),
        ({"EMAIL_URL": "smtp://:geheim@"}, "EMAIL_URL"),
        ({"EMAIL_URL": "smtp://a:geheim@b:port"}, "EMAIL_URL"),
        ({"EMAIL_URL": "smtp://a:geheim@b"}, "EMAIL_FROM"),
        ({"EMAIL_HOST": "b", "EMAIL_FROM": "a@b.cn\nBcc: c@d.cn"}, "EMAIL_FROM"),
        ({"EMAIL_HOST": "b", "EMAIL_PORT": "0"}, "EMAIL_PORT"),
        ({"EMAIL_HOST": "b", "EMAIL_USE_TLS": "1", "EMAIL_USE_SSL": "1"}, "EMAIL_USE_SSL"),
        ({"SITE_URL": "crm.example.cn"}, "SITE_URL"),
        ({"SITE_URL": "https://a:geheim@crm.example.cn"}, "SITE_URL"),
        ({"SITE_URL": "https://crm.example.cn/app"}, "SITE_URL"),
    ],
)
def test_what_is_no_mail_server_or_site_is_refused_by_name_without_its_password(environ, name):
    with pytest.raises(environment.Refused, match=name) as refusal:
        environment.check(environ)
    assert "geheim" not in str(refusal.value)


def test_the_site_is_where_it_says_or_the_first_of_its_hosts():
    assert environment.site_url({"SITE_URL": "http://10.1.2.3:8000/"}) == "http://10.1.2.3:8000"
    assert environment.site_url({"ALLOWED_HOSTS": "crm.a.cn, b.cn"}) == "https://crm.a.cn"
    assert environment.site_url({}) == environment.site_url({"ALLOWED_HOSTS": "*"}) == ""


def test_whoever_starts_at_the_same_moment_gets_the_same_whole_secret(tmp_path):
    for number in range(30):
        path, gate, found = tmp_path / f"{number}", threading.Barrier(8), []

        def start(path=path, gate=gate, found=found):
            gate.wait()
            found.append(environment.kept_secret(path))

        threads = [threading.Thread(target=start) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert len(found) == 8
        assert set(found) == {path.read_text()}
        assert len(found[0]) == environment.KEY_LENGTH
        assert path.stat().st_mode & 0o777 == 0o600
    assert len(list(tmp_path.iterdir())) == 30


def test_an_empty_secret_is_refused_with_the_remedy(tmp_path):
    (tmp_path / "key").write_text("")
    with pytest.raises(environment.Refused, match="请删除这个文件后再启动"):
        environment.kept_secret(tmp_path / "key")
