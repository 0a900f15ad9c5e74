"""Load the public documents known by name, and the rule that asks for them."""

from django.db import migrations

from projects import basis_rows, flag_rows


def seed(apps, schema_editor):
    for rows in (basis_rows, flag_rows):
        rows.load(lambda name: apps.get_model("projects", name))


class Migration(migrations.Migration):
    dependencies = [("projects", "0090_basis_library")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
