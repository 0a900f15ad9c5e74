"""Reads the environment: one reader per variable; an unknown value is refused with its name."""

import contextlib
import os
import re
import secrets
import sys
import tempfile
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent
SERVERS = ("gunicorn", "celery")
YES = {"1", "true", "yes", "on"}
NO = {"", "0", "false", "no", "off"}
MODES = ("local", "production")
KEY_LENGTH = 50
KNOWN_KEYS = ("django-insecure", "change", "secret", "example", "please", "请")
KNOWN_PASSWORDS = {
    "",
    "postgres",
    "password",
    "passwd",
    "admin",
    "root",
    "crm",
    "changeme",
    "change-me",
    "123456",
}
DATABASE_OPTIONS = {
    "host",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "connect_timeout",
    "application_name",
}


class Refused(Exception):
    """The environment asks for something unknown or unsafe; the message names the variable and the remedy."""


def mode(environ: Mapping[str, str]) -> str:
    """`local` or `production`. Not said: a server started by hand is in production, manage.py is not."""
    value = environ.get("MODE", "").strip()
    if value and value not in MODES:
        raise Refused(f"环境变量 MODE 的值“{value}”无法识别，只能是 local 或 production。")
    program = Path(sys.argv[0])
    is_server = program.name in SERVERS or program.parent.name in SERVERS
    return value or ("production" if is_server else "local")


def flag(environ: Mapping[str, str], name: str) -> bool:
    """A variable that is on or off; off when unset."""
    value = environ.get(name, "").strip().lower()
    if value in YES:
        return True
    if value in NO:
        return False
    raise Refused(f"环境变量 {name} 的值“{value}”无法识别，开请写 1，关请写 0。")


def number(
    environ: Mapping[str, str], name: str, default: int, *, least: int = 1, most: int = 1_000_000
) -> int:
    """A whole number between `least` and `most`."""
    value = environ.get(name, "").strip()
    if not value:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
        raise Refused(f"环境变量 {name} 的值“{value}”无法识别，应为 {least} 到 {most} 的整数。")
    return int(value)


def words(environ: Mapping[str, str], name: str) -> list[str]:
    """A list written with commas."""
    return [word.strip() for word in environ.get(name, "").split(",") if word.strip()]


def networks(environ: Mapping[str, str], name: str) -> list[str]:
    """A list of networks in CIDR form, such as 10.0.0.0/8."""
    found = words(environ, name)
    for word in found:
        try:
            ip_network(word)
        except ValueError:
            raise Refused(f"环境变量 {name} 里的“{word}”不是网段，应形如 10.0.0.0/8。") from None
    return found


def check(environ: Mapping[str, str]) -> None:
    """Read every variable once, so that a wrong one is told before anything starts. Raises Refused."""
    if mode(environ) == "production":
        refuse_unsafe(environ)
        secret_key(environ, production=True)
    for name in ("DEBUG", "HTTPS"):
        flag(environ, name)
    web_workers(environ)
    hosts(environ)
    font(environ)
    networks(environ, "TRUSTED_PROXIES")
    if url := environ.get("DATABASE_URL"):
        database(url)
    redis(environ.get("REDIS_URL", "").strip())
    site_url(environ)
    email(environ)


def hosts(environ: Mapping[str, str]) -> list[str]:
    """The names of ALLOWED_HOSTS: hosts without scheme, port or path, else every request would be refused."""
    found = words(environ, "ALLOWED_HOSTS")
    for word in found:
        if not re.fullmatch(r"\*|\.?[\w.-]+|\[[0-9A-Fa-f:.]+\]", word):
            raise Refused(
                f"环境变量 ALLOWED_HOSTS 里的“{word}”无法识别，只写域名或 IP，不带 http:// 和端口，"
                "应形如 crm.example.gov.cn。"
            )
    return found


def font(environ: Mapping[str, str]) -> str:
    """The file PDF_FONT names, "" when unset."""
    name = environ.get("PDF_FONT", "").strip()
    if name and not Path(name).is_file():
        raise Refused(f"环境变量 PDF_FONT 指向的“{name}”不是文件。请写字体文件的完整路径，或不写。")
    return name


def web_workers(environ: Mapping[str, str]) -> int:
    """How many processes serve the site."""
    return number(environ, "WEB_WORKERS", 2, least=1, most=64)


