"""How a door says no: the refusal as a page, or as a piece for htmx, with the refusal's own status."""

from functools import wraps
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from crm import roles
from crm.errors import Gone, Refused

SAVED_COOKIE = f"{settings.COOKIE_PREFIX}saved"
SAVED_SECONDS = 60
TITLES = {403: "不能这样做", 409: "和别人的操作撞上了", 412: "内容已被别人改过"}


def refused(request, refusal, back="", ways=()):
    """The answer to a request that the rules refuse, with a link to the record at the address `back`, or with
    other `ways` to go on: (label, address).

    The browser's Back keeps what was typed.
    """
    title = TITLES.get(refusal.status, "没有办成" if request.method == "POST" else "没有可显示的内容")
    context = {"refusal": refusal, "title": title, "back": back, "ways": ways}
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


def for_readers(what, visible_to):
    """A list of `what` for those whose role sees such records, or who see one (`visible_to(user)`) anyway.

    Everybody else is told so, and where their own work is, instead of being shown filters over nothing.
    """

    def decorate(view):
        @wraps(view)
        def door(request, *args, **kwargs):
            if request.user.role in roles.SEES_RECORDS or visible_to(request.user).exists():
                return view(request, *args, **kwargs)
            return TemplateResponse(request, "nothing_here.html", {"what": what})

        return door

    return decorate


def keeps_draft(view):
    """A view of a form whose draft the browser keeps (crm/static/crm/drafts.js) until it is written.

    A redirect is the answer to what was written; its cookie names the address whose draft has done its work.
    """

    @wraps(view)
    def door(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if request.method == "POST" and response.status_code == 302:
            response.set_cookie(
                SAVED_COOKIE,
                quote(request.path, safe=""),
                max_age=SAVED_SECONDS,
                secure=settings.SESSION_COOKIE_SECURE,
                samesite="Lax",
            )
        return response

    return door


def deed(page, anchor=""):
    """A view for POST that may raise Refused; the refusal leads back to the record.

    Who arrives by GET (a login led back here, say) is told that nothing was written, on the record's `page`
    (the name of an address that takes its pk), at the form if it has an `anchor`.
    """

    def decorate(view):
        @wraps(view)
        def door(request, pk, **kwargs):
            record = reverse(page, args=[pk])
            if request.method == "POST":
                return _done_or_refused(request, record, view, pk, kwargs)
            if request.method not in ("GET", "HEAD"):
                return HttpResponseNotAllowed(["POST"])
            messages.warning(request, "刚才的操作没有写入，请再点一次。")
            return HttpResponseRedirect(record + (f"#{anchor}" if anchor else ""))

        return keeps_draft(door)

    return decorate


def _done_or_refused(request, record, view, pk, kwargs):
    try:
        return view(request, pk, **kwargs)
    except Refused as refusal:
        return refused(request, refusal, back="" if isinstance(refusal, Gone) else record)
