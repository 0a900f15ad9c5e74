"""A test database as the migrations leave it: made once in a run, copied by every worker, given back.

What the migrations loaded (words, rules, permissions) is kept a second time in a schema of its own. A test
that commits is followed by one statement that deletes what it wrote and gives back the words it changed:
some twenty milliseconds, where emptying 150 tables and loading them anew took half a second.
"""

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from django.conf import settings
from django.db import connection

KEEP = """
DO $$
DECLARE name text; has_rows boolean;
BEGIN
  CREATE SCHEMA pristine;
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO has_rows;
    IF has_rows THEN EXECUTE format('CREATE TABLE pristine.%I AS TABLE %I', name, name); END IF;
  END LOOP;
END $$
"""
# Without triggers and foreign keys (only a superuser may), so that the order of the tables does not matter.
# A table of words that still is as it was stays untouched.
GIVE_BACK = """
DO $$
DECLARE name text; has_words boolean; is_changed boolean;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR name, has_words IN
    SELECT t.tablename, p.tablename IS NOT NULL
      FROM pg_tables t LEFT JOIN pg_tables p ON p.tablename = t.tablename AND p.schemaname = 'pristine'
     WHERE t.schemaname = 'public'
  LOOP
    IF has_words THEN
      EXECUTE format('SELECT EXISTS (TABLE %I EXCEPT TABLE pristine.%I)
                          OR EXISTS (TABLE pristine.%I EXCEPT TABLE %I)', name, name, name, name)
         INTO is_changed;
    END IF;
    IF NOT has_words OR is_changed THEN EXECUTE format('DELETE FROM %I', name); END IF;
    IF has_words AND is_changed THEN
      EXECUTE format('INSERT INTO %I OVERRIDING SYSTEM VALUE TABLE pristine.%I', name, name);
    END IF;
  END LOOP;
END $$
"""


_worlds = []  # one for each module whose tests share what it committed


def give_back(*_):
    """The tables as the migrations left them, whatever was committed since; not while a world stands."""
    if not _worlds:
        with connection.cursor() as cursor:
            cursor.execute(GIVE_BACK)


@contextmanager
def standing():
    """What is committed inside, several tests that commit look at; all of it is given back at the end."""
    _worlds.append(None)
    try:
        yield
    finally:
        _worlds.pop()
        give_back()


def make():
    """The database of this worker, migrated; `end` with what this returns when its tests are over."""
    before, own = connection.settings_dict["NAME"], connection.creation._get_test_db_name()
    with _one_at_a_time():
        if _exists(name()):
            _copy(name(), own)
            settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = own
        else:
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            with connection.cursor() as cursor:
                cursor.execute(KEEP)
            connection.close()
            _copy(own, name())
    return before


def end(before):
    """Remove this worker's database; the connection is to the one named `before` again."""
    connection.creation.destroy_test_db(before, verbosity=0)


def name():
    """The name of the database that all workers of this run copy."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"{os.getpid()}"
    return f"test_pristine_{run[:12]}"


def drop():
    """Remove the copied database when the run is over; a run that needed none asks no server."""
    if _lock().exists():
        _do("DROP DATABASE IF EXISTS {} WITH (FORCE)", name())


def _lock():
    return Path(settings.DATA_DIR, "pristine.lock")


@contextmanager
def _one_at_a_time():
    with _lock().open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _copy(source, target):
    _do("DROP DATABASE IF EXISTS {} WITH (FORCE)", target)
    _do("CREATE DATABASE {} TEMPLATE {}", target, source)


def _exists(database):
    with _server() as server:
        return server.execute("SELECT FROM pg_database WHERE datname = %s", [database]).rowcount == 1


def _do(statement, *names):
    with _server() as server:
        server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _server():
    known = {**connection.get_connection_params(), "dbname": "postgres"}
    known = {key: known[key] for key in ("dbname", "host", "port", "user", "password") if known.get(key)}
    return psycopg.connect(**known, autocommit=True)
