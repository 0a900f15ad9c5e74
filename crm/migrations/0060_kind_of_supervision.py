"""督办 is a kind of message of its own; those written before are told by their keys."""

from django.db import migrations, models
from django.db.models import Q


def sort(apps, _):
    orders = Q(key__startswith="order:") | Q(key__startswith="orders-late:")
    apps.get_model("crm", "Notification").objects.filter(orders, kind="stage").update(kind="supervise")


def back(apps, _):
    apps.get_model("crm", "Notification").objects.filter(kind="supervise").update(kind="stage")


class Migration(migrations.Migration):
    dependencies = [("crm", "0050_field_changes")]

    operations = [
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("digest", "每日提醒"),
                    ("import", "导入结果"),
                    ("stage", "阶段变动"),
                    ("supervise", "督办"),
                    ("claim", "首报首谈"),
                    ("handover", "流转"),
                    ("match", "匹配变化"),
                    ("system", "系统"),
                ],
                max_length=10,
                verbose_name="类别",
            ),
        ),
        migrations.RunPython(sort, back),
    ]
