"""What 补链 counts stands in the index of the reports."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0016_changes_by_the_hundred_thousand")]

    operations = [
        migrations.RemoveIndex(model_name="project", name="project_funnel"),
        migrations.AddIndex(
            model_name="project",
            index=models.Index(
                fields=["unit", "stage"],
                include=(
                    "id",
                    "furthest",
                    "amount_wan",
                    "sector",
                    "sector_kind",
                    "city",
                    "channel",
                    "station",
                    "lead",
                    "chain_position",
                    "company",
                ),
                name="project_funnel",
            ),
        ),
    ]
