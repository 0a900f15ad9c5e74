import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

from crm.values import company_key

PORTION = 2000


def write_keys(apps, schema_editor):
    """Few companies have former names: read those alone, in portions."""
    companies = apps.get_model("crm", "Company").objects
    renamed = companies.filter(former_names__len__gt=0).only("pk", "former_names").order_by("pk")
    batch = []
    for company in renamed.iterator(PORTION):
        company.other_keys = sorted({company_key(name) for name in company.former_names} - {""})
        batch.append(company)
        if len(batch) == PORTION:
            companies.bulk_update(batch, ["other_keys"])
            batch = []
    companies.bulk_update(batch, ["other_keys"])


def text_array(label, **more):
    return django.contrib.postgres.fields.ArrayField(
        base_field=models.CharField(max_length=120), default=list, db_default=[], size=None,
        verbose_name=label, **more,
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0010_channel_introducer"),
    ]

    operations = [
        migrations.AddField("company", "aliases", text_array("其他名称", blank=True)),
        migrations.AddField("company", "other_keys", text_array("其他名称归一", editable=False)),
        migrations.RunPython(write_keys, migrations.RunPython.noop),
        migrations.AddIndex(
            "company",
            django.contrib.postgres.indexes.GinIndex(fields=["other_keys"], name="company_other_keys"),
        ),
    ]
