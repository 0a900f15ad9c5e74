"""看板: columns in the order of the stage settings, their counts and sums, and their first cards."""

from dataclasses import dataclass
from decimal import Decimal

from crm import arranging
from crm.models import StageSetting
from crm.paging import Page, fill
from leads.sums import FIGURES, Tally, tally
from leads.tagging import marks, share_out
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
    """The stage settings of projects, in the order the bureau gave them; a queryset."""
    return StageSetting.objects.filter(code__in=ProjectStage.values)


def label(code):
    """The bureau's word for a stage; the code itself when there is none."""
    return MAP.labels.get(code, code)


def figures(projects):
    """How many projects and how much stand in each stage, as rows for `heads`."""
    return projects.order_by().values("stage").annotate(**FIGURES)


def heads(counted, stages):
    """The heads of all columns of these `figures` and stage `settings`; without a project it has zero."""
    found = {row["stage"]: tally(row) for row in counted}
    return [_head(setting, found.get(setting.code, Tally())) for setting in stages]


def columns(projects, put, all_heads, user):
    """All columns with their first cards and what `user` reads of their tags: two messages.

    `put` says which cards stand where the reader put them (`arranging.placed`).
    """
    keys = arranging.columns(projects, put, [head.code for head in all_heads if head.count], CARDS)
    pages = dict(zip(keys, _filled(list(keys.values()), projects.model, user), strict=True))
    return [_column(head, pages.get(head.code, Page([]))) for head in all_heads]


def more(projects, put, stage, token, user):
    """The next cards of one column; raises BadPage for a foreign token."""
    keys = arranging.column(projects.filter(stage=stage), put.get(stage, {}), CARDS, token)
    return _filled([keys], projects.model, user)[0]


def _filled(keys, model, user):
    tagged = marks(model, keys, user)
    pages = fill(keys, with_pauses(model.objects.select_related("owner", "sector", "unit")), tagged)
    share_out(tagged, pages)
    return pages


def _head(setting, figures):
    return Head(setting.code, setting.label, figures.count, figures.amount, figures.unknown)


def _column(head, page):
    return Column(head, page.rows, page.next)
