from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0020_feedback"),
    ]

    operations = [
        migrations.AddField(
            model_name="lead",
            name="taken_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="从公海领取时间"),
        ),
    ]
