from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0050_flag_rules_again")]

    operations = [
        migrations.AddField(
            model_name="agreement",
            name="counted_wan",
            field=models.DecimalField(
                blank=True, decimal_places=4, max_digits=16, null=True, verbose_name="计入金额（万元）"
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(("counted_wan", None), ("counted_wan__gte", 0), _connector="OR"),
                name="agreement_counts_not_negative",
            ),
        ),
    ]
