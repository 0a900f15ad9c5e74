"""The keys of claims see through how the city is written, and claims that turn out to be of one company run on.

Nobody loses a claim by a better key: the first to report bears it alone, whoever came later stands beside it
(Claim.beside). Both are told so in their history, and the leads are compared anew, so that the unit of both,
or the bureau, is asked whether they are one project.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone

from crm.values import company_key, spelled_key
from crm.workdays import shanghai_day

BATCH = 5000
NAMED = "name:"
WRITE = """
UPDATE leads_claim AS kept SET key = told.key
  FROM unnest(%s::bigint[], %s::text[]) AS told (id, key) WHERE kept.id = told.id
"""


def see_through(apps, schema_editor):
    now = timezone.now()
    moved, leads = _moved(apps, spelled_key, company_key)
    standing = _standing_beside(apps, moved, now)
    _write(schema_editor, moved)
    Lead = apps.get_model("leads", "Lead")
    for start in range(0, len(leads), BATCH):
        Lead.objects.filter(pk__in=leads[start : start + BATCH]).update(is_unchecked=True)
    apps.get_model("leads", "ClaimEvent").objects.bulk_create(standing, batch_size=BATCH)
    _settle(schema_editor)


def as_written(apps, schema_editor):
    moved, _ = _moved(apps, company_key, spelled_key)
    _write(schema_editor, moved)
    apps.get_model("leads", "ClaimEvent").objects.filter(kind="beside").delete()
    apps.get_model("leads", "Claim").objects.exclude(beside=None).update(beside=None)
    _settle(schema_editor)


def _settle(schema_editor):
    """Check what is left to the commit now: of rows that wait for it no index is made."""
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


def _moved(apps, old, new):
    """({claim: its other key}, the leads of companies with another key), read a few thousand at a time."""
    rows = apps.get_model("leads", "Claim").objects.filter(key__startswith=NAMED).order_by("pk")
    moved, leads, last = {}, [], 0
    while found := list(rows.filter(pk__gt=last).values_list(*READ)[:BATCH]):
        last = found[-1][0]
        for pk, key, lead, title, investor, *of_company in found:
            again = _again(key, _names(title, *of_company), investor, old, new)
            if again != key:
                moved[pk] = again
                leads.append(lead)
    return moved, leads


READ = (
    "pk", "key", "lead", "lead__title", "lead__investor_name",
    "company__name", "company__former_names", "company__aliases",
)  # fmt: skip


def _names(title, name, former_names, aliases):
    return [one for one in (name, title, *(former_names or ()), *(aliases or ())) if one]


def _again(key, names, investor, old, new):
    """The key as `new` writes it: from the name it was made of, or of a name that is gone from itself."""
    by_name, bar, by_investor = key.removeprefix(NAMED).partition("|")
    name = next((one for one in names if old(one) == by_name), by_name)
    brought_by = investor if old(investor) == by_investor else by_investor
    return f"{NAMED}{new(name)}{bar}{new(brought_by)}"


def _standing_beside(apps, moved, now):
    """Let the later of two running claims of one key stand beside the first; the events that tell of it."""
    Claim = apps.get_model("leads", "Claim")
    running = Claim.objects.filter(released_at=None, key__startswith=NAMED)
    rows = running.order_by("claimed_at", "pk").values_list("pk", "key")
    first, later = {}, {}
    for pk, key in rows.iterator(chunk_size=BATCH):
        root = first.setdefault(moved.get(pk, key), pk)
        if root != pk:
            later[pk] = root
    claims = Claim.objects.select_related("unit").in_bulk({*later, *later.values()})
    for pk, root in later.items():
        Claim.objects.filter(pk=pk).update(beside=root)
    Event = apps.get_model("leads", "ClaimEvent")
    pairs = [pair for pk, root in later.items() for pair in ((pk, root), (root, pk))]
    return [_told(Event, claims[one], claims[other], now) for one, other in pairs]


def _told(Event, claim, other, now):
    text = (
        f"城市写法不同的名称现在算同一家企业：{other.unit.name}也于 {shanghai_day(other.claimed_at):%Y-%m-%d} "
        "首报了这家企业，两条首报都继续有效；是不是同一项目在判重页面判定，有不同意见的可以提出首报冲突"
    )
    return Event(claim=claim, kind="beside", at=now, by=None, unit=claim.unit, text=text)


def _write(schema_editor, moved):
    told = sorted(moved.items())
    for start in range(0, len(told), BATCH):
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(WRITE, [list(column) for column in zip(*told[start : start + BATCH], strict=True)])


KINDS = [
    ("extended", "首报延期"),
    ("lapsed", "首报失效"),
    ("renewed", "重新首报"),
    ("contested", "提出冲突裁决"),
    ("decided", "冲突裁决"),
    ("settled", "首报完成"),
    ("resumed", "恢复首报"),
    ("begun", "首报开始"),
    ("moot", "冲突了结"),
    ("beside", "首报并存"),
    ("credited", "业绩沿用"),
]


class Migration(migrations.Migration):
    dependencies = [("crm", "0018_keys_that_see_through_cities"), ("leads", "0010_first_lines_of_an_import")]

    operations = [
        migrations.AddField(
            model_name="claim",
            name="beside",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="leads.claim",
                verbose_name="并存的在先首报",
            ),
        ),
        migrations.RemoveConstraint(model_name="claim", name="one_open_claim_per_key"),
        migrations.AlterField(
            model_name="claimevent",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=10, verbose_name="事项"),
        ),
        migrations.RunPython(see_through, as_written),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.UniqueConstraint(
                condition=models.Q(("beside", None), ("released_at", None)),
                fields=("key",),
                name="one_open_claim_per_key",
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("loss_reason__isnull", False)),
                fields=["loss_reason", "stage"],
                include=("id",),
                name="lead_lost_for",
            ),
        ),
    ]
