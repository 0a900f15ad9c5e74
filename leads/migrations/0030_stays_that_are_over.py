"""What lay in the pool and was handed over all the same lies there no longer: who has it keeps it.

Its claim may be taken up again by an effective follow-up, as one that ended for silence.
"""

from django.db import migrations

END = """
WITH ended AS (
    UPDATE leads_poolentry SET taken_at = lead.updated_at, taken_unit_id = lead.unit_id
    FROM leads_lead AS lead JOIN crm_unit AS unit ON unit.id = lead.unit_id
    WHERE lead.id = leads_poolentry.lead_id AND leads_poolentry.taken_at IS NULL
      AND (lead.owner_id IS NOT NULL OR unit.kind <> 'bureau')
    RETURNING leads_poolentry.lead_id
)
UPDATE leads_claim SET ended = 'silence' FROM ended
WHERE leads_claim.lead_id = ended.lead_id AND leads_claim.ended = 'pooled'
"""  # the partial index of what waits in the pool finds the few rows


class Migration(migrations.Migration):
    dependencies = [("leads", "0023_import_columns")]

    operations = [migrations.RunSQL(END, migrations.RunSQL.noop)]
