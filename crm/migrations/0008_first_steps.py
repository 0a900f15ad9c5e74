"""What the first steps of a person keep; the history of fields does not, it is no change of the account."""

from django.db import migrations, models

from crm.watching import watch

PERSON = ("password", "last_login", "date_joined", "email", "first_name", "last_name")
NOT_KEPT = watch("crm_user", "crm.user", (*PERSON, "guide_closed_at", "searched_at"))


class Migration(migrations.Migration):
    dependencies = [("crm", "0007_exports")]

    operations = [
        migrations.AddField(
            "user",
            "guide_closed_at",
            models.DateTimeField(blank=True, editable=False, null=True, verbose_name="上手引导收起时间"),
        ),
        migrations.AddField(
            "user",
            "searched_at",
            models.DateTimeField(blank=True, editable=False, null=True, verbose_name="第一次检索时间"),
        ),
        migrations.RunSQL(NOT_KEPT, watch("crm_user", "crm.user", PERSON)),
    ]
