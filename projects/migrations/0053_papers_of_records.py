import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0052_excess_note"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="paper",
            options={"ordering": ["-at", "-pk"], "verbose_name": "文件", "verbose_name_plural": "文件"},
        ),
        migrations.AlterModelOptions(
            name="papercontent",
            options={"verbose_name": "文件内容", "verbose_name_plural": "文件内容"},
        ),
        migrations.AddField(
            model_name="paper",
            name="agreement",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="papers",
                to="projects.agreement",
                verbose_name="协议",
            ),
        ),
        migrations.AddField(
            model_name="paper",
            name="evidence",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="papers",
                to="projects.evidence",
                verbose_name="阶段材料",
            ),
        ),
        migrations.AddField(
            model_name="paper",
            name="incentive",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="papers",
                to="projects.incentiveitem",
                verbose_name="优惠条款",
            ),
        ),
        migrations.AddField(
            model_name="paper",
            name="receipt",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="papers",
                to="projects.receipt",
                verbose_name="到位资金",
            ),
        ),
        migrations.AlterField(
            model_name="papercontent",
            name="paper",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                primary_key=True,
                related_name="content",
                serialize=False,
                to="projects.paper",
                verbose_name="文件",
            ),
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("evidence", None), ("incentive", None), ("receipt", None)),
                    models.Q(("agreement", None), ("incentive", None), ("receipt", None)),
                    models.Q(("agreement", None), ("evidence", None), ("incentive", None)),
                    models.Q(("agreement", None), ("evidence", None), ("receipt", None)),
                    _connector="OR",
                ),
                name="paper_of_one_record",
            ),
        ),
    ]
