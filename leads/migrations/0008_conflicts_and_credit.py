import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# checked at commit, so that a split and its shares may be written one after the other
WHOLE = """
CREATE FUNCTION leads_credit_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
    total bigint;
BEGIN
    IF TG_TABLE_NAME = 'leads_creditsplit' THEN wanted := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN wanted := OLD.split_id;
    ELSE wanted := NEW.split_id;
    END IF;
    IF NOT EXISTS (SELECT FROM leads_creditsplit WHERE id = wanted) THEN RETURN NULL; END IF;
    SELECT coalesce(sum(percent), 0) INTO total FROM leads_creditshare WHERE split_id = wanted;
    IF total <> 100 THEN
        RAISE EXCEPTION 'the shares of split % sum to %, not to 100', wanted, total
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER credit_split_is_whole AFTER INSERT ON leads_creditsplit
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION leads_credit_is_whole();
CREATE CONSTRAINT TRIGGER credit_share_is_whole AFTER INSERT OR UPDATE OR DELETE ON leads_creditshare
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION leads_credit_is_whole();
"""
UNGUARDED = """
DROP TRIGGER credit_share_is_whole ON leads_creditshare;
DROP TRIGGER credit_split_is_whole ON leads_creditsplit;
DROP FUNCTION leads_credit_is_whole();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0007_lead_limit"),
        ("leads", "0007_events_of_claims"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
                        choices=[("keep", "维持首谈"), ("transfer", "变更"), ("joint", "联合")],
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
                        choices=[("conflict", "冲突裁决"), ("handover", "流转"), ("pool", "公海领取")],
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
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="credit_splits",
                        to="leads.lead",
                        verbose_name="线索",
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
                condition=models.Q(("percent__gte", 1), ("percent__lte", 100)), name="share_within_100"
            ),
        ),
        migrations.RunSQL(WHOLE, UNGUARDED),
    ]
