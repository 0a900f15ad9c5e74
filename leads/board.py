"""看板: what stands in each column, how many and how much, in a fixed number of queries."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum

from crm import arranging, joins
from crm.paging import Page, fill
from leads.stages import MAP, LeadStage
from leads.tagging import marks, share_out

COLUMNS = (
    LeadStage.LEAD,
    LeadStage.SCREENING,
    LeadStage.ACCEPTED,
    LeadStage.RESERVE,
    LeadStage.DROPPED,
)
CARDS = 20
CARD = ("owner", "city", "sector", "project")


@dataclass(frozen=True)
class Way:
    """One step a card may be asked to take: to where, and whether it becomes a project by it."""

    code: str
    label: str
    opens_project: bool


@dataclass
class Column:
    """One column: count, sum in 万元 of the known amounts, number of unknown ones, first cards."""

    code: str
    label: str
    number: int = 0
    amount_wan: Decimal = Decimal(0)
    unknown: int = 0
    cards: Page = None

    @property
    def ways(self):
        """Where the cards of this column may go next."""
        if self.code == LeadStage.ACCEPTED:
            return []
        return [Way(code, MAP.labels[code], code == LeadStage.ACCEPTED) for code in MAP.next(self.code)]


def figures(leads):
    """How many leads and how much stand in each stage, as rows for `totals`."""
    numbers = {"number": Count("pk"), "known": Count("amount_wan"), "total": Sum("amount_wan")}
    return leads.order_by().values("stage").annotate(**numbers)


def totals(counted, codes=COLUMNS):
    """The columns of these `figures`, without cards."""
    columns = {code.value: Column(code.value, MAP.labels[code]) for code in map(LeadStage, codes)}
    for row in counted:
        if column := columns.get(row["stage"]):
            column.number = row["number"]
            column.unknown = row["number"] - row["known"]
            column.amount_wan = row["total"] or Decimal(0)
    return list(columns.values())


def columns(leads, put, found, user):
    """The columns `found` (`totals`) with their first cards, tagged as `user` reads it: two messages.

    `put` says which cards stand where the reader put them (`arranging.placed`).
    """
    keys = arranging.columns(leads, put, [column.code for column in found if column.number], CARDS)
    pages = dict(zip(keys, _filled(list(keys.values()), leads.model, user), strict=True))
    for column in found:
        column.cards = pages.get(column.code, Page([]))
    return found


def cards(leads, put, code, token, user):
    """One page of a column's cards; raises BadPage for a foreign token."""
    keys = arranging.column(leads.filter(stage=code), put.get(code, {}), CARDS, token)
    return _filled([keys], leads.model, user)[0]


def _filled(keys, model, user):
    tagged = marks(model, keys, user)
    with joins.as_written():
        pages = fill(keys, model.objects.select_related(*CARD), tagged)
    share_out(tagged, pages)
    return pages
