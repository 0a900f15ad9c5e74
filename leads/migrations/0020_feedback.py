import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0010_channel_introducer"),
        ("leads", "0001_squashed_0011"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Feedback",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("to", models.CharField(max_length=80, verbose_name="回音对象")),
                ("said_on", models.DateField(verbose_name="回音日期")),
                ("content", models.TextField(verbose_name="回音内容")),
                ("at", models.DateTimeField(verbose_name="记录时间")),
            ],
            options={
                "verbose_name": "引荐人回音",
                "verbose_name_plural": "引荐人回音",
                "ordering": ["-said_on", "-pk"],
            },
        ),
        migrations.AddField(
            model_name="lead",
            name="fed_back_on",
            field=models.DateField(blank=True, null=True, verbose_name="回音日期"),
        ),
        migrations.AddField(
            model_name="lead",
            name="feedback_due_on",
            field=models.DateField(blank=True, null=True, verbose_name="回音期限"),
        ),
        migrations.AddField(
            model_name="lead",
            name="introduced_on",
            field=models.DateField(blank=True, null=True, verbose_name="引荐日期"),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("fed_back_on", None), ("feedback_due_on__isnull", False)),
                fields=["feedback_due_on"],
                name="lead_owes_feedback",
            ),
        ),
        migrations.AddField(
            model_name="feedback",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="回音人",
            ),
        ),
        migrations.AddField(
            model_name="feedback",
            name="lead",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="feedbacks",
                to="leads.lead",
                verbose_name="线索",
            ),
        ),
    ]
