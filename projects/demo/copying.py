"""Fills tables by COPY, with foreign keys and plain indexes set aside and then made again in one go."""

from contextlib import contextmanager

from django.db import connection

MEMORY = "256MB"  # for making indexes again; a GIN index needs it
FOREIGN_KEYS = """
SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s::text[]::regclass[])
"""
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
  FROM pg_index WHERE NOT indisunique AND indpred IS NULL AND indrelid = ANY(%s::text[]::regclass[])
"""


class Copier:
    """Numbers the rows of some models and copies them in portions, so that memory stays small.

    Every value is given as the column holds it; the primary key is counted up from what is there.
    """

    def __init__(self, models):
        self.top = {model: _top(model) for model in models}
        self.first = dict(self.top)
        self._waiting = {model: [] for model in models}
        self._columns = {}

    def add(self, model, **values):
        """Queue one row and return its number; every row of a model names the same fields, in one order."""
        self.top[model] = pk = self.top[model] + 1
        if model not in self._columns:
            self._columns[model] = [model._meta.get_field(name).column for name in ("id", *values)]
        self._waiting[model].append((pk, *values.values()))
        return pk

    def flush(self):
        """Copy what is queued."""
        for model, rows in self._waiting.items():
            if rows:
                _copy(model._meta.db_table, self._columns[model], rows)
                rows.clear()

    def finish(self):
        """Copy the rest, move the sequences past it; the number of rows written per table."""
        self.flush()
        written = {model: self.top[model] - self.first[model] for model in self.top}
        with connection.cursor() as cursor:
            for model in filter(written.get, written):
                last = [model._meta.db_table, self.top[model]]
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", last)
        return {model._meta.db_table: number for model, number in written.items()}


@contextmanager
def set_aside(models):
    """No foreign keys and no plain indexes on the models' tables meanwhile; to be used inside a transaction.

    Unique and partial indexes stay: the former check, the latter would come back written differently.
    The rows are checked when the keys come back. The tables are locked for others meanwhile.
    """
    tables = [model._meta.db_table for model in models]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        keys = cursor.execute(FOREIGN_KEYS, [tables]).fetchall()
        indexes = cursor.execute(INDEXES, [tables]).fetchall()
        for name, table, _ in keys:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        cursor.execute(f"SET LOCAL maintenance_work_mem = '{MEMORY}'")
        for _, definition in indexes:
            cursor.execute(definition)
        for name, table, definition in keys:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def _top(model):
    return model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _copy(table, columns, rows):
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)
