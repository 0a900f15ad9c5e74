"""Count tries of a known browser apart; find messages and audit rows by person without a scan."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0002_vocabulary"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="notification",
            name="notification_inbox",
        ),
        migrations.AddField(
            model_name="loginattempt",
            name="device",
            field=models.CharField(blank=True, max_length=32, verbose_name="设备"),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["actor", "-at", "-id"], name="audit_of_person"),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["action", "-at", "-id"], name="audit_of_action"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["user", "-created_at", "-id"], name="notification_inbox"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("read_at", None), ("sent_at__isnull", False)),
                fields=["user"],
                name="notification_unread",
            ),
        ),
    ]
