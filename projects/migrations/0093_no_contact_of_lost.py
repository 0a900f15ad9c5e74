"""A lost project has no next contact, only a revisit: what was planned before counts no more."""

from django.db import migrations


def forget(apps, _):
    apps.get_model("projects", "Project").objects.filter(stage="lost").update(next_contact_on=None)


class Migration(migrations.Migration):
    dependencies = [("projects", "0092_rules_that_read_relations")]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
