"""The databases of the bench: one per size, filled once and kept; every run works on a fresh copy of it."""

import hashlib
import os
import secrets
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql

from django.conf import settings
from django.db import connection

SOURCES = (
    "projects/demo/*.py",
    "projects/*_seed.py",
    "*/migrations/*.py",
    "crm/vocabulary.py",
    "crm/values/*.py",
)
SETTLED = """
SELECT datcollate, datctype, datlocprovider,
       coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale')
  FROM pg_database d WHERE datname = current_database()
"""
MARK = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
PROVIDERS = {"b": "LOCALE_PROVIDER builtin BUILTIN_LOCALE {}", "i": "LOCALE_PROVIDER icu ICU_LOCALE {}"}


@contextmanager
def working_copy(size, say):
    """The environment of processes on a fresh copy of the database with `size` leads; dropped afterwards.

    The filled database lies beside the configured one as NAME_bench_SIZE. It is used again as long as the
    code that fills it has not changed. REDIS_URL is left out: nobody else's workers shall be rung.
    """
    kept = f"{connection.settings_dict['NAME']}_bench_{size}"
    copy = f"{kept}_{os.getpid()}"
    with _server() as server, tempfile.TemporaryDirectory(prefix="crm-bench-") as folder:
        _see_to(server, kept, size, folder, say)
        say("复制一份，本次只在副本上测 …")
        _create(server, copy, _template(kept))
        try:
            yield environment(copy, folder)
        finally:
            _drop(server, copy)


def drop(size):
    """Remove the kept database of this size."""
    with _server() as server:
        _drop(server, f"{connection.settings_dict['NAME']}_bench_{size}")


def environment(name, folder):
    """What a process of ours needs to work on the database `name` and leave its files in `folder`."""
    env = {key: value for key, value in os.environ.items() if key not in ("REDIS_URL", "HTTPS", "DEBUG")}
    return env | {
        "DATABASE_URL": _url(name),
        "DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "MODE": "local",
        "SECRET_KEY": secrets.token_urlsafe(50),
    }


def _see_to(server, name, size, folder, say):
    """Make and fill the database unless it is there and was filled by the present code."""
    mark = f"{size} {_fingerprint()}"
    found = server.execute(MARK, [name]).fetchone()
    if found and found[0] == mark:
        say(f"库 {name} 已有 {size:,} 条线索，直接使用。")
        return
    _drop(server, name)
    _create(server, name, _locale(server))
    say(f"建库 {name} 并写入 {size:,} 条线索（只在第一次）…")
    command = [sys.executable, "-m", "tests.bench.filling", str(size)]
    subprocess.run(command, env=environment(name, folder), cwd=settings.BASE_DIR, check=True)
    server.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), mark))


def _fingerprint():
    """One word for all code that decides what a filled database looks like."""
    files = sorted(file for pattern in SOURCES for file in Path(settings.BASE_DIR).glob(pattern))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _locale(server):
    """The configured database's own locale, so that both compare and sort alike."""
    collate, ctype, provider, locale = server.execute(SETTLED).fetchone()
    parts = [sql.SQL("TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE {} LC_CTYPE {}").format(collate, ctype)]
    if provider in PROVIDERS:
        parts.append(sql.SQL(PROVIDERS[provider]).format(locale))
    return sql.SQL(" ").join(parts)


def _template(name):
    return sql.SQL("TEMPLATE {}").format(sql.Identifier(name))


def _create(server, name, how):
    server.execute(sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), how))


def _drop(server, name):
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _server():
    return psycopg.connect(_url(connection.settings_dict["NAME"], scheme="postgresql"), autocommit=True)


def _url(name, scheme="postgres"):
    """The configured DATABASE_URL with another database name."""
    known = connection.settings_dict
    account = quote(known["USER"])
    if known["PASSWORD"]:
        account += ":" + quote(known["PASSWORD"], safe="")
    host, port = known["HOST"], known["PORT"]
    if host.startswith("/"):
        return f"{scheme}://{account}@/{name}?{urlencode({'host': host})}"
    return f"{scheme}://{account}@{host}{f':{port}' if port else ''}/{name}"
