"""The unit that a sheet gives its amounts beside the header: the rows to be mended go back with it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0011_one_report_one_credit_one_count")]

    operations = [
        migrations.AddField(
            "importjob",
            "money_unit",
            models.CharField(
                "金额单位", max_length=10, blank=True, default="", db_default="", editable=False
            ),
        ),
    ]
