"""Tags of leads, jobs on many of them, and the orders lists are sorted by."""

import datetime
from decimal import Decimal

import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0006_lists_tags_and_bulk"),
        ("leads", "0004_mentions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LeadBulkRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("chosen", "已选"),
                            ("ready", "可以办理"),
                            ("refused", "不能办理"),
                            ("done", "已办理"),
                            ("undone", "已撤销"),
                            ("kept", "未撤销"),
                        ],
                        default="chosen",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="原因")),
                ("seen_version", models.PositiveIntegerField(null=True, verbose_name="预览时的版本")),
                ("left_version", models.PositiveIntegerField(null=True, verbose_name="办理后的版本")),
                ("left_at", models.DateTimeField(null=True, verbose_name="办理后的更新时间")),
                ("before", models.JSONField(default=dict, verbose_name="办理前")),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lead_rows",
                        to="crm.bulkjob",
                        verbose_name="批量操作",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bulk_rows",
                        to="leads.lead",
                        verbose_name="线索",
                    ),
                ),
            ],
            options={
                "verbose_name": "批量操作的线索",
                "verbose_name_plural": "批量操作的线索",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="LeadTag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="标记人",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="taggings",
                        to="leads.lead",
                        verbose_name="线索",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="crm.tag",
                        verbose_name="标签",
                    ),
                ),
            ],
            options={
                "verbose_name": "线索的标签",
                "verbose_name_plural": "线索的标签",
            },
        ),
        migrations.AddField(
            model_name="lead",
            name="tags",
            field=models.ManyToManyField(
                blank=True, related_name="+", through="leads.LeadTag", to="crm.tag", verbose_name="标签"
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                models.OrderBy(
                    django.db.models.functions.comparison.Coalesce("amount_wan", models.Value(Decimal("-1"))),
                    descending=True,
                ),
                models.OrderBy(models.F("id"), descending=True),
                name="lead_by_amount",
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                django.db.models.functions.comparison.Coalesce(
                    "next_contact_on", models.Value(datetime.date(9999, 12, 31))
                ),
                models.F("id"),
                name="lead_by_next",
            ),
        ),
        migrations.AddConstraint(
            model_name="leadbulkrow",
            constraint=models.UniqueConstraint(fields=("job", "record"), name="lead_once_per_bulk"),
        ),
        migrations.AddIndex(
            model_name="leadtag",
            index=models.Index(fields=["tag", "lead"], name="lead_of_tag"),
        ),
        migrations.AddConstraint(
            model_name="leadtag",
            constraint=models.UniqueConstraint(fields=("lead", "tag"), name="lead_tag_once"),
        ),
    ]
