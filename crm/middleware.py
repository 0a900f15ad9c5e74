"""What every request gets: a number, an address for the audit log, and a session that ends in time."""

import codecs
import uuid
from contextlib import nullcontext
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user
from django.contrib.auth.middleware import AuthenticationMiddleware, LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.functional import SimpleLazyObject, empty
from django.utils.http import urlencode

from crm import accounts, audit, authorship, withholding
from crm.addresses import client_ip
from crm.reading import read_once

SAFE = ("GET", "HEAD")


def request_context(get_response):
    """Number the request, find its address, and let everything it records carry both."""

    def middleware(request):
        request.request_id = uuid.uuid4().hex
        request.client_ip = client_ip(request)
        channel = authorship.API if request.path.startswith("/api/") else authorship.PAGE
        acting = authorship.acting(channel, request_id=request.request_id)
        # a page is one piece of work, drawn included; what writes decides for itself what it reads once
        reading = read_once() if request.method in SAFE else nullcontext()
        with audit.origin(request.client_ip, request.request_id), acting, reading:
            response = get_response(request)
        response.headers["X-Request-ID"] = request.request_id
        return response

    return middleware


def readable(get_response):
    """Refuse what says it is written in anything but UTF-8; a key that we never made is no session."""

    def middleware(request):
        if request.encoding and codecs.lookup(request.encoding).name != "utf-8":
            raise BadRequest("charset")
        if not request.COOKIES.get(settings.SESSION_COOKIE_NAME, "").isalnum():
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return get_response(request)

    return middleware


TEXTS = ("text/html", "text/plain", "text/csv", "application/json", "application/problem+json")


def numbers_withheld(get_response):
    """No page and no answer of the API tells a telephone number to somebody who may not see contacts."""

    def middleware(request):
        response = get_response(request)
        kind = response.headers.get("Content-Type", "")
        if response.streaming or not kind.startswith(TEXTS):
            return response
        if not withholding.is_withheld_from(_asker(request)):
            return response
        hide = withholding.masked_page if kind.startswith("text/html") else withholding.masked
        response.content = hide(response.content.decode()).encode()
        return response

    return middleware


def _asker(request):
    """Who asked, as far as anybody wanted to know: a public page looks nobody up."""
    user = getattr(request, "user", None)
    is_unknown = isinstance(user, SimpleLazyObject) and user._wrapped is empty
    return None if is_unknown else user


class PersonMiddleware(AuthenticationMiddleware):
    """The person behind the session, looked up when first asked for; an overdue session has nobody."""

    def process_request(self, request):
        request.user = SimpleLazyObject(lambda: _person(request))


def _person(request):
    user = get_user(request)
    if user.is_authenticated and accounts.is_over(request.session, timezone.now()):
        request.session.flush()
        request.is_session_over = True
        return AnonymousUser()
    authorship.signed_by(user)
    return user


class LoginRequired(LoginRequiredMiddleware):
    """No page without login; a piece fetched by htmx sends the whole page to the login, not itself."""

    def process_view(self, request, view_func, view_args, view_kwargs):
        """A public view asks nobody who they are: the health probe works while the database is away."""
        if getattr(view_func, "login_required", True):
            return super().process_view(request, view_func, view_args, view_kwargs)
        return None

    def handle_no_permission(self, request, view_func):
        if notice := _notice(request):
            messages.info(request, notice)
        if request.headers.get("HX-Request") != "true":
            return super().handle_no_permission(request, view_func)
        back = urlencode({"next": _path(request.headers.get("HX-Current-URL", "/"))})
        login = resolve_url(self.get_login_url(view_func))
        return HttpResponse(status=401, headers={"HX-Redirect": f"{login}?{back}"})


def _notice(request):
    """What the login page says to somebody whose session is gone; what they sent by POST went with it."""
    was_in = settings.SESSION_COOKIE_NAME in request.COOKIES
    is_lost = request.method == "POST" and was_in
    if not is_lost and not getattr(request, "is_session_over", False):
        return ""
    lost = "刚才填的内容没有写入，" if is_lost else ""
    return f"太久没有操作或登录已满时限，已自动退出，{lost}请重新登录。"


def _path(address):
    """The path and query of an address; the front page when it is none."""
    try:
        return urlsplit(address)._replace(scheme="", netloc="").geturl()
    except ValueError:
        return "/"
