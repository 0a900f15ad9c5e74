from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0001_squashed_0017"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="supervisionorder",
            name="lead_supervised_once_per_limit",
        ),
        migrations.RemoveConstraint(
            model_name="supervisionorder",
            name="project_supervised_once_per_limit",
        ),
        migrations.AddField(
            model_name="supervisionorder",
            name="rule",
            field=models.CharField(
                choices=[("stage", "阶段时限"), ("feedback", "引荐人回音")],
                db_default="stage",
                default="stage",
                max_length=12,
                verbose_name="所超时限的规则",
            ),
        ),
        migrations.AlterField(
            model_name="remindersent",
            name="rule",
            field=models.CharField(
                choices=[
                    ("contact", "下次联系日期"),
                    ("response", "首次响应"),
                    ("stage", "阶段时限"),
                    ("report", "定期汇报"),
                    ("feedback", "引荐人回音"),
                ],
                max_length=12,
                verbose_name="规则",
            ),
        ),
        migrations.AddConstraint(
            model_name="supervisionorder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("limit_on__isnull", False)),
                fields=("lead", "rule", "limit_on"),
                name="lead_supervised_once_per_limit",
            ),
        ),
        migrations.AddConstraint(
            model_name="supervisionorder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("limit_on__isnull", False)),
                fields=("project", "rule", "limit_on"),
                name="project_supervised_once_per_limit",
            ),
        ),
    ]
