import django.db.models.deletion
from django.db import migrations, models

NUMBER = """
UPDATE projects_fund SET slot = counted.place
  FROM (SELECT id, row_number() OVER (ORDER BY "order", code) - 1 AS place FROM projects_fund) AS counted
 WHERE counted.id = projects_fund.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0100_registered_note"),
    ]

    operations = [
        migrations.AddField(
            model_name="fund",
            name="slot",
            field=models.PositiveSmallIntegerField("结论表中的位置", null=True, editable=False),
        ),
        migrations.RunSQL(NUMBER, migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="fund",
            name="slot",
            field=models.PositiveSmallIntegerField("结论表中的位置", unique=True, editable=False),
        ),
        migrations.CreateModel(
            name="MatchSheet",
            fields=[
                (
                    "project",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="sheet",
                        serialize=False,
                        to="projects.project",
                        verbose_name="项目",
                    ),
                ),
                ("verdicts", models.BinaryField(verbose_name="各基金的结论")),
                (
                    "weights",
                    models.BinaryField(
                        help_text="0–100，255 为没有得分", verbose_name="各基金的得分 × 覆盖率"
                    ),
                ),
                ("judged_at", models.DateTimeField(verbose_name="结论时间")),
                ("explained_at", models.DateTimeField(null=True, verbose_name="逐条核对时间")),
            ],
            options={"verbose_name": "匹配结论表", "verbose_name_plural": "匹配结论表"},
        ),
        migrations.RemoveField(model_name="match", name="checked_at"),
    ]
