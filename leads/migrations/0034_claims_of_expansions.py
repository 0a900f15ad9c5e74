from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0033_days_to_answer"),
    ]

    operations = [
        migrations.AlterField(
            model_name="claim",
            name="ended",
            field=models.CharField(
                blank=True,
                choices=[
                    ("silence", "长期没有有效跟进"),
                    ("expired", "保护期满"),
                    ("dropped", "线索流失"),
                    ("lost", "项目流失"),
                    ("pooled", "进入公海"),
                    ("merged", "重复合并"),
                    ("settled", "已落地"),
                    ("covered", "由本单位在先的首报保护"),
                ],
                max_length=10,
                verbose_name="结束原因",
            ),
        ),
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
                ],
                max_length=10,
                verbose_name="事项",
            ),
        ),
    ]
