"""Count a unit's day inside one index."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0006_answers_as_text"),
        ("leads", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("stage__in", ("lead", "screening"))),
                fields=["next_contact_on"],
                name="lead_next_contact",
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("stage__in", ("lead", "screening"))),
                fields=["unit", "owner"],
                include=("next_contact_on", "limit_on", "red_on", "amount_wan"),
                name="lead_agenda",
            ),
        ),
    ]
