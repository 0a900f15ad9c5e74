import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0009_channel_poolable"),
        ("leads", "0009_handover_states"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PoolEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("silent", "长期没有有效跟进"),
                            ("given", "主动放入"),
                            ("no_follow_up", "领取后没有及时跟进"),
                        ],
                        max_length=12,
                        verbose_name="原因",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                ("entered_at", models.DateTimeField(verbose_name="进入时间")),
                ("taken_at", models.DateTimeField(blank=True, null=True, verbose_name="领取时间")),
                ("follow_up_by", models.DateTimeField(blank=True, null=True, verbose_name="最迟有效跟进")),
                ("followed_up_at", models.DateTimeField(blank=True, null=True, verbose_name="首次有效跟进")),
                ("returned_at", models.DateTimeField(blank=True, null=True, verbose_name="退回时间")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="操作人",
                    ),
                ),
                (
                    "from_person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="原负责人",
                    ),
                ),
                (
                    "from_unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="crm.unit",
                        verbose_name="原单位",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pool_entries",
                        to="leads.lead",
                        verbose_name="线索",
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="领取人",
                    ),
                ),
                (
                    "taken_unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="crm.unit",
                        verbose_name="领取单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "公海记录",
                "verbose_name_plural": "公海记录",
                "ordering": ["-entered_at", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("taken_at", None)),
                        fields=["-entered_at", "-id"],
                        name="pool_waiting",
                    ),
                    models.Index(fields=["taken_by", "taken_at"], name="pool_taken"),
                    models.Index(
                        condition=models.Q(
                            ("followed_up_at", None), ("returned_at", None), ("taken_at__isnull", False)
                        ),
                        fields=["follow_up_by"],
                        name="pool_running",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("taken_at", None)), fields=("lead",), name="once_in_the_pool"
                    )
                ],
            },
        ),
    ]
