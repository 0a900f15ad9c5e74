from django.db import migrations, models

MARK = """
UPDATE crm_channel SET has_introducer = true
WHERE code IN ('enterprise', 'fund', 'chamber', 'alumni', 'agency', 'government', 'partner')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0009_channel_poolable"),
    ]

    operations = [
        migrations.AddField(
            model_name="channel",
            name="has_introducer",
            field=models.BooleanField(default=False, db_default=False, verbose_name="有引荐人，要给回音"),
        ),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
    ]
