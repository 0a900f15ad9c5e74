"""看板: the columns of leads, more cards of one, and a card moved to another."""

from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.answers import for_readers, says_why
from leads import board as boards
from leads.dropping import PIECE, dropped
from leads.models import Lead
from leads.rows import dress
from leads.stages import MAP
from leads.views.listing import asked, frame


@require_safe
@says_why
@for_readers("线索", Lead.objects.visible_to)
def board(request):
    """Leads by stage. With `column` and `page` only the next cards of that column."""
    filters = asked(request, also=("column", "page"))
    found = filters.rows()
    if request.GET.get("column") in MAP.labels:
        return _more(request, filters, found, request.GET["column"])
    stage = request.GET.get("stage")
    codes = [stage] if stage else boards.COLUMNS
    columns = boards.columns(found, codes)
    for column in columns:
        dress(column.cards.rows, request.user, timezone.now())
    context = {"columns": columns, "is_empty": _is_empty(filters, columns)}
    return TemplateResponse(request, "leads/board.html", {**frame(request, filters), **context})


def _is_empty(filters, columns):
    """Whether there is no lead at all: then the board says what to do first."""
    return not filters.chips() and not any(column.number for column in columns)


def _more(request, filters, found, code):
    cards = boards.cards(found, code, request.GET.get("page", ""))
    dress(cards.rows, request.user, timezone.now())
    column = boards.Column(code, MAP.labels[code], cards=cards)
    context = {"column": column, "cards": cards, "address": filters.address()}
    return TemplateResponse(request, "leads/_cards.html", context)


def moved(request, lead):
    """The answer to a drop."""
    return TemplateResponse(request, PIECE, dropped(lead, request, at=timezone.now()))
