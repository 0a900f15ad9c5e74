"""What the database itself sees to: the audit log and the history of fields, and which fact of a company is in use.

In use is the value with the newest date; but what a person chose stays in use until something newer than all
he chose over has come. A value in use is contested while the latest value of another source differs from it,
unless that stood before the person when he chose.
"""

from django.db import migrations

from crm.watching import INSTALL, REMOVE, leave, watch

AUDIT = """
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit rows are append-only';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON crm_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
"""
NO_AUDIT = """
DROP TRIGGER audit_append_only ON crm_auditevent;
DROP FUNCTION audit_is_append_only();
"""

OF_EVERY_SAVE = (
    "told_for",
    "version",
    "updated_at",
    "by_id",
)  # what changes along with every save tells nothing
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
    "crm_qualification": watch("crm_qualification", "crm.qualification", OF_EVERY_SAVE, parent="company_id"),
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
    "crm_fact": watch("crm_fact", "crm.fact", ("is_in_use", "is_contested"), parent="company_id"),
    "crm_companylink": watch("crm_companylink", "crm.companylink", parent="taker_id"),
}

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
REMOVE_FACTS = "DROP FUNCTION crm_settle_facts() CASCADE; DROP FUNCTION crm_fact_said(jsonb);"


class Migration(migrations.Migration):
    replaces = [("crm", "0150_origin_of_facts")]

    dependencies = [("crm", "0001_tables")]

    operations = [
        migrations.RunSQL(AUDIT, NO_AUDIT),
        migrations.RunSQL(INSTALL, REMOVE),
        *(migrations.RunSQL(begin, leave(table)) for table, begin in WATCHED.items()),
        migrations.RunSQL([SAID, SETTLE, CALL], REMOVE_FACTS),
    ]
