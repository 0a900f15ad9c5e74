from django.db import migrations, models

MARK = """
CREATE FUNCTION crm_mark_newest_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM touched) THEN
    RETURN NULL;  -- also the end of what the update below sets off
  END IF;
  WITH newest AS (
    SELECT DISTINCT ON (company_id, key) id, company_id, key
      FROM crm_fact
     WHERE (company_id, key) IN (SELECT company_id, key FROM touched)
     ORDER BY company_id, key, as_of DESC, created_at DESC, id DESC)
  UPDATE crm_fact AS fact SET is_newest = (fact.id = newest.id)
    FROM newest
   WHERE fact.company_id = newest.company_id AND fact.key = newest.key
     AND fact.is_newest <> (fact.id = newest.id);
  RETURN NULL;
END $$;
CREATE TRIGGER newest_after_insert AFTER INSERT ON crm_fact REFERENCING NEW TABLE AS touched
  FOR EACH STATEMENT EXECUTE FUNCTION crm_mark_newest_facts();
CREATE TRIGGER newest_after_delete AFTER DELETE ON crm_fact REFERENCING OLD TABLE AS touched
  FOR EACH STATEMENT EXECUTE FUNCTION crm_mark_newest_facts();
CREATE TRIGGER newest_after_update AFTER UPDATE ON crm_fact REFERENCING NEW TABLE AS touched
  FOR EACH STATEMENT EXECUTE FUNCTION crm_mark_newest_facts();
CREATE TRIGGER newest_where_it_left AFTER UPDATE ON crm_fact REFERENCING OLD TABLE AS touched
  FOR EACH STATEMENT EXECUTE FUNCTION crm_mark_newest_facts();
"""
UNMARK = "DROP FUNCTION crm_mark_newest_facts() CASCADE"
FILL = """
UPDATE crm_fact SET is_newest = true WHERE id IN (
  SELECT DISTINCT ON (company_id, key) id FROM crm_fact
   ORDER BY company_id, key, as_of DESC, created_at DESC, id DESC)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0070_qualification_details"),
    ]

    operations = [
        migrations.AddField(
            model_name="fact",
            name="is_newest",
            field=models.BooleanField("现用的值", default=False, editable=False),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="fact",
            index=models.Index(
                fields=["key"], condition=models.Q(is_newest=True), include=["company"], name="fact_in_use"
            ),
        ),
        migrations.RunSQL(MARK, UNMARK),
    ]
