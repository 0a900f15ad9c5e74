"""A share above 100 % could be saved, and then no hand-over was possible."""

from django.db import migrations

CLIP = "UPDATE crm_setting SET value = 100 WHERE key = 'handover_share' AND value > 100"


class Migration(migrations.Migration):
    dependencies = [("crm", "0011_other_names")]

    operations = [migrations.RunSQL(CLIP, migrations.RunSQL.noop)]
