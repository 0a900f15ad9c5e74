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


def contested(rows):
    """How many of these leads or projects have a company on which sources disagree: a paging.Count."""
    return paging.count(rows.filter(company__in=Fact.objects.contested().values("company")))


def counted(rows, *, in_full, is_search=False):
    """(paging.Count, Tally or None) of a list: up to the cap, or `in_full` the number and the sum of all."""
    if not in_full:
        return paging.count(rows, paging.SEARCH_CAP if is_search else paging.COUNT_CAP), None
    figures = tally_of(rows)
    return paging.Count(figures.count, is_exact=True), figures
