"""A long job remembers how far it came, so that another worker goes on from there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0003_login_devices_and_inbox")]

    operations = [
        migrations.AddField("jobslot", "progress", models.BigIntegerField("进度", default=0)),
    ]
