"""Versions, corrections, told dates and withdrawals, and what the database guards of agreements."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0007_lead_limit"),
        ("projects", "0012_decision_routes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
            ],
            options={
                "verbose_name": "更正记录",
                "verbose_name_plural": "更正记录",
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="receipt",
            name="receipt_once_per_proof",
        ),
        migrations.AddField(
            model_name="agreement",
            name="told_ending_for",
            field=models.DateField(editable=False, null=True, verbose_name="已提醒的到期日"),
        ),
        migrations.AddField(
            model_name="agreement",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False, verbose_name="版本"),
        ),
        migrations.AddField(
            model_name="commitment",
            name="told_overdue_for",
            field=models.DateField(editable=False, null=True, verbose_name="已催办的到期日"),
        ),
        migrations.AddField(
            model_name="commitment",
            name="told_soon_for",
            field=models.DateField(editable=False, null=True, verbose_name="已预告的到期日"),
        ),
        migrations.AddField(
            model_name="commitment",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False, verbose_name="版本"),
        ),
        migrations.AddField(
            model_name="receipt",
            name="withdrawn_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="撤销时间"),
        ),
        migrations.AddField(
            model_name="receipt",
            name="withdrawn_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="撤销人",
            ),
        ),
        migrations.AddField(
            model_name="receipt",
            name="withdrawn_reason",
            field=models.CharField(blank=True, db_default="", max_length=300, verbose_name="撤销原因"),
        ),
        migrations.AlterField(
            model_name="agreement",
            name="supersedes",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="superseded_by",
                to="projects.agreement",
                verbose_name="替代或解除的协议",
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
        migrations.AddIndex(
            model_name="commitment",
            index=models.Index(fields=["due_on", "id"], name="commitment_by_day"),
        ),
        migrations.AddIndex(
            model_name="receipt",
            index=models.Index(fields=["received_on", "id"], name="receipt_by_day"),
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
            constraint=models.UniqueConstraint(fields=("supersedes",), name="agreement_replaced_once"),
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
                        ("withdrawn_by__isnull", False), models.Q(("withdrawn_reason", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="receipt_withdrawn_for_a_reason",
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="agreement",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="corrections",
                to="projects.agreement",
                verbose_name="协议",
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="更正人",
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="commitment",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="corrections",
                to="projects.commitment",
                verbose_name="承诺",
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="evidence",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="corrections",
                to="projects.evidence",
                verbose_name="阶段材料",
            ),
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
    ]
