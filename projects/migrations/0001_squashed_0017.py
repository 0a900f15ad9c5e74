"""All tables of the app as one step for new databases; older ones go through the steps it replaces."""

from importlib import import_module

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ROUTES = import_module("projects.migrations.0012_decision_routes")
FLAGS = import_module("projects.migrations.0015_flag_rules")


class Migration(migrations.Migration):
    replaces = [
        ("projects", "0001_initial"),
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
    ]

    initial = True

    dependencies = [
        ("crm", "0009_channel_poolable"),
        ("leads", "0011_loss_of_leads"),
    ]

    operations = [
        migrations.CreateModel(
            name="Fund",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                ("status_note", models.CharField(blank=True, max_length=200, verbose_name="状态说明")),
                (
                    "size_wan",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=16, null=True, verbose_name="规模（万元）"
                    ),
                ),
                ("operator", models.CharField(blank=True, max_length=80, verbose_name="管理机构")),
                ("is_local", models.BooleanField(default=False, verbose_name="本区基金")),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="顺序")),
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
            name="Project",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="版本")),
                ("stage", models.CharField(max_length=20, verbose_name="阶段")),
                ("furthest", models.CharField(editable=False, max_length=20, verbose_name="到过的最远阶段")),
                ("entered_at", models.DateTimeField(verbose_name="进入阶段时间")),
                ("limit_on", models.DateField(blank=True, null=True, verbose_name="阶段时限")),
                ("red_on", models.DateField(blank=True, null=True, verbose_name="红灯日")),
                (
                    "sector_kind",
                    models.CharField(
                        blank=True,
                        choices=[("fusion", "融合赛道"), ("foundation", "基础层/跨领域"), ("none", "未分类")],
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
                        blank=True, decimal_places=4, max_digits=16, null=True, verbose_name="投资额（万元）"
                    ),
                ),
                (
                    "area_sqm",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="需求面积（㎡）"
                    ),
                ),
                ("next_step", models.CharField(blank=True, max_length=200, verbose_name="下一步")),
                ("next_contact_on", models.DateField(blank=True, null=True, verbose_name="下次联系日期")),
                ("last_contact_at", models.DateTimeField(blank=True, null=True, verbose_name="最近联系")),
                (
                    "grams",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, editable=False, size=None
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
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="用地（亩）"
                    ),
                ),
                ("demands", models.TextField(blank=True, verbose_name="企业诉求")),
                ("problems", models.TextField(blank=True, verbose_name="存在问题")),
                ("winning_city", models.CharField(blank=True, max_length=30, verbose_name="流向城市")),
                (
                    "left_from",
                    models.CharField(blank=True, editable=False, max_length=20, verbose_name="流失前阶段"),
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
                    "lead",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="project",
                        to="leads.lead",
                        verbose_name="来源线索",
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
                    "suspended_until",
                    models.DateField(blank=True, editable=False, null=True, verbose_name="挂起至"),
                ),
                ("blue_on", models.DateField(blank=True, null=True, verbose_name="蓝灯日")),
                ("revisit_on", models.DateField(blank=True, null=True, verbose_name="回访日期")),
            ],
            options={
                "verbose_name": "项目",
                "verbose_name_plural": "项目",
                "ordering": ["-created_at", "-pk"],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["grams"], name="project_grams"),
                    models.Index(fields=["-created_at", "-id"], name="project_newest"),
                    models.Index(fields=["unit", "-created_at", "-id"], name="project_unit_newest"),
                    models.Index(fields=["stage", "-entered_at", "-id"], name="project_board"),
                    models.Index(
                        condition=models.Q(("stage__in", ("lost", "aftercare")), _negated=True),
                        fields=["owner", "next_contact_on"],
                        name="project_due",
                    ),
                    models.Index(
                        condition=models.Q(("stage__in", ("lost", "aftercare")), _negated=True),
                        fields=["limit_on"],
                        name="project_limit",
                    ),
                    models.Index(fields=["updated_at", "id"], name="project_changed"),
                    models.Index(
                        condition=models.Q(("stage__in", ("lost", "aftercare")), _negated=True),
                        fields=["unit", "owner"],
                        include=("next_contact_on", "limit_on", "red_on", "amount_wan"),
                        name="project_agenda",
                    ),
                    models.Index(
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
                    models.Index(
                        condition=models.Q(("suspended_until__isnull", False)),
                        fields=["suspended_until"],
                        name="project_suspended",
                    ),
                    models.Index(
                        condition=models.Q(("revisit_on__isnull", False)),
                        fields=["revisit_on"],
                        name="project_revisit",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sector__isnull", False), ("sector_kind", "fusion")),
                            models.Q(
                                models.Q(("sector_kind", "fusion"), _negated=True), ("sector__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="project_sector_only_in_fusion",
                    )
                ],
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
                        blank=True, decimal_places=4, max_digits=16, null=True, verbose_name="高于（万元）"
                    ),
                ),
                (
                    "upto_wan",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=16, null=True, verbose_name="不高于（万元）"
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
                ("patterns", models.JSONField(blank=True, default=list, verbose_name="触发措辞")),
                ("exempting", models.JSONField(blank=True, default=list, verbose_name="豁免措辞")),
                ("reason", models.TextField(verbose_name="问题与依据")),
                ("advice", models.TextField(verbose_name="怎么办")),
                (
                    "needs_opinion",
                    models.BooleanField(default=False, verbose_name="放行须有市场监管部门意见"),
                ),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="顺序")),
                ("active_from", models.DateField(blank=True, null=True, verbose_name="启用日期")),
                ("active_to", models.DateField(blank=True, null=True, verbose_name="停用日期")),
                ("check_name", models.CharField(blank=True, max_length=20, verbose_name="字段检查")),
                ("fields", models.JSONField(default=list, verbose_name="检查哪些字段")),
                ("unless", models.CharField(blank=True, max_length=20, verbose_name="免除情形")),
            ],
            options={
                "verbose_name": "审查提示规则",
                "verbose_name_plural": "审查提示规则",
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
                "constraints": [
                    models.UniqueConstraint(fields=("fund", "number"), name="criteria_version_number")
                ],
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
                        blank=True, decimal_places=4, max_digits=16, null=True, verbose_name="金额（万元）"
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
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="projects.project",
                        verbose_name="项目",
                    ),
                ),
                ("paused_days", models.FloatField(db_default=0, default=0, verbose_name="其中挂起天数")),
                ("skipped", models.JSONField(db_default=[], default=list, verbose_name="跳过的阶段")),
            ],
            options={
                "verbose_name": "项目阶段记录",
                "verbose_name_plural": "项目阶段记录",
                "ordering": ["seq"],
                "abstract": False,
                "indexes": [
                    models.Index(
                        fields=["stage", "entered_at"], include=("days",), name="project_change_stage"
                    ),
                    models.Index(
                        condition=models.Q(("days__isnull", False)),
                        fields=["stage", "days"],
                        include=("project",),
                        name="project_stay_closed",
                    ),
                    models.Index(
                        condition=models.Q(("left_at", None)),
                        fields=["stage", "entered_at"],
                        include=("project", "paused_days"),
                        name="project_stay_open",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("project", "seq"), name="project_change_seq"),
                    models.UniqueConstraint(
                        condition=models.Q(("left_at", None)),
                        fields=("project",),
                        name="project_in_one_stage",
                    ),
                ],
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
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lead", None), ("project__isnull", False)),
                            models.Q(("lead__isnull", False), ("project", None)),
                            _connector="OR",
                        ),
                        name="reminder_of_one_record",
                    ),
                    models.UniqueConstraint(
                        fields=("lead", "rule", "level", "due_on"), name="lead_reminded_once_per_level"
                    ),
                    models.UniqueConstraint(
                        fields=("project", "rule", "level", "due_on"), name="project_reminded_once_per_level"
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
                "constraints": [
                    models.UniqueConstraint(fields=("route", "order"), name="one_node_per_place"),
                    models.UniqueConstraint(fields=("route", "code"), name="one_node_per_code"),
                ],
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
                ("withdrawn_reason", models.CharField(blank=True, max_length=300, verbose_name="撤回理由")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="撤回登记时间")),
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
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_on", None)),
                        fields=("project", "code"),
                        name="one_standing_pass_per_node",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("withdrawn_on", None),
                            ("withdrawn_on__gte", models.F("passed_on")),
                            _connector="OR",
                        ),
                        name="pass_withdrawn_after_it",
                    ),
                ],
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)), fields=["until"], name="suspension_ends"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("project",),
                        name="one_open_suspension_per_project",
                    )
                ],
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
                ("signer", models.CharField(max_length=120, verbose_name="签约主体")),
                ("signer_uscc", models.CharField(blank=True, max_length=18, verbose_name="签约主体信用代码")),
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
                        related_name="agreements",
                        to="projects.project",
                        verbose_name="项目",
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
                    "told_ending_for",
                    models.DateField(editable=False, null=True, verbose_name="已提醒的到期日"),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="版本")),
            ],
            options={
                "verbose_name": "协议",
                "verbose_name_plural": "协议",
                "ordering": ["signed_on", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("expires_on__isnull", False)),
                        fields=["expires_on"],
                        name="agreement_ends",
                    ),
                    models.Index(
                        condition=models.Q(("counted_on__isnull", False)),
                        fields=["project", "counted_on"],
                        name="agreement_counted",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("number", ""), _negated=True),
                        fields=("project", "number"),
                        name="agreement_number_in_project",
                    ),
                    models.UniqueConstraint(fields=("supersedes",), name="agreement_replaced_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("counted_on", None), ("counted_on__gte", models.F("signed_on")), _connector="OR"
                        ),
                        name="agreement_counted_after_signing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_wan", None), ("amount_wan__gte", 0), _connector="OR"),
                        name="agreement_amount_not_negative",
                    ),
                ],
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
                    models.DecimalField(decimal_places=4, max_digits=16, verbose_name="到位金额（万元）"),
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
                ("withdrawn_at", models.DateTimeField(editable=False, null=True, verbose_name="撤销时间")),
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
                (
                    "withdrawn_reason",
                    models.CharField(blank=True, db_default="", max_length=300, verbose_name="撤销原因"),
                ),
            ],
            options={
                "verbose_name": "到位资金",
                "verbose_name_plural": "到位资金",
                "ordering": ["received_on", "pk"],
                "indexes": [models.Index(fields=["received_on", "id"], name="receipt_by_day")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_wan__gt", 0)), name="receipt_above_zero"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("proof", "proof_number"),
                        name="receipt_once_per_proof",
                    ),
                    models.CheckConstraint(
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
                ],
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
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="版本")),
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
                ("basis", models.CharField(blank=True, max_length=200, verbose_name="依据文件与条款")),
                ("basis_valid_to", models.DateField(blank=True, null=True, verbose_name="依据有效期至")),
                (
                    "amount_wan",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=16, null=True, verbose_name="金额（万元）"
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
                ("budget_source", models.CharField(blank=True, max_length=120, verbose_name="资金来源")),
                ("has_case_approval", models.BooleanField(default=False, verbose_name="已有一事一议批复")),
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
                ("reply", models.TextField(blank=True, verbose_name="办理情况")),
                ("replied_at", models.DateTimeField(blank=True, null=True, verbose_name="回复时间")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="办结时间")),
                ("closing_note", models.CharField(blank=True, max_length=300, verbose_name="办结意见")),
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("closed_at", None)), fields=["unit", "due_on"], name="order_open"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lead", None), ("project__isnull", False)),
                            models.Q(("lead__isnull", False), ("project", None)),
                            _connector="OR",
                        ),
                        name="order_of_one_record",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at", None), ("replied_at__isnull", False), _connector="OR"
                        ),
                        name="order_closed_after_reply",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("limit_on__isnull", False)),
                        fields=("lead", "limit_on"),
                        name="lead_supervised_once_per_limit",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("limit_on__isnull", False)),
                        fields=("project", "limit_on"),
                        name="project_supervised_once_per_limit",
                    ),
                ],
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
            ],
            options={
                "verbose_name": "公平竞争审查结论",
                "verbose_name_plural": "公平竞争审查结论",
                "ordering": ["at", "pk"],
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="matches",
                        to="projects.fund",
                        verbose_name="基金",
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
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="matches",
                        to="projects.project",
                        verbose_name="项目",
                    ),
                ),
                ("checked_at", models.DateTimeField(verbose_name="核对时间")),
            ],
            options={
                "verbose_name": "基金匹配",
                "verbose_name_plural": "基金匹配",
                "indexes": [models.Index(fields=["fund", "verdict"], name="match_by_fund")],
                "constraints": [
                    models.UniqueConstraint(fields=("project", "fund"), name="one_match_per_fund")
                ],
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
                (
                    "told_overdue_for",
                    models.DateField(editable=False, null=True, verbose_name="已催办的到期日"),
                ),
                ("told_soon_for", models.DateField(editable=False, null=True, verbose_name="已预告的到期日")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="版本")),
            ],
            options={
                "verbose_name": "承诺",
                "verbose_name_plural": "承诺",
                "ordering": ["due_on", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("outcome", "")), fields=["due_on"], name="commitment_due"
                    ),
                    models.Index(fields=["due_on", "id"], name="commitment_by_day"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("outcome", ""), ("judged_on__isnull", False), _connector="OR"),
                        name="commitment_judged_on_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "waived"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="commitment_waived_for_a_reason",
                    ),
                ],
            },
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
                "constraints": [models.UniqueConstraint(fields=("item", "seq"), name="one_draft_per_seq")],
            },
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
                        choices=[("conforms", "符合"), ("exception", "适用例外"), ("violates", "不符合")],
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
                    models.CharField(blank=True, max_length=300, verbose_name="为何没有限制更小的办法"),
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
            ],
            options={
                "verbose_name": "条款审查",
                "verbose_name_plural": "条款审查",
                "ordering": ["at", "pk"],
                "constraints": [
                    models.CheckConstraint(
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
                    )
                ],
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
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agreement__isnull", False), ("commitment", None), ("evidence", None)),
                            models.Q(("agreement", None), ("commitment__isnull", False), ("evidence", None)),
                            models.Q(("agreement", None), ("commitment", None), ("evidence__isnull", False)),
                            _connector="OR",
                        ),
                        name="correction_of_one_record",
                    )
                ],
            },
        ),
        migrations.RunPython(ROUTES.seed, migrations.RunPython.noop),
        migrations.RunPython(FLAGS.seed, migrations.RunPython.noop),
    ]
