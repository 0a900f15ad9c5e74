"""Load the starting vocabulary, and let nobody change or remove an audit row."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

from crm import vocabulary

FORBID = """
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit rows are append-only';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON crm_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
"""
ALLOW = """
DROP TRIGGER audit_append_only ON crm_auditevent;
DROP FUNCTION audit_is_append_only();
"""


def load(apps, schema_editor):
    vocabulary.load(lambda name: apps.get_model("crm", name))


class Migration(migrations.Migration):
    dependencies = [("crm", "0001_initial")]

    operations = [
        TrigramExtension(),
        migrations.RunPython(load, migrations.RunPython.noop),
        migrations.RunSQL(FORBID, ALLOW),
    ]
