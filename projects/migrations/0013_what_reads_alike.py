"""Give databases that have the rules the one that compares, and the wordings of one more round."""

from django.db import migrations
from django.utils import timezone

from projects import flag_rows

CHANGED = {"触发措辞": "随系统升级更新", "豁免措辞": "随系统升级更新"}
ADDED = {"规则": "随系统升级新增"}


def bring(apps, schema_editor):
    def get_model(name):
        return apps.get_model("projects", name)

    told = [(row, CHANGED) for row in flag_rows.refresh(get_model)]
    told += [(row, ADDED) for row in flag_rows.load(get_model)]
    event = apps.get_model("crm", "AuditEvent")
    at = timezone.now()
    event.objects.bulk_create(
        event(
            at=at,
            actor_name="系统升级",
            action="change_rule",
            subject="projects.flagrule",
            subject_id=row.pk,
            detail={"object": row.name, **what},
        )
        for row, what in told
    )


class Migration(migrations.Migration):
    dependencies = [("projects", "0012_version_of_funds")]

    operations = [migrations.RunPython(bring, migrations.RunPython.noop)]
