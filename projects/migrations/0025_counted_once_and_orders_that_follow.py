"""The index of what was given up as 重复; and open 督办单 of leads merged before this rule follow them.

They go, merge by merge as they were made, where a merge of today takes them: to the kept lead or its project,
and to the unit that has it. Each Merge remembers them, so that taking it back gives them back.
"""

from datetime import date

from django.conf import settings
from django.db import migrations, models
from django.utils import timezone


def follow(apps, schema_editor):
    now = timezone.now()
    for merge in _standing(apps).order_by("at", "pk"):
        kept = _on_the_way(merge.kept)
        for order in merge.merged.orders.filter(closed_at=None).order_by("pk"):
            limit_on = order.limit_on and order.limit_on.isoformat()
            merge.moved["orders"] = [*merge.moved.get("orders", []), [order.pk, limit_on]]
            _stand_on(apps, order, kept, now)
        merge.save(update_fields=["moved"])


def give_back(apps, schema_editor):
    now = timezone.now()
    for merge in _standing(apps).order_by("-at", "-pk"):
        kept, limits = _on_the_way(merge.kept), dict(merge.moved.pop("orders", []))
        for order in kept.orders.filter(pk__in=limits):
            order.limit_on = limits[order.pk] and date.fromisoformat(limits[order.pk])
            _stand_on(apps, order, merge.merged, now)
        merge.save(update_fields=["moved"])


def _standing(apps):
    merges = apps.get_model("leads", "Merge").objects.filter(undone_at=None)
    return merges.select_related("kept", "merged")


def _on_the_way(lead):
    return getattr(lead, "project", lead)


def _stand_on(apps, order, record, now):
    """Let the order belong to `record` and, while it is open, to its unit; the transfer is written down."""
    name = record._meta.model_name
    if order.limit_on and record.orders.filter(rule=order.rule, limit_on=order.limit_on).exists():
        order.limit_on = None  # one for the limit stands there already
    order.lead = order.project = None
    setattr(order, name, record)
    if order.closed_at is None and order.unit_id != record.unit_id:
        transfers = apps.get_model("projects", "OrderTransfer").objects
        transfers.create(order=order, from_unit_id=order.unit_id, to_unit_id=record.unit_id, at=now)
        order.unit_id = record.unit_id
    order.save(update_fields=["lead", "project", "limit_on", "unit"])


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0018_keys_that_see_through_cities"),
        ("leads", "0011_one_report_one_credit_one_count"),
        ("projects", "0024_wordings_of_agreements"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="project",
            index=models.Index(
                condition=models.Q(("loss_reason__isnull", False)),
                fields=["loss_reason", "stage"],
                include=("id", "lead"),
                name="project_lost_for",
            ),
        ),
        migrations.RunPython(follow, give_back),
    ]
