"""A remembered answer is repeated byte for byte, so it is kept as text."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0005_partner_calls")]

    operations = [
        migrations.AlterField("idempotencykey", "body", models.TextField("应答", default="", blank=True)),
    ]
