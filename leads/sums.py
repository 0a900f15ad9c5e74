"""合计: how many rows of leads or projects there are, and what their amounts add up to."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum

from crm import paging
from crm.models import Fact

# what a grouped query asks for, to be read by `tally`
FIGURES = {
    "number": Count("pk"),
    "amount": Sum("amount_wan"),
    "unknown": Count("pk", filter=Q(amount_wan=None)),
}


@dataclass(frozen=True)
class Tally:
    """How many, how much in 万元 (of those that say), and how many leave the amount open."""

    count: int = 0
    amount: Decimal = Decimal(0)
    unknown: int = 0

    @property
    def known(self):
        """The amount, or None when there are rows and every one of them leaves it open: that is not 0."""
        return None if self.unknown and self.unknown == self.count else self.amount

    def __add__(self, other):
        return Tally(self.count + other.count, self.amount + other.amount, self.unknown + other.unknown)

    def __sub__(self, other):
        return Tally(self.count - other.count, self.amount - other.amount, self.unknown - other.unknown)


def tally(row):
    """The Tally in one answer to FIGURES."""
    return Tally(row["number"], row["amount"] or Decimal(0), row["unknown"])


def tally_of(rows):
    """The Tally of a queryset of leads or projects, by one query over all of them."""
    return tally(rows.order_by().aggregate(**FIGURES))


def counted(rows, seen, *, in_full, is_search=False):
    """What a list says of numbers: {"count": paging.Count of its `rows` up to the cap, "total": None,
    "contested": how many of all the open ones `seen` have a company on which sources disagree}.

    `in_full` the count is that of all rows, and the total their Tally.
    """
    contested = seen.filter(company__in=Fact.objects.contested().values("company"))
    if not in_full:
        cap = paging.SEARCH_CAP if is_search else paging.COUNT_CAP
        return {**paging.counts({"count": cap}, count=rows, contested=contested), "total": None}
    total = tally_of(rows)
    number = paging.Count(total.count, is_exact=True)
    return {"count": number, "total": total, "contested": paging.count(contested)}
