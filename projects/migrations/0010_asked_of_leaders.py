"""What a leader is asked to settle, on the sheet of one page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0004_survey_of_all"),
    ]

    operations = [
        migrations.AddField(
            model_name="project",
            name="for_leader",
            field=models.TextField(blank=True, db_default="", verbose_name="请领导协调"),
        ),
    ]
