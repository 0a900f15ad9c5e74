"""When a match was last judged, beside when its answer last changed."""

from django.db import migrations, models
from django.db.models import F


def from_computed(apps, schema_editor):
    apps.get_model("projects", "Match").objects.update(checked_at=F("computed_at"))


class Migration(migrations.Migration):
    dependencies = [("projects", "0005_skipped_and_paused")]

    operations = [
        migrations.AddField("match", "checked_at", models.DateTimeField("核对时间", null=True)),
        migrations.RunPython(from_computed, migrations.RunPython.noop),
        migrations.AlterField("match", "checked_at", models.DateTimeField("核对时间")),
    ]
