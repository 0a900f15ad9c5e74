"""Policies beside funds: versions and matches of either one, places on the sheets from one sequence."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import projects.models.offers
from crm.watching import leave, watch

SLOTS = """
CREATE SEQUENCE projects_offer_slot AS smallint MINVALUE 0;
SELECT setval('projects_offer_slot', coalesce((SELECT max(slot) + 1 FROM projects_fund), 0), false);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0141_history_of_spaces"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(SLOTS, "DROP SEQUENCE projects_offer_slot"),
        migrations.CreateModel(
            name="Policy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="版本")),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="顺序")),
                (
                    "slot",
                    models.PositiveSmallIntegerField(
                        db_default=projects.models.offers.NextSlot(),
                        editable=False,
                        unique=True,
                        verbose_name="结论表中的位置",
                    ),
                ),
                ("code", models.SlugField(max_length=40, unique=True, verbose_name="代码")),
                ("name", models.CharField(max_length=80, verbose_name="名称")),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("national", "国家"),
                            ("provincial", "省"),
                            ("city", "市"),
                            ("district", "区"),
                        ],
                        max_length=12,
                        verbose_name="层级",
                    ),
                ),
                ("issuer", models.CharField(blank=True, max_length=80, verbose_name="发布单位")),
                ("number", models.CharField(blank=True, max_length=60, verbose_name="文号")),
                ("issued_on", models.DateField(blank=True, null=True, verbose_name="发文日期")),
                (
                    "status",
                    models.CharField(
                        choices=[("preparing", "制定中"), ("operating", "实施中"), ("closed", "已废止")],
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("status_note", models.CharField(blank=True, max_length=200, verbose_name="状态说明")),
                (
                    "budget_wan",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        max_digits=16,
                        null=True,
                        verbose_name="每年资金总额（万元）",
                    ),
                ),
                ("documents", models.JSONField(blank=True, default=list, verbose_name="申报材料")),
                ("window_from", models.DateField(blank=True, null=True, verbose_name="申报开始")),
                ("window_to", models.DateField(blank=True, null=True, verbose_name="申报截止")),
                ("window_note", models.CharField(blank=True, max_length=200, verbose_name="申报时间说明")),
                ("office", models.CharField(blank=True, max_length=80, verbose_name="受理部门")),
            ],
            options={
                "verbose_name": "政策",
                "verbose_name_plural": "政策",
                "ordering": ["order", "code"],
            },
        ),
        migrations.AlterModelOptions(
            name="match",
            options={"verbose_name": "匹配", "verbose_name_plural": "匹配"},
        ),
        migrations.RemoveConstraint(
            model_name="criteriaversion",
            name="criteria_version_number",
        ),
        migrations.RemoveConstraint(
            model_name="match",
            name="one_match_per_fund",
        ),
        migrations.RemoveIndex(
            model_name="match",
            name="match_by_fund",
        ),
        migrations.AddField(
            model_name="criteriaversion",
            name="benefit",
            field=models.TextField(blank=True, verbose_name="支持内容"),
        ),
        migrations.AddField(
            model_name="criteriaversion",
            name="cap_wan",
            field=models.DecimalField(
                blank=True, decimal_places=4, max_digits=16, null=True, verbose_name="单家每年上限（万元）"
            ),
        ),
        migrations.AddField(
            model_name="criteriaversion",
            name="tiers",
            field=models.JSONField(blank=True, default=list, verbose_name="估算方法"),
        ),
        migrations.AlterField(
            model_name="criteriaversion",
            name="fund",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="versions",
                to="projects.fund",
                verbose_name="基金",
            ),
        ),
        migrations.AlterField(
            model_name="fund",
            name="slot",
            field=models.PositiveSmallIntegerField(
                db_default=projects.models.offers.NextSlot(),
                editable=False,
                unique=True,
                verbose_name="结论表中的位置",
            ),
        ),
        migrations.AlterField(
            model_name="match",
            name="fund",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="matches",
                to="projects.fund",
                verbose_name="基金",
            ),
        ),
        migrations.AlterField(
            model_name="matchsheet",
            name="verdicts",
            field=models.BinaryField(verbose_name="各基金、政策的结论"),
        ),
        migrations.AlterField(
            model_name="matchsheet",
            name="weights",
            field=models.BinaryField(
                help_text="0–100，255 为没有得分", verbose_name="各基金、政策的得分 × 覆盖率"
            ),
        ),
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("window_from", None),
                    ("window_to", None),
                    ("window_from__lte", models.F("window_to")),
                    _connector="OR",
                ),
                name="policy_window_forwards",
            ),
        ),
        migrations.AddField(
            model_name="criteriaversion",
            name="policy",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="versions",
                to="projects.policy",
                verbose_name="政策",
            ),
        ),
        migrations.AddField(
            model_name="match",
            name="policy",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="matches",
                to="projects.policy",
                verbose_name="政策",
            ),
        ),
        migrations.AddConstraint(
            model_name="criteriaversion",
            constraint=models.UniqueConstraint(
                fields=("fund", "policy", "number"), name="criteria_version_number", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="criteriaversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("fund", None), ("policy__isnull", False)),
                    models.Q(("fund__isnull", False), ("policy", None)),
                    _connector="OR",
                ),
                name="criteria_of_fund_or_policy",
            ),
        ),
        migrations.AddConstraint(
            model_name="criteriaversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("fund", None),
                    models.Q(("benefit", ""), ("cap_wan", None), ("tiers", [])),
                    _connector="OR",
                ),
                name="only_policies_give_benefits",
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.UniqueConstraint(
                fields=("project", "fund", "policy"), name="one_match_per_offer", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("fund", None), ("policy__isnull", False)),
                    models.Q(("fund__isnull", False), ("policy", None)),
                    _connector="OR",
                ),
                name="match_of_fund_or_policy",
            ),
        ),
        migrations.RunSQL(
            watch("projects_policy", "projects.policy", ("version",)), leave("projects_policy")
        ),
    ]
