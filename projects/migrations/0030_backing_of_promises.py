from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0021_claims_of_suspended")]

    operations = [
        migrations.AddField(
            model_name="commitment",
            name="incentive",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=models.deletion.PROTECT,
                related_name="commitments",
                to="projects.incentiveitem",
                verbose_name="依据的优惠条款",
            ),
        ),
        migrations.AddConstraint(
            model_name="commitment",
            constraint=models.CheckConstraint(
                condition=models.Q(("incentive", None), ("side", "government"), _connector="OR"),
                name="commitment_of_government_is_backed",
            ),
        ),
    ]
