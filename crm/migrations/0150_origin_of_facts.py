import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0110_newest_facts"),
    ]

    operations = [
        migrations.AddField(
            model_name="fact",
            name="from_company",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="crm.company",
                verbose_name="合并前属于",
            ),
        ),
        migrations.AddField(
            model_name="qualification",
            name="from_company",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="crm.company",
                verbose_name="合并前属于",
            ),
        ),
        migrations.AddIndex(
            model_name="fact",
            index=models.Index(
                condition=models.Q(("from_company__isnull", False)), fields=["from_company"], name="fact_from"
            ),
        ),
        migrations.AddIndex(
            model_name="qualification",
            index=models.Index(
                condition=models.Q(("from_company__isnull", False)),
                fields=["from_company"],
                name="qualification_from",
            ),
        ),
    ]
