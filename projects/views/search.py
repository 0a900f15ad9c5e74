"""全局搜索: one page for who has no script, and the same answer as a piece for the palette of every page."""

from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import guide
from crm.answers import says_why
from crm.errors import Missing
from crm.filtersets import BadParameters
from crm.finding import LONGEST
from crm.permissions import may
from crm.values.text import quoted
from projects import finding

PARAMETERS = ("q", "only", "opened")


@require_safe
@says_why
def search(request):
    """What answers `q`, of the one kind `only` when given; without words the records `opened` before."""
    _check(request.GET)
    query, only = request.GET.get("q", "").strip()[:LONGEST], request.GET.get("only", "")
    groups = finding.find(query, request.user, only)
    if not query:
        groups = finding.recent(_opened(request.GET.get("opened", "")), request.user)
    elif groups:
        guide.note_search(request.user, at=timezone.now())
    context = {
        "query": query,
        "only": finding.KINDS[only][0] if only else "",
        "groups": groups,
        "number": sum(len(group.hits) for group in groups),
        "has_more": any(group.more for group in groups),
        "may_capture": may(request.user, "capture"),
    }
    template = "projects/_search.html" if request.htmx else "projects/search.html"
    return TemplateResponse(request, template, context)


def _check(data):
    """Refuse what the page does not know: a parameter, or a kind of record."""
    wrong = [
        Missing("unknown_parameter", f"没有{quoted(name)}这个筛选条件。", name)
        for name in data
        if name not in PARAMETERS
    ]
    if (only := data.get("only", "")) not in ("", *finding.KINDS):
        wrong.append(Missing("bad_value", f"没有{quoted(only)}这一类。", "only"))
    if wrong:
        raise BadParameters("地址里的条件有误，没有搜索。请修改或去掉：", missing=wrong)


def _opened(text):
    """(kind, number) pairs of 「lead:17,project:3」; what is none is left out."""
    pairs = (part.partition(":") for part in text.split(",")[: finding.RECENT])
    return [(kind, int(pk)) for kind, _, pk in pairs if pk.isdecimal() and len(pk) < 19]
