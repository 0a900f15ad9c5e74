"""What a sheet says beside its rows: the unit of its amounts, and which rows were taken for no company."""

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
        migrations.AddField(
            "importjob",
            "set_aside",
            models.JSONField("不是企业的行", default=list, db_default=[], editable=False),
        ),
    ]
