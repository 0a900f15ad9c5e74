"""One step for migrations that makes all tables of an app: a new database is ready in seconds.

Django renders every model anew, with all it is related to, after each table it makes: with a hundred related
models that takes longer than making them. Here the models are stated first and rendered once.
"""

from django.db.migrations import CreateModel
from django.db.migrations.operations.base import Operation


class CreateTables(Operation):
    """Make the tables of `operations`, the steps that state the models of one app (`CreateModel`, `AddField`,
    `AddIndex`, `AddConstraint`), each with all its columns, indexes and constraints at once."""

    def __init__(self, operations):
        self.operations = operations

    def deconstruct(self):
        return type(self).__qualname__, [self.operations], {}

    def state_forwards(self, app_label, state):
        state.__dict__.pop("apps", None)  # what was rendered before does not have these tables
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for name in self._names():
            model = to_state.apps.get_model(app_label, name)
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                schema_editor.create_model(model)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for name in reversed(self._names()):
            model = from_state.apps.get_model(app_label, name)
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                schema_editor.delete_model(model)

    def describe(self):
        return f"Make {len(self._names())} tables"

    def _names(self):
        return [operation.name for operation in self.operations if isinstance(operation, CreateModel)]
