"""The limit of 线索 is that of its stage (45 workdays); the first response has a clock of its own (§1.13)."""

from django.db import migrations


def lengthen(apps, schema_editor):
    apps.get_model("crm", "StageSetting").objects.filter(code="lead", limit_days=1).update(limit_days=45)


class Migration(migrations.Migration):
    dependencies = [("crm", "0006_answers_as_text")]

    operations = [migrations.RunPython(lengthen, migrations.RunPython.noop)]
