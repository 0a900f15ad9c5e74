"""What the database itself sees to: shares of a credit sum to 100, and the history of the fields of leads."""

from django.db import migrations

from crm.watching import leave, watch

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

CLOCK = ("blue_on", "limit_on", "red_on", "entered_at", "furthest", "progressed_at", "last_contact_at")
ROW = ("version", "created_at", "updated_at")
WATCHED = {
    "leads_lead": watch(
        "leads_lead", "leads.lead", (*CLOCK, *ROW, "grams", "likeness", "is_unchecked", "feedback_due_on")
    ),
    "leads_roadshow": watch("leads_roadshow", "leads.roadshow", ROW),
    "leads_roadshowtarget": watch("leads_roadshowtarget", "leads.roadshowtarget", parent="roadshow_id"),
    "leads_visit": watch("leads_visit", "leads.visit", ("created_at",), parent="lead_id"),
}


class Migration(migrations.Migration):
    replaces = [("leads", "0110_conflicts_that_end_by_themselves")]

    dependencies = [("crm", "0002_triggers"), ("leads", "0001_tables")]

    operations = [
        migrations.RunSQL(WHOLE, UNGUARDED),
        *(migrations.RunSQL(begin, leave(table)) for table, begin in WATCHED.items()),
    ]
