"""What 补链 counts stands in the index of the reports, and what the matching of leads reads in one of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0007_days_of_a_trip")]

    operations = [
        migrations.RemoveIndex(model_name="lead", name="lead_funnel"),
        migrations.AddIndex(
            model_name="lead",
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
                    "created_at",
                    "chain_position",
                ),
                name="lead_funnel",
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("stage__in", ("lead", "screening", "accepted", "reserve"))),
                fields=["id"],
                include=(
                    "company",
                    "sector",
                    "chain_position",
                    "amount_wan",
                    "area_sqm",
                    "unit",
                    "station",
                ),
                name="lead_survey",
            ),
        ),
    ]
