from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0051_counted_amount")]

    operations = [
        migrations.AddField(
            model_name="project",
            name="excess_note",
            field=models.CharField(
                blank=True, db_default="", max_length=300, verbose_name="到位超过总投资的说明"
            ),
        ),
    ]
