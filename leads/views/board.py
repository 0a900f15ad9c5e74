"""看板: the columns of leads, more cards of one, a card moved to another or put elsewhere in its own."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import arranging
from crm.answers import deed, for_readers, says_why
from crm.errors import Missing
from crm.filtersets import BadParameters
from crm.list_frames import at_its_address, piece_or_page
from crm.permissions import may
from crm.together import read
from crm.values.text import quoted
from crm.workdays import shanghai_day
from leads import board as boards
from leads import places
from leads.dropping import PIECE, dropped
from leads.models import Lead, LeadPlace
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
    if "column" in request.GET or "page" in request.GET:
        return _more(request, filters, found, request.GET.get("column", ""))
    stage = request.GET.get("stage")
    codes = [stage] if stage else boards.COLUMNS
    figures, mine = boards.figures(found), arranging.places_of(request.user, LeadPlace)
    read(figures, mine)
    put = arranging.placed(mine, found)
    columns = boards.columns(found, put, boards.totals(figures, codes), request.user)
    for column in columns:
        dress(column.cards.rows, request.user, timezone.now())
    context = {
        "columns": columns,
        "is_arranged": bool(put),
        "is_none": not any(one.number for one in columns),
    }
    template = piece_or_page(request, "leads/_board.html", "leads/board.html")
    answer = TemplateResponse(request, template, {**frame(request, filters), **context})
    return at_its_address(request, answer, filters.address())


def _more(request, filters, found, code):
    if code not in MAP.labels:
        wrong = Missing("bad_value", f"没有{quoted(code)}这一列。", "column")
        raise BadParameters("地址里的条件有误，看板没有显示。请修改或去掉：", missing=[wrong])
    put = arranging.placed(arranging.places_of(request.user, LeadPlace), found)
    cards = boards.cards(found, put, code, request.GET.get("page", ""), request.user)
    dress(cards.rows, request.user, timezone.now())
    column = boards.Column(code, MAP.labels[code], cards=cards)
    context = {"column": column, "cards": cards, "address": filters.address()}
    return TemplateResponse(request, "leads/_cards.html", context)


@require_safe
def missing(request, pk):
    """What a lead still lacks for the next stage, as a piece for its card; with `form` the way to move it."""
    lead = get_object_or_404(Lead.objects.visible_to(request.user).select_related("project"), pk=pk)
    context = {"lead": lead, "ahead": _ahead(lead, request.user)}
    if "form" in request.GET and may(request.user, "move", lead):
        context["ways"] = boards.Column(lead.stage, MAP.labels[lead.stage]).ways
    return TemplateResponse(request, "leads/_missing.html", context)


def _ahead(lead, user):
    """The next stage on the line and what it still asks for, with places; None at its end or beside it."""
    line = lead.stages.line
    if lead.stage not in line[:-1]:
        return None
    to = line[line.index(lead.stage) + 1]
    items = places.beside(lead, lead.missing_for(to, on=shanghai_day(timezone.now())), user)
    return {"code": to, "label": MAP.labels[to], "items": items}


@deed("leads:detail")
def place(request, pk):
    """Put a card below another of its column, for this person alone."""
    leads = Lead.objects.visible_to(request.user)
    lead = get_object_or_404(leads, pk=pk)
    arranging.put(LeadPlace, lead, arranging.after(request.POST), leads, request.user)
    return HttpResponse(status=204) if request.htmx else HttpResponseRedirect(reverse("leads:board"))


def natural(request):
    """Let all cards of this person stand by the day they came into their column again."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("leads:board"))
    arranging.forget(LeadPlace, request.user)
    messages.success(request, "看板已恢复默认次序：最近进入这一阶段的在最上面。")
    return HttpResponseRedirect(reverse("leads:board"))


def moved(request, lead):
    """The answer to a drop."""
    return TemplateResponse(request, PIECE, dropped(lead, request, at=timezone.now()))
