"""The tables of projects that keep the history of their fields."""

from django.db import migrations

from crm.watching import leave, watch

CLOCK = ("blue_on", "limit_on", "red_on", "entered_at", "furthest", "progressed_at", "last_contact_at")
ROW = ("version", "created_at", "updated_at")
TOLD = ("told_ending_for", "told_soon_for", "told_overdue_for")


def of_project(name, never):
    """The trigger of a table whose rows belong to a project."""
    return watch(f"projects_{name}", f"projects.{name}", never, parent="project_id")


WATCHED = {
    "projects_project": watch("projects_project", "projects.project", (*CLOCK, *ROW, "grams")),
    "projects_evidence": of_project("evidence", ("created_at",)),
    "projects_agreement": of_project("agreement", (*ROW, *TOLD)),
    "projects_commitment": of_project("commitment", (*ROW, *TOLD)),
    "projects_receipt": of_project("receipt", ("created_at",)),
    "projects_incentiveitem": of_project("incentiveitem", ROW),
    "projects_fund": watch("projects_fund", "projects.fund"),
    "projects_criteriaversion": watch(
        "projects_criteriaversion", "projects.criteriaversion", parent="fund_id"
    ),
}


class Migration(migrations.Migration):
    dependencies = [("leads", "0050_history_of_fields"), ("projects", "0053_papers_of_records")]

    operations = [migrations.RunSQL(begin, leave(table)) for table, begin in WATCHED.items()]
