"""Count a token's calls in its own row; remember answers for any caller, not for tokens alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0004_slot_progress")]

    operations = [
        migrations.AddField(
            "partnertoken", "window_at", models.DateTimeField("计数窗口", null=True, editable=False)
        ),
        migrations.AddField(
            "partnertoken",
            "window_calls",
            models.PositiveIntegerField("窗口内调用数", default=0, editable=False),
        ),
        migrations.RemoveConstraint("idempotencykey", "one_answer_per_key"),
        migrations.RemoveField("idempotencykey", "token"),
        migrations.AddField(
            "idempotencykey",
            "caller",
            models.CharField("调用方", max_length=40, default=""),
            preserve_default=False,
        ),
        migrations.AlterField("idempotencykey", "created_at", models.DateTimeField("时间", db_index=True)),
        migrations.AddConstraint(
            "idempotencykey",
            models.UniqueConstraint(fields=["caller", "key"], name="one_answer_per_caller_key"),
        ),
    ]
