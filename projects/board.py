"""看板: columns in the order of the stage settings, their counts and sums, and their first cards."""

from dataclasses import dataclass
from decimal import Decimal

from crm import arranging
from crm.models import StageSetting
from crm.paging import Page, fill
from leads.sums import FIGURES, Tally, tally
from projects.stages import MAP, ProjectStage
from projects.stays import with_pauses

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


def columns(projects, put, stages=None):
    """All columns with their first cards: two queries for the cards, one for the heads.

    `put` says which cards stand where the reader put them (`arranging.placed`).
    """
    all_heads = heads(projects, stages)
    pages = _pages(projects, [head.code for head in all_heads if head.count], put)
    return [_column(head, pages.get(head.code, Page([]))) for head in all_heads]


def more(projects, put, stage, token):
    """The next cards of one column; raises BadPage for a foreign token."""
    keys = arranging.column(projects.filter(stage=stage), put.get(stage, {}), CARDS, token)
    (page,) = fill([keys], _shown(projects.model.objects))
    return page


def _head(setting, figures):
    return Head(setting.code, setting.label, figures.count, figures.amount, figures.unknown)


def _column(head, page):
    return Column(head, page.rows, page.next)


def _pages(projects, codes, put):
    """stage → the Page of its first cards: the keys in one query, then the cards."""
    keys = arranging.columns(projects, put, codes, CARDS)
    return dict(zip(keys, fill(keys.values(), _shown(projects.model.objects)), strict=True))


def _shown(projects):
    return with_pauses(projects.select_related("owner", "sector", "unit"))
