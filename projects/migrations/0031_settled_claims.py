"""The first reports of firms that have settled are fulfilled: their expansion may be reported."""

from django.db import migrations

BATCH = 1000
SETTLE = """
WITH settled AS (
    UPDATE leads_claim SET released_at = now(), ended = 'settled' WHERE id IN (
        SELECT claim.id FROM leads_claim AS claim JOIN projects_project AS project USING (lead_id)
        WHERE claim.released_at IS NULL AND project.stage IN ('operating', 'aftercare')
        ORDER BY claim.id LIMIT %s)
    RETURNING id, unit_id
)
INSERT INTO leads_claimevent (claim_id, kind, at, by_id, unit_id, text)
SELECT id, 'settled', now(), NULL, unit_id, '项目已经投产达产，增资扩产另行首报' FROM settled
"""


def settle(apps, schema_editor):
    """In batches, each on its own; running it again goes on where it stopped."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(SETTLE, [BATCH])
        while cursor.rowcount:
            cursor.execute(SETTLE, [BATCH])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("projects", "0030_backing_of_promises"), ("leads", "0034_claims_of_expansions")]

    operations = [migrations.RunPython(settle, migrations.RunPython.noop)]
