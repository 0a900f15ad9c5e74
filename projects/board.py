"""看板: columns in the order of the stage settings, their counts and sums, and their first cards."""

from dataclasses import dataclass
from decimal import Decimal

from crm.models import StageSetting
from crm.paging import keyset_page, next_token
from leads.sums import FIGURES, Tally, tally
from projects.stages import MAP, ProjectStage

CARDS = 20


@dataclass(frozen=True)
class Head:
    """What stands above a column: how many projects, how much in 万元, how many leave the amount open."""

    code: str
    label: str
    count: int
    amount: Decimal
    unknown: int


@dataclass(frozen=True)
class Column:
    """A stage with its head and its newest cards; `next` is the token of the following page."""

    head: Head
    cards: list
    next: str = ""


def settings():
    """The stage settings of projects, in the order the bureau gave them."""
    return list(StageSetting.objects.filter(code__in=ProjectStage.values))


def label(code):
    """The bureau's word for a stage; the code itself when there is none."""
    return MAP.labels.get(code, code)


def heads(projects, stages=None):
    """The heads of all columns by one grouped query; stages without a project have zero."""
    rows = projects.order_by().values("stage").annotate(**FIGURES)
    found = {row["stage"]: tally(row) for row in rows}
    return [_head(setting, found.get(setting.code, Tally())) for setting in stages or settings()]


def columns(projects, stages=None):
    """All columns with their first cards: two queries for the cards, one for the heads."""
    all_heads = heads(projects, stages)
    cards = _cards(projects, [head.code for head in all_heads if head.count])
    return [_column(head, cards.get(head.code, [])) for head in all_heads]


def more(projects, stage, token):
    """The next cards of one column."""
    return keyset_page(_shown(projects.filter(stage=stage)), token, CARDS, by="entered_at")


def _head(setting, figures):
    return Head(setting.code, setting.label, figures.count, figures.amount, figures.unknown)


def _column(head, cards):
    first = cards[:CARDS]
    token = next_token(first[-1], "entered_at") if len(cards) > CARDS else ""
    return Column(head, first, token)


def _cards(projects, codes):
    """stage → its newest cards, one more than shown: a slice per stage, together in one query."""
    if not codes:
        return {}
    slices = [
        projects.filter(stage=code).order_by("-entered_at", "-pk").values_list("pk")[: CARDS + 1]
        for code in codes
    ]
    keys = slices[0].union(*slices[1:], all=True) if len(slices) > 1 else slices[0]
    found = {}
    for card in _shown(projects.model.objects.filter(pk__in=[pk for (pk,) in keys])):
        found.setdefault(card.stage, []).append(card)
    return found


def _shown(projects):
    return projects.select_related("owner", "sector", "unit").order_by("-entered_at", "-pk")
