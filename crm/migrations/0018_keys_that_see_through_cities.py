"""The keys of companies see through how the city is written: 杭州市相芯科技 and 相芯科技（杭州） are 杭州相芯科技."""

from django.db import migrations

from crm.values import company_key, spelled_key

BATCH = 5000
WRITE = """
UPDATE crm_company AS kept SET name_key = told.name_key, other_keys = string_to_array(told.other_keys, E'\\n')
  FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS told (id, name_key, other_keys)
 WHERE kept.id = told.id
"""


def see_through(apps, schema_editor):
    _rewrite(apps, schema_editor, company_key)


def as_written(apps, schema_editor):
    _rewrite(apps, schema_editor, spelled_key)


def _rewrite(apps, schema_editor, key):
    """Write the keys that are other ones now, a few thousand companies at a time; keys hold no line breaks."""
    companies = apps.get_model("crm", "Company").objects.order_by("pk")
    last = 0
    while rows := list(companies.filter(pk__gt=last).values_list(*READ)[:BATCH]):
        last = rows[-1][0]
        if told := [one for one in (_changed(row, key) for row in rows) if one]:
            with schema_editor.connection.cursor() as cursor:
                cursor.execute(WRITE, [list(column) for column in zip(*told, strict=True)])


READ = ("pk", "name", "former_names", "aliases", "name_key", "other_keys")


def _changed(row, key):
    """(primary key, name_key, other_keys) of a company whose keys are other ones now, or None."""
    pk, name, former_names, aliases, *written = row
    others = {key(one) for one in (*former_names, *aliases)}
    now = [key(name), sorted(others - {"", key(name)})]
    return None if now == written else (pk, now[0], "\n".join(now[1]))


class Migration(migrations.Migration):
    dependencies = [("crm", "0017_qualifications_lost")]

    operations = [migrations.RunPython(see_through, as_written)]
