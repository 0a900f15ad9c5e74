"""A lost lead has no next contact, only a revisit: what was planned before counts no more."""

from django.db import migrations


def forget(apps, _):
    apps.get_model("leads", "Lead").objects.filter(stage="dropped").update(next_contact_on=None)


class Migration(migrations.Migration):
    dependencies = [("leads", "0050_history_of_fields")]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
