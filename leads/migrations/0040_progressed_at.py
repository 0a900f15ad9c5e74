from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0034_claims_of_expansions")]

    operations = [
        migrations.AddField(
            model_name="lead",
            name="progressed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="最近有效跟进"),
        ),
    ]
