"""Orders for leads nobody answered are by the rule of the first response, as their reminders are."""

from django.db import migrations, models

RENAME = """
UPDATE projects_supervisionorder AS orders SET rule = 'response'
FROM leads_lead AS lead
WHERE lead.id = orders.lead_id AND orders.rule = 'stage' AND orders.limit_on IS NOT NULL
  AND (lead.first_response_at IS NULL OR lead.first_response_at > orders.issued_at)
  AND EXISTS (
    SELECT FROM leads_leadstagechange AS stay
    WHERE stay.lead_id = lead.id AND stay.stage = 'lead' AND stay.entered_at <= orders.issued_at
      AND (stay.left_at IS NULL OR stay.left_at > orders.issued_at))
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0031_settled_claims")]

    operations = [
        migrations.AlterField(
            model_name="supervisionorder",
            name="rule",
            field=models.CharField(
                choices=[
                    ("stage", "阶段时限"),
                    ("response", "首次响应"),
                    ("report", "定期汇报"),
                    ("feedback", "引荐人回音"),
                ],
                db_default="stage",
                default="stage",
                max_length=12,
                verbose_name="所超时限的规则",
            ),
        ),
        migrations.RunSQL(RENAME, migrations.RunSQL.noop),
    ]
