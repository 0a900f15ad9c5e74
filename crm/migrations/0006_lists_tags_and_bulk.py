"""Views that people keep of lists, tags, and deeds on many records at once; tags keep the history of their fields."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from crm.watching import leave, watch


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0005_reminder_centre"),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("leads", "线索"), ("projects", "项目")], max_length=10, verbose_name="列表"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                ("query", models.TextField(blank=True, verbose_name="筛选")),
                ("sort", models.CharField(blank=True, max_length=20, verbose_name="排序")),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list, size=None, verbose_name="列"
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="创建时间")),
                ("updated_at", models.DateTimeField(verbose_name="更新时间")),
                ("removed_at", models.DateTimeField(blank=True, null=True, verbose_name="删除时间")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="views",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="所有人",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="crm.unit",
                        verbose_name="共享给",
                    ),
                ),
            ],
            options={
                "verbose_name": "视图",
                "verbose_name_plural": "视图",
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ListSetting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("leads", "线索"), ("projects", "项目")], max_length=10, verbose_name="列表"
                    ),
                ),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list, size=None, verbose_name="列"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="人员",
                    ),
                ),
                (
                    "view",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="crm.savedview",
                        verbose_name="默认视图",
                    ),
                ),
            ],
            options={
                "verbose_name": "列表习惯",
                "verbose_name_plural": "列表习惯",
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=20, verbose_name="名称")),
                ("active_to", models.DateField(blank=True, null=True, verbose_name="停用日期")),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        help_text="空着是全区通用。",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="crm.unit",
                        verbose_name="单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "标签",
                "verbose_name_plural": "标签",
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="BulkJob",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("leads", "线索"), ("projects", "项目")], max_length=10, verbose_name="列表"
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("assign", "指定负责人"),
                            ("move", "移动阶段"),
                            ("tag", "加标签"),
                            ("untag", "去标签"),
                            ("export", "导出"),
                        ],
                        max_length=10,
                        verbose_name="操作",
                    ),
                ),
                ("given", models.JSONField(default=dict, verbose_name="内容")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "待填写"),
                            ("foreseeing", "预览中"),
                            ("foreseen", "待确认"),
                            ("doing", "办理中"),
                            ("done", "已办理"),
                            ("undoing", "撤销中"),
                            ("undone", "已撤销"),
                            ("failed", "中断"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("filters", models.CharField(blank=True, max_length=500, verbose_name="筛选")),
                ("created_at", models.DateTimeField(verbose_name="创建时间")),
                ("begun_at", models.DateTimeField(null=True, verbose_name="开始时间")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                ("undone_at", models.DateTimeField(null=True, verbose_name="撤销时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="操作人",
                    ),
                ),
            ],
            options={
                "verbose_name": "批量操作",
                "verbose_name_plural": "批量操作",
                "ordering": ["-created_at", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["foreseeing", "doing", "undoing"])),
                        fields=["created_at"],
                        name="bulk_at_work",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="savedview",
            index=models.Index(fields=["unit", "kind"], name="view_of_unit"),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at", None)),
                fields=("owner", "kind", "name"),
                name="view_once_per_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="listsetting",
            constraint=models.UniqueConstraint(fields=("user", "kind"), name="list_setting_once"),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(
                fields=("unit", "name"),
                name="tag_once_per_unit",
                nulls_distinct=False,
                violation_error_message="这个单位已有同名的标签。",
            ),
        ),
        migrations.RunSQL(watch("crm_tag", "crm.tag"), leave("crm_tag")),
    ]
