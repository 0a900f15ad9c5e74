"""What accounts of funds were told of referrals withdrawn before 撤回 took it back (projects/spreading.py)."""

from django.db import migrations

WITHHELD = "推荐已撤回，项目的信息不再显示。"


def withhold(apps, schema_editor):
    referrals = apps.get_model("projects", "Referral").objects.filter(step="withdrawn")
    names = {
        f"/referrals/{pk}/": f"推荐第 {pk} 号（{fund}）"
        for pk, fund in referrals.values_list("pk", "fund__name")
    }
    for one in apps.get_model("crm", "Notification").objects.filter(user__role="fund").iterator():
        told = {item.get("url") for item in one.items} | {one.url}
        if told & names.keys():
            _blank(one, names)


def _blank(one, names):
    for item in one.items:
        if item.get("url") in names:
            item["title"], item["text"] = names[item["url"]], WITHHELD
    if one.url in names:
        one.title, one.body = names[one.url][:120], WITHHELD
    one.save(update_fields=["title", "body", "items"])


class Migration(migrations.Migration):
    dependencies = [("projects", "0022_wordings_in_everyday_words")]

    operations = [migrations.RunPython(withhold, migrations.RunPython.noop)]
