"""What the matching of all leads that may become a project reads stands in an index of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0007_days_of_a_trip")]

    operations = [
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
