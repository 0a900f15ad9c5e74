"""The last effective follow-up of every lead that has become no project; what was filled stays as it is."""

from django.db import migrations

BATCH = 5000
FILL = """
UPDATE leads_lead AS lead SET progressed_at = visit.last
FROM (
  SELECT lead_id, max(at) AS last FROM leads_visit
  WHERE lead_id > %s AND lead_id <= %s AND content <> '' AND next_step <> '' AND next_on IS NOT NULL
  GROUP BY lead_id) AS visit
WHERE lead.id = visit.lead_id AND lead.progressed_at IS NULL AND lead.stage <> 'accepted'
"""


def fill(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(max(id), 0) FROM leads_lead")
        (last,) = cursor.fetchone()
        for first in range(0, last, BATCH):
            cursor.execute(FILL, [first, first + BATCH])


class Migration(migrations.Migration):
    atomic = False  # every batch commits by itself
    dependencies = [("leads", "0040_progressed_at")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
