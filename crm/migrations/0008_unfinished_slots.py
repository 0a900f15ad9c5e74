from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0007_lead_limit"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="jobslot",
            index=models.Index(
                condition=models.Q(("state", "leased")), fields=["leased_until"], name="slot_unfinished"
            ),
        ),
    ]
