"""How a door says no: the refusal as a page, or as a piece for htmx, with the refusal's own status."""

from functools import wraps

from django.contrib import messages
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

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


def deed(page, anchor=""):
    """A view for POST that may raise Refused.

    Who arrives by GET (a login led back here, say) is told that nothing was written, on the record's `page`
    (the name of an address that takes its pk), at the form if it has an `anchor`.
    """

    def decorate(view):
        @wraps(view)
        def door(request, pk, **kwargs):
            if request.method == "POST":
                return view(request, pk, **kwargs)
            if request.method not in ("GET", "HEAD"):
                return HttpResponseNotAllowed(["POST"])
            messages.warning(request, "刚才的操作没有写入，请再点一次。")
            return HttpResponseRedirect(reverse(page, args=[pk]) + (f"#{anchor}" if anchor else ""))

        return says_why(door)

    return decorate
