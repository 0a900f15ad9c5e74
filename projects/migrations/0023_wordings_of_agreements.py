"""Give databases that have the rules the one of 缺上位依据, the wordings of three more rounds, and 意见 for 写法可疑."""

from django.db import migrations
from django.utils import timezone

from projects import flag_rows

CHANGED = {"触发措辞": "随系统升级更新", "豁免措辞": "随系统升级更新"}
ADDED = {"规则": "随系统升级新增"}
ASKING = {"alike": {"放行须有市场监管部门意见": "随系统升级改为须有"}}


def bring(apps, schema_editor):
    def get_model(name):
        return apps.get_model("projects", name)

    told = [(row, ASKING.get(row.code, CHANGED)) for row in flag_rows.refresh(get_model)]
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
    dependencies = [("projects", "0022_wordings_in_everyday_words")]

    operations = [migrations.RunPython(bring, migrations.RunPython.noop)]
