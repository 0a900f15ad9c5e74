"""The tables of leads that keep the history of their fields."""

from django.db import migrations

from crm.watching import leave, watch

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
    dependencies = [("crm", "0050_field_changes"), ("leads", "0041_progress_of_leads")]

    operations = [migrations.RunSQL(begin, leave(table)) for table, begin in WATCHED.items()]
