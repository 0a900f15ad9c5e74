from django.db import migrations, models

MARK = "UPDATE crm_stagesetting SET is_restarted_by_progress = true WHERE code = 'negotiating'"


class Migration(migrations.Migration):
    dependencies = [("crm", "0030_share_within_100")]

    operations = [
        migrations.AddField(
            model_name="stagesetting",
            name="is_restarted_by_progress",
            field=models.BooleanField(db_default=False, default=False, verbose_name="有效跟进后重新计时"),
        ),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
    ]
