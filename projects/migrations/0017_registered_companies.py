"""Projects past 注册落地 registered the firm they have: link it, as the gate now asks."""

from django.db import migrations
from django.db.models import F

PAST = ("registered", "landed", "operating", "aftercare")


def link(apps, schema_editor):
    projects = apps.get_model("projects", "Project").objects
    projects.filter(furthest__in=PAST, registered_company=None, company__uscc__isnull=False).update(
        registered_company=F("company")
    )


class Migration(migrations.Migration):
    dependencies = [("projects", "0016_revisit_and_suspended_indexes")]

    operations = [migrations.RunPython(link, migrations.RunPython.noop)]
