"""Open orders go to the unit that has their record now; of those that went before, the trace is written."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FOLLOW = """
WITH stray AS (
  SELECT orders.id, orders.unit_id, COALESCE(project.unit_id, lead.unit_id) AS now_with
  FROM projects_supervisionorder AS orders
  LEFT JOIN projects_project AS project ON project.id = orders.project_id
  LEFT JOIN leads_lead AS lead ON lead.id = orders.lead_id
  WHERE orders.closed_at IS NULL AND orders.unit_id <> COALESCE(project.unit_id, lead.unit_id)
), kept AS (
  INSERT INTO projects_ordertransfer (order_id, from_unit_id, to_unit_id, at)
  SELECT id, unit_id, now_with, now() FROM stray
)
UPDATE projects_supervisionorder AS orders SET unit_id = stray.now_with
FROM stray WHERE stray.id = orders.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0011_other_names"),
        ("projects", "0040_response_on_the_ladder"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OrderTransfer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="操作人",
                    ),
                ),
                (
                    "from_unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="crm.unit",
                        verbose_name="原责任单位",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="transfers",
                        to="projects.supervisionorder",
                        verbose_name="督办单",
                    ),
                ),
                (
                    "to_unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="crm.unit",
                        verbose_name="新责任单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "督办转交",
                "verbose_name_plural": "督办转交",
                "ordering": ["at", "pk"],
            },
        ),
        migrations.RunSQL(FOLLOW, migrations.RunSQL.noop),
    ]
