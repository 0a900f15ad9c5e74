"""All tables of the app as they are on 27 November 2026; in a database that has them nothing happens."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import projects.models.offers
from crm.tables import CreateTables

# the places of funds and policies on the sheets of matches
SLOTS = "CREATE SEQUENCE projects_offer_slot AS smallint MINVALUE 0"


class Migration(migrations.Migration):
    replaces = [
        ("projects", "0001_initial"),
        ("projects", "0001_squashed_0017"),
        ("projects", "0002_reminder_log"),
        ("projects", "0003_agenda_index"),
        ("projects", "0004_funnel_indexes"),
        ("projects", "0005_skipped_and_paused"),
        ("projects", "0006_match_checked_at"),
        ("projects", "0007_suspensions_and_decisions"),
        ("projects", "0008_agreements"),
        ("projects", "0009_incentives"),
        ("projects", "0010_supervision_and_ladder"),
        ("projects", "0011_blue_day"),
        ("projects", "0012_decision_routes"),
        ("projects", "0013_agreements_in_use"),
        ("projects", "0014_review_of_incentives"),
        ("projects", "0015_flag_rules"),
        ("projects", "0016_revisit_and_suspended_indexes"),
        ("projects", "0017_registered_companies"),
        ("projects", "0018_feedback_on_the_ladder"),
        ("projects", "0019_flag_rule_version"),
        ("projects", "0020_review_papers"),
        ("projects", "0021_claims_of_suspended"),
        ("projects", "0030_backing_of_promises"),
        ("projects", "0031_settled_claims"),
        ("projects", "0040_response_on_the_ladder"),
        ("projects", "0041_orders_follow_their_record"),
        ("projects", "0042_progressed_at"),
        ("projects", "0043_progress_of_projects"),
        ("projects", "0044_leader_and_grade"),
        ("projects", "0050_flag_rules_again"),
        ("projects", "0051_counted_amount"),
        ("projects", "0052_excess_note"),
        ("projects", "0053_papers_of_records"),
        ("projects", "0060_history_of_fields"),
        ("projects", "0090_basis_library"),
        ("projects", "0091_known_bases"),
        ("projects", "0092_rules_that_read_relations"),
        ("projects", "0093_no_contact_of_lost"),
        ("projects", "0100_registered_note"),
        ("projects", "0110_match_sheets"),
        ("projects", "0120_referrals"),
        ("projects", "0130_policies"),
        ("projects", "0131_match_changes"),
    ]

    initial = True

    dependencies = [
        ("crm", "0001_tables"),
        ("leads", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(SLOTS, "DROP SEQUENCE projects_offer_slot"),
        CreateTables(
            [
                migrations.CreateModel(
                    name="Project",
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
                        ("code", models.CharField(max_length=20, unique=True, verbose_name="项目编号")),
                        ("name", models.CharField(max_length=120, verbose_name="项目名称")),
                        (
                            "landing_mode",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("land", "供地"),
                                    ("purchase", "购置"),
                                    ("lease", "租赁"),
                                    ("expansion", "增资（存量）"),
                                    ("relocation", "并购迁址"),
                                    ("research", "设立研发中心"),
                                ],
                                max_length=12,
                                verbose_name="落地方式",
                            ),
                        ),
                        (
                            "fixed_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=16,
                                null=True,
                                verbose_name="固定资产投资（万元）",
                            ),
                        ),
                        (
                            "land_mu",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=12,
                                null=True,
                                verbose_name="用地（亩）",
                            ),
                        ),
                        (
                            "category",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("policy", "政策类"),
                                    ("investment", "投资类"),
                                    ("land", "供地类"),
                                    ("other", "其他"),
                                ],
                                db_default="",
                                max_length=12,
                                verbose_name="项目分类",
                            ),
                        ),
                        (
                            "public_equity_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=16,
                                null=True,
                                verbose_name="财政或国资出资（万元）",
                            ),
                        ),
                        (
                            "prior_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=16,
                                null=True,
                                verbose_name="原有投资（万元）",
                            ),
                        ),
                        (
                            "excess_note",
                            models.CharField(
                                blank=True, db_default="", max_length=300, verbose_name="到位超过总投资的说明"
                            ),
                        ),
                        (
                            "registered_note",
                            models.CharField(
                                blank=True,
                                db_default="",
                                max_length=400,
                                verbose_name="注册公司由别的单位首报",
                            ),
                        ),
                        (
                            "grade",
                            models.CharField(
                                blank=True,
                                choices=[("A", "A 级（重点）"), ("B", "B 级"), ("C", "C 级")],
                                db_default="",
                                max_length=1,
                                verbose_name="项目级别",
                            ),
                        ),
                        (
                            "suspended_until",
                            models.DateField(blank=True, editable=False, null=True, verbose_name="挂起至"),
                        ),
                        ("demands", models.TextField(blank=True, verbose_name="企业诉求")),
                        ("problems", models.TextField(blank=True, verbose_name="存在问题")),
                        (
                            "winning_city",
                            models.CharField(blank=True, max_length=30, verbose_name="流向城市"),
                        ),
                        ("revisit_on", models.DateField(blank=True, null=True, verbose_name="回访日期")),
                        (
                            "left_from",
                            models.CharField(
                                blank=True, editable=False, max_length=20, verbose_name="流失前阶段"
                            ),
                        ),
                        (
                            "carrier",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="projects",
                                to="crm.carrier",
                                verbose_name="确定载体",
                            ),
                        ),
                        (
                            "carriers",
                            models.ManyToManyField(
                                blank=True, related_name="+", to="crm.carrier", verbose_name="候选载体"
                            ),
                        ),
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
                                related_name="projects",
                                to="crm.company",
                                verbose_name="企业",
                            ),
                        ),
                        (
                            "investor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.company",
                                verbose_name="投资主体",
                            ),
                        ),
                        (
                            "lead",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="project",
                                to="leads.lead",
                                verbose_name="来源线索",
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
                            "registered_company",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.company",
                                verbose_name="注册公司",
                            ),
                        ),
                        (
                            "roadshow",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="projects",
                                to="leads.roadshow",
                                verbose_name="来源行程",
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
                        "verbose_name": "项目",
                        "verbose_name_plural": "项目",
                        "ordering": ["-created_at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="DecisionRoute",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "category",
                            models.CharField(
                                choices=[
                                    ("policy", "政策类"),
                                    ("investment", "投资类"),
                                    ("land", "供地类"),
                                    ("other", "其他"),
                                ],
                                max_length=12,
                                verbose_name="项目分类",
                            ),
                        ),
                        (
                            "over_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=16,
                                null=True,
                                verbose_name="高于（万元）",
                            ),
                        ),
                        (
                            "upto_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=16,
                                null=True,
                                verbose_name="不高于（万元）",
                            ),
                        ),
                        ("active_from", models.DateField(blank=True, null=True, verbose_name="启用日期")),
                        ("active_to", models.DateField(blank=True, null=True, verbose_name="停用日期")),
                        ("basis", models.CharField(blank=True, max_length=120, verbose_name="依据")),
                    ],
                    options={
                        "verbose_name": "决策路径",
                        "verbose_name_plural": "决策路径",
                        "ordering": ["category", "over_wan", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="FlagRule",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.SlugField(max_length=40, unique=True, verbose_name="代码")),
                        ("name", models.CharField(max_length=60, verbose_name="名称")),
                        ("reason", models.TextField(verbose_name="问题与依据")),
                        ("advice", models.TextField(verbose_name="怎么办")),
                        ("patterns", models.JSONField(blank=True, default=list, verbose_name="触发措辞")),
                        ("exempting", models.JSONField(blank=True, default=list, verbose_name="豁免措辞")),
                        ("check_name", models.CharField(blank=True, max_length=20, verbose_name="字段检查")),
                        ("unless", models.CharField(blank=True, max_length=20, verbose_name="免除情形")),
                        ("fields", models.JSONField(default=list, verbose_name="检查哪些字段")),
                        (
                            "needs_opinion",
                            models.BooleanField(default=False, verbose_name="放行须有市场监管部门意见"),
                        ),
                        ("order", models.PositiveSmallIntegerField(default=0, verbose_name="顺序")),
                        (
                            "version",
                            models.PositiveIntegerField(
                                db_default=1, default=1, editable=False, verbose_name="版本"
                            ),
                        ),
                        ("active_from", models.DateField(blank=True, null=True, verbose_name="启用日期")),
                        ("active_to", models.DateField(blank=True, null=True, verbose_name="停用日期")),
                    ],
                    options={
                        "verbose_name": "审查提示规则",
                        "verbose_name_plural": "审查提示规则",
                        "ordering": ["order", "code"],
                    },
                ),
                migrations.CreateModel(
                    name="Paper",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="文件名")),
                        ("kind", models.CharField(max_length=5, verbose_name="格式")),
                        ("size", models.PositiveIntegerField(verbose_name="字节数")),
                        ("digest", models.CharField(max_length=64, verbose_name="内容摘要")),
                        ("at", models.DateTimeField(verbose_name="上传时间")),
                    ],
                    options={
                        "verbose_name": "文件",
                        "verbose_name_plural": "文件",
                        "ordering": ["-at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Agreement",
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
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("framework", "框架协议"),
                                    ("investment", "投资协议"),
                                    ("lease", "租赁/入驻协议"),
                                    ("supplement", "补充协议"),
                                    ("termination", "解除协议"),
                                    ("other", "其他"),
                                ],
                                max_length=12,
                                verbose_name="协议类型",
                            ),
                        ),
                        ("title", models.CharField(max_length=120, verbose_name="协议名称")),
                        ("number", models.CharField(blank=True, max_length=80, verbose_name="协议编号")),
                        ("signed_on", models.DateField(verbose_name="签订日期")),
                        ("counted_on", models.DateField(blank=True, null=True, verbose_name="统计日期")),
                        ("filed_on", models.DateField(blank=True, null=True, verbose_name="备案日期")),
                        ("expires_on", models.DateField(blank=True, null=True, verbose_name="有效期至")),
                        (
                            "amount_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=16,
                                null=True,
                                verbose_name="协议金额（万元）",
                            ),
                        ),
                        (
                            "counted_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=16,
                                null=True,
                                verbose_name="计入金额（万元）",
                            ),
                        ),
                        ("signer", models.CharField(max_length=120, verbose_name="签约主体")),
                        (
                            "signer_uscc",
                            models.CharField(blank=True, max_length=18, verbose_name="签约主体信用代码"),
                        ),
                        (
                            "told_ending_for",
                            models.DateField(editable=False, null=True, verbose_name="已提醒的到期日"),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="登记时间")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
                            ),
                        ),
                        (
                            "supersedes",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="superseded_by",
                                to="projects.agreement",
                                verbose_name="替代或解除的协议",
                            ),
                        ),
                        (
                            "supervisor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.unit",
                                verbose_name="履约监管单位",
                            ),
                        ),
                        (
                            "project",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="agreements",
                                to="projects.project",
                                verbose_name="项目",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "协议",
                        "verbose_name_plural": "协议",
                        "ordering": ["signed_on", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="BasisClause",
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
                        ("document", models.CharField(max_length=120, verbose_name="文件名称")),
                        ("number", models.CharField(blank=True, max_length=60, verbose_name="文号")),
                        ("clause", models.CharField(blank=True, max_length=40, verbose_name="条款")),
                        ("area", models.CharField(blank=True, max_length=40, verbose_name="适用区域")),
                        ("kinds", models.JSONField(blank=True, default=list, verbose_name="所给的条款类别")),
                        ("measures", models.JSONField(blank=True, default=list, verbose_name="按什么给")),
                        (
                            "most_percent",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=6,
                                null=True,
                                verbose_name="最高比例（%）",
                            ),
                        ),
                        (
                            "cap_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=16,
                                null=True,
                                verbose_name="单家上限（万元）",
                            ),
                        ),
                        ("valid_from", models.DateField(blank=True, null=True, verbose_name="生效日期")),
                        ("valid_to", models.DateField(blank=True, null=True, verbose_name="有效期至")),
                        ("text", models.TextField(blank=True, verbose_name="条款原文")),
                        ("summary", models.CharField(blank=True, max_length=500, verbose_name="内容摘要")),
                        ("read_on", models.DateField(blank=True, null=True, verbose_name="核对原文日期")),
                        ("is_withdrawn", models.BooleanField(default=False, verbose_name="停用")),
                    ],
                    options={
                        "verbose_name": "依据库条款",
                        "verbose_name_plural": "依据库条款",
                        "ordering": ["document", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_from", None),
                                    ("valid_to", None),
                                    ("valid_from__lte", models.F("valid_to")),
                                    _connector="OR",
                                ),
                                name="basis_is_valid_forwards",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Building",
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
                        ("name", models.CharField(max_length=60, verbose_name="楼宇名称")),
                        ("address", models.CharField(blank=True, max_length=120, verbose_name="地址")),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("created_at", models.DateTimeField(verbose_name="登记时间")),
                        ("updated_at", models.DateTimeField(verbose_name="更新时间")),
                        (
                            "carrier",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="buildings",
                                to="crm.carrier",
                                verbose_name="载体",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "楼宇",
                        "verbose_name_plural": "楼宇",
                        "ordering": ["carrier", "name"],
                    },
                ),
                migrations.CreateModel(
                    name="ComputeDemand",
                    fields=[
                        (
                            "project",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="compute_demand",
                                serialize=False,
                                to="projects.project",
                                verbose_name="项目",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                blank=True,
                                choices=[("training", "训练"), ("inference", "推理"), ("both", "训练和推理")],
                                max_length=10,
                                verbose_name="用于",
                            ),
                        ),
                        (
                            "unit",
                            models.CharField(
                                blank=True,
                                choices=[("pflops", "PFLOPS"), ("rack", "机柜"), ("card", "卡")],
                                max_length=8,
                                verbose_name="计量单位",
                            ),
                        ),
                        (
                            "amount",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="数量"
                            ),
                        ),
                        (
                            "months",
                            models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="使用月数"),
                        ),
                        ("starts_on", models.DateField(blank=True, null=True, verbose_name="起用日期")),
                        (
                            "domestic",
                            models.CharField(
                                blank=True,
                                choices=[("must", "必须国产"), ("prefer", "优先国产"), ("any", "不限")],
                                max_length=8,
                                verbose_name="国产要求",
                            ),
                        ),
                        (
                            "budget_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=16,
                                null=True,
                                verbose_name="预算（万元）",
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("updated_at", models.DateTimeField(verbose_name="更新时间")),
                    ],
                    options={
                        "verbose_name": "算力需求",
                        "verbose_name_plural": "算力需求",
                    },
                ),
                migrations.CreateModel(
                    name="MatchSheet",
                    fields=[
                        (
                            "project",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="sheet",
                                serialize=False,
                                to="projects.project",
                                verbose_name="项目",
                            ),
                        ),
                        ("verdicts", models.BinaryField(verbose_name="各基金、政策的结论")),
                        (
                            "weights",
                            models.BinaryField(
                                help_text="0–100，255 为没有得分", verbose_name="各基金、政策的得分 × 覆盖率"
                            ),
                        ),
                        ("judged_at", models.DateTimeField(verbose_name="结论时间")),
                        ("explained_at", models.DateTimeField(null=True, verbose_name="逐条核对时间")),
                    ],
                    options={
                        "verbose_name": "匹配结论表",
                        "verbose_name_plural": "匹配结论表",
                    },
                ),
                migrations.CreateModel(
                    name="SpaceNeed",
                    fields=[
                        (
                            "project",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="space_need",
                                serialize=False,
                                to="projects.project",
                                verbose_name="项目",
                            ),
                        ),
                        (
                            "area_most_sqm",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=12,
                                null=True,
                                verbose_name="面积上限（㎡）",
                            ),
                        ),
                        (
                            "use",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("office", "办公"),
                                    ("research", "研发"),
                                    ("lab", "实验"),
                                    ("production", "生产"),
                                    ("storage", "仓储"),
                                    ("retail", "商业"),
                                    ("data_room", "机房"),
                                ],
                                max_length=12,
                                verbose_name="用途",
                            ),
                        ),
                        ("needed_by", models.DateField(blank=True, null=True, verbose_name="需用日期")),
                        (
                            "power_kva",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="最低供电（kVA）"
                            ),
                        ),
                        (
                            "racks",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="最少机柜（个）"),
                        ),
                        (
                            "height_m",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=5,
                                null=True,
                                verbose_name="最低层高（m）",
                            ),
                        ),
                        (
                            "load_kg",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="最低承重（kg/㎡）"
                            ),
                        ),
                        ("needs_eia", models.BooleanField(blank=True, null=True, verbose_name="需要办环评")),
                        (
                            "rent_most",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=8,
                                null=True,
                                verbose_name="租金上限（元/㎡/天）",
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="其他要求")),
                        ("updated_at", models.DateTimeField(verbose_name="更新时间")),
                    ],
                    options={
                        "verbose_name": "用房需求",
                        "verbose_name_plural": "用房需求",
                    },
                ),
                migrations.CreateModel(
                    name="Commitment",
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
                        (
                            "side",
                            models.CharField(
                                choices=[("company", "企业承诺"), ("government", "政府承诺")],
                                max_length=12,
                                verbose_name="承诺方",
                            ),
                        ),
                        ("item", models.CharField(max_length=200, verbose_name="承诺事项")),
                        ("metric", models.CharField(blank=True, max_length=60, verbose_name="指标")),
                        (
                            "target",
                            models.DecimalField(
                                blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="目标值"
                            ),
                        ),
                        ("measure", models.CharField(blank=True, max_length=20, verbose_name="计量单位")),
                        ("due_on", models.DateField(verbose_name="到期日")),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("fulfilled", "已履约"),
                                    ("partial", "部分履约"),
                                    ("breached", "违约"),
                                    ("waived", "已豁免"),
                                ],
                                max_length=10,
                                verbose_name="履约结果",
                            ),
                        ),
                        (
                            "actual",
                            models.DecimalField(
                                blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="实际值"
                            ),
                        ),
                        ("evidence", models.CharField(blank=True, max_length=300, verbose_name="证明材料")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="原因与下一步")),
                        ("judged_on", models.DateField(blank=True, null=True, verbose_name="核实日期")),
                        (
                            "told_soon_for",
                            models.DateField(editable=False, null=True, verbose_name="已预告的到期日"),
                        ),
                        (
                            "told_overdue_for",
                            models.DateField(editable=False, null=True, verbose_name="已催办的到期日"),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="登记时间")),
                        (
                            "agreement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="commitments",
                                to="projects.agreement",
                                verbose_name="协议",
                            ),
                        ),
                        (
                            "judged_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="核实人",
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
                                verbose_name="我方责任人",
                            ),
                        ),
                        (
                            "partner_owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="监管责任人",
                            ),
                        ),
                        (
                            "project",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="commitments",
                                to="projects.project",
                                verbose_name="项目",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "承诺",
                        "verbose_name_plural": "承诺",
                        "ordering": ["due_on", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="ComputeOffer",
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
                        ("base", models.CharField(max_length=40, verbose_name="算力基地")),
                        ("operator", models.CharField(max_length=80, verbose_name="运营单位")),
                        ("site", models.CharField(blank=True, max_length=80, verbose_name="机房位置")),
                        (
                            "unit",
                            models.CharField(
                                choices=[("pflops", "PFLOPS"), ("rack", "机柜"), ("card", "卡")],
                                max_length=8,
                                verbose_name="计量单位",
                            ),
                        ),
                        (
                            "capacity",
                            models.DecimalField(decimal_places=2, max_digits=14, verbose_name="总量"),
                        ),
                        ("free", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="空闲")),
                        (
                            "price_monthly",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                verbose_name="参考价（元/单位/月）",
                            ),
                        ),
                        ("is_domestic", models.BooleanField(blank=True, null=True, verbose_name="国产")),
                        ("as_of", models.DateField(verbose_name="数据日期")),
                        ("source", models.CharField(max_length=120, verbose_name="来源")),
                        ("valid_from", models.DateField(blank=True, null=True, verbose_name="有效期自")),
                        ("valid_to", models.DateField(blank=True, null=True, verbose_name="有效期至")),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                    ],
                    options={
                        "verbose_name": "算力供给",
                        "verbose_name_plural": "算力供给",
                        "ordering": ["base", "unit", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("capacity__gt", 0), ("free__gte", 0), ("free__lte", models.F("capacity"))
                                ),
                                name="compute_free_within_capacity",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_from", None),
                                    ("valid_to", None),
                                    ("valid_from__lte", models.F("valid_to")),
                                    _connector="OR",
                                ),
                                name="compute_is_valid_forwards",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DecisionNode",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("order", models.PositiveSmallIntegerField(verbose_name="顺序")),
                        ("code", models.SlugField(max_length=20, verbose_name="代码")),
                        ("name", models.CharField(max_length=30, verbose_name="会议")),
                        (
                            "route",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="nodes",
                                to="projects.decisionroute",
                                verbose_name="决策路径",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "决策节点",
                        "verbose_name_plural": "决策节点",
                        "ordering": ["order"],
                    },
                ),
                migrations.CreateModel(
                    name="Evidence",
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
                                    ("proposal", "项目建议书与条款草案"),
                                    ("diligence", "尽职调查报告"),
                                    ("decision", "决策会议纪要"),
                                    ("fair_competition", "公平竞争审查结论"),
                                    ("legal_review", "合法性审查意见"),
                                    ("agreement", "正式投资协议"),
                                    ("commitments", "承诺清单"),
                                    ("registration", "营业执照（拱墅注册）"),
                                    ("premises", "租赁合同/产权证明"),
                                    ("land_contract", "土地出让合同"),
                                    ("capital", "到位资金凭证"),
                                    ("construction", "施工许可/开工认定"),
                                    ("move_in", "入驻证明（社保/税务）"),
                                    ("operation", "投产/营收/纳税证明"),
                                ],
                                max_length=20,
                                verbose_name="材料",
                            ),
                        ),
                        ("event_on", models.DateField(verbose_name="发生日期")),
                        ("counted_on", models.DateField(blank=True, null=True, verbose_name="统计日期")),
                        ("number", models.CharField(blank=True, max_length=80, verbose_name="文号/编号")),
                        (
                            "amount_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=16,
                                null=True,
                                verbose_name="金额（万元）",
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("created_at", models.DateTimeField(verbose_name="登记时间")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
                            ),
                        ),
                        (
                            "project",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="evidence",
                                to="projects.project",
                                verbose_name="项目",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "阶段材料",
                        "verbose_name_plural": "阶段材料",
                        "ordering": ["event_on", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Correction",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1, verbose_name="更正前版本")),
                        ("changes", models.JSONField(verbose_name="更正内容")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="理由")),
                        ("at", models.DateTimeField(verbose_name="更正时间")),
                        (
                            "agreement",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="corrections",
                                to="projects.agreement",
                                verbose_name="协议",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="更正人",
                            ),
                        ),
                        (
                            "commitment",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="corrections",
                                to="projects.commitment",
                                verbose_name="承诺",
                            ),
                        ),
                        (
                            "evidence",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="corrections",
                                to="projects.evidence",
                                verbose_name="阶段材料",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "更正记录",
                        "verbose_name_plural": "更正记录",
                        "ordering": ["-at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Fund",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("venture", "创业投资类"),
                                    ("industry", "产业投资类"),
                                    ("mother", "母基金"),
                                    ("concept", "概念验证"),
                                    ("transfer", "成果转化"),
                                ],
                                max_length=12,
                                verbose_name="类别",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("preparing", "筹建中"),
                                    ("operating", "运作中"),
                                    ("established", "已设立"),
                                    ("closed", "已关闭"),
                                ],
                                max_length=12,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "status_note",
                            models.CharField(blank=True, max_length=200, verbose_name="状态说明"),
                        ),
                        (
                            "size_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=16,
                                null=True,
                                verbose_name="规模（万元）",
                            ),
                        ),
                        ("operator", models.CharField(blank=True, max_length=80, verbose_name="管理机构")),
                        ("is_local", models.BooleanField(default=False, verbose_name="本区基金")),
                        (
                            "managers",
                            models.ManyToManyField(
                                blank=True,
                                related_name="funds",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="基金方账号",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "基金",
                        "verbose_name_plural": "基金",
                        "ordering": ["order", "code"],
                    },
                ),
                migrations.CreateModel(
                    name="CriteriaVersion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField(verbose_name="版本")),
                        ("criteria", models.JSONField(verbose_name="条件")),
                        ("benefit", models.TextField(blank=True, verbose_name="支持内容")),
                        ("tiers", models.JSONField(blank=True, default=list, verbose_name="估算方法")),
                        (
                            "cap_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=16,
                                null=True,
                                verbose_name="单家每年上限（万元）",
                            ),
                        ),
                        ("is_example", models.BooleanField(default=False, verbose_name="示例条件")),
                        ("source", models.CharField(blank=True, max_length=200, verbose_name="来源文件")),
                        ("source_date", models.DateField(blank=True, null=True, verbose_name="文件日期")),
                        ("valid_from", models.DateField(verbose_name="生效日期")),
                        ("valid_to", models.DateField(blank=True, null=True, verbose_name="失效日期")),
                        ("published_at", models.DateTimeField(verbose_name="发布时间")),
                        (
                            "published_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="发布人",
                            ),
                        ),
                        (
                            "fund",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="versions",
                                to="projects.fund",
                                verbose_name="基金",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "条件版本",
                        "verbose_name_plural": "条件版本",
                        "ordering": ["-number"],
                    },
                ),
                migrations.CreateModel(
                    name="IncentiveItem",
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
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("general_policy", "普惠政策条款"),
                                    ("rent", "租金"),
                                    ("fitout", "装修"),
                                    ("equipment", "设备补助"),
                                    ("rnd", "研发补助"),
                                    ("talent", "人才"),
                                    ("tax", "税收相关"),
                                    ("land", "土地"),
                                    ("compute", "算力券"),
                                    ("other", "其他"),
                                ],
                                max_length=16,
                                verbose_name="条款类别",
                            ),
                        ),
                        ("text", models.TextField(verbose_name="条款原文")),
                        ("formula", models.CharField(blank=True, max_length=300, verbose_name="计算方式")),
                        ("conditions", models.CharField(blank=True, max_length=300, verbose_name="兑现条件")),
                        (
                            "scope",
                            models.CharField(
                                blank=True,
                                choices=[("all", "符合公开条件的所有企业"), ("single", "仅本企业")],
                                max_length=10,
                                verbose_name="适用对象",
                            ),
                        ),
                        (
                            "basis",
                            models.CharField(blank=True, max_length=200, verbose_name="依据文件与条款"),
                        ),
                        (
                            "basis_valid_to",
                            models.DateField(blank=True, null=True, verbose_name="依据有效期至"),
                        ),
                        (
                            "amount_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=16,
                                null=True,
                                verbose_name="金额（万元）",
                            ),
                        ),
                        (
                            "cap_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=16,
                                null=True,
                                verbose_name="政策上限（万元）",
                            ),
                        ),
                        (
                            "budget_source",
                            models.CharField(blank=True, max_length=120, verbose_name="资金来源"),
                        ),
                        (
                            "has_case_approval",
                            models.BooleanField(default=False, verbose_name="已有一事一议批复"),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="起草时间")),
                        ("updated_at", models.DateTimeField(verbose_name="更新时间")),
                        ("removed_at", models.DateTimeField(blank=True, null=True, verbose_name="撤下时间")),
                        (
                            "drafted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="起草人",
                            ),
                        ),
                        (
                            "project",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="incentives",
                                to="projects.project",
                                verbose_name="项目",
                            ),
                        ),
                        (
                            "removed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="撤下人",
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
                        "verbose_name": "优惠条款",
                        "verbose_name_plural": "优惠条款",
                        "ordering": ["pk"],
                    },
                ),
                migrations.AddField(
                    model_name="commitment",
                    name="incentive",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commitments",
                        to="projects.incentiveitem",
                        verbose_name="依据的优惠条款",
                    ),
                ),
                migrations.CreateModel(
                    name="ItemDraft",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("seq", models.PositiveSmallIntegerField(verbose_name="稿次")),
                        ("content", models.JSONField(verbose_name="内容")),
                        ("digest", models.CharField(max_length=64, verbose_name="内容摘要")),
                        ("at", models.DateTimeField(verbose_name="时间")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="修改人",
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="drafts",
                                to="projects.incentiveitem",
                                verbose_name="优惠条款",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "条款稿",
                        "verbose_name_plural": "条款稿",
                        "ordering": ["seq"],
                    },
                ),
                migrations.CreateModel(
                    name="NodePass",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.SlugField(max_length=20, verbose_name="代码")),
                        ("name", models.CharField(max_length=30, verbose_name="会议")),
                        ("passed_on", models.DateField(verbose_name="通过日期")),
                        ("minutes", models.CharField(blank=True, max_length=80, verbose_name="会议纪要文号")),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("at", models.DateTimeField(verbose_name="登记时间")),
                        ("withdrawn_on", models.DateField(blank=True, null=True, verbose_name="撤回日期")),
                        (
                            "withdrawn_reason",
                            models.CharField(blank=True, max_length=300, verbose_name="撤回理由"),
                        ),
                        (
                            "withdrawn_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="撤回登记时间"),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
                            ),
                        ),
                        (
                            "project",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="passes",
                                to="projects.project",
                                verbose_name="项目",
                            ),
                        ),
                        (
                            "withdrawn_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="撤回人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "决策通过记录",
                        "verbose_name_plural": "决策通过记录",
                        "ordering": ["passed_on", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="PaperContent",
                    fields=[
                        (
                            "paper",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="content",
                                serialize=False,
                                to="projects.paper",
                                verbose_name="文件",
                            ),
                        ),
                        ("data", models.BinaryField(verbose_name="内容")),
                    ],
                    options={
                        "verbose_name": "文件内容",
                        "verbose_name_plural": "文件内容",
                    },
                ),
                migrations.AddField(
                    model_name="paper",
                    name="agreement",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="papers",
                        to="projects.agreement",
                        verbose_name="协议",
                    ),
                ),
                migrations.AddField(
                    model_name="paper",
                    name="by",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="上传人",
                    ),
                ),
                migrations.AddField(
                    model_name="paper",
                    name="evidence",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="papers",
                        to="projects.evidence",
                        verbose_name="阶段材料",
                    ),
                ),
                migrations.AddField(
                    model_name="paper",
                    name="incentive",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="papers",
                        to="projects.incentiveitem",
                        verbose_name="优惠条款",
                    ),
                ),
                migrations.AddField(
                    model_name="paper",
                    name="project",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="papers",
                        to="projects.project",
                        verbose_name="项目",
                    ),
                ),
                migrations.CreateModel(
                    name="ItemReview",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("digest", models.CharField(max_length=64, verbose_name="所审内容摘要")),
                        (
                            "flags",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=40),
                                blank=True,
                                default=list,
                                size=None,
                                verbose_name="当时的系统提示",
                            ),
                        ),
                        (
                            "conclusion",
                            models.CharField(
                                choices=[
                                    ("conforms", "符合"),
                                    ("exception", "适用例外"),
                                    ("violates", "不符合"),
                                ],
                                max_length=10,
                                verbose_name="审查结论",
                            ),
                        ),
                        ("reason", models.TextField(verbose_name="理由")),
                        (
                            "ground",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("security", "维护国家安全"),
                                    ("innovation", "科技进步与自主创新"),
                                    ("environment", "节能环保、社会公共利益"),
                                    ("other", "法律、行政法规规定的其他情形"),
                                ],
                                max_length=12,
                                verbose_name="例外情形",
                            ),
                        ),
                        (
                            "no_lesser_way",
                            models.CharField(
                                blank=True, max_length=300, verbose_name="为何没有限制更小的办法"
                            ),
                        ),
                        ("ends_on", models.DateField(blank=True, null=True, verbose_name="例外期限")),
                        (
                            "opinion_number",
                            models.CharField(blank=True, max_length=80, verbose_name="市场监管部门意见文号"),
                        ),
                        ("opinion_on", models.DateField(blank=True, null=True, verbose_name="意见日期")),
                        ("at", models.DateTimeField(verbose_name="审查时间")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="审查人",
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="reviews",
                                to="projects.incentiveitem",
                                verbose_name="优惠条款",
                            ),
                        ),
                        (
                            "paper",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="projects.paper",
                                verbose_name="意见文件",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "条款审查",
                        "verbose_name_plural": "条款审查",
                        "ordering": ["at", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="FairReview",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("content", models.JSONField(verbose_name="所审条款")),
                        ("number", models.CharField(max_length=80, verbose_name="审查结论文号")),
                        ("legal_number", models.CharField(max_length=80, verbose_name="合法性审查文号")),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("at", models.DateTimeField(verbose_name="出具时间")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="出具人",
                            ),
                        ),
                        (
                            "project",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="fair_reviews",
                                to="projects.project",
                                verbose_name="项目",
                            ),
                        ),
                        (
                            "paper",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="projects.paper",
                                verbose_name="合法性审查文件",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "公平竞争审查结论",
                        "verbose_name_plural": "公平竞争审查结论",
                        "ordering": ["at", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Policy",
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
                                choices=[
                                    ("preparing", "制定中"),
                                    ("operating", "实施中"),
                                    ("closed", "已废止"),
                                ],
                                max_length=12,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "status_note",
                            models.CharField(blank=True, max_length=200, verbose_name="状态说明"),
                        ),
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
                        (
                            "window_note",
                            models.CharField(blank=True, max_length=200, verbose_name="申报时间说明"),
                        ),
                        ("office", models.CharField(blank=True, max_length=80, verbose_name="受理部门")),
                    ],
                    options={
                        "verbose_name": "政策",
                        "verbose_name_plural": "政策",
                        "ordering": ["order", "code"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("window_from", None),
                                    ("window_to", None),
                                    ("window_from__lte", models.F("window_to")),
                                    _connector="OR",
                                ),
                                name="policy_window_forwards",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MatchChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "before",
                            models.CharField(
                                choices=[
                                    ("fit", "符合"),
                                    ("incomplete", "待补充"),
                                    ("unfit", "不符合"),
                                    ("reserve", "储备"),
                                ],
                                max_length=12,
                                verbose_name="原结论",
                            ),
                        ),
                        (
                            "after",
                            models.CharField(
                                choices=[
                                    ("fit", "符合"),
                                    ("incomplete", "待补充"),
                                    ("unfit", "不符合"),
                                    ("reserve", "储备"),
                                ],
                                max_length=12,
                                verbose_name="新结论",
                            ),
                        ),
                        ("reason", models.CharField(max_length=300, verbose_name="原因")),
                        ("at", models.DateTimeField(verbose_name="时间")),
                        ("told_at", models.DateTimeField(null=True, verbose_name="告知时间")),
                        (
                            "fund",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="projects.fund",
                                verbose_name="基金",
                            ),
                        ),
                        (
                            "project",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="match_changes",
                                to="projects.project",
                                verbose_name="项目",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="projects.criteriaversion",
                                verbose_name="条件版本",
                            ),
                        ),
                        (
                            "policy",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="projects.policy",
                                verbose_name="政策",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "匹配变化",
                        "verbose_name_plural": "匹配变化",
                        "ordering": ["-at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Match",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "verdict",
                            models.CharField(
                                choices=[
                                    ("fit", "符合"),
                                    ("incomplete", "待补充"),
                                    ("unfit", "不符合"),
                                    ("reserve", "储备"),
                                ],
                                max_length=12,
                                verbose_name="结论",
                            ),
                        ),
                        ("score", models.FloatField(null=True, verbose_name="得分")),
                        ("coverage", models.FloatField(null=True, verbose_name="覆盖率")),
                        ("result", models.JSONField(verbose_name="逐条说明")),
                        ("facts", models.JSONField(verbose_name="所用数据")),
                        ("digest", models.CharField(max_length=64, verbose_name="输入摘要")),
                        ("computed_at", models.DateTimeField(verbose_name="匹配时间")),
                        (
                            "fund",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="matches",
                                to="projects.fund",
                                verbose_name="基金",
                            ),
                        ),
                        (
                            "project",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="matches",
                                to="projects.project",
                                verbose_name="项目",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="matches",
                                to="projects.criteriaversion",
                                verbose_name="条件版本",
                            ),
                        ),
                        (
                            "policy",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="matches",
                                to="projects.policy",
                                verbose_name="政策",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "匹配",
                        "verbose_name_plural": "匹配",
                    },
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
                migrations.CreateModel(
                    name="ProjectStageChange",
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
                            "paused_days",
                            models.FloatField(db_default=0, default=0, verbose_name="其中挂起天数"),
                        ),
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
                            "project",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="changes",
                                to="projects.project",
                                verbose_name="项目",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "项目阶段记录",
                        "verbose_name_plural": "项目阶段记录",
                        "ordering": ["seq"],
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Receipt",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "amount_wan",
                            models.DecimalField(
                                decimal_places=4, max_digits=16, verbose_name="到位金额（万元）"
                            ),
                        ),
                        ("received_on", models.DateField(verbose_name="到位日期")),
                        ("purpose", models.CharField(max_length=120, verbose_name="用途")),
                        (
                            "proof",
                            models.CharField(
                                choices=[
                                    ("bank", "银行回单"),
                                    ("audit", "验资报告"),
                                    ("registry", "工商实缴登记"),
                                    ("other", "其他"),
                                ],
                                max_length=10,
                                verbose_name="证明方式",
                            ),
                        ),
                        ("proof_number", models.CharField(max_length=80, verbose_name="凭证号")),
                        (
                            "explanation",
                            models.CharField(blank=True, max_length=300, verbose_name="超出总投资的说明"),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="登记时间")),
                        (
                            "withdrawn_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="撤销时间"),
                        ),
                        (
                            "withdrawn_reason",
                            models.CharField(
                                blank=True, db_default="", max_length=300, verbose_name="撤销原因"
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
                            ),
                        ),
                        (
                            "project",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="receipts",
                                to="projects.project",
                                verbose_name="项目",
                            ),
                        ),
                        (
                            "withdrawn_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="撤销人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "到位资金",
                        "verbose_name_plural": "到位资金",
                        "ordering": ["received_on", "pk"],
                    },
                ),
                migrations.AddField(
                    model_name="paper",
                    name="receipt",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="papers",
                        to="projects.receipt",
                        verbose_name="到位资金",
                    ),
                ),
                migrations.CreateModel(
                    name="Referral",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "step",
                            models.CharField(
                                choices=[
                                    ("referred", "推荐"),
                                    ("received", "接收"),
                                    ("screening", "初筛"),
                                    ("diligence", "尽调"),
                                    ("decision", "投决"),
                                    ("funded", "出资"),
                                    ("rejected", "否决"),
                                    ("withdrawn", "撤回"),
                                ],
                                default="referred",
                                max_length=10,
                                verbose_name="进展",
                            ),
                        ),
                        (
                            "verdict",
                            models.CharField(
                                choices=[
                                    ("fit", "符合"),
                                    ("incomplete", "待补充"),
                                    ("unfit", "不符合"),
                                    ("reserve", "储备"),
                                ],
                                max_length=12,
                                verbose_name="推荐时的机器结论",
                            ),
                        ),
                        ("score", models.FloatField(null=True, verbose_name="推荐时的得分")),
                        ("coverage", models.FloatField(null=True, verbose_name="推荐时的覆盖率")),
                        (
                            "reason",
                            models.CharField(blank=True, max_length=300, verbose_name="不符合仍推荐的理由"),
                        ),
                        ("note", models.CharField(blank=True, max_length=500, verbose_name="给基金方的说明")),
                        ("shared", models.JSONField(verbose_name="共享的信息")),
                        (
                            "consent_way",
                            models.CharField(
                                choices=[("written", "书面"), ("email", "邮件"), ("oral", "口头记录")],
                                max_length=10,
                                verbose_name="企业同意的方式",
                            ),
                        ),
                        ("consent_on", models.DateField(verbose_name="企业同意的日期")),
                        ("at", models.DateTimeField(verbose_name="推荐时间")),
                        ("moved_at", models.DateTimeField(verbose_name="最近进展时间")),
                        (
                            "late_told_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="这一步催办时间"),
                        ),
                        ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="推荐人",
                            ),
                        ),
                        (
                            "criteria",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="projects.criteriaversion",
                                verbose_name="推荐时的条件版本",
                            ),
                        ),
                        (
                            "fund",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="referrals",
                                to="projects.fund",
                                verbose_name="基金",
                            ),
                        ),
                        (
                            "project",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="referrals",
                                to="projects.project",
                                verbose_name="项目",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "基金推荐",
                        "verbose_name_plural": "基金推荐",
                        "ordering": ["-at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="ReferralStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "from_step",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("referred", "推荐"),
                                    ("received", "接收"),
                                    ("screening", "初筛"),
                                    ("diligence", "尽调"),
                                    ("decision", "投决"),
                                    ("funded", "出资"),
                                    ("rejected", "否决"),
                                    ("withdrawn", "撤回"),
                                ],
                                max_length=10,
                                verbose_name="从",
                            ),
                        ),
                        (
                            "to_step",
                            models.CharField(
                                choices=[
                                    ("referred", "推荐"),
                                    ("received", "接收"),
                                    ("screening", "初筛"),
                                    ("diligence", "尽调"),
                                    ("decision", "投决"),
                                    ("funded", "出资"),
                                    ("rejected", "否决"),
                                    ("withdrawn", "撤回"),
                                ],
                                max_length=10,
                                verbose_name="到",
                            ),
                        ),
                        ("on", models.DateField(verbose_name="日期")),
                        ("at", models.DateTimeField(verbose_name="登记时间")),
                        ("is_for_fund", models.BooleanField(default=False, verbose_name="由单位代记")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="理由")),
                        ("note", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                        (
                            "amount_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=16,
                                null=True,
                                verbose_name="金额（万元）",
                            ),
                        ),
                        (
                            "stake",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=7,
                                null=True,
                                verbose_name="持股比例（%）",
                            ),
                        ),
                        (
                            "valuation_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=4,
                                max_digits=16,
                                null=True,
                                verbose_name="估值（万元）",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
                            ),
                        ),
                        (
                            "referral",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="projects.referral",
                                verbose_name="推荐",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "推荐进展",
                        "verbose_name_plural": "推荐进展",
                        "ordering": ["at", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="ReminderSent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "rule",
                            models.CharField(
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
                        (
                            "level",
                            models.CharField(
                                choices=[
                                    ("due", "到期联系"),
                                    ("blue", "蓝灯"),
                                    ("yellow", "黄灯"),
                                    ("red", "红灯"),
                                    ("supervise", "督办"),
                                ],
                                max_length=10,
                                verbose_name="级别",
                            ),
                        ),
                        ("due_on", models.DateField(verbose_name="到期日")),
                        ("at", models.DateTimeField(verbose_name="提醒时间")),
                        (
                            "lead",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="reminders",
                                to="leads.lead",
                                verbose_name="线索",
                            ),
                        ),
                        (
                            "project",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="reminders",
                                to="projects.project",
                                verbose_name="项目",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="首个收件人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "提醒记录",
                        "verbose_name_plural": "提醒记录",
                        "ordering": ["at", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Space",
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
                        ("label", models.CharField(max_length=40, verbose_name="楼层与单元")),
                        ("floor", models.SmallIntegerField(verbose_name="楼层")),
                        (
                            "area_sqm",
                            models.DecimalField(decimal_places=2, max_digits=12, verbose_name="面积（㎡）"),
                        ),
                        ("available_from", models.DateField(verbose_name="可用日期")),
                        (
                            "rent_daily",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=8,
                                null=True,
                                verbose_name="租金参考（元/㎡/天）",
                            ),
                        ),
                        (
                            "power_kva",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="供电（kVA）"),
                        ),
                        (
                            "racks",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="机柜（个）"),
                        ),
                        (
                            "height_m",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=5,
                                null=True,
                                verbose_name="层高（m）",
                            ),
                        ),
                        (
                            "load_kg",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="承重（kg/㎡）"),
                        ),
                        (
                            "uses",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("office", "办公"),
                                        ("research", "研发"),
                                        ("lab", "实验"),
                                        ("production", "生产"),
                                        ("storage", "仓储"),
                                        ("retail", "商业"),
                                        ("data_room", "机房"),
                                    ],
                                    max_length=12,
                                ),
                                size=None,
                                verbose_name="允许用途",
                            ),
                        ),
                        ("allows_eia", models.BooleanField(blank=True, null=True, verbose_name="可办环评")),
                        ("limits", models.CharField(blank=True, max_length=200, verbose_name="环境限制")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("free", "可用"),
                                    ("reserved", "已预留"),
                                    ("leased", "已租"),
                                    ("retired", "停用"),
                                ],
                                default="free",
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("valid_from", models.DateField(blank=True, null=True, verbose_name="登记有效期自")),
                        ("valid_to", models.DateField(blank=True, null=True, verbose_name="登记有效期至")),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("created_at", models.DateTimeField(verbose_name="登记时间")),
                        ("updated_at", models.DateTimeField(verbose_name="更新时间")),
                        (
                            "building",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="spaces",
                                to="projects.building",
                                verbose_name="楼宇",
                            ),
                        ),
                        (
                            "tracks",
                            models.ManyToManyField(
                                blank=True, related_name="+", to="crm.futuretrack", verbose_name="适合赛道"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "载体空间",
                        "verbose_name_plural": "载体空间",
                        "ordering": ["building", "floor", "label"],
                    },
                ),
                migrations.CreateModel(
                    name="CandidateSpace",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("rank", models.PositiveSmallIntegerField(verbose_name="顺序")),
                        ("shown_on", models.DateField(blank=True, null=True, verbose_name="带看日期")),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("added_at", models.DateTimeField(verbose_name="列入时间")),
                        ("final_at", models.DateTimeField(null=True, verbose_name="确定时间")),
                        ("dropped_at", models.DateTimeField(null=True, verbose_name="退出时间")),
                        (
                            "drop_reason",
                            models.CharField(blank=True, max_length=200, verbose_name="退出原因"),
                        ),
                        (
                            "added_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="列入人",
                            ),
                        ),
                        (
                            "dropped_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="退出操作人",
                            ),
                        ),
                        (
                            "final_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="确定人",
                            ),
                        ),
                        (
                            "project",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="candidates",
                                to="projects.project",
                                verbose_name="项目",
                            ),
                        ),
                        (
                            "space",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="candidates",
                                to="projects.space",
                                verbose_name="载体空间",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "项目候选载体",
                        "verbose_name_plural": "项目候选载体",
                        "ordering": ["rank", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="SupervisionOrder",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.CharField(max_length=20, unique=True, verbose_name="督办编号")),
                        ("demand", models.CharField(max_length=300, verbose_name="督办要求")),
                        ("issued_at", models.DateTimeField(verbose_name="签发时间")),
                        ("due_on", models.DateField(verbose_name="办结期限")),
                        ("limit_on", models.DateField(blank=True, null=True, verbose_name="所超时限")),
                        (
                            "rule",
                            models.CharField(
                                choices=[
                                    ("stage", "阶段时限"),
                                    ("response", "首次响应"),
                                    ("report", "定期汇报"),
                                    ("feedback", "引荐人回音"),
                                ],
                                db_default="stage",
                                default="stage",
                                max_length=12,
                                verbose_name="所超时限的规则",
                            ),
                        ),
                        ("reply", models.TextField(blank=True, verbose_name="办理情况")),
                        ("replied_at", models.DateTimeField(blank=True, null=True, verbose_name="回复时间")),
                        (
                            "late_told_at",
                            models.DateTimeField(
                                blank=True, editable=False, null=True, verbose_name="逾期告知时间"
                            ),
                        ),
                        ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="办结时间")),
                        (
                            "closing_note",
                            models.CharField(blank=True, max_length=300, verbose_name="办结意见"),
                        ),
                        (
                            "closed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="办结人",
                            ),
                        ),
                        (
                            "issuer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="签发人",
                            ),
                        ),
                        (
                            "lead",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="orders",
                                to="leads.lead",
                                verbose_name="线索",
                            ),
                        ),
                        (
                            "project",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="orders",
                                to="projects.project",
                                verbose_name="项目",
                            ),
                        ),
                        (
                            "replied_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="回复人",
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
                        "verbose_name": "督办单",
                        "verbose_name_plural": "督办单",
                        "ordering": ["-issued_at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="OrderTransfer",
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
                                blank=True,
                                null=True,
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
                                verbose_name="原责任单位",
                            ),
                        ),
                        (
                            "to_unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.unit",
                                verbose_name="新责任单位",
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="transfers",
                                to="projects.supervisionorder",
                                verbose_name="督办单",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "督办转交",
                        "verbose_name_plural": "督办转交",
                        "ordering": ["at", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Suspension",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("reason", models.CharField(max_length=300, verbose_name="挂起理由")),
                        ("started_at", models.DateTimeField(verbose_name="挂起时间")),
                        ("until", models.DateField(verbose_name="挂起至")),
                        ("workdays_left", models.IntegerField(null=True, verbose_name="剩余工作日")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="恢复时间")),
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
                            "ended_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="恢复人",
                            ),
                        ),
                        (
                            "project",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="suspensions",
                                to="projects.project",
                                verbose_name="项目",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "挂起记录",
                        "verbose_name_plural": "挂起记录",
                        "ordering": ["-started_at", "-pk"],
                    },
                ),
                migrations.AddConstraint(
                    model_name="building",
                    constraint=models.UniqueConstraint(
                        fields=("carrier", "name"),
                        name="building_once_per_carrier",
                        violation_error_message="这个载体里已经有同名的楼宇。",
                    ),
                ),
                migrations.AddField(
                    model_name="computedemand",
                    name="offer",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="demands",
                        to="projects.computeoffer",
                        verbose_name="拟用算力",
                    ),
                ),
                migrations.AddIndex(
                    model_name="project",
                    index=django.contrib.postgres.indexes.GinIndex(fields=["grams"], name="project_grams"),
                ),
                migrations.AddIndex(
                    model_name="project",
                    index=models.Index(fields=["-created_at", "-id"], name="project_newest"),
                ),
                migrations.AddIndex(
                    model_name="project",
                    index=models.Index(fields=["unit", "-created_at", "-id"], name="project_unit_newest"),
                ),
                migrations.AddIndex(
                    model_name="project",
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
                            "lead",
                        ),
                        name="project_funnel",
                    ),
                ),
                migrations.AddIndex(
                    model_name="project",
                    index=models.Index(fields=["stage", "-entered_at", "-id"], name="project_board"),
                ),
                migrations.AddIndex(
                    model_name="project",
                    index=models.Index(
                        condition=models.Q(("stage__in", ("lost", "aftercare")), _negated=True),
                        fields=["owner", "next_contact_on"],
                        name="project_due",
                    ),
                ),
                migrations.AddIndex(
                    model_name="project",
                    index=models.Index(
                        condition=models.Q(("stage__in", ("lost", "aftercare")), _negated=True),
                        fields=["limit_on"],
                        name="project_limit",
                    ),
                ),
                migrations.AddIndex(
                    model_name="project",
                    index=models.Index(
                        condition=models.Q(("stage__in", ("lost", "aftercare")), _negated=True),
                        fields=["unit", "owner"],
                        include=("next_contact_on", "limit_on", "red_on", "amount_wan"),
                        name="project_agenda",
                    ),
                ),
                migrations.AddIndex(
                    model_name="project",
                    index=models.Index(fields=["updated_at", "id"], name="project_changed"),
                ),
                migrations.AddIndex(
                    model_name="project",
                    index=models.Index(
                        condition=models.Q(("suspended_until__isnull", False)),
                        fields=["suspended_until"],
                        name="project_suspended",
                    ),
                ),
                migrations.AddIndex(
                    model_name="project",
                    index=models.Index(
                        condition=models.Q(("revisit_on__isnull", False)),
                        fields=["revisit_on"],
                        name="project_revisit",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="project",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sector__isnull", False), ("sector_kind", "fusion")),
                            models.Q(
                                models.Q(("sector_kind", "fusion"), _negated=True), ("sector__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="project_sector_only_in_fusion",
                    ),
                ),
                migrations.AddIndex(
                    model_name="agreement",
                    index=models.Index(
                        condition=models.Q(("expires_on__isnull", False)),
                        fields=["expires_on"],
                        name="agreement_ends",
                    ),
                ),
                migrations.AddIndex(
                    model_name="agreement",
                    index=models.Index(
                        condition=models.Q(("counted_on__isnull", False)),
                        fields=["project", "counted_on"],
                        name="agreement_counted",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="agreement",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("number", ""), _negated=True),
                        fields=("project", "number"),
                        name="agreement_number_in_project",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="agreement",
                    constraint=models.UniqueConstraint(
                        fields=("supersedes",), name="agreement_replaced_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="agreement",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("counted_on", None), ("counted_on__gte", models.F("signed_on")), _connector="OR"
                        ),
                        name="agreement_counted_after_signing",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="agreement",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("amount_wan", None), ("amount_wan__gte", 0), _connector="OR"),
                        name="agreement_amount_not_negative",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="agreement",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("counted_wan", None), ("counted_wan__gte", 0), _connector="OR"),
                        name="agreement_counts_not_negative",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="decisionnode",
                    constraint=models.UniqueConstraint(fields=("route", "order"), name="one_node_per_place"),
                ),
                migrations.AddConstraint(
                    model_name="decisionnode",
                    constraint=models.UniqueConstraint(fields=("route", "code"), name="one_node_per_code"),
                ),
                migrations.AddConstraint(
                    model_name="correction",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agreement__isnull", False), ("commitment", None), ("evidence", None)),
                            models.Q(("agreement", None), ("commitment__isnull", False), ("evidence", None)),
                            models.Q(("agreement", None), ("commitment", None), ("evidence__isnull", False)),
                            _connector="OR",
                        ),
                        name="correction_of_one_record",
                    ),
                ),
                migrations.AddIndex(
                    model_name="commitment",
                    index=models.Index(
                        condition=models.Q(("outcome", "")), fields=["due_on"], name="commitment_due"
                    ),
                ),
                migrations.AddIndex(
                    model_name="commitment",
                    index=models.Index(fields=["due_on", "id"], name="commitment_by_day"),
                ),
                migrations.AddConstraint(
                    model_name="commitment",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("outcome", ""), ("judged_on__isnull", False), _connector="OR"),
                        name="commitment_judged_on_a_day",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="commitment",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "waived"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="commitment_waived_for_a_reason",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="commitment",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("incentive", None), ("side", "government"), _connector="OR"),
                        name="commitment_of_government_is_backed",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="itemdraft",
                    constraint=models.UniqueConstraint(fields=("item", "seq"), name="one_draft_per_seq"),
                ),
                migrations.AddConstraint(
                    model_name="nodepass",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("withdrawn_on", None)),
                        fields=("project", "code"),
                        name="one_standing_pass_per_node",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="nodepass",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("withdrawn_on", None),
                            ("withdrawn_on__gte", models.F("passed_on")),
                            _connector="OR",
                        ),
                        name="pass_withdrawn_after_it",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="itemreview",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("conclusion", "exception"), _negated=True),
                            models.Q(
                                models.Q(("ground", ""), _negated=True),
                                models.Q(("no_lesser_way", ""), _negated=True),
                                ("ends_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="exception_has_ground_and_end",
                    ),
                ),
                migrations.AddIndex(
                    model_name="matchchange",
                    index=models.Index(fields=["project", "-at"], name="change_of_project"),
                ),
                migrations.AddIndex(
                    model_name="matchchange",
                    index=models.Index(fields=["-at", "-id"], name="change_newest_first"),
                ),
                migrations.AddIndex(
                    model_name="matchchange",
                    index=models.Index(
                        condition=models.Q(("told_at", None)), fields=["project"], name="change_untold"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="matchchange",
                    constraint=models.UniqueConstraint(
                        fields=("project", "fund", "policy", "at"),
                        name="one_change_at_a_time",
                        nulls_distinct=False,
                    ),
                ),
                migrations.AddConstraint(
                    model_name="matchchange",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("fund", None), ("policy__isnull", False)),
                            models.Q(("fund__isnull", False), ("policy", None)),
                            _connector="OR",
                        ),
                        name="change_of_fund_or_policy",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="matchchange",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("before", models.F("after")), _negated=True),
                        name="change_changes_the_verdict",
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
                migrations.AddConstraint(
                    model_name="criteriaversion",
                    constraint=models.UniqueConstraint(
                        fields=("fund", "policy", "number"),
                        name="criteria_version_number",
                        nulls_distinct=False,
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
                migrations.AddIndex(
                    model_name="projectstagechange",
                    index=models.Index(
                        fields=["stage", "entered_at"], include=("days",), name="project_change_stage"
                    ),
                ),
                migrations.AddIndex(
                    model_name="projectstagechange",
                    index=models.Index(
                        condition=models.Q(("days__isnull", False)),
                        fields=["stage", "days"],
                        include=("project",),
                        name="project_stay_closed",
                    ),
                ),
                migrations.AddIndex(
                    model_name="projectstagechange",
                    index=models.Index(
                        condition=models.Q(("left_at", None)),
                        fields=["stage", "entered_at"],
                        include=("project", "paused_days"),
                        name="project_stay_open",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="projectstagechange",
                    constraint=models.UniqueConstraint(fields=("project", "seq"), name="project_change_seq"),
                ),
                migrations.AddConstraint(
                    model_name="projectstagechange",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("left_at", None)),
                        fields=("project",),
                        name="project_in_one_stage",
                    ),
                ),
                migrations.AddIndex(
                    model_name="receipt",
                    index=models.Index(fields=["received_on", "id"], name="receipt_by_day"),
                ),
                migrations.AddConstraint(
                    model_name="receipt",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("amount_wan__gt", 0)), name="receipt_above_zero"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="receipt",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("proof", "proof_number"),
                        name="receipt_once_per_proof",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="receipt",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("withdrawn_at", None),
                            models.Q(
                                ("withdrawn_by__isnull", False),
                                models.Q(("withdrawn_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="receipt_withdrawn_for_a_reason",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="paper",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("evidence", None), ("incentive", None), ("receipt", None)),
                            models.Q(("agreement", None), ("incentive", None), ("receipt", None)),
                            models.Q(("agreement", None), ("evidence", None), ("incentive", None)),
                            models.Q(("agreement", None), ("evidence", None), ("receipt", None)),
                            _connector="OR",
                        ),
                        name="paper_of_one_record",
                    ),
                ),
                migrations.AddIndex(
                    model_name="referral",
                    index=models.Index(fields=["fund", "-at", "-id"], name="referral_of_fund"),
                ),
                migrations.AddIndex(
                    model_name="referral",
                    index=models.Index(
                        condition=models.Q(
                            ("late_told_at", None),
                            models.Q(("step__in", ["funded", "rejected", "withdrawn"]), _negated=True),
                        ),
                        fields=["moved_at"],
                        name="referral_untold",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="referral",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("step__in", ["funded", "rejected", "withdrawn"]), _negated=True),
                        fields=("project", "fund"),
                        name="one_open_referral_per_fund",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="referralstep",
                    constraint=models.UniqueConstraint(
                        fields=("referral", "to_step"), name="each_referral_step_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="referralstep",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("to_step", "funded"), _negated=True),
                            ("amount_wan__isnull", False),
                            _connector="OR",
                        ),
                        name="funded_with_amount",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="referralstep",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("to_step__in", ["rejected", "withdrawn"]), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="broken_off_with_reason",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="referralstep",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("from_step", ""),
                            models.Q(("from_step", models.F("to_step")), _negated=True),
                            _connector="OR",
                        ),
                        name="referral_step_moves",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="remindersent",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lead", None), ("project__isnull", False)),
                            models.Q(("lead__isnull", False), ("project", None)),
                            _connector="OR",
                        ),
                        name="reminder_of_one_record",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="remindersent",
                    constraint=models.UniqueConstraint(
                        fields=("lead", "rule", "level", "due_on"), name="lead_reminded_once_per_level"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="remindersent",
                    constraint=models.UniqueConstraint(
                        fields=("project", "rule", "level", "due_on"), name="project_reminded_once_per_level"
                    ),
                ),
                migrations.AddIndex(
                    model_name="space",
                    index=models.Index(fields=["-created_at", "-id"], name="space_newest"),
                ),
                migrations.AddIndex(
                    model_name="space",
                    index=models.Index(fields=["state", "area_sqm"], name="space_by_state"),
                ),
                migrations.AddIndex(
                    model_name="space",
                    index=models.Index(fields=["updated_at", "id"], name="space_changed"),
                ),
                migrations.AddConstraint(
                    model_name="space",
                    constraint=models.UniqueConstraint(
                        fields=("building", "label"), name="space_once_per_building"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="space",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("area_sqm__gt", 0)), name="space_has_an_area"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="space",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("uses__len__gt", 0)), name="space_has_a_use"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="space",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("valid_from", None),
                            ("valid_to", None),
                            ("valid_from__lte", models.F("valid_to")),
                            _connector="OR",
                        ),
                        name="space_is_valid_forwards",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="candidatespace",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("dropped_at", None)),
                        fields=("project", "space"),
                        name="candidate_once_per_project",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="candidatespace",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("dropped_at", None), ("final_at__isnull", False)),
                        fields=("space",),
                        name="space_final_for_one_project",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="candidatespace",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("dropped_at", None), ("final_at__isnull", False)),
                        fields=("project",),
                        name="one_final_space_per_project",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="candidatespace",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("dropped_at", None),
                            models.Q(("drop_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="dropped_with_reason",
                    ),
                ),
                migrations.AddIndex(
                    model_name="supervisionorder",
                    index=models.Index(
                        condition=models.Q(("closed_at", None)), fields=["unit", "due_on"], name="order_open"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="supervisionorder",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lead", None), ("project__isnull", False)),
                            models.Q(("lead__isnull", False), ("project", None)),
                            _connector="OR",
                        ),
                        name="order_of_one_record",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="supervisionorder",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at", None), ("replied_at__isnull", False), _connector="OR"
                        ),
                        name="order_closed_after_reply",
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
                migrations.AddIndex(
                    model_name="suspension",
                    index=models.Index(
                        condition=models.Q(("ended_at", None)), fields=["until"], name="suspension_ends"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="suspension",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("project",),
                        name="one_open_suspension_per_project",
                    ),
                ),
            ]
        ),
    ]