def data_dir(environ: Mapping[str, str]) -> Path:
    """Where the embedded database, uploads and keys live; `.data` beside the code unless DATA_DIR is set."""
    value = environ.get("DATA_DIR", "").strip()
    path = Path(value) if value else BASE_DIR / ".data"
    if value and not path.is_absolute():
        path = BASE_DIR / path
    if os.path.exists(path) and not path.is_dir():  # not path.exists(): that fails where we may not look
        raise Refused(f"环境变量 DATA_DIR 指向“{path}”，它不是文件夹。请改为一个可以写入的文件夹。")
    return path


def made(path: Path) -> Path:
    """The folder, made where it is missing; Refused when nothing can be written there."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(
            f"数据目录“{path}”建不了（{error.strerror}）。请把环境变量 DATA_DIR 改为一个可以写入的文件夹。"
        ) from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise Refused(f"数据目录“{path}”不能写入。请把环境变量 DATA_DIR 改为一个可以写入的文件夹。")
    return path


def database(url: str) -> dict:
    """A DATABASE_URL as Django's dictionary: postgres://user:password@host:port/name?sslmode=require."""
    parts = _split(url, "DATABASE_URL", {"postgres", "postgresql"}, "postgres://用户:密码@主机:5432/库名")
    options = dict(parse_qsl(parts.query))
    unknown = sorted(set(options) - DATABASE_OPTIONS)
    if unknown:
        raise Refused(f"环境变量 DATABASE_URL 里的参数 {'、'.join(unknown)} 无法识别，请删去或更正。")
    name = unquote(parts.path.removeprefix("/"))
    if not name:
        raise Refused("环境变量 DATABASE_URL 没有写库名，应为 postgres://用户:密码@主机:5432/库名。")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def redis(url: str) -> str:
    """The REDIS_URL as given, once it is known to be one."""
    if url:
        pattern = "redis://主机:6379/0"
        parts = _split(url, "REDIS_URL", {"redis", "rediss", "unix"}, pattern)
        if parts.scheme != "unix" and not re.fullmatch(r"/?[0-9]{0,9}", parts.path):
            raise Refused(f"环境变量 REDIS_URL 里的库号“{parts.path[1:]}”不是数字，应为 {pattern}。")
    return url


def site_url(environ: Mapping[str, str]) -> str:
    """Where people reach the site, for links in mails: SITE_URL, else the first of ALLOWED_HOSTS, else ""."""
    url = environ.get("SITE_URL", "").strip().rstrip("/")
    if url:
        parts = _split(url, "SITE_URL", {"http", "https"}, "https://crm.example.gov.cn")
        if not parts.hostname or parts.path or parts.query or parts.username:
            raise Refused("环境变量 SITE_URL 无法识别，应为 https://crm.example.gov.cn。")
        return url
    named = hosts(environ)
    return f"https://{named[0].lstrip('.')}" if named and named[0] != "*" else ""


def email(environ: Mapping[str, str]) -> dict:
    """Django's mail settings from EMAIL_URL, or from EMAIL_HOST and its companions; no EMAIL_HOST: off.

    EMAIL_URL is smtp://user:password@host:25, smtp+tls:// for STARTTLS or smtps:// for TLS from the start.
    """
    url = environ.get("EMAIL_URL", "").strip()
    found = _email_of_url(url) if url else _email_of_names(environ)
    if not found["EMAIL_HOST"]:
        return found
    sender = environ.get("EMAIL_FROM", "").strip() or found["EMAIL_HOST_USER"]
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+|[^<>\r\n]*<[^@\s<>]+@[^@\s<>]+>", sender):
        raise Refused("环境变量 EMAIL_FROM 没有写发件人邮箱，应为 crm@example.gov.cn。")
    return {**found, "DEFAULT_FROM_EMAIL": sender, "EMAIL_DOMAINS": _domains(environ, sender)}


def _domains(environ, sender):
    """The domains mail may go to: those named, else the sender's own; none for 「*」, which means all."""
    named = words(environ, "EMAIL_DOMAINS") or [sender.rstrip(">").rpartition("@")[2]]
    return [] if named == ["*"] else named


