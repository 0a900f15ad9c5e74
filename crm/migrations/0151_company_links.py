import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from crm.watching import leave, watch


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0150_origin_of_facts"),
    ]

    operations = [
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
                        choices=[("upstream", "上下游"), ("supplier", "供应"), ("introducer", "引荐")],
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
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("giver", models.F("taker")), _negated=True),
                        name="link_between_two",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("giver", "taker", "kind"),
                        name="one_standing_link",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None), models.Q(("end_reason", ""), _negated=True), _connector="OR"
                        ),
                        name="link_ended_for_a_reason",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            watch("crm_companylink", "crm.companylink", parent="taker_id"), leave("crm_companylink")
        ),
    ]
