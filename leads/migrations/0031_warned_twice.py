from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0030_stays_that_are_over"),
    ]

    operations = [
        migrations.AlterField(
            model_name="claimwarning",
            name="kind",
            field=models.CharField(
                choices=[
                    ("silence", "没有有效跟进"),
                    ("imminent", "没有有效跟进，即将失效"),
                    ("expiry", "保护期将满"),
                    ("pool", "将退回公海"),
                ],
                max_length=10,
                verbose_name="类别",
            ),
        ),
    ]
