"""The first reports of projects that are suspended just now stand still, too."""

from django.db import migrations

HOLD = """
UPDATE leads_claim SET clock = 'none' FROM projects_project AS project
WHERE project.lead_id = leads_claim.lead_id AND project.suspended_until IS NOT NULL
  AND leads_claim.released_at IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0020_review_papers"), ("leads", "0021_taken_from_pool")]

    operations = [migrations.RunSQL(HOLD, migrations.RunSQL.noop)]
