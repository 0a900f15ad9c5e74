"""Load the starting vocabulary: cities, channels, sectors, tracks, carriers, stages, settings, holidays."""

from django.db import migrations

from crm import vocabulary

MARKS = """
UPDATE crm_channel SET is_poolable = true WHERE code IN ('walk_in', 'web');
UPDATE crm_channel SET has_introducer = true
 WHERE code IN ('enterprise', 'fund', 'chamber', 'alumni', 'agency', 'government', 'partner');
UPDATE crm_stagesetting SET is_restarted_by_progress = true WHERE code = 'negotiating';
"""


def load(apps, schema_editor):
    vocabulary.load(lambda name: apps.get_model("crm", name))


class Migration(migrations.Migration):
    replaces = [("crm", "0151_company_links")]

    dependencies = [("crm", "0002_triggers")]

    operations = [
        migrations.RunPython(load, migrations.RunPython.noop),
        migrations.RunSQL(MARKS, migrations.RunSQL.noop),
    ]
