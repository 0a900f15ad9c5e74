"""Bring the wordings of three more rounds to the rules nobody has changed, with a line in the audit log."""

from django.db import migrations
from django.utils import timezone

from projects import flag_rows

WHAT = {"触发措辞": "随系统升级更新", "豁免措辞": "随系统升级更新"}


def refresh(apps, schema_editor):
    changed = flag_rows.refresh(lambda name: apps.get_model("projects", name))
    event = apps.get_model("crm", "AuditEvent")
    at = timezone.now()
    event.objects.bulk_create(
        event(
            at=at,
            actor_name="系统升级",
            action="change_rule",
            subject="projects.flagrule",
            subject_id=row.pk,
            detail={"object": row.name, **WHAT},
        )
        for row in changed
    )


class Migration(migrations.Migration):
    dependencies = [("projects", "0023_messages_of_withdrawn_referrals")]

    operations = [migrations.RunPython(refresh, migrations.RunPython.noop)]
