from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0018_feedback_on_the_ladder"),
    ]

    operations = [
        migrations.AddField(
            model_name="flagrule",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False, verbose_name="版本"),
        ),
    ]
