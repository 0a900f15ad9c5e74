from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0040_restarted_by_progress")]

    operations = [
        migrations.AddField(
            model_name="qualification",
            name="told_for",
            field=models.DateField(blank=True, editable=False, null=True, verbose_name="已提醒的到期日"),
        ),
        migrations.AddIndex(
            model_name="qualification",
            index=models.Index(
                condition=models.Q(("expires_on__isnull", False)),
                fields=["expires_on"],
                name="qualification_expiring",
            ),
        ),
    ]
