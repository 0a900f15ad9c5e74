import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FILL = """
UPDATE leads_claim AS claim SET
    last_effective_at = greatest(claim.claimed_at, visit.at),
    ended = CASE WHEN claim.released_at IS NULL THEN '' WHEN lead.stage = 'dropped' THEN 'dropped' ELSE 'lost' END,
    clock = CASE WHEN lead.stage = 'accepted' THEN 'silence' ELSE 'both' END
FROM leads_lead AS lead
LEFT JOIN LATERAL (
    SELECT max(at) AS at FROM leads_visit
    WHERE lead_id = lead.id AND content <> '' AND next_step <> '' AND next_on IS NOT NULL
) AS visit ON true
WHERE lead.id = claim.lead_id
"""
# the projects are of a room above: their table is there on every upgrade and not yet in a new database
HOLD_SIGNED = """
DO $$ BEGIN
    IF to_regclass('projects_project') IS NOT NULL THEN
        EXECUTE $sql$
            UPDATE leads_claim AS claim SET clock = 'none' FROM projects_project AS project
            WHERE project.lead_id = claim.lead_id AND project.stage NOT IN ('negotiating', 'review', 'lost')
        $sql$;
    END IF;
END $$
"""


# the table is altered further on: what the updates left to be checked at commit is checked now
SETTLE = "SET CONSTRAINTS ALL IMMEDIATE"


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0007_lead_limit"),
        ("leads", "0005_blue_day"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
                        ],
                        max_length=10,
                        verbose_name="事项",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("text", models.CharField(blank=True, max_length=400, verbose_name="说明")),
            ],
            options={
                "verbose_name": "首报记录",
                "verbose_name_plural": "首报记录",
                "ordering": ["-at", "-pk"],
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
                            ("expiry", "保护期将满"),
                            ("pool", "将退回公海"),
                        ],
                        max_length=10,
                        verbose_name="类别",
                    ),
                ),
                ("due_on", models.DateField(verbose_name="最后一天")),
                ("at", models.DateTimeField(verbose_name="预警时间")),
            ],
            options={
                "verbose_name": "首报预警",
                "verbose_name_plural": "首报预警",
            },
        ),
        migrations.AddField(
            model_name="claim",
            name="clock",
            field=models.CharField(
                choices=[("both", "保护期与跟进"), ("silence", "只看跟进"), ("none", "不计时")],
                default="both",
                max_length=10,
                verbose_name="计时",
            ),
        ),
        migrations.AddField(
            model_name="claim",
            name="ended",
            field=models.CharField(
                blank=True,
                choices=[
                    ("silence", "长期没有有效跟进"),
                    ("expired", "保护期满"),
                    ("dropped", "线索流失"),
                    ("lost", "项目流失"),
                    ("pooled", "进入公海"),
                ],
                max_length=10,
                verbose_name="结束原因",
            ),
        ),
        migrations.AddField(
            model_name="claim",
            name="extended_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="延期时间"),
        ),
        migrations.AddField(
            model_name="claim",
            name="extra_days",
            field=models.PositiveIntegerField(default=0, verbose_name="延长天数"),
        ),
        migrations.AddField(
            model_name="claim",
            name="is_contested",
            field=models.BooleanField(default=False, verbose_name="裁决中"),
        ),
        migrations.AddField(
            model_name="claim",
            name="last_effective_at",
            field=models.DateTimeField(null=True, verbose_name="最近有效跟进（没有则为首报）"),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(HOLD_SIGNED, migrations.RunSQL.noop),
        migrations.RunSQL(SETTLE, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="claim",
            name="last_effective_at",
            field=models.DateTimeField(verbose_name="最近有效跟进（没有则为首报）"),
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
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended", ""), ("released_at", None)),
                    models.Q(("released_at__isnull", False), models.Q(("ended", ""), _negated=True)),
                    _connector="OR",
                ),
                name="claim_ended_for_a_reason",
            ),
        ),
        migrations.AddField(
            model_name="claimevent",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="操作人",
            ),
        ),
        migrations.AddField(
            model_name="claimevent",
            name="lead",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="claim_events",
                to="leads.lead",
                verbose_name="线索",
            ),
        ),
        migrations.AddField(
            model_name="claimevent",
            name="unit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="crm.unit",
                verbose_name="首报单位",
            ),
        ),
        migrations.AddField(
            model_name="claimwarning",
            name="claim",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="warnings",
                to="leads.claim",
                verbose_name="首报登记",
            ),
        ),
        migrations.AddIndex(
            model_name="claimevent",
            index=models.Index(fields=["at", "kind"], name="claim_event_at"),
        ),
        migrations.AddIndex(
            model_name="claimwarning",
            index=models.Index(fields=["at", "kind"], name="claim_warning_at"),
        ),
        migrations.AddConstraint(
            model_name="claimwarning",
            constraint=models.UniqueConstraint(fields=("claim", "kind", "due_on"), name="claim_warned_once"),
        ),
    ]
