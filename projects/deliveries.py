"""签约与到位: what counts per unit in a year: signed, registered, landed, money received, promises kept.

By the unit that is responsible now, and beside it by the shares of the credit (projects/crediting.py).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from crm.models import Unit
from projects.agreements import Signings
from projects.commitments import Keeping, keeping_by_unit
from projects.counting import counted, signings_by_place
from projects.crediting import Credit, by_unit
from projects.receipts import ZERO, sums


@dataclass
class Delivery:
    """One unit's year (or the total, unit None): everything by 统计日期, money by the day it arrived.

    `credit` is what the unit's shares make of the same projects; over all units both have one total.
    """

    unit: Unit | None
    signings: Signings = field(default_factory=Signings)
    registered: int = 0
    landed: int = 0
    receipts: int = 0
    received_wan: object = ZERO
    keeping: Keeping = field(default_factory=Keeping)
    credit: Credit = field(default_factory=Credit)

    @property
    def is_empty(self):
        """Whether it is responsible for nothing that counts; it may be credited with something."""
        return not (
            self.signings.touched or self.registered or self.landed or self.receipts or self.keeping.counts
        )

    def __add__(self, other):
        """Both together, without a unit; of whole projects, counted for every unit, there is no sum."""
        return Delivery(
            None,
            self.signings + other.signings,
            self.registered + other.registered,
            self.landed + other.landed,
            self.receipts + other.receipts,
            self.received_wan + other.received_wan,
            self.keeping + other.keeping,
            self.credit + other.credit,
        )


def deliveries(projects, receipts, commitments, year, day):
    """The Deliveries of every unit that has something to show in `year`, and their total as the last.

    `projects`, `receipts` and `commitments` are querysets of what the reader sees; 履约 stands as of `day`.
    Eight queries.
    """
    end = date(year, 12, 31)
    happened = _by_place(projects, receipts, year)
    found = defaultdict(lambda: Delivery(None))
    for (unit, _), one in happened.items():
        found[unit] += one
    for unit, kept in keeping_by_unit(commitments, day).items():
        found[unit].keeping += kept
    for unit, credit in by_unit({lead: _whole(one) for (_, lead), one in happened.items()}, end).items():
        found[unit].credit += credit
    rows = []
    for unit in Unit.objects.all():
        row = found.get(unit.pk, Delivery(unit))
        row.unit = unit
        rows += [] if row.is_empty and row.credit.is_empty else [row]
    total = sum(rows, Delivery(None))
    total.credit.projects = len(total.signings.signed)
    return [*rows, total]


def _by_place(projects, receipts, year):
    """{(unit id, lead id): Delivery} of what happened in the year, a project each; a lead has one project."""
    start, end = date(year, 1, 1), date(year, 12, 31)
    found = defaultdict(lambda: Delivery(None))
    for place, signings in signings_by_place(projects, start, end).items():
        found[place].signings = signings
    for kind in ("registered", "landed"):
        for place in counted(projects, kind, start, end).order_by().values_list("unit", "lead"):
            setattr(found[place], kind, 1)
    for place, (number, received) in sums(receipts, year).items():
        found[place].receipts, found[place].received_wan = number, received
    return found


def _whole(one):
    """What a project brings in all, before its shares divide it."""
    return Credit(
        signed=ZERO + len(one.signings.signed),
        ended=ZERO + len(one.signings.ended),
        amount_wan=one.signings.amount_wan,
        registered=ZERO + one.registered,
        landed=ZERO + one.landed,
        received_wan=one.received_wan,
        projects=len(one.signings.signed),
    )
