"""After a drop on the board: the card where it stands now, and the heads of the board it was dropped on."""

from crm.addresses import query_of
from crm.filtersets import BadParameters
from crm.workdays import shanghai_day
from leads import board
from leads.filters import LeadFilter
from leads.models import Lead
from leads.rows import dress
from leads.stages import MAP
from leads.tagging import tell

PIECE = "leads/_moved.html"


def dropped(lead, request, *, at):
    """What PIECE shows of `lead`; the request says who dropped it and, in `next`, on which board."""
    card = Lead.objects.select_related(*board.CARD).get(pk=lead.pk)
    dress([card], request.user, at)
    tell([card], request.user)
    column = board.Column(card.stage, MAP.labels[card.stage])
    return {"lead": card, "column": column, "columns": board.totals(board.figures(_shown_on(request, at)))}


def _shown_on(request, at):
    """The leads of that board; the step is written by now, so a wrong filter counts as none."""
    leads, query = Lead.objects.visible_to(request.user), query_of(request.POST.get("next", ""))
    try:
        return LeadFilter(query, leads, request=request, today=shanghai_day(at)).rows()
    except BadParameters:
        return leads
