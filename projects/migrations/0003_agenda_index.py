"""Count a unit's day inside one index."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0006_answers_as_text"),
        ("leads", "0002_agenda_index"),
        ("projects", "0002_reminder_log"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="project",
            index=models.Index(
                condition=models.Q(("stage__in", ("lost", "aftercare")), _negated=True),
                fields=["unit", "owner"],
                include=("next_contact_on", "limit_on", "red_on", "amount_wan"),
                name="project_agenda",
            ),
        ),
    ]
