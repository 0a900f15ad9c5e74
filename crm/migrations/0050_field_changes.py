"""The history of fields: its table, the functions of its triggers, and the tables of crm it watches."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import crm.models.history
from crm.watching import INSTALL, REMOVE, leave, watch

PERSON = ("password", "last_login", "date_joined", "email", "first_name", "last_name")
WATCHED = {
    "crm_company": watch(
        "crm_company",
        "crm.company",
        ("name_key", "other_keys", "grams", "version", "created_at", "updated_at"),
    ),
    "crm_contact": watch(
        "crm_contact",
        "crm.contact",
        ("created_at",),
        parent="company_id",
        personal=("name", "phone", "email"),
    ),
    "crm_qualification": watch("crm_qualification", "crm.qualification", ("told_for",), parent="company_id"),
    "crm_unit": watch("crm_unit", "crm.unit"),
    "crm_user": watch("crm_user", "crm.user", PERSON),
    "crm_setting": watch("crm_setting", "crm.setting", ("updated_by_id", "updated_at"), key="key"),
    "crm_stagesetting": watch("crm_stagesetting", "crm.stagesetting", key="code"),
    "crm_holiday": watch("crm_holiday", "crm.holiday", key="day"),
    "crm_channel": watch("crm_channel", "crm.channel"),
    "crm_fusionsector": watch("crm_fusionsector", "crm.fusionsector"),
    "crm_futuretrack": watch("crm_futuretrack", "crm.futuretrack"),
    "crm_lossreason": watch("crm_lossreason", "crm.lossreason"),
    "crm_carrier": watch("crm_carrier", "crm.carrier"),
}


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0041_qualification_told_for"),
    ]

    operations = [
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
                ("name", models.CharField(blank=True, max_length=80, verbose_name="伙伴、任务或命令")),
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
                "indexes": [
                    models.Index(fields=["kind", "record_key", "-at"], name="field_change_of_record"),
                    models.Index(
                        condition=models.Q(("parent_key", ""), _negated=True),
                        fields=["kind", "parent_key", "-at"],
                        name="field_change_of_parent",
                    ),
                ],
            },
        ),
        migrations.RunSQL(INSTALL, REMOVE),
        *(migrations.RunSQL(begin, leave(table)) for table, begin in WATCHED.items()),
    ]