def _email_of_url(url):
    pattern = "smtp+tls://用户:密码@主机:587"
    parts = _split(url, "EMAIL_URL", {"smtp", "smtp+tls", "smtps"}, pattern)
    if not parts.hostname:
        raise Refused(f"环境变量 EMAIL_URL 没有写主机，应为 {pattern}。")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or {"smtp": 25, "smtp+tls": 587, "smtps": 465}[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }


def _email_of_names(environ):
    is_tls, is_ssl = flag(environ, "EMAIL_USE_TLS"), flag(environ, "EMAIL_USE_SSL")
    if is_tls and is_ssl:
        raise Refused("环境变量 EMAIL_USE_TLS 和 EMAIL_USE_SSL 只能打开一个。")
    usual = 465 if is_ssl else 587 if is_tls else 25
    return {
        "EMAIL_HOST": environ.get("EMAIL_HOST", "").strip(),
        "EMAIL_PORT": number(environ, "EMAIL_PORT", usual, most=65535),
        "EMAIL_HOST_USER": environ.get("EMAIL_HOST_USER", "").strip(),
        "EMAIL_HOST_PASSWORD": environ.get("EMAIL_HOST_PASSWORD", ""),
        "EMAIL_USE_TLS": is_tls,
        "EMAIL_USE_SSL": is_ssl,
    }


def _split(url, name, schemes, pattern):
    """The parts of an address; its password is never repeated in the message."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in schemes and (parts.port or True)
    except ValueError:
        known = False
    if not known:
        raise Refused(f"环境变量 {name} 无法识别，应为 {pattern}。")
    return parts


def kept_secret(path: Path, length: int = KEY_LENGTH) -> str:
    """A random secret made once and kept in `path`, readable by its owner only.

    Processes that start at the same moment all get the one of the first: it appears whole or not at all.
    """
    made(path.parent)
    if not path.exists():
        handle, written = tempfile.mkstemp(dir=path.parent, prefix=".secret-")
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(length)[:length])
        with contextlib.suppress(FileExistsError):  # somebody was first
            os.link(written, path)
        os.unlink(written)
    if found := path.read_text(encoding="ascii").strip():
        return found
    raise Refused(f"密钥文件 {path} 是空的。请删除这个文件后再启动，系统会另生成一个。")


def secret_key(environ: Mapping[str, str], production: bool) -> str:
    """The signing key: given and strong in production, else made once and kept under DATA_DIR."""
    key = environ.get("SECRET_KEY", "").strip()
    if not production:
        return key or kept_secret(data_dir(environ) / "secret_key")
    if not key:
        raise Refused("生产环境没有设置环境变量 SECRET_KEY。请生成一个不少于 50 位的随机串后再启动。")
    if len(key) < KEY_LENGTH or len(set(key)) < 10 or any(word in key.lower() for word in KNOWN_KEYS):
        raise Refused("环境变量 SECRET_KEY 太短或是公开的示例值。请换成不少于 50 位的随机串后再启动。")
    return key


def refuse_unsafe(environ: Mapping[str, str]) -> None:
    """What production must not be started with; the first unsafe thing found is named."""
    if flag(environ, "DEBUG"):
        raise Refused("生产环境不能打开 DEBUG，它会把内部信息显示给访问者。请去掉环境变量 DEBUG。")
    if environ.get("DEMO_PASSWORD"):
        raise Refused("生产环境不能设置 DEMO_PASSWORD，演示账号只用于演示。请去掉这个环境变量。")
    named = hosts(environ)
    if not named or "*" in named:
        raise Refused("生产环境要用环境变量 ALLOWED_HOSTS 写明对外的域名（逗号分隔，不能是 *）。")
    _refuse_unsafe_database(environ.get("DATABASE_URL", "").strip())


def _refuse_unsafe_database(url):
    if not url:
        raise Refused(
            "生产环境没有设置环境变量 DATABASE_URL。请指向正式的 PostgreSQL，嵌入式数据库只用于试用。"
        )
    found = database(url)
    over_socket = found["HOST"].startswith("/")
    default = found["PASSWORD"].lower() in KNOWN_PASSWORDS or found["PASSWORD"] == found["USER"]
    if default and not over_socket and "sslcert" not in found["OPTIONS"]:
        raise Refused("环境变量 DATABASE_URL 里的数据库密码为空或是默认值。请换成随机密码后再启动。")
