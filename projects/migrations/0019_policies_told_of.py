"""Whom the end of a policy was told, and for which day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0018_corrections_of_referrals"),
    ]

    operations = [
        migrations.AddField(
            model_name="criteriaversion",
            name="told_for",
            field=models.DateField(
                blank=True, editable=False, null=True, verbose_name="已提醒项目负责人的到期日"
            ),
        ),
    ]
