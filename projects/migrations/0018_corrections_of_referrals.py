"""What was entered of a referral is corrected: what it said before is kept, and when."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0017_counted_by_the_chain"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="correction",
            name="correction_of_one_record",
        ),
        migrations.AddField(
            model_name="correction",
            name="referralstep",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="corrections",
                to="projects.referralstep",
                verbose_name="推荐进展",
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="corrected_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="最近更正时间"),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("agreement__isnull", False),
                        ("commitment", None),
                        ("evidence", None),
                        ("referralstep", None),
                    ),
                    models.Q(
                        ("agreement", None),
                        ("commitment__isnull", False),
                        ("evidence", None),
                        ("referralstep", None),
                    ),
                    models.Q(
                        ("agreement", None),
                        ("commitment", None),
                        ("evidence__isnull", False),
                        ("referralstep", None),
                    ),
                    models.Q(
                        ("agreement", None),
                        ("commitment", None),
                        ("evidence", None),
                        ("referralstep__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="correction_of_one_record",
            ),
        ),
    ]
