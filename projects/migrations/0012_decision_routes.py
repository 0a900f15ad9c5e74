"""Load the decision routes to begin with."""

from django.db import migrations

from projects import route_seed


def seed(apps, schema_editor):
    route_seed.load(lambda name: apps.get_model("projects", name))


class Migration(migrations.Migration):
    dependencies = [("projects", "0011_blue_day")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
