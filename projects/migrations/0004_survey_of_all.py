"""The columns matching reads of all open projects in one index; changes of verdicts are found by two others."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0003_words")]

    operations = [
        migrations.AlterField(
            model_name="matchchange",
            name="project",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="match_changes",
                to="projects.project",
                verbose_name="项目",
            ),
        ),
        migrations.AlterField(
            model_name="matchchange",
            name="version",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="projects.criteriaversion",
                verbose_name="条件版本",
            ),
        ),
        migrations.AddIndex(
            model_name="project",
            index=models.Index(
                condition=models.Q(("stage__in", ("lost", "aftercare")), _negated=True),
                fields=["id"],
                include=(
                    "company",
                    "sector",
                    "chain_position",
                    "amount_wan",
                    "area_sqm",
                    "fixed_wan",
                    "land_mu",
                ),
                name="project_survey",
            ),
        ),
    ]
