"""Which value of a company is in use, and which is contradicted: decided here, for whoever reads or writes.

In use is the value with the newest date; but what a person chose stays in use until something newer than all
he chose over has come. A value in use is contested while the latest value of another source differs from it,
unless that stood before the person when he chose.
"""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from crm.watching import leave, watch

# a value as it is compared: "80", 80 and 80.0 are alike, and so are two lists of the same codes
SAID = r"""
CREATE FUNCTION crm_fact_said(value jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT CASE
  WHEN jsonb_typeof(value) = 'array'
    THEN (SELECT string_agg(DISTINCT one, ',' ORDER BY one) FROM jsonb_array_elements_text(value) AS one)
  WHEN jsonb_typeof(value) IN ('number', 'string') AND btrim(value #>> '{}') ~ '^-?\d{1,18}(\.\d{1,18})?$'
    THEN trim_scale((value #>> '{}')::numeric)::text
  ELSE btrim(value #>> '{}') END
$$;
"""
SETTLE = """
CREATE FUNCTION crm_settle_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM touched) THEN
    RETURN NULL;  -- also the end of what the update below sets off
  END IF;
  WITH standing AS (
    SELECT id, company_id, key, source, crm_fact_said(value) AS said,
           first_value(id) OVER newest AS newest,
           first_value(CASE WHEN chosen_at IS NOT NULL THEN id END) OVER chosen AS chosen,
           first_value(chosen_over) OVER chosen AS chosen_over,
           row_number() OVER newest_of_source = 1 AS is_latest
      FROM crm_fact
     WHERE withdrawn_at IS NULL AND (company_id, key) IN (SELECT company_id, key FROM touched)
    WINDOW newest AS (PARTITION BY company_id, key ORDER BY as_of DESC, created_at DESC, id DESC),
           chosen AS (PARTITION BY company_id, key ORDER BY chosen_at DESC NULLS LAST, id DESC),
           newest_of_source AS (
             PARTITION BY company_id, key, source ORDER BY as_of DESC, created_at DESC, id DESC)),
  used AS (
    SELECT *, CASE WHEN newest <= chosen_over THEN chosen ELSE newest END AS used,
           CASE WHEN newest <= chosen_over THEN chosen_over ELSE 0 END AS seen
      FROM standing),
  beside AS (
    SELECT *, max(source) FILTER (WHERE id = used) OVER pair AS used_source,
           max(said) FILTER (WHERE id = used) OVER pair AS used_said
      FROM used WINDOW pair AS (PARTITION BY company_id, key)),
  mark AS (
    SELECT id, id = used AS is_in_use, id = used AND bool_or(
             is_latest AND source <> used_source AND id > seen AND said IS DISTINCT FROM used_said
           ) OVER (PARTITION BY company_id, key) AS is_contested
      FROM beside)
  UPDATE crm_fact AS fact SET is_in_use = mark.is_in_use, is_contested = mark.is_contested
    FROM mark
   WHERE fact.id = mark.id
     AND (fact.is_in_use, fact.is_contested) IS DISTINCT FROM (mark.is_in_use, mark.is_contested);
  UPDATE crm_fact SET is_in_use = false, is_contested = false
   WHERE withdrawn_at IS NOT NULL AND (is_in_use OR is_contested) AND id IN (SELECT id FROM touched);
  RETURN NULL;
END $$;
"""
EVENTS = {
    "settled_after_insert": ("INSERT", "NEW"),
    "settled_after_delete": ("DELETE", "OLD"),
    "settled_after_update": ("UPDATE", "NEW"),
    "settled_where_it_left": ("UPDATE", "OLD"),
}
CALL = "".join(
    f"""
CREATE TRIGGER {name} AFTER {event} ON crm_fact REFERENCING {side} TABLE AS touched
  FOR EACH STATEMENT EXECUTE FUNCTION crm_settle_facts();
"""
    for name, (event, side) in EVENTS.items()
)
REMOVE = "DROP FUNCTION crm_settle_facts() CASCADE; DROP FUNCTION crm_fact_said(jsonb);"
FORMER = import_module("crm.migrations.0110_newest_facts")
# what stands already, judged by the same trigger: every row is touched once
FILL = "UPDATE crm_fact SET is_in_use = is_in_use"
KEPT = watch("crm_fact", "crm.fact", ("is_in_use", "is_contested"), parent="company_id")
PERSON = {"on_delete": django.db.models.deletion.PROTECT, "related_name": "+", "to": settings.AUTH_USER_MODEL}


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0151_company_links"),
    ]

    operations = [
        migrations.RunSQL(FORMER.UNMARK, FORMER.MARK),
        migrations.RemoveIndex(model_name="fact", name="fact_in_use"),
        migrations.RenameField(model_name="fact", old_name="is_newest", new_name="is_in_use"),
        migrations.AddIndex(
            model_name="fact",
            index=models.Index(
                fields=["key"], condition=models.Q(is_in_use=True), include=["company"], name="fact_in_use"
            ),
        ),
        migrations.AddField(
            model_name="fact",
            name="is_contested",
            field=models.BooleanField("有分歧", default=False, db_default=False, editable=False),
        ),
        migrations.AddField(
            model_name="fact",
            name="partner",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="crm.partnertoken",
                verbose_name="推送伙伴",
            ),
        ),
        *(
            operation
            for verb, noun in (("chosen", "选定"), ("withdrawn", "撤回"))
            for operation in (
                migrations.AddField(
                    "fact",
                    f"{verb}_by",
                    models.ForeignKey(verbose_name=f"{noun}人", null=True, editable=False, **PERSON),
                ),
                migrations.AddField(
                    "fact", f"{verb}_at", models.DateTimeField(f"{noun}时间", null=True, editable=False)
                ),
                migrations.AddField(
                    "fact",
                    f"{verb}_reason",
                    models.CharField(f"{noun}理由", max_length=200, blank=True, default="", db_default=""),
                ),
            )
        ),
        migrations.AddField(
            "fact", "chosen_over", models.BigIntegerField("选定时最新的一条", null=True, editable=False)
        ),
        migrations.AddIndex(
            model_name="fact",
            index=models.Index(
                fields=["company"], condition=models.Q(is_contested=True), name="fact_contested"
            ),
        ),
        migrations.AddConstraint(
            model_name="fact",
            constraint=models.CheckConstraint(
                condition=models.Q(chosen_at=None, chosen_by=None, chosen_over=None, chosen_reason="")
                | models.Q(chosen_at__isnull=False, chosen_by__isnull=False, chosen_over__isnull=False)
                & ~models.Q(chosen_reason=""),
                name="fact_chosen_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="fact",
            constraint=models.CheckConstraint(
                condition=models.Q(withdrawn_at=None, withdrawn_by=None, withdrawn_reason="")
                | models.Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                & ~models.Q(withdrawn_reason=""),
                name="fact_withdrawn_for_a_reason",
            ),
        ),
        migrations.RunSQL([SAID, SETTLE, CALL], REMOVE),
        migrations.RunSQL(KEPT, leave("crm_fact")),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
