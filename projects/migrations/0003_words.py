"""Load the decision routes to begin with, the public documents known by name and the rules that flag wordings."""

from django.db import migrations

from projects import basis_rows, flag_rows, route_seed


def load(apps, schema_editor):
    for rows in (route_seed, basis_rows, flag_rows):
        rows.load(lambda name: apps.get_model("projects", name))


class Migration(migrations.Migration):
    replaces = [("projects", "0141_history_of_spaces")]

    dependencies = [("crm", "0003_words"), ("projects", "0002_triggers")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
