"""The log of what the morning scans have told."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0001_initial"),
        ("projects", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
                        choices=[("contact", "下次联系日期"), ("stage", "阶段时限")],
                        max_length=10,
                        verbose_name="规则",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[("due", "到期联系"), ("yellow", "黄灯"), ("red", "红灯")],
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
                        condition=Q(lead=None, project__isnull=False) | Q(lead__isnull=False, project=None),
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
    ]
