"""All tables of the app as they are on 27 November 2026; in a database that has them nothing happens."""

import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

import crm.models.history
from crm.tables import CreateTables


class Migration(migrations.Migration):
    replaces = [
        ("crm", "0001_initial"),
        ("crm", "0001_squashed_0009"),
        ("crm", "0002_vocabulary"),
        ("crm", "0003_login_devices_and_inbox"),
        ("crm", "0004_slot_progress"),
        ("crm", "0005_partner_calls"),
        ("crm", "0006_answers_as_text"),
        ("crm", "0007_lead_limit"),
        ("crm", "0008_unfinished_slots"),
        ("crm", "0009_channel_poolable"),
        ("crm", "0010_channel_introducer"),
        ("crm", "0011_other_names"),
        ("crm", "0030_share_within_100"),
        ("crm", "0040_restarted_by_progress"),
        ("crm", "0041_qualification_told_for"),
        ("crm", "0050_field_changes"),
        ("crm", "0060_kind_of_supervision"),
        ("crm", "0070_qualification_details"),
        ("crm", "0110_newest_facts"),
        ("crm", "0140_facts_in_use"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        TrigramExtension(),
        CreateTables(
            [
                migrations.CreateModel(
                    name="Channel",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.SlugField(max_length=40, unique=True, verbose_name="代码")),
                        ("name", models.CharField(max_length=60, verbose_name="名称")),
                        ("order", models.PositiveSmallIntegerField(default=0, verbose_name="顺序")),
                        ("active_from", models.DateField(blank=True, null=True, verbose_name="启用日期")),
                        ("active_to", models.DateField(blank=True, null=True, verbose_name="停用日期")),
                        (
                            "is_poolable",
                            models.BooleanField(default=False, verbose_name="无人跟进时退回公海"),
                        ),
                        (
                            "has_introducer",
                            models.BooleanField(
                                db_default=False, default=False, verbose_name="有引荐人，要给回音"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "来源渠道",
                        "verbose_name_plural": "来源渠道",
                        "ordering": ["order", "code"],
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="City",
                    fields=[
                        (
                            "code",
                            models.CharField(
                                max_length=6, primary_key=True, serialize=False, verbose_name="行政区划代码"
                            ),
                        ),
                        ("name", models.CharField(max_length=30, unique=True, verbose_name="名称")),
                        ("province", models.CharField(max_length=30, verbose_name="省份")),
                    ],
                    options={
                        "verbose_name": "城市",
                        "verbose_name_plural": "城市",
                        "ordering": ["code"],
                    },
                ),
                migrations.CreateModel(
                    name="FusionSector",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.SlugField(max_length=40, unique=True, verbose_name="代码")),
                        ("name", models.CharField(max_length=60, verbose_name="名称")),
                        ("order", models.PositiveSmallIntegerField(default=0, verbose_name="顺序")),
                        ("active_from", models.DateField(blank=True, null=True, verbose_name="启用日期")),
                        ("active_to", models.DateField(blank=True, null=True, verbose_name="停用日期")),
                    ],
                    options={
                        "verbose_name": "融合赛道",
                        "verbose_name_plural": "融合赛道",
                        "ordering": ["order", "code"],
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="FutureTrack",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.SlugField(max_length=40, unique=True, verbose_name="代码")),
                        ("name", models.CharField(max_length=60, verbose_name="名称")),
                        ("order", models.PositiveSmallIntegerField(default=0, verbose_name="顺序")),
                        ("active_from", models.DateField(blank=True, null=True, verbose_name="启用日期")),
                        ("active_to", models.DateField(blank=True, null=True, verbose_name="停用日期")),
                    ],
                    options={
                        "verbose_name": "未来赛道",
                        "verbose_name_plural": "未来赛道",
                        "ordering": ["order", "code"],
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Holiday",
                    fields=[
                        ("day", models.DateField(primary_key=True, serialize=False, verbose_name="日期")),
                        ("name", models.CharField(max_length=40, verbose_name="名称")),
                        ("is_workday", models.BooleanField(default=False, verbose_name="调休上班")),
                    ],
                    options={
                        "verbose_name": "节假日",
                        "verbose_name_plural": "节假日",
                        "ordering": ["day"],
                    },
                ),
                migrations.CreateModel(
                    name="LossReason",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.SlugField(max_length=40, unique=True, verbose_name="代码")),
                        ("name", models.CharField(max_length=60, verbose_name="名称")),
                        ("order", models.PositiveSmallIntegerField(default=0, verbose_name="顺序")),
                        ("active_from", models.DateField(blank=True, null=True, verbose_name="启用日期")),
                        ("active_to", models.DateField(blank=True, null=True, verbose_name="停用日期")),
                    ],
                    options={
                        "verbose_name": "流失原因",
                        "verbose_name_plural": "流失原因",
                        "ordering": ["order", "code"],
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="PartnerToken",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=60, verbose_name="伙伴")),
                        ("prefix", models.CharField(db_index=True, max_length=12, verbose_name="前缀")),
                        ("digest", models.CharField(max_length=64, unique=True, verbose_name="摘要")),
                        (
                            "scopes",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=40), size=None, verbose_name="权限范围"
                            ),
                        ),
                        ("cidr", models.CharField(blank=True, max_length=50, verbose_name="允许网段")),
                        ("created_at", models.DateTimeField(verbose_name="签发时间")),
                        ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="有效期至")),
                        ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="撤销时间")),
                        (
                            "last_used_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="最近使用"),
                        ),
                        (
                            "window_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="计数窗口"),
                        ),
                        (
                            "window_calls",
                            models.PositiveIntegerField(
                                default=0, editable=False, verbose_name="窗口内调用数"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "伙伴令牌",
                        "verbose_name_plural": "伙伴令牌",
                    },
                ),
                migrations.CreateModel(
                    name="StageSetting",
                    fields=[
                        (
                            "code",
                            models.SlugField(
                                max_length=20, primary_key=True, serialize=False, verbose_name="代码"
                            ),
                        ),
                        ("label", models.CharField(max_length=20, verbose_name="名称")),
                        ("order", models.PositiveSmallIntegerField(unique=True, verbose_name="顺序")),
                        (
                            "limit_days",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="时限（工作日）"
                            ),
                        ),
                        (
                            "red_after_days",
                            models.PositiveSmallIntegerField(default=7, verbose_name="超限转红灯（工作日）"),
                        ),
                        (
                            "is_restarted_by_progress",
                            models.BooleanField(
                                db_default=False, default=False, verbose_name="有效跟进后重新计时"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "阶段设置",
                        "verbose_name_plural": "阶段设置",
                        "ordering": ["order"],
                    },
                ),
                migrations.CreateModel(
                    name="User",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        (
                            "last_login",
                            models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                        ),
                        (
                            "is_superuser",
                            models.BooleanField(
                                default=False,
                                help_text="Designates that this user has all permissions without explicitly assigning them.",
                                verbose_name="superuser status",
                            ),
                        ),
                        (
                            "username",
                            models.CharField(
                                error_messages={"unique": "A user with that username already exists."},
                                help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                                max_length=150,
                                unique=True,
                                validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                                verbose_name="username",
                            ),
                        ),
                        (
                            "first_name",
                            models.CharField(blank=True, max_length=150, verbose_name="first name"),
                        ),
                        ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                        (
                            "email",
                            models.EmailField(blank=True, max_length=254, verbose_name="email address"),
                        ),
                        (
                            "is_staff",
                            models.BooleanField(
                                default=False,
                                help_text="Designates whether the user can log into this admin site.",
                                verbose_name="staff status",
                            ),
                        ),
                        (
                            "is_active",
                            models.BooleanField(
                                default=True,
                                help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                                verbose_name="active",
                            ),
                        ),
                        (
                            "date_joined",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="date joined"
                            ),
                        ),
                        ("name", models.CharField(max_length=30, verbose_name="姓名")),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("officer", "招商专员"),
                                    ("station", "站长"),
                                    ("head", "单位负责人"),
                                    ("manager", "区投促局"),
                                    ("leader", "区领导"),
                                    ("reviewer", "公平竞争审查"),
                                    ("fund", "基金方"),
                                    ("auditor", "审计"),
                                    ("admin", "系统管理员"),
                                ],
                                max_length=20,
                                verbose_name="角色",
                            ),
                        ),
                        (
                            "groups",
                            models.ManyToManyField(
                                blank=True,
                                help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.group",
                                verbose_name="groups",
                            ),
                        ),
                        (
                            "user_permissions",
                            models.ManyToManyField(
                                blank=True,
                                help_text="Specific permissions for this user.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.permission",
                                verbose_name="user permissions",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "人员",
                        "verbose_name_plural": "人员",
                        "ordering": ["unit_id", "name"],
                    },
                    managers=[
                        ("objects", django.contrib.auth.models.UserManager()),
                    ],
                ),
                migrations.CreateModel(
                    name="Company",
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
                        ("name", models.CharField(max_length=120, verbose_name="企业全称")),
                        (
                            "name_key",
                            models.CharField(
                                db_index=True, editable=False, max_length=120, verbose_name="名称归一"
                            ),
                        ),
                        (
                            "former_names",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=120),
                                blank=True,
                                default=list,
                                size=None,
                                verbose_name="曾用名",
                            ),
                        ),
                        (
                            "aliases",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=120),
                                blank=True,
                                db_default=[],
                                default=list,
                                size=None,
                                verbose_name="其他名称",
                            ),
                        ),
                        (
                            "other_keys",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=120),
                                db_default=[],
                                default=list,
                                editable=False,
                                size=None,
                                verbose_name="其他名称归一",
                            ),
                        ),
                        ("brand", models.CharField(blank=True, max_length=60, verbose_name="简称/品牌")),
                        (
                            "uscc",
                            models.CharField(
                                blank=True,
                                max_length=18,
                                null=True,
                                unique=True,
                                verbose_name="统一社会信用代码",
                            ),
                        ),
                        ("established_on", models.DateField(blank=True, null=True, verbose_name="成立日期")),
                        ("description", models.TextField(blank=True, verbose_name="企业简介")),
                        (
                            "grams",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=40),
                                default=list,
                                editable=False,
                                size=None,
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="建档时间")),
                        ("updated_at", models.DateTimeField(verbose_name="更新时间")),
                        (
                            "city",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="crm.city",
                                verbose_name="所在城市",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "企业",
                        "verbose_name_plural": "企业",
                    },
                ),
                migrations.CreateModel(
                    name="CompanyLink",
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
                                    ("upstream", "上下游"),
                                    ("supplier", "供应"),
                                    ("introducer", "引荐"),
                                ],
                                max_length=10,
                                verbose_name="关系",
                            ),
                        ),
                        ("source", models.CharField(max_length=200, verbose_name="来源")),
                        ("known_on", models.DateField(verbose_name="日期")),
                        ("created_at", models.DateTimeField(verbose_name="登记时间")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="撤销时间")),
                        (
                            "end_reason",
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
                                verbose_name="登记人",
                            ),
                        ),
                        (
                            "ended_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="撤销人",
                            ),
                        ),
                        (
                            "giver",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="links_given",
                                to="crm.company",
                                verbose_name="甲企业",
                            ),
                        ),
                        (
                            "taker",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="links_taken",
                                to="crm.company",
                                verbose_name="乙企业",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "企业关系",
                        "verbose_name_plural": "企业关系",
                        "ordering": ["-known_on", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="FieldChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="时间")),
                        (
                            "channel",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("page", "页面"),
                                    ("api", "接口"),
                                    ("task", "后台任务"),
                                    ("command", "命令"),
                                ],
                                max_length=10,
                                verbose_name="来自",
                            ),
                        ),
                        (
                            "name",
                            models.CharField(blank=True, max_length=80, verbose_name="伙伴、任务或命令"),
                        ),
                        ("request_id", models.CharField(blank=True, max_length=40, verbose_name="请求编号")),
                        ("kind", models.CharField(max_length=40, verbose_name="对象")),
                        ("record_key", models.CharField(max_length=60, verbose_name="编号")),
                        ("parent_key", models.CharField(blank=True, max_length=60, verbose_name="所属编号")),
                        ("is_removal", models.BooleanField(default=False, verbose_name="删除")),
                        ("changes", models.JSONField(decoder=crm.models.history.Exact, verbose_name="变更")),
                        (
                            "by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="人员",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "字段变更",
                        "verbose_name_plural": "字段变更",
                        "ordering": ["-at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="IdempotencyKey",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("caller", models.CharField(max_length=40, verbose_name="调用方")),
                        ("key", models.CharField(max_length=120, verbose_name="幂等键")),
                        ("fingerprint", models.CharField(max_length=64, verbose_name="请求摘要")),
                        ("status", models.PositiveSmallIntegerField(null=True, verbose_name="状态码")),
                        ("body", models.TextField(blank=True, default="", verbose_name="应答")),
                        ("headers", models.JSONField(default=dict, verbose_name="应答头")),
                        ("created_at", models.DateTimeField(db_index=True, verbose_name="时间")),
                    ],
                    options={
                        "verbose_name": "幂等键",
                        "verbose_name_plural": "幂等键",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("caller", "key"), name="one_answer_per_caller_key"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="JobSlot",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("job", models.SlugField(max_length=40, verbose_name="任务")),
                        ("period_start", models.DateTimeField(verbose_name="时段")),
                        (
                            "state",
                            models.CharField(
                                choices=[("leased", "进行中"), ("done", "已完成"), ("dead", "已放弃")],
                                default="leased",
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("leased_until", models.DateTimeField(verbose_name="占用至")),
                        ("attempts", models.PositiveSmallIntegerField(default=1, verbose_name="次数")),
                        ("progress", models.BigIntegerField(default=0, verbose_name="进度")),
                        ("finished_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                        ("last_error", models.TextField(blank=True, verbose_name="最近错误")),
                    ],
                    options={
                        "verbose_name": "定时任务",
                        "verbose_name_plural": "定时任务",
                        "ordering": ["-period_start"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "leased")),
                                fields=["leased_until"],
                                name="slot_unfinished",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("job", "period_start"), name="one_run_per_slot")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LoginAttempt",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("username", models.CharField(max_length=150, verbose_name="账号")),
                        ("ip", models.GenericIPAddressField(verbose_name="地址")),
                        ("device", models.CharField(blank=True, max_length=32, verbose_name="设备")),
                        ("at", models.DateTimeField(verbose_name="时间")),
                    ],
                    options={
                        "verbose_name": "登录失败",
                        "verbose_name_plural": "登录失败",
                        "indexes": [models.Index(fields=["username", "at"], name="login_attempt_recent")],
                    },
                ),
                migrations.CreateModel(
                    name="Notification",
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
                        ("key", models.CharField(max_length=120, verbose_name="事由键")),
                        ("title", models.CharField(max_length=120, verbose_name="标题")),
                        ("body", models.TextField(blank=True, verbose_name="内容")),
                        ("items", models.JSONField(default=list, verbose_name="条目")),
                        ("url", models.CharField(blank=True, max_length=200, verbose_name="链接")),
                        ("created_at", models.DateTimeField(verbose_name="生成时间")),
                        ("sent_at", models.DateTimeField(null=True, verbose_name="送达时间")),
                        ("leased_until", models.DateTimeField(null=True, verbose_name="占用至")),
                        ("read_at", models.DateTimeField(null=True, verbose_name="阅读时间")),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="notifications",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="收件人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "提醒",
                        "verbose_name_plural": "提醒",
                        "ordering": ["-created_at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Attempt",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="时间")),
                        ("worker", models.CharField(max_length=80, verbose_name="执行者")),
                        (
                            "notification",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="attempts",
                                to="crm.notification",
                                verbose_name="提醒",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "送达记录",
                        "verbose_name_plural": "送达记录",
                    },
                ),
                migrations.CreateModel(
                    name="Fact",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.SlugField(max_length=40, verbose_name="字段")),
                        ("value", models.JSONField(verbose_name="值")),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("officer", "招商员填报"),
                                    ("registry", "工商登记"),
                                    ("document", "材料"),
                                    ("api", "接口"),
                                ],
                                max_length=10,
                                verbose_name="来源",
                            ),
                        ),
                        ("as_of", models.DateField(verbose_name="数据日期")),
                        ("note", models.CharField(blank=True, max_length=120, verbose_name="说明")),
                        ("created_at", models.DateTimeField(verbose_name="记录时间")),
                        (
                            "chosen_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="选定时间"),
                        ),
                        (
                            "chosen_reason",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=200, verbose_name="选定理由"
                            ),
                        ),
                        (
                            "chosen_over",
                            models.BigIntegerField(
                                editable=False, null=True, verbose_name="选定时最新的一条"
                            ),
                        ),
                        (
                            "withdrawn_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="撤回时间"),
                        ),
                        (
                            "withdrawn_reason",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=200, verbose_name="撤回理由"
                            ),
                        ),
                        (
                            "is_in_use",
                            models.BooleanField(default=False, editable=False, verbose_name="现用的值"),
                        ),
                        (
                            "is_contested",
                            models.BooleanField(
                                db_default=False, default=False, editable=False, verbose_name="有分歧"
                            ),
                        ),
                        (
                            "chosen_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="选定人",
                            ),
                        ),
                        (
                            "company",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="facts",
                                to="crm.company",
                                verbose_name="企业",
                            ),
                        ),
                        (
                            "from_company",
                            models.ForeignKey(
                                db_index=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.company",
                                verbose_name="合并前属于",
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="记录人",
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
                                verbose_name="撤回人",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.partnertoken",
                                verbose_name="推送伙伴",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "企业事实",
                        "verbose_name_plural": "企业事实",
                    },
                ),
                migrations.CreateModel(
                    name="Qualification",
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
                        ("kind", models.CharField(max_length=40, verbose_name="资质")),
                        (
                            "level",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("national", "国家级"),
                                    ("provincial", "省级"),
                                    ("municipal", "市级"),
                                    ("district", "区级"),
                                ],
                                db_default="",
                                max_length=10,
                                verbose_name="级别",
                            ),
                        ),
                        (
                            "number",
                            models.CharField(
                                blank=True, db_default="", max_length=80, verbose_name="证书编号"
                            ),
                        ),
                        ("issued_on", models.DateField(blank=True, null=True, verbose_name="认定日期")),
                        ("expires_on", models.DateField(blank=True, null=True, verbose_name="有效期至")),
                        ("ended_on", models.DateField(blank=True, null=True, verbose_name="终止日期")),
                        (
                            "ended_reason",
                            models.CharField(
                                blank=True, db_default="", max_length=200, verbose_name="终止原因"
                            ),
                        ),
                        (
                            "told_for",
                            models.DateField(
                                blank=True, editable=False, null=True, verbose_name="已提醒的到期日"
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="更新时间"),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
                            ),
                        ),
                        (
                            "company",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="qualifications",
                                to="crm.company",
                                verbose_name="企业",
                            ),
                        ),
                        (
                            "from_company",
                            models.ForeignKey(
                                db_index=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="crm.company",
                                verbose_name="合并前属于",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "资质",
                        "verbose_name_plural": "资质",
                        "ordering": ["kind"],
                    },
                ),
                migrations.CreateModel(
                    name="QualificationProof",
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
                        ("data", models.BinaryField(verbose_name="内容")),
                        ("at", models.DateTimeField(verbose_name="上传时间")),
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
                            "qualification",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="proofs",
                                to="crm.qualification",
                                verbose_name="资质",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "资质证明",
                        "verbose_name_plural": "资质证明",
                        "ordering": ["-at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Setting",
                    fields=[
                        (
                            "key",
                            models.SlugField(
                                max_length=60, primary_key=True, serialize=False, verbose_name="键"
                            ),
                        ),
                        ("value", models.IntegerField(verbose_name="值")),
                        ("updated_at", models.DateTimeField(auto_now=True, verbose_name="修改时间")),
                        (
                            "updated_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="修改人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "规则数值",
                        "verbose_name_plural": "规则数值",
                    },
                ),
                migrations.CreateModel(
                    name="Unit",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.SlugField(max_length=40, unique=True, verbose_name="代码")),
                        ("name", models.CharField(max_length=60, unique=True, verbose_name="名称")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("bureau", "区投促局"),
                                    ("station", "驻外工作站"),
                                    ("platform", "落地平台"),
                                    ("street", "街道"),
                                    ("department", "部门"),
                                ],
                                max_length=20,
                                verbose_name="类别",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                        (
                            "city",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="crm.city",
                                verbose_name="驻在城市",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "单位",
                        "verbose_name_plural": "单位",
                        "ordering": ["kind", "code"],
                    },
                ),
                migrations.AddField(
                    model_name="partnertoken",
                    name="unit",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="crm.unit", verbose_name="接收单位"
                    ),
                ),
                migrations.CreateModel(
                    name="Contact",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=40, verbose_name="姓名")),
                        ("title", models.CharField(blank=True, max_length=40, verbose_name="职务")),
                        ("phone", models.CharField(blank=True, max_length=30, verbose_name="电话")),
                        ("email", models.EmailField(blank=True, max_length=254, verbose_name="邮箱")),
                        ("has_decision_right", models.BooleanField(default=False, verbose_name="有决策权")),
                        ("created_at", models.DateTimeField(verbose_name="登记时间")),
                        (
                            "company",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="contacts",
                                to="crm.company",
                                verbose_name="企业",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                to="crm.unit",
                                verbose_name="掌握单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "联系人",
                        "verbose_name_plural": "联系人",
                        "ordering": ["-has_decision_right", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Carrier",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.SlugField(max_length=40, unique=True, verbose_name="代码")),
                        ("name", models.CharField(max_length=60, verbose_name="名称")),
                        ("order", models.PositiveSmallIntegerField(default=0, verbose_name="顺序")),
                        ("active_from", models.DateField(blank=True, null=True, verbose_name="启用日期")),
                        ("active_to", models.DateField(blank=True, null=True, verbose_name="停用日期")),
                        (
                            "place",
                            models.CharField(
                                choices=[
                                    ("axis", "一轴"),
                                    ("core", "一核"),
                                    ("wing", "两翼"),
                                    ("other", "其他"),
                                ],
                                max_length=10,
                                verbose_name="布局位置",
                            ),
                        ),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="crm.carrier",
                                verbose_name="上级载体",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="crm.unit",
                                verbose_name="管理单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "载体",
                        "verbose_name_plural": "载体",
                        "ordering": ["order", "code"],
                        "abstract": False,
                    },
                ),
                migrations.AddField(
                    model_name="user",
                    name="unit",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="people",
                        to="crm.unit",
                        verbose_name="单位",
                    ),
                ),
                migrations.CreateModel(
                    name="AuditEvent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="时间")),
                        ("actor_name", models.CharField(max_length=60, verbose_name="操作者")),
                        ("action", models.SlugField(max_length=40, verbose_name="动作")),
                        ("subject", models.CharField(blank=True, max_length=40, verbose_name="对象")),
                        ("subject_id", models.BigIntegerField(null=True, verbose_name="编号")),
                        ("detail", models.JSONField(default=dict, verbose_name="详情")),
                        ("ip", models.GenericIPAddressField(null=True, verbose_name="地址")),
                        ("request_id", models.CharField(blank=True, max_length=40, verbose_name="请求编号")),
                        (
                            "actor",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="人员",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "审计记录",
                        "verbose_name_plural": "审计记录",
                        "ordering": ["-at", "-pk"],
                        "indexes": [
                            models.Index(fields=["subject", "subject_id", "-at"], name="audit_of_subject"),
                            models.Index(fields=["-at", "-id"], name="audit_newest"),
                            models.Index(fields=["actor", "-at", "-id"], name="audit_of_person"),
                            models.Index(fields=["action", "-at", "-id"], name="audit_of_action"),
                        ],
                    },
                ),
                migrations.AddIndex(
                    model_name="company",
                    index=django.contrib.postgres.indexes.GinIndex(fields=["grams"], name="company_grams"),
                ),
                migrations.AddIndex(
                    model_name="company",
                    index=django.contrib.postgres.indexes.GinIndex(
                        fields=["other_keys"], name="company_other_keys"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="companylink",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("giver", models.F("taker")), _negated=True),
                        name="link_between_two",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="companylink",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("giver", "taker", "kind"),
                        name="one_standing_link",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="companylink",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None), models.Q(("end_reason", ""), _negated=True), _connector="OR"
                        ),
                        name="link_ended_for_a_reason",
                    ),
                ),
                migrations.AddIndex(
                    model_name="fieldchange",
                    index=models.Index(fields=["kind", "record_key", "-at"], name="field_change_of_record"),
                ),
                migrations.AddIndex(
                    model_name="fieldchange",
                    index=models.Index(
                        condition=models.Q(("parent_key", ""), _negated=True),
                        fields=["kind", "parent_key", "-at"],
                        name="field_change_of_parent",
                    ),
                ),
                migrations.AddIndex(
                    model_name="notification",
                    index=models.Index(
                        condition=models.Q(("sent_at", None)),
                        fields=["created_at"],
                        name="notification_undelivered",
                    ),
                ),
                migrations.AddIndex(
                    model_name="notification",
                    index=models.Index(fields=["user", "-created_at", "-id"], name="notification_inbox"),
                ),
                migrations.AddIndex(
                    model_name="notification",
                    index=models.Index(
                        condition=models.Q(("read_at", None), ("sent_at__isnull", False)),
                        fields=["user"],
                        name="notification_unread",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="notification",
                    constraint=models.UniqueConstraint(
                        fields=("user", "key"), name="one_notification_per_effect"
                    ),
                ),
                migrations.AddIndex(
                    model_name="fact",
                    index=models.Index(fields=["company", "key", "-as_of"], name="fact_newest"),
                ),
                migrations.AddIndex(
                    model_name="fact",
                    index=models.Index(
                        condition=models.Q(("is_in_use", True)),
                        fields=["key"],
                        include=("company",),
                        name="fact_in_use",
                    ),
                ),
                migrations.AddIndex(
                    model_name="fact",
                    index=models.Index(
                        condition=models.Q(("is_contested", True)), fields=["company"], name="fact_contested"
                    ),
                ),
                migrations.AddIndex(
                    model_name="fact",
                    index=models.Index(
                        condition=models.Q(("from_company__isnull", False)),
                        fields=["from_company"],
                        name="fact_from",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="fact",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("chosen_at", None),
                                ("chosen_by", None),
                                ("chosen_over", None),
                                ("chosen_reason", ""),
                            ),
                            models.Q(
                                ("chosen_at__isnull", False),
                                ("chosen_by__isnull", False),
                                ("chosen_over__isnull", False),
                                models.Q(("chosen_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="fact_chosen_for_a_reason",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="fact",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("withdrawn_at", None), ("withdrawn_by", None), ("withdrawn_reason", "")
                            ),
                            models.Q(
                                ("withdrawn_at__isnull", False),
                                ("withdrawn_by__isnull", False),
                                models.Q(("withdrawn_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="fact_withdrawn_for_a_reason",
                    ),
                ),
                migrations.AddIndex(
                    model_name="qualification",
                    index=models.Index(
                        condition=models.Q(("expires_on__isnull", False)),
                        fields=["expires_on"],
                        name="qualification_expiring",
                    ),
                ),
                migrations.AddIndex(
                    model_name="qualification",
                    index=models.Index(
                        condition=models.Q(("from_company__isnull", False)),
                        fields=["from_company"],
                        name="qualification_from",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="qualification",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on", None), models.Q(("ended_reason", ""), _negated=True), _connector="OR"
                        ),
                        name="qualification_ended_for_a_reason",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="qualification",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("issued_on", None),
                            ("expires_on", None),
                            ("expires_on__gte", models.F("issued_on")),
                            _connector="OR",
                        ),
                        name="qualification_expires_after_issue",
                    ),
                ),
            ]
        ),
    ]
