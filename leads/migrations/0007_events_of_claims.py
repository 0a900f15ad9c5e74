from django.db import migrations, models

FILL = """
UPDATE leads_claimevent AS event SET claim_id = claim.id FROM leads_claim AS claim WHERE claim.lead_id = event.lead_id
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0006_claim_life")]

    operations = [
        migrations.AddField(
            model_name="claimevent",
            name="claim",
            field=models.ForeignKey(
                null=True,
                on_delete=models.deletion.CASCADE,
                related_name="events",
                to="leads.claim",
                verbose_name="首报登记",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="claimevent",
            name="claim",
            field=models.ForeignKey(
                on_delete=models.deletion.CASCADE,
                related_name="events",
                to="leads.claim",
                verbose_name="首报登记",
            ),
        ),
        migrations.RemoveField(model_name="claimevent", name="lead"),
    ]
