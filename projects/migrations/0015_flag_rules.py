"""Load the rules by which the machine flags wordings."""

from django.db import migrations

from projects import flag_rows


def seed(apps, schema_editor):
    flag_rows.load(lambda name: apps.get_model("projects", name))


class Migration(migrations.Migration):
    dependencies = [("projects", "0014_review_of_incentives")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
