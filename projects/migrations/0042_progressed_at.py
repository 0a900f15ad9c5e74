from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0041_orders_follow_their_record")]

    operations = [
        migrations.AddField(
            model_name="project",
            name="progressed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="最近有效跟进"),
        ),
    ]
