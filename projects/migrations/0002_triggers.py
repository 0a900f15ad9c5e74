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
    "projects_policy": watch("projects_policy", "projects.policy", ("version",)),
    "projects_building": watch("projects_building", "projects.building", ROW),
    "projects_space": watch("projects_space", "projects.space", ROW, parent="building_id"),
    "projects_spaceneed": watch(
        "projects_spaceneed", "projects.spaceneed", ROW, key="project_id", parent="project_id"
    ),
    "projects_candidatespace": watch(
        "projects_candidatespace", "projects.candidatespace", ROW, parent="project_id"
    ),
    "projects_computeoffer": watch("projects_computeoffer", "projects.computeoffer", ROW),
    "projects_computedemand": watch(
        "projects_computedemand", "projects.computedemand", ROW, key="project_id", parent="project_id"
    ),
}


class Migration(migrations.Migration):
    replaces = [("projects", "0140_spaces_and_compute")]

    dependencies = [("crm", "0002_triggers"), ("projects", "0001_tables")]

    operations = [migrations.RunSQL(begin, leave(table)) for table, begin in WATCHED.items()]
