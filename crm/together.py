"""Several questions in one message: what a page needs of a record costs one way to the database and back."""

from django.core.exceptions import EmptyResultSet
from django.db import connection

from crm.reading import Reading, is_awaited, keep


def read(*asked):
    """Ask by one message for the rows of these querysets, which keep them as if each had been asked alone,
    and for what these Readings read, unless the piece of work under way has read it.

    What a queryset prefetches is asked for after it, as ever.
    """
    querysets = [one for one in asked if not isinstance(one, Reading)]
    readings = {one: one.rows() for one in asked if isinstance(one, Reading) and is_awaited(one)}
    _read([*querysets, *readings.values()])
    for reading, rows in readings.items():
        keep(reading, rows)


def belong(record, **relations):
    """Let `record` answer from these querysets when its relations of these names are asked for; returns them,
    to be read."""
    record.__dict__.setdefault("_prefetched_objects_cache", {}).update(relations)
    return relations.values()


def _read(querysets):
    compilers = [rows.query.get_compiler(rows.db) for rows in querysets]
    questions = [_question(compiler) for compiler in compilers]
    answers = iter(_answers([question for question in questions if question]))
    for rows, compiler, question in zip(querysets, compilers, questions, strict=True):
        _give(rows, compiler, next(answers) if question else [])


def _question(compiler):
    """(SQL, values); None for what is empty whatever stands in the tables."""
    try:
        return compiler.as_sql()
    except EmptyResultSet:
        return None


def _answers(questions):
    """The rows of each of these questions in their order."""
    if not questions:
        return []
    with connection.cursor() as cursor:
        values = [value for _, given in questions for value in given]
        cursor.execute(";\n".join(sql for sql, _ in questions), values)
        answers = [cursor.fetchall()]
        for _ in questions[1:]:
            cursor.nextset()
            answers.append(cursor.fetchall())
    return answers


def _give(rows, compiler, answer):
    """Let the queryset make its objects of this answer in its own way."""
    width = compiler.col_count if compiler.has_extra_select else None
    compiler.execute_sql = lambda *_, **__: [[row[:width] for row in answer]]
    rows.query.get_compiler = lambda *_, **__: compiler
    try:
        len(rows)
    finally:
        del rows.query.get_compiler
