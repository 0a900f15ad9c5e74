"""The tables of spaces and compute keep the history of their fields."""

from django.db import migrations

from crm.watching import leave, watch

ROW = ("version", "created_at", "updated_at")

WATCHED = {
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
    dependencies = [("projects", "0140_spaces_and_compute")]

    operations = [migrations.RunSQL(begin, leave(table)) for table, begin in WATCHED.items()]
