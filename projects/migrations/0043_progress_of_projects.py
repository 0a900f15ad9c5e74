"""The last effective follow-up of every project, and the clocks in 在谈 as it sets them."""

from django.db import migrations

from crm.pipeline import ladder, left_after
from crm.reading import read_once
from crm.workdays import Calendar, shanghai_day

BATCH = 2000
CLOCK = ["blue_on", "limit_on", "red_on"]
FILL = """
UPDATE projects_project AS project SET progressed_at = visit.last
FROM (
  SELECT lead_id, max(at) AS last FROM leads_visit
  WHERE content <> '' AND next_step <> '' AND next_on IS NOT NULL
    AND lead_id IN (SELECT lead_id FROM projects_project WHERE id > %s AND id <= %s)
  GROUP BY lead_id) AS visit
WHERE project.lead_id = visit.lead_id AND project.progressed_at IS NULL
"""


def fill(apps, schema_editor):
    """Note the progress and wind the clocks, so many projects at a time; a second run changes nothing."""
    Project = apps.get_model("projects", "Project")
    settings = apps.get_model("crm", "StageSetting").objects.filter(is_restarted_by_progress=True)
    restarted = {one.code: one for one in settings.exclude(limit_days=None)}
    calendar = Calendar(dict(apps.get_model("crm", "Holiday").objects.values_list("day", "is_workday")))
    last = Project.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for first in range(0, last, BATCH):
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(FILL, [first, first + BATCH])
        rows = Project.objects.filter(pk__gt=first, pk__lte=first + BATCH, stage__in=restarted)
        _wind(rows, restarted, calendar)


def _wind(projects, settings, calendar):
    late = [one for one in projects.filter(progressed_at__isnull=False) if one.progressed_at > one.entered_at]
    with read_once():
        for one in late:
            setting = settings[one.stage]
            pauses = list(one.suspensions.filter(started_at__gte=one.entered_at).order_by("started_at", "pk"))
            _wind_one(one, setting, pauses, calendar)
    projects.model.objects.bulk_update(late, CLOCK, batch_size=500)


def _wind_one(project, setting, pauses, calendar):
    since = shanghai_day(project.progressed_at)
    ended = [
        (shanghai_day(one.started_at), shanghai_day(one.ended_at))
        for one in pauses
        if one.ended_at and one.ended_at >= project.progressed_at
    ]
    if project.suspended_until is None:
        clock = ladder(since, setting.limit_days, setting.red_after_days, calendar, ended)
        project.blue_on, project.limit_on, project.red_on = clock
        return
    for one in pauses:
        if one.ended_at is None:
            stopped = shanghai_day(one.started_at)
            standing = [*ended, (stopped, stopped)]
            one.workdays_left = left_after(since, setting.limit_days, calendar, standing)[1]
            one.save(update_fields=["workdays_left"])


class Migration(migrations.Migration):
    atomic = False  # every batch commits by itself
    dependencies = [
        ("projects", "0042_progressed_at"),
        ("leads", "0041_progress_of_leads"),
        ("crm", "0040_restarted_by_progress"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
