"""签约与到位: what counts per unit in a year: signed, registered, landed, money received, promises kept."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count

from crm.models import Unit
from projects.agreements import Signings
from projects.commitments import Keeping, keeping_by_unit
from projects.counting import counted, signings_by_unit
from projects.receipts import ZERO, sums


@dataclass
class Delivery:
    """One unit's year (or the total, unit None): everything by 统计日期, money by the day it arrived."""

    unit: Unit | None
    signings: Signings = field(default_factory=Signings)
    registered: int = 0
    landed: int = 0
    receipts: int = 0
    received_wan: object = ZERO
    keeping: Keeping = field(default_factory=Keeping)

    @property
    def is_empty(self):
        return not (
            self.signings.touched or self.registered or self.landed or self.receipts or self.keeping.counts
        )


def deliveries(projects, receipts, commitments, year, day):
    """The Deliveries of every unit that has something to show in `year`, and their total as the last.

    `projects`, `receipts` and `commitments` are querysets of what the reader sees; 履约 stands as of `day`.
    Six queries.
    """
    start, end = date(year, 1, 1), date(year, 12, 31)
    signed = signings_by_unit(projects, start, end)
    registered = _numbers(counted(projects, "registered", start, end))
    landed = _numbers(counted(projects, "landed", start, end))
    money, kept = sums(receipts), keeping_by_unit(commitments, day)
    rows = []
    for unit in Unit.objects.all():
        number, received = money.get((unit.pk, year), (0, ZERO))
        row = Delivery(
            unit,
            signed.get(unit.pk, Signings()),
            registered.get(unit.pk, 0),
            landed.get(unit.pk, 0),
            number,
            received,
            kept.get(unit.pk, Keeping()),
        )
        rows += [] if row.is_empty else [row]
    return [*rows, _total(rows)]


def _numbers(projects):
    rows = projects.order_by().values("unit").annotate(number=Count("pk"))
    return {row["unit"]: row["number"] for row in rows}


def _total(rows):
    whole = Delivery(None)
    for row in rows:
        whole.signings += row.signings
        whole.registered += row.registered
        whole.landed += row.landed
        whole.receipts += row.receipts
        whole.received_wan += row.received_wan
        whole.keeping += row.keeping
    return whole
