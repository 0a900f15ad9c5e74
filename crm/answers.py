"""How a door says no: the refusal as a page, or as a piece for htmx, with the refusal's own status."""

from functools import wraps

from django.template.response import TemplateResponse

from crm.errors import Refused

TITLES = {403: "不能这样做", 409: "和别人的操作撞上了", 412: "内容已被别人改过"}


def refused(request, refusal):
    """The answer to a request that the rules refuse; the browser's Back keeps what was typed."""
    context = {"refusal": refusal, "title": TITLES.get(refusal.status, "没有办成")}
    template = "_refusal.html" if request.htmx else "refused.html"
    return TemplateResponse(request, template, context, status=refusal.status)


def says_why(view):
    """Let `view` raise Refused: what it does not show itself becomes an answer of its own."""

    @wraps(view)
    def door(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except Refused as refusal:
            return refused(request, refusal)

    return door
