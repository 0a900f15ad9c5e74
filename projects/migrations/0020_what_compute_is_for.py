"""What an offer of compute is for: training, inference, or both."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0019_policies_told_of"),
    ]

    operations = [
        migrations.AddField(
            model_name="computeoffer",
            name="serves",
            field=models.CharField(
                blank=True,
                choices=[("training", "训练"), ("inference", "推理"), ("both", "训练、推理均可")],
                max_length=10,
                verbose_name="用于",
            ),
        ),
        migrations.AlterField(
            model_name="computedemand",
            name="kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("training", "训练"),
                    ("inference", "推理"),
                    ("both", "训练和推理"),
                    ("any", "不限"),
                ],
                max_length=10,
                verbose_name="用于",
            ),
        ),
    ]
