import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# what was handed over before there were answers counts as accepted that very moment
FILL = """
UPDATE leads_handover SET updated_at = at, answered_at = at, answered_by_id = by_id, state = 'accepted', share = 0
"""


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0008_unfinished_slots"),
        ("leads", "0008_conflicts_and_credit"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="handover",
            name="answer",
            field=models.CharField(blank=True, max_length=200, verbose_name="答复"),
        ),
        migrations.AddField(
            model_name="handover",
            name="answered_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="答复时间"),
        ),
        migrations.AddField(
            model_name="handover",
            name="answered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="答复人",
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="approved_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="审批人",
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="due_on",
            field=models.DateField(blank=True, null=True, verbose_name="接收期限"),
        ),
        migrations.AddField(
            model_name="handover",
            name="share",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="移出单位保留业绩（%）"),
        ),
        migrations.AddField(
            model_name="handover",
            name="state",
            field=models.CharField(
                choices=[
                    ("approval", "待审批"),
                    ("pending", "待接收"),
                    ("accepted", "已接收"),
                    ("refused", "已退回"),
                    ("lapsed", "已逾期退回"),
                    ("withdrawn", "已撤回"),
                ],
                default="accepted",
                max_length=10,
                verbose_name="状态",
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="updated_at",
            field=models.DateTimeField(null=True, verbose_name="更新时间"),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="handover",
            name="updated_at",
            field=models.DateTimeField(verbose_name="更新时间"),
        ),
        migrations.AlterField(
            model_name="handover",
            name="state",
            field=models.CharField(
                choices=[
                    ("approval", "待审批"),
                    ("pending", "待接收"),
                    ("accepted", "已接收"),
                    ("refused", "已退回"),
                    ("lapsed", "已逾期退回"),
                    ("withdrawn", "已撤回"),
                ],
                default="pending",
                max_length=10,
                verbose_name="状态",
            ),
        ),
        migrations.AddIndex(
            model_name="handover",
            index=models.Index(fields=["-at", "-id"], name="handover_newest"),
        ),
        migrations.AddIndex(
            model_name="handover",
            index=models.Index(
                condition=models.Q(("state", "pending")), fields=["due_on"], name="handover_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["approval", "pending"])),
                fields=("lead",),
                name="one_open_handover",
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(("share__lte", 100)), name="handover_share_within_100"
            ),
        ),
    ]
