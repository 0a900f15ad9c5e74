"""签约与到位: what counts per unit in a year: signed, registered, landed, money received, promises kept.

By the unit that is responsible now, and beside it by the shares of the credit (projects/crediting.py). A
unit is credited with its share also of a project its people do not see (联合 decided, handed over): they
see the company, the first report and their own part, and nothing else of it.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from crm.models import Unit
from crm.permissions import require
from leads.models import Lead
from projects.agreements import Signings
from projects.commitments import Keeping, keeping_by_unit
from projects.counting import counted, signings_by_place
from projects.crediting import Credit, by_unit, of_one
from projects.models import Commitment, Project, Receipt
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
    unseen: int = 0  # how many projects behind the credit the reader does not see; of the total

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


@dataclass(frozen=True)
class Unseen:
    """A project behind a share that the reader does not see: its lead, the percent and the own part of it."""

    lead: Lead
    percent: int
    credit: Credit


def unseen(user, year):
    """[Unseen]: what counts in `year` of projects `user` does not see but the own unit has a share of."""
    numbers = list(Project.objects.credited_unseen(user).values_list("pk", flat=True))
    if not numbers:
        return []
    projects = Project.objects.filter(pk__in=numbers)
    happened = _by_place(projects, Receipt.objects.filter(project__in=numbers), year)
    wholes = {lead: _whole(one) for (_, lead), one in happened.items()}
    parts = of_one(wholes, user.unit_id, date(year, 12, 31))
    leads = Lead.objects.filter(pk__in=parts).select_related("company", "claim__unit").order_by("-pk")
    return [Unseen(lead, *parts[lead.pk]) for lead in leads]


def deliveries(projects, receipts, commitments, year, day, *, user=None):
    """The Deliveries of every unit that has something to show in `year`, and their total as the last.

    `projects`, `receipts` and `commitments` are querysets of what the reader `user` sees; 履约 stands as of
    `day`. What is credited to the own unit of projects it does not see is added to its credit. Eight queries,
    and eight more for a reader whose unit has such a share.
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
    hidden = unseen(user, year) if user else []
    for one in hidden:
        found[user.unit_id].credit += one.credit
    rows = []
    for unit in Unit.objects.all():
        row = found.get(unit.pk, Delivery(unit))
        row.unit = unit
        rows += [] if row.is_empty and row.credit.is_empty else [row]
    total = sum(rows, Delivery(None))
    total.credit.projects = len(total.signings.signed) + sum(one.credit.projects for one in hidden)
    total.unseen = len(hidden)
    return [*rows, total]


def year_of(user, year, day):
    """The Deliveries of `year` over what `user` sees and is credited with; NotAllowed for who reads none."""
    require(user, "report")
    mine = [model.objects.visible_to(user) for model in (Project, Receipt, Commitment)]
    return deliveries(*mine, year, day, user=user)


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
