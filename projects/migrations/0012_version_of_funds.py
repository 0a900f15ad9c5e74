"""A fund's record tells that somebody changed it as every other does: by its version, which is no history."""

from django.db import migrations, models

from crm.watching import watch


class Migration(migrations.Migration):
    dependencies = [("projects", "0011_wordings_of_fresh_rounds")]

    operations = [
        migrations.AddField(
            model_name="fund",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False, verbose_name="版本"),
        ),
        migrations.RunSQL(
            watch("projects_fund", "projects.fund", ("version",)), watch("projects_fund", "projects.fund")
        ),
    ]
