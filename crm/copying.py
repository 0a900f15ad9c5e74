"""New rows by COPY: a third of the time of bulk_create, for hundreds of rows of a wide table."""

from operator import attrgetter

from django.db import connection
from django.db.models import JSONField
from django.db.models.expressions import DatabaseDefault


def insert(rows):
    """Write these new instances of one model, without its `save`, and give them their keys.

    As bulk_create, in the present transaction; raises the errors of Django, IntegrityError among them.
    """
    if not rows:
        return
    model = type(rows[0])
    _number(model, rows)
    fields = [field for field in model._meta.concrete_fields if not _is_left(rows[0], field)]
    plain = attrgetter(*(field.attname for field in fields))
    places = [place for place, field in enumerate(fields) if isinstance(field, JSONField)]
    names = ", ".join(f'"{field.column}"' for field in fields)
    into = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(into) as copy:
        for row in rows:
            cells = list(plain(row))  # as they are: what COPY writes is text that the column reads
            for place in places:
                cells[place] = fields[place].get_db_prep_save(cells[place], cursor.db)
            copy.write_row(cells)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _number(model, rows):
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        ask = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
        cursor.execute(ask, [f'"{table}"', column, len(rows)])
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = key


def _is_left(row, field):
    """Whether the database fills the column itself."""
    return isinstance(getattr(row, field.attname), DatabaseDefault)
