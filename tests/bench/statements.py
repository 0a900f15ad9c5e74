"""Plain psycopg beside Django: the floors, and what a page asked of the database, asked again bare."""

import json
import re
from pathlib import Path

import psycopg

from django.db import connection
from django.test.utils import CaptureQueriesContext

READS = ("SELECT", "WITH")
SETTINGS = ("SET ", "RESET ")
TEMPORARY = re.compile(r"CREATE TEMPORARY TABLE (\w+)")
SIGNED = "SET LOCAL crm.author"  # a write: behind this stands the statement itself (crm/authorship.py)
AS_WRITTEN = "-c join_collapse_limit=1"  # a floor does not weigh orders of joins
SLOW = 5.0  # ms from which a statement's plan is kept
TIMES = ("Planning Time", "Execution Time")
BUSY = " FOR UPDATE"
TWIN = "CREATE TEMP TABLE IF NOT EXISTS {twin} (LIKE {table} INCLUDING ALL)"
COPY_OUT = "COPY (SELECT * FROM {table} WHERE {where}) TO STDOUT"
AGAIN = "INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, %s)"


class Bare:
    """A plain connection to the database under measurement."""

    def __init__(self, url, options=AS_WRITTEN):
        self.url = url
        self.connection = psycopg.connect(url, autocommit=True, options=options)

    def rows(self, statement, params=None):
        """All rows of one statement."""
        return self.connection.execute(statement, params).fetchall()

    def value(self, statement, params=None):
        """The first column of the first row."""
        return self.rows(statement, params)[0][0]

    def do(self, statement, params=None):
        """A statement without an answer."""
        self.connection.execute(statement, params)

    def replay(self, statements):
        """Fetch what every statement gives; they come from `reads_of` and hold their values."""
        with self.connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement, prepare=False).fetchall()

    def copy_again(self, chosen):
        """[COPY of the same rows into an empty twin, with all its indexes] for {table: WHERE condition}."""
        data = {table: self._copied(table, where) for table, where in chosen.items()}
        for table in chosen:
            self.do(f"DROP TABLE IF EXISTS twin_{table}")
            self.do(TWIN.format(twin=f"twin_{table}", table=table))

        def work():
            for table, rows in data.items():
                self.do(f"TRUNCATE twin_{table}")
                with self.connection.cursor() as cursor, cursor.copy(f"COPY twin_{table} FROM STDIN") as copy:
                    copy.write(rows)

        return work

    def _copied(self, table, where):
        statement = COPY_OUT.format(table=table, where=where)
        with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            return b"".join(bytes(block) for block in copy)

    def insert_again(self, rows):
        """Write (table, row) pairs in one transaction, one INSERT each."""
        with self.connection.transaction(), self.connection.cursor() as cursor:
            for table, row in rows:
                cursor.execute(AGAIN.format(table=table), [json.dumps(row)])


def asked_by(call):
    """Every statement Django sends while `call()` runs, with its values in it."""
    with CaptureQueriesContext(connection) as found:
        call()
    return [query["sql"] for query in found.captured_queries]


def reads_of(statements):
    """Those that only read, and what is there for others too: a temporary table is gone with its page."""
    kept = re.compile("|".join([BUSY, *(name for text in statements for name in TEMPORARY.findall(text))]))
    return [text for text in statements if _reads(text) and not kept.search(text)]


def _reads(text):
    """Whether a statement is a query; the parts of a union stand in brackets."""
    return text.lstrip("(").startswith(READS)


def keep_plans(bare, title, statements, file):
    """Append EXPLAIN (ANALYZE, BUFFERS) of every slow statement to `file`, planned as Django's are."""
    own = Bare(bare.url, options="")
    with own.connection, Path(file).open("a", encoding="utf-8") as plans:
        for statement in statements:
            if statement.startswith(SIGNED):
                continue
            if statement.startswith(SETTINGS):
                own.do(statement)
            elif _reads(statement):
                plans.write(_plan(own, title, statement))


def _plan(bare, title, statement):
    """The plan when planning and execution together are slow, else nothing."""
    plan = [row[0] for row in bare.rows("EXPLAIN (ANALYZE, BUFFERS, SETTINGS) " + statement)]
    times = [float(text.split(":")[1].split()[0]) for text in plan if text.startswith(TIMES)]
    words = [f"=== {title}: {sum(times):.1f} ms", statement, *plan, "", ""]
    return "\n".join(words) if sum(times) >= SLOW else ""
