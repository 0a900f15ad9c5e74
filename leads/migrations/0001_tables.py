"""All tables of the app as they are on 27 November 2026; in a database that has them nothing happens."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from crm.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("leads", "0001_initial"),
        ("leads", "0001_squashed_0011"),
        ("leads", "0002_agenda_index"),
        ("leads", "0003_funnel_indexes"),
        ("leads", "0004_skipped_stages"),
        ("leads", "0005_blue_day"),
        ("leads", "0006_claim_life"),
        ("leads", "0007_events_of_claims"),
        ("leads", "0008_conflicts_and_credit"),
        ("leads", "0009_handover_states"),
        ("leads", "0010_pool"),
        ("leads", "0011_loss_of_leads"),
        ("leads", "0020_feedback"),
        ("leads", "0021_taken_from_pool"),
        ("leads", "0022_duplicates_and_merges"),
        ("leads", "0023_import_columns"),
        ("leads", "0030_stays_that_are_over"),
        ("leads", "0031_warned_twice"),
        ("leads", "0032_holder_in_a_conflict"),
        ("leads", "0033_days_to_answer"),
        ("leads", "0034_claims_of_expansions"),
        ("leads", "0040_progressed_at"),
        ("leads", "0041_progress_of_leads"),
        ("leads", "0050_history_of_fields"),
        ("leads", "0060_no_contact_of_lost"),
        ("leads", "0061_taking_imports_back"),
        ("leads", "0070_leader_of_leads"),
    ]

    initial = True

    dependencies = [
        ("crm", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Claim",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(max_length=260, verbose_name="查重键")),
                        ("claimed_at", models.DateTimeField(verbose_name="首报时间")),
                        ("protected_until", models.DateField(verbose_name="保护至")),
                        ("extra_days", models.PositiveIntegerField(default=0, verbose_name="延长天数")),
                        ("extended_at", models.DateTimeField(blank=True, null=True, verbose_name="延期时间")),
                        (
                            "last_effective_at",
                            models.DateTimeField(verbose_name="最近有效跟进（没有则为首报）"),
                        ),
                        (
                            "clock",
                            models.CharField(
                                choices=[
                                    ("both", "保护期与跟进"),
                                    ("silence", "只看跟进"),
                                    ("none", "不计时"),
                                ],
                                default="both",
                                max_length=10,
                                verbose_name="计时",
                            ),
                        ),
                        ("is_contested", models.BooleanField(default=False, verbose_name="裁决中")),
                        ("released_at", models.DateTimeField(blank=True, null=True, verbose_name="结束时间")),
                        (
                            "ended",
                            models.CharField(
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
                        (
                            "company",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="claims",
                                to="crm.company",
                                verbose_name="企业",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="首报人",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.unit",
                                verbose_name="首报单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "首报登记",
                        "verbose_name_plural": "首报登记",
                    },
                ),
                migrations.CreateModel(
                    name="Conflict",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("title", models.CharField(max_length=120, verbose_name="企业名称")),
                        ("reason", models.CharField(max_length=400, verbose_name="理由")),
                        ("opened_at", models.DateTimeField(verbose_name="提出时间")),
                        ("due_on", models.DateField(verbose_name="裁决期限")),
                        (
                            "verdict",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("keep", "维持首谈"),
                                    ("transfer", "变更"),
                                    ("joint", "联合"),
                                    ("moot", "接手了结"),
                                ],
                                max_length=10,
                                verbose_name="裁决",
                            ),
                        ),
                        ("opinion", models.CharField(blank=True, max_length=400, verbose_name="裁决理由")),
                        ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="裁决时间")),
                        ("updated_at", models.DateTimeField(verbose_name="更新时间")),
                        (
                            "claim",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="conflicts",
                                to="leads.claim",
                                verbose_name="首报登记",
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="裁决人",
                            ),
                        ),
                        (
                            "first_unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.unit",
                                verbose_name="首报单位",
                            ),
                        ),
                        (
                            "holder",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.unit",
                                verbose_name="裁决时的责任单位",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提出人",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.unit",
                                verbose_name="提出单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "首报冲突",
                        "verbose_name_plural": "首报冲突",
                        "ordering": ["-opened_at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="CreditSplit",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="时间")),
                        (
                            "ground",
                            models.CharField(
                                choices=[
                                    ("conflict", "冲突裁决"),
                                    ("handover", "流转"),
                                    ("pool", "公海领取"),
                                ],
                                max_length=10,
                                verbose_name="依据",
                            ),
                        ),
                        ("reference", models.BigIntegerField(verbose_name="依据编号")),
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
                        "verbose_name": "业绩划分",
                        "verbose_name_plural": "业绩划分",
                        "ordering": ["-at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="CreditShare",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("percent", models.PositiveSmallIntegerField(verbose_name="比例（%）")),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.unit",
                                verbose_name="单位",
                            ),
                        ),
                        (
                            "split",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="shares",
                                to="leads.creditsplit",
                                verbose_name="业绩划分",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "业绩份额",
                        "verbose_name_plural": "业绩份额",
                        "ordering": ["-percent", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="ImportJob",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("filename", models.CharField(max_length=200, verbose_name="文件名")),
                        ("file", models.FileField(upload_to="imports/%Y/%m/", verbose_name="文件")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("uploaded", "等待读取"),
                                    ("checked", "待确认"),
                                    ("writing", "写入中"),
                                    ("done", "已完成"),
                                    ("failed", "未能读取"),
                                    ("discarded", "已放弃"),
                                    ("undone", "已撤销"),
                                ],
                                default="uploaded",
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("message", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("header_row", models.PositiveIntegerField(null=True, verbose_name="表头行")),
                        ("columns", models.JSONField(default=list, verbose_name="列对应")),
                        (
                            "unread",
                            models.JSONField(db_default=[], default=list, verbose_name="没有读入的列"),
                        ),
                        ("counts", models.JSONField(default=dict, verbose_name="计数")),
                        ("created_at", models.DateTimeField(verbose_name="上传时间")),
                        ("finished_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                        (
                            "undone_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="撤销时间"),
                        ),
                        (
                            "undo_reason",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=200, verbose_name="撤销理由"
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="上传人",
                            ),
                        ),
                        (
                            "undone_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="撤销人",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.unit",
                                verbose_name="单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "导入",
                        "verbose_name_plural": "导入",
                        "ordering": ["-created_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Lead",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(default=1, editable=False, verbose_name="版本"),
                        ),
                        ("stage", models.CharField(max_length=20, verbose_name="阶段")),
                        (
                            "furthest",
                            models.CharField(editable=False, max_length=20, verbose_name="到过的最远阶段"),
                        ),
                        ("entered_at", models.DateTimeField(verbose_name="进入阶段时间")),
                        ("blue_on", models.DateField(blank=True, null=True, verbose_name="蓝灯日")),
                        ("limit_on", models.DateField(blank=True, null=True, verbose_name="阶段时限")),
                        ("red_on", models.DateField(blank=True, null=True, verbose_name="红灯日")),
                        (
                            "progressed_at",
                            models.DateTimeField(
                                blank=True, editable=False, null=True, verbose_name="最近有效跟进"
                            ),
                        ),
                        (
                            "investor_name",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=120, verbose_name="投资方"
                            ),
                        ),
                        (
                            "city_code",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                max_length=40,
                                verbose_name="市级项目编码",
                            ),
                        ),
                        (
                            "likeness",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=300),
                                db_default=[],
                                default=list,
                                editable=False,
                                size=None,
                                verbose_name="判重词",
                            ),
                        ),
                        (
                            "is_unchecked",
                            models.BooleanField(
                                db_default=True, default=True, editable=False, verbose_name="待判重"
                            ),
                        ),
                        ("introduced_on", models.DateField(blank=True, null=True, verbose_name="引荐日期")),
                        ("feedback_due_on", models.DateField(blank=True, null=True, verbose_name="回音期限")),
                        ("fed_back_on", models.DateField(blank=True, null=True, verbose_name="回音日期")),
                        (
                            "taken_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="从公海领取时间"),
                        ),
                        (
                            "sector_kind",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("fusion", "融合赛道"),
                                    ("foundation", "基础层/跨领域"),
                                    ("none", "未分类"),
                                ],
                                max_length=12,
                                verbose_name="赛道归属",
                            ),
                        ),
                        (
                            "chain_position",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("compute", "算力"),
                                    ("algorithm", "算法"),
                                    ("data", "数据"),
                                    ("application", "应用"),
                                    ("outside", "不在链上"),
                                ],
                                max_length=12,
                                verbose_name="链条位置",
                            ),
                        ),
                        (
                            "amount_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=16,
                                null=True,
                                verbose_name="投资额（万元）",
                            ),
                        ),
                        (
                            "area_sqm",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=12,
                                null=True,
                                verbose_name="需求面积（㎡）",
                            ),
                        ),
                        ("next_step", models.CharField(blank=True, max_length=200, verbose_name="下一步")),
                        (
                            "next_contact_on",
                            models.DateField(blank=True, null=True, verbose_name="下次联系日期"),
                        ),
                        (
                            "last_contact_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="最近联系"),
                        ),
                        (
                            "grams",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=40),
                                default=list,
                                editable=False,
                                size=None,
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="登记时间")),
                        ("updated_at", models.DateTimeField(verbose_name="更新时间")),
                        ("title", models.CharField(max_length=120, verbose_name="企业或项目名称")),
                        (
                            "channel_detail",
                            models.CharField(blank=True, max_length=120, verbose_name="渠道说明"),
                        ),
                        ("note", models.TextField(blank=True, verbose_name="情况说明")),
                        (
                            "first_response_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="首次响应"),
                        ),
                        ("is_pending", models.BooleanField(default=False, verbose_name="待接收")),
                        ("external_id", models.CharField(blank=True, max_length=80, verbose_name="伙伴编号")),
                        (
                            "winning_city",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=30, verbose_name="流向城市"
                            ),
                        ),
                        ("revisit_on", models.DateField(blank=True, null=True, verbose_name="回访日期")),
                        (
                            "channel",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.channel",
                                verbose_name="来源渠道",
                            ),
                        ),
                        (
                            "city",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.city",
                                verbose_name="来源城市",
                            ),
                        ),
                        (
                            "company",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="leads",
                                to="crm.company",
                                verbose_name="企业",
                            ),
                        ),
                        (
                            "contact",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="crm.contact",
                                verbose_name="联系人",
                            ),
                        ),
                        (
                            "leader",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="联系区领导",
                            ),
                        ),
                        (
                            "loss_reason",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.lossreason",
                                verbose_name="流失原因",
                            ),
                        ),
                        (
                            "merged_into",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="merged_leads",
                                to="leads.lead",
                                verbose_name="合并到",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="负责人",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="leads",
                                to="crm.partnertoken",
                                verbose_name="推送伙伴",
                            ),
                        ),
                        (
                            "reporter",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="首报人",
                            ),
                        ),
                        (
                            "sector",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.fusionsector",
                                verbose_name="融合赛道",
                            ),
                        ),
                        (
                            "station",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.unit",
                                verbose_name="来源工作站",
                            ),
                        ),
                        (
                            "tracks",
                            models.ManyToManyField(
                                blank=True, related_name="+", to="crm.futuretrack", verbose_name="未来赛道"
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.unit",
                                verbose_name="责任单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "线索",
                        "verbose_name_plural": "线索",
                        "ordering": ["-created_at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="ImportRow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveIntegerField(verbose_name="行号")),
                        ("cells", models.JSONField(verbose_name="原始内容")),
                        ("values", models.JSONField(default=dict, verbose_name="清洗结果")),
                        (
                            "verdict",
                            models.CharField(
                                choices=[
                                    ("new", "新增"),
                                    ("duplicate", "已存在"),
                                    ("suspected", "疑似重复"),
                                    ("error", "有误"),
                                ],
                                max_length=10,
                                verbose_name="判断",
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="原因")),
                        ("problems", models.JSONField(default=list, verbose_name="问题")),
                        ("of_row", models.PositiveIntegerField(null=True, verbose_name="与第几行重复")),
                        (
                            "decision",
                            models.CharField(
                                choices=[("write", "写入"), ("skip", "跳过")],
                                max_length=10,
                                verbose_name="决定",
                            ),
                        ),
                        ("refusal", models.CharField(blank=True, max_length=300, verbose_name="未写入原因")),
                        (
                            "kept_because",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                max_length=300,
                                verbose_name="撤销时保留的原因",
                            ),
                        ),
                        (
                            "job",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="rows",
                                to="leads.importjob",
                                verbose_name="导入",
                            ),
                        ),
                        (
                            "lead",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="leads.lead",
                                verbose_name="写成的线索",
                            ),
                        ),
                        (
                            "of_lead",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="leads.lead",
                                verbose_name="与哪条线索重复",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "导入行",
                        "verbose_name_plural": "导入行",
                        "ordering": ["number"],
                    },
                ),
                migrations.CreateModel(
                    name="Handover",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("reason", models.CharField(max_length=200, verbose_name="理由")),
                        (
                            "share",
                            models.PositiveSmallIntegerField(default=0, verbose_name="移出单位保留业绩（%）"),
                        ),
                        ("at", models.DateTimeField(verbose_name="时间")),
                        (
                            "state",
                            models.CharField(
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
                        (
                            "asked_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="接收期限起算"),
                        ),
                        ("due_on", models.DateField(blank=True, null=True, verbose_name="接收期限")),
                        ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="答复时间")),
                        ("answer", models.CharField(blank=True, max_length=200, verbose_name="答复")),
                        ("updated_at", models.DateTimeField(verbose_name="更新时间")),
                        (
                            "answered_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="答复人",
                            ),
                        ),
                        (
                            "approved_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="审批人",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="操作人",
                            ),
                        ),
                        (
                            "from_unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.unit",
                                verbose_name="移出单位",
                            ),
                        ),
                        (
                            "to_owner",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="接收人",
                            ),
                        ),
                        (
                            "to_unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.unit",
                                verbose_name="接收单位",
                            ),
                        ),
                        (
                            "lead",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="handovers",
                                to="leads.lead",
                                verbose_name="线索",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "流转记录",
                        "verbose_name_plural": "流转记录",
                        "ordering": ["-at"],
                    },
                ),
                migrations.CreateModel(
                    name="Feedback",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("to", models.CharField(max_length=80, verbose_name="回音对象")),
                        ("said_on", models.DateField(verbose_name="回音日期")),
                        ("content", models.TextField(verbose_name="回音内容")),
                        ("at", models.DateTimeField(verbose_name="记录时间")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="回音人",
                            ),
                        ),
                        (
                            "lead",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="feedbacks",
                                to="leads.lead",
                                verbose_name="线索",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "引荐人回音",
                        "verbose_name_plural": "引荐人回音",
                        "ordering": ["-said_on", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="DuplicatePair",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("level", models.CharField(max_length=2, verbose_name="级别")),
                        ("confidence", models.PositiveSmallIntegerField(verbose_name="可信度")),
                        ("reasons", models.JSONField(default=list, verbose_name="依据")),
                        ("found_at", models.DateTimeField(verbose_name="发现时间")),
                        ("updated_at", models.DateTimeField(verbose_name="更新时间")),
                        (
                            "verdict",
                            models.CharField(
                                blank=True,
                                choices=[("same", "同一项目"), ("different", "视为新项目")],
                                default="",
                                max_length=10,
                                verbose_name="判定",
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=200, verbose_name="判定理由")),
                        ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="判定时间")),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="判定人",
                            ),
                        ),
                        (
                            "one",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="leads.lead",
                                verbose_name="先登记的线索",
                            ),
                        ),
                        (
                            "other",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="leads.lead",
                                verbose_name="后登记的线索",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "疑似重复",
                        "verbose_name_plural": "疑似重复",
                        "ordering": ["-confidence", "-pk"],
                    },
                ),
                migrations.AddField(
                    model_name="creditsplit",
                    name="lead",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="credit_splits",
                        to="leads.lead",
                        verbose_name="线索",
                    ),
                ),
                migrations.AddField(
                    model_name="claim",
                    name="lead",
                    field=models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="claim",
                        to="leads.lead",
                        verbose_name="线索",
                    ),
                ),
                migrations.CreateModel(
                    name="LeadStageChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("stage", models.CharField(max_length=20, verbose_name="阶段")),
                        ("previous", models.CharField(blank=True, max_length=20, verbose_name="来自阶段")),
                        ("entered_at", models.DateTimeField(verbose_name="进入时间")),
                        ("left_at", models.DateTimeField(blank=True, null=True, verbose_name="离开时间")),
                        ("days", models.FloatField(blank=True, null=True, verbose_name="停留天数")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="理由")),
                        ("is_forced", models.BooleanField(default=False, verbose_name="强制推进")),
                        ("missing", models.JSONField(default=list, verbose_name="当时缺少")),
                        ("skipped", models.JSONField(db_default=[], default=list, verbose_name="跳过的阶段")),
                        ("seq", models.PositiveSmallIntegerField(verbose_name="序号")),
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
                            "lead",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="changes",
                                to="leads.lead",
                                verbose_name="线索",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "线索阶段记录",
                        "verbose_name_plural": "线索阶段记录",
                        "ordering": ["seq"],
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Merge",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="时间")),
                        ("reason", models.CharField(max_length=200, verbose_name="理由")),
                        ("moved", models.JSONField(default=dict, verbose_name="转过去的记录")),
                        ("filled", models.JSONField(default=dict, verbose_name="补上的字段")),
                        ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="撤销时间")),
                        (
                            "undo_reason",
                            models.CharField(blank=True, max_length=200, verbose_name="撤销理由"),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="操作人",
                            ),
                        ),
                        (
                            "kept",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="merges",
                                to="leads.lead",
                                verbose_name="保留的线索",
                            ),
                        ),
                        (
                            "merged",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="merged_by",
                                to="leads.lead",
                                verbose_name="并入的线索",
                            ),
                        ),
                        (
                            "undone_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="撤销人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "线索合并",
                        "verbose_name_plural": "线索合并",
                        "ordering": ["-at", "-pk"],
                    },
                ),
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
                        (
                            "follow_up_by",
                            models.DateTimeField(blank=True, null=True, verbose_name="最迟有效跟进"),
                        ),
                        (
                            "followed_up_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="首次有效跟进"),
                        ),
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
                    },
                ),
                migrations.CreateModel(
                    name="Roadshow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(default=1, editable=False, verbose_name="版本"),
                        ),
                        ("title", models.CharField(max_length=80, verbose_name="行程名称")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("knock", "敲门招商"),
                                    ("pitch", "推介会"),
                                    ("contest", "赛事"),
                                    ("fair", "展会"),
                                    ("visit", "来访接待"),
                                    ("station", "工作站日常"),
                                ],
                                default="knock",
                                max_length=10,
                                verbose_name="类型",
                            ),
                        ),
                        ("starts_on", models.DateField(verbose_name="开始日期")),
                        ("ends_on", models.DateField(verbose_name="结束日期")),
                        (
                            "purpose",
                            models.CharField(blank=True, max_length=200, verbose_name="目的（赛道）"),
                        ),
                        (
                            "budget_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=12,
                                null=True,
                                verbose_name="预算（万元）",
                            ),
                        ),
                        (
                            "cost_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=12,
                                null=True,
                                verbose_name="实际费用（万元）",
                            ),
                        ),
                        ("summary", models.TextField(blank=True, verbose_name="小结")),
                        ("is_cancelled", models.BooleanField(default=False, verbose_name="已取消")),
                        ("created_at", models.DateTimeField(verbose_name="创建时间")),
                        ("updated_at", models.DateTimeField(verbose_name="更新时间")),
                        (
                            "city",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                to="crm.city",
                                verbose_name="城市",
                            ),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="创建人",
                            ),
                        ),
                        (
                            "leader",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="带队人",
                            ),
                        ),
                        (
                            "members",
                            models.ManyToManyField(
                                blank=True,
                                related_name="roadshows",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="我方人员",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="roadshows",
                                to="crm.unit",
                                verbose_name="牵头单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "行程",
                        "verbose_name_plural": "行程",
                        "ordering": ["-starts_on", "-pk"],
                    },
                ),
                migrations.AddField(
                    model_name="lead",
                    name="roadshow",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leads",
                        to="leads.roadshow",
                        verbose_name="来源行程",
                    ),
                ),
                migrations.AddField(
                    model_name="importjob",
                    name="roadshow",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to="leads.roadshow",
                        verbose_name="行程",
                    ),
                ),
                migrations.CreateModel(
                    name="RoadshowTarget",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("company_name", models.CharField(max_length=120, verbose_name="企业")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("planned", "拟访"),
                                    ("appointed", "已约"),
                                    ("visited", "已访"),
                                    ("not_visited", "未访"),
                                    ("no_follow_up", "无需跟进"),
                                ],
                                default="planned",
                                max_length=20,
                                verbose_name="状态",
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                        (
                            "lead",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="targets",
                                to="leads.lead",
                                verbose_name="线索",
                            ),
                        ),
                        (
                            "roadshow",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="targets",
                                to="leads.roadshow",
                                verbose_name="行程",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "目标企业",
                        "verbose_name_plural": "目标企业",
                        "ordering": ["pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Screening",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(default=1, editable=False, verbose_name="版本"),
                        ),
                        ("industry", models.TextField(blank=True, verbose_name="产业方向")),
                        ("market", models.TextField(blank=True, verbose_name="市场前景")),
                        ("technology", models.TextField(blank=True, verbose_name="技术路线")),
                        ("environment", models.TextField(blank=True, verbose_name="环保")),
                        ("energy", models.TextField(blank=True, verbose_name="能耗")),
                        ("benefit", models.TextField(blank=True, verbose_name="效益")),
                        (
                            "verdict",
                            models.CharField(
                                blank=True,
                                choices=[("accepted", "跟进"), ("reserve", "储备"), ("dropped", "不跟进")],
                                max_length=10,
                                verbose_name="研判结论",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="研判时间")),
                        ("updated_at", models.DateTimeField(null=True, verbose_name="更新时间")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="研判人",
                            ),
                        ),
                        (
                            "lead",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="screening",
                                to="leads.lead",
                                verbose_name="线索",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "研判意见",
                        "verbose_name_plural": "研判意见",
                    },
                ),
                migrations.CreateModel(
                    name="Visit",
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
                                choices=[
                                    ("out", "外出拜访"),
                                    ("host", "来访接待"),
                                    ("site", "实地考察"),
                                    ("call", "电话"),
                                    ("online", "线上会议"),
                                ],
                                default="out",
                                max_length=10,
                                verbose_name="方式",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="时间")),
                        ("place", models.CharField(blank=True, max_length=120, verbose_name="地点")),
                        ("content", models.TextField(blank=True, verbose_name="洽谈情况")),
                        ("next_step", models.CharField(blank=True, max_length=200, verbose_name="下一步")),
                        ("next_on", models.DateField(blank=True, null=True, verbose_name="下次联系日期")),
                        ("created_at", models.DateTimeField(verbose_name="记录时间")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="记录人",
                            ),
                        ),
                        (
                            "lead",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="visits",
                                to="leads.lead",
                                verbose_name="线索",
                            ),
                        ),
                        (
                            "roadshow",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="visits",
                                to="leads.roadshow",
                                verbose_name="行程",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                to="crm.unit",
                                verbose_name="单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "拜访记录",
                        "verbose_name_plural": "拜访记录",
                        "ordering": ["-at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="ConflictEvidence",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("happened_on", models.DateField(verbose_name="发生日期")),
                        ("text", models.CharField(max_length=400, verbose_name="说明")),
                        ("at", models.DateTimeField(verbose_name="提交时间")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提交人",
                            ),
                        ),
                        (
                            "conflict",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="evidence",
                                to="leads.conflict",
                                verbose_name="首报冲突",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.unit",
                                verbose_name="单位",
                            ),
                        ),
                        (
                            "visit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="leads.visit",
                                verbose_name="拜访记录",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "冲突证据",
                        "verbose_name_plural": "冲突证据",
                        "ordering": ["happened_on", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="ClaimEvent",
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
                        ("at", models.DateTimeField(verbose_name="时间")),
                        ("text", models.CharField(blank=True, max_length=400, verbose_name="说明")),
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
                            "claim",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="events",
                                to="leads.claim",
                                verbose_name="首报登记",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.unit",
                                verbose_name="首报单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "首报记录",
                        "verbose_name_plural": "首报记录",
                        "ordering": ["-at", "-pk"],
                        "indexes": [models.Index(fields=["at", "kind"], name="claim_event_at")],
                    },
                ),
                migrations.CreateModel(
                    name="ClaimWarning",
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
                                choices=[
                                    ("silence", "没有有效跟进"),
                                    ("imminent", "没有有效跟进，即将失效"),
                                    ("expiry", "保护期将满"),
                                    ("pool", "将退回公海"),
                                ],
                                max_length=10,
                                verbose_name="类别",
                            ),
                        ),
                        ("due_on", models.DateField(verbose_name="最后一天")),
                        ("at", models.DateTimeField(verbose_name="预警时间")),
                        (
                            "claim",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="warnings",
                                to="leads.claim",
                                verbose_name="首报登记",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "首报预警",
                        "verbose_name_plural": "首报预警",
                        "indexes": [models.Index(fields=["at", "kind"], name="claim_warning_at")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("claim", "kind", "due_on"), name="claim_warned_once"
                            )
                        ],
                    },
                ),
                migrations.AddIndex(
                    model_name="conflict",
                    index=models.Index(fields=["-opened_at", "-id"], name="conflict_newest"),
                ),
                migrations.AddIndex(
                    model_name="conflict",
                    index=models.Index(
                        condition=models.Q(("decided_at", None)), fields=["due_on"], name="conflict_due"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="conflict",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("decided_at", None)),
                        fields=("claim", "unit"),
                        name="one_open_case_per_unit",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="conflict",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("verdict", "")),
                            models.Q(("decided_at__isnull", False), models.Q(("verdict", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="case_decided_with_a_verdict",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="creditshare",
                    constraint=models.UniqueConstraint(fields=("split", "unit"), name="one_share_per_unit"),
                ),
                migrations.AddConstraint(
                    model_name="creditshare",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("percent__gte", 1), ("percent__lte", 100)),
                        name="share_within_100",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="importrow",
                    constraint=models.UniqueConstraint(fields=("job", "number"), name="import_row_once"),
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
                migrations.AddIndex(
                    model_name="duplicatepair",
                    index=models.Index(
                        condition=models.Q(("verdict", "")), fields=["-found_at", "-id"], name="pair_waiting"
                    ),
                ),
                migrations.AddIndex(
                    model_name="duplicatepair",
                    index=models.Index(fields=["updated_at", "id"], name="pair_changed"),
                ),
                migrations.AddConstraint(
                    model_name="duplicatepair",
                    constraint=models.UniqueConstraint(fields=("one", "other"), name="one_pair_of_two_leads"),
                ),
                migrations.AddConstraint(
                    model_name="duplicatepair",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("one__lt", models.F("other"))), name="pair_in_order"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="duplicatepair",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("verdict", "")),
                            models.Q(models.Q(("verdict", ""), _negated=True), ("decided_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="pair_verdict_has_a_day",
                    ),
                ),
                migrations.AddIndex(
                    model_name="claim",
                    index=models.Index(
                        condition=models.Q(("clock__in", ["both", "silence"]), ("released_at", None)),
                        fields=["last_effective_at"],
                        name="claim_silent",
                    ),
                ),
                migrations.AddIndex(
                    model_name="claim",
                    index=models.Index(
                        condition=models.Q(("clock", "both"), ("released_at", None)),
                        fields=["protected_until"],
                        name="claim_expiring",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="claim",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("released_at", None)),
                        fields=("company",),
                        name="one_open_claim_per_company",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="claim",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("released_at", None)),
                        fields=("key",),
                        name="one_open_claim_per_key",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="claim",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended", ""), ("released_at", None)),
                            models.Q(("released_at__isnull", False), models.Q(("ended", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="claim_ended_for_a_reason",
                    ),
                ),
                migrations.AddIndex(
                    model_name="leadstagechange",
                    index=models.Index(
                        fields=["stage", "entered_at"], include=("days",), name="lead_change_stage"
                    ),
                ),
                migrations.AddIndex(
                    model_name="leadstagechange",
                    index=models.Index(
                        condition=models.Q(("days__isnull", False)),
                        fields=["stage", "days"],
                        include=("lead",),
                        name="lead_stay_closed",
                    ),
                ),
                migrations.AddIndex(
                    model_name="leadstagechange",
                    index=models.Index(
                        condition=models.Q(("left_at", None)),
                        fields=["stage", "entered_at"],
                        include=("lead",),
                        name="lead_stay_open",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="leadstagechange",
                    constraint=models.UniqueConstraint(fields=("lead", "seq"), name="lead_change_seq"),
                ),
                migrations.AddConstraint(
                    model_name="leadstagechange",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("left_at", None)), fields=("lead",), name="lead_in_one_stage"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="merge",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("undone_at", None)),
                        fields=("merged",),
                        name="merged_into_one_at_a_time",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="merge",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("kept", models.F("merged")), _negated=True),
                        name="merged_into_another",
                    ),
                ),
                migrations.AddIndex(
                    model_name="poolentry",
                    index=models.Index(
                        condition=models.Q(("taken_at", None)),
                        fields=["-entered_at", "-id"],
                        name="pool_waiting",
                    ),
                ),
                migrations.AddIndex(
                    model_name="poolentry",
                    index=models.Index(fields=["taken_by", "taken_at"], name="pool_taken"),
                ),
                migrations.AddIndex(
                    model_name="poolentry",
                    index=models.Index(
                        condition=models.Q(
                            ("followed_up_at", None), ("returned_at", None), ("taken_at__isnull", False)
                        ),
                        fields=["follow_up_by"],
                        name="pool_running",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="poolentry",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("taken_at", None)), fields=("lead",), name="once_in_the_pool"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="roadshow",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="roadshow_ends_after_start",
                        violation_error_message="结束日期不能早于开始日期。",
                    ),
                ),
                migrations.AddIndex(
                    model_name="lead",
                    index=django.contrib.postgres.indexes.GinIndex(fields=["grams"], name="lead_grams"),
                ),
                migrations.AddIndex(
                    model_name="lead",
                    index=django.contrib.postgres.indexes.GinIndex(fields=["likeness"], name="lead_likeness"),
                ),
                migrations.AddIndex(
                    model_name="lead",
                    index=models.Index(
                        condition=models.Q(("is_unchecked", True)), fields=["id"], name="lead_unchecked"
                    ),
                ),
                migrations.AddIndex(
                    model_name="lead",
                    index=models.Index(fields=["-created_at", "-id"], name="lead_newest"),
                ),
                migrations.AddIndex(
                    model_name="lead",
                    index=models.Index(fields=["unit", "-created_at", "-id"], name="lead_unit_newest"),
                ),
                migrations.AddIndex(
                    model_name="lead",
                    index=models.Index(fields=["station", "-created_at", "-id"], name="lead_station_newest"),
                ),
                migrations.AddIndex(
                    model_name="lead",
                    index=models.Index(
                        fields=["unit", "stage"],
                        include=(
                            "id",
                            "furthest",
                            "amount_wan",
                            "sector",
                            "sector_kind",
                            "city",
                            "channel",
                            "station",
                            "created_at",
                        ),
                        name="lead_funnel",
                    ),
                ),
                migrations.AddIndex(
                    model_name="lead",
                    index=models.Index(fields=["stage", "-entered_at", "-id"], name="lead_board"),
                ),
                migrations.AddIndex(
                    model_name="lead",
                    index=models.Index(
                        condition=models.Q(("stage__in", ("lead", "screening"))),
                        fields=["owner", "next_contact_on"],
                        name="lead_due",
                    ),
                ),
                migrations.AddIndex(
                    model_name="lead",
                    index=models.Index(
                        condition=models.Q(("stage__in", ("lead", "screening"))),
                        fields=["limit_on"],
                        name="lead_limit",
                    ),
                ),
                migrations.AddIndex(
                    model_name="lead",
                    index=models.Index(
                        condition=models.Q(("stage__in", ("lead", "screening"))),
                        fields=["unit", "owner"],
                        include=("next_contact_on", "limit_on", "red_on", "amount_wan"),
                        name="lead_agenda",
                    ),
                ),
                migrations.AddIndex(
                    model_name="lead",
                    index=models.Index(
                        condition=models.Q(("stage__in", ("lead", "screening"))),
                        fields=["next_contact_on"],
                        name="lead_next_contact",
                    ),
                ),
                migrations.AddIndex(
                    model_name="lead",
                    index=models.Index(fields=["updated_at", "id"], name="lead_changed"),
                ),
                migrations.AddIndex(
                    model_name="lead",
                    index=models.Index(
                        condition=models.Q(("revisit_on__isnull", False)),
                        fields=["revisit_on"],
                        name="lead_revisit",
                    ),
                ),
                migrations.AddIndex(
                    model_name="lead",
                    index=models.Index(fields=["roadshow", "stage"], name="lead_roadshow"),
                ),
                migrations.AddIndex(
                    model_name="lead",
                    index=models.Index(
                        condition=models.Q(("fed_back_on", None), ("feedback_due_on__isnull", False)),
                        fields=["feedback_due_on"],
                        name="lead_owes_feedback",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="lead",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sector__isnull", False), ("sector_kind", "fusion")),
                            models.Q(
                                models.Q(("sector_kind", "fusion"), _negated=True), ("sector__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="lead_sector_only_in_fusion",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="lead",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("stage", "merged"), _negated=True),
                            ("merged_into__isnull", False),
                            _connector="OR",
                        ),
                        name="lead_merged_into_another",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="lead",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("external_id", ""), _negated=True),
                        fields=("partner", "external_id"),
                        name="lead_once_per_partner_number",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="roadshowtarget",
                    constraint=models.UniqueConstraint(
                        fields=("roadshow", "company_name"), name="target_once_per_roadshow"
                    ),
                ),
            ]
        ),
    ]
