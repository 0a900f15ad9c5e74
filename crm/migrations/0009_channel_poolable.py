from django.db import migrations, models

MARK = "UPDATE crm_channel SET is_poolable = true WHERE code IN ('walk_in', 'web')"


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0008_unfinished_slots"),
    ]

    operations = [
        migrations.AddField(
            model_name="channel",
            name="is_poolable",
            field=models.BooleanField(default=False, verbose_name="无人跟进时退回公海"),
        ),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
    ]
