"""扫码登记, 拜访照片 and 行程小结 of a trip; what was handed in, the database lets nobody change."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FINAL = """
CREATE FUNCTION leads_report_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a report that was handed in stays as it was';
END $$;
CREATE TRIGGER report_is_final BEFORE UPDATE OR DELETE ON leads_tripreport
    FOR EACH ROW WHEN (OLD.handed_in_at IS NOT NULL) EXECUTE FUNCTION leads_report_is_final();
"""
OPEN = """
DROP TRIGGER report_is_final ON leads_tripreport;
DROP FUNCTION leads_report_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0006_import_choices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="roadshowtarget",
            name="address",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=120, verbose_name="地址"
            ),
        ),
        migrations.CreateModel(
            name="TripDoor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("secret", models.CharField(editable=False, max_length=64, unique=True, verbose_name="地址")),
                ("expires_at", models.DateTimeField(verbose_name="有效至")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="停用时间")),
                ("created_at", models.DateTimeField(verbose_name="开启时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="开启人",
                    ),
                ),
                (
                    "roadshow",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="doors",
                        to="leads.roadshow",
                        verbose_name="行程",
                    ),
                ),
            ],
            options={
                "verbose_name": "扫码登记地址",
                "verbose_name_plural": "扫码登记地址",
            },
        ),
        migrations.CreateModel(
            name="DoorTry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address", models.GenericIPAddressField(verbose_name="网络地址")),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "door",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tries",
                        to="leads.tripdoor",
                        verbose_name="扫码登记地址",
                    ),
                ),
            ],
            options={
                "verbose_name": "扫码登记次数",
                "verbose_name_plural": "扫码登记次数",
            },
        ),
        migrations.CreateModel(
            name="TripReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="版本")),
                ("number", models.PositiveSmallIntegerField(verbose_name="第几份")),
                ("texts", models.JSONField(default=dict, verbose_name="正文")),
                ("figures", models.JSONField(default=dict, verbose_name="数据")),
                ("updated_at", models.DateTimeField(verbose_name="更新时间")),
                ("handed_in_at", models.DateTimeField(blank=True, null=True, verbose_name="提交时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="撰写人",
                    ),
                ),
                (
                    "handed_in_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提交人",
                    ),
                ),
                (
                    "roadshow",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reports",
                        to="leads.roadshow",
                        verbose_name="行程",
                    ),
                ),
            ],
            options={
                "verbose_name": "行程小结",
                "verbose_name_plural": "行程小结",
                "ordering": ["-number"],
            },
        ),
        migrations.CreateModel(
            name="VisitPhoto",
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
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="photos",
                        to="leads.visit",
                        verbose_name="拜访记录",
                    ),
                ),
            ],
            options={
                "verbose_name": "拜访照片",
                "verbose_name_plural": "拜访照片",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="WalkIn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("company_name", models.CharField(max_length=120, verbose_name="企业")),
                ("contact_name", models.CharField(blank=True, max_length=40, verbose_name="联系人")),
                ("contact_title", models.CharField(blank=True, max_length=40, verbose_name="职务")),
                ("contact_phone", models.CharField(blank=True, max_length=30, verbose_name="电话")),
                ("wishes", models.TextField(blank=True, verbose_name="诉求")),
                ("at", models.DateTimeField(verbose_name="登记时间")),
                ("why_no_lead", models.TextField(blank=True, verbose_name="没有成为线索的原因")),
                (
                    "door",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="walk_ins",
                        to="leads.tripdoor",
                        verbose_name="扫码登记地址",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="walk_ins",
                        to="leads.lead",
                        verbose_name="线索",
                    ),
                ),
            ],
            options={
                "verbose_name": "扫码登记",
                "verbose_name_plural": "扫码登记",
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="tripdoor",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)), fields=("roadshow",), name="one_open_door_per_trip"
            ),
        ),
        migrations.AddIndex(
            model_name="doortry",
            index=models.Index(fields=["door", "at"], name="door_try_recent"),
        ),
        migrations.AddConstraint(
            model_name="tripreport",
            constraint=models.UniqueConstraint(fields=("roadshow", "number"), name="trip_report_number"),
        ),
        migrations.AddConstraint(
            model_name="tripreport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("handed_in_at", None)), fields=("roadshow",), name="one_draft_per_trip"
            ),
        ),
        migrations.AddConstraint(
            model_name="visitphoto",
            constraint=models.UniqueConstraint(fields=("visit", "digest"), name="visit_photo_once"),
        ),
        migrations.RunSQL(FINAL, OPEN),
    ]
