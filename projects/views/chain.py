"""补链: the matrix of sectors and links of the chain; every number is the address of the list behind it."""

from urllib.parse import urlencode

from django.db import transaction
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from crm.answers import says_why
from crm.filtersets import refuse_others
from crm.models import ExportJob
from crm.numbers import number
from crm.permissions import require
from crm.reading import read_once
from projects import chain, firm_lists, firms, gap_lists
from projects.chain_filters import ChainForm
from projects.views import doors
from projects.views.listings import answered

FIRMS = 100  # on the page; the rest is a number


@require_safe
@says_why
@read_once()
def chain_page(request):
    """The matrix; with a sector and a link, who would fill that gap."""
    require(request.user, "report")
    rows = chain.matrix(request.user, doors.today())
    asked = _asked(request, [(row.code, row.label) for row in rows])
    context = {
        "rows": [(row, [_shown(one) for one in row.cells]) for row in rows],
        "heads": list(chain.POSITIONS.values()),
        "limit": number("chain_firms_min"),
        "gaps": [{"row": row, **_shown(one)} for row, one in chain.gaps(rows)],
        "today": doors.today(),
        "is_empty": not any(one.landed or one.projects or one.leads for row in rows for one in row.cells),
        **_gap(request.user, rows, asked),
    }
    return TemplateResponse(request, "projects/chain.html", context)


@require_safe
@says_why
@transaction.atomic
def chain_export(request):
    """All who would fill a gap as a workbook; a large one is asked for first. Written into the audit log."""
    require(request.user, "report")
    sectors = dict(chain.sectors(doors.today()).values())
    asked = _asked(request, sectors.items())
    if not asked["sector"]:
        raise doors.BadForm("请先选一个赛道和链条位置，再导出谁能补上。")
    found = gap_lists.listing_of(request.user, asked["sector"], asked["position"])
    words = f"{sectors[asked['sector']]} · {chain.LINKS[asked['position']]}"
    return answered(request, ExportJob.Kind.CHAIN, found, words=words, query=request.GET)


@require_safe
@says_why
def firms_page(request):
    """以商招商: whom the landed firms know, and whom they brought."""
    require(request.user, "report")
    found, number_of_all = firms.firms(request.user, FIRMS)
    context = {"firms": found, "number": number_of_all, "today": doors.today()}
    return TemplateResponse(request, "projects/chain_firms.html", context)


@require_safe
@says_why
@transaction.atomic
def firms_export(request):
    """以商招商 as a workbook, each link a line; a large one is asked for first. Audited."""
    require(request.user, "report")
    refuse_others(request)
    found = firm_lists.listing_of(request.user)
    return answered(request, ExportJob.Kind.FIRMS, found, words="", query=request.GET)


def _asked(request, sectors):
    """The gap of the address; raises what is wrong in it."""
    form = ChainForm(request.GET, sectors=sectors)
    if not form.is_valid():
        raise doors.refusal_of(form, "地址里的条件有误，补链没有显示。请修改或去掉：")
    return form.cleaned_data


def _gap(user, rows, asked):
    """The gap that was asked for, and the leads that would fill it."""
    if not asked["sector"]:
        return {}
    row = next(row for row in rows if row.code == asked["sector"])
    one = next(one for one in row.cells if one.position == asked["position"])
    found = chain.candidates(user, one.sector, one.position)
    export = f"{reverse('chain_export')}?{urlencode(asked)}"
    return {"asked": {"row": row, **_shown(one)}, "candidates": found, "most": chain.LISTED, "export": export}


def _shown(one):
    """A cell with its words and the lists behind its numbers."""
    return {
        "cell": one,
        "head": chain.POSITIONS[one.position],
        "numbers": [
            ("已落地", one.landed, _list("projects:list", one, landed="1", count="exact")),
            ("在推", one.projects, _list("projects:list", one, landed="no", count="exact")),
            ("线索", one.leads, _list("leads:list", one, open="1", count="exact")),
        ],
        "url": f"{reverse('chain')}?{urlencode({'sector': one.sector, 'position': one.position})}#gap",
    }


def _list(name, one, **more):
    return f"{reverse(name)}?{urlencode({'sector': one.sector, 'chain_position': one.position, **more})}"
