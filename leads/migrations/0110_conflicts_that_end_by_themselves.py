from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0070_leader_of_leads"),
    ]

    operations = [
        migrations.AlterField(
            model_name="claimevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("extended", "首报延期"),
                    ("lapsed", "首报失效"),
                    ("renewed", "重新首报"),
                    ("contested", "提出冲突裁决"),
                    ("decided", "冲突裁决"),
                    ("settled", "首报完成"),
                    ("resumed", "恢复首报"),
                    ("begun", "首报开始"),
                    ("moot", "冲突了结"),
                ],
                max_length=10,
                verbose_name="事项",
            ),
        ),
        migrations.AlterField(
            model_name="conflict",
            name="verdict",
            field=models.CharField(
                blank=True,
                choices=[("keep", "维持首谈"), ("transfer", "变更"), ("joint", "联合"), ("moot", "接手了结")],
                max_length=10,
                verbose_name="裁决",
            ),
        ),
    ]
