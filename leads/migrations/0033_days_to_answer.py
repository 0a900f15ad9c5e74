"""From when the days to answer an offer count; of those that wait that was their last change."""

from django.db import migrations, models

BEGIN = "UPDATE leads_handover SET asked_at = updated_at WHERE state = 'pending'"  # a few rows at any time


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0032_holder_in_a_conflict"),
    ]

    operations = [
        migrations.AddField(
            model_name="handover",
            name="asked_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="接收期限起算"),
        ),
        migrations.RunSQL(BEGIN, migrations.RunSQL.noop),
    ]
