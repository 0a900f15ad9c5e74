import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0011_other_names"),
        ("leads", "0031_warned_twice"),
    ]

    operations = [
        migrations.AddField(
            model_name="conflict",
            name="holder",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="crm.unit",
                verbose_name="裁决时的责任单位",
            ),
        ),
    ]
