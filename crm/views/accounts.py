"""Logging in and out, and changing one's password."""

import math
import secrets

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from crm import accounts, audit
from crm.errors import Refused
from crm.forms import LoginForm, PasswordForm

DEVICE_COOKIE = f"{settings.COOKIE_PREFIX}device"
DEVICE_DAYS = 90


@sensitive_post_parameters("password")
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login(request):
    """The login page; afterwards on to `next`, if that is a page of this site."""
    onward = _own_page(request)
    if request.user.is_authenticated:
        return redirect(onward)
    if request.method != "POST":
        return _login_page(request, LoginForm(), onward)
    form, now = LoginForm(request.POST), timezone.now()
    if not form.is_valid():
        return _login_page(request, form, onward, status=400)
    caller = _caller(request, form.cleaned_data["username"])
    try:
        user = accounts.log_in(caller, form.cleaned_data["password"], at=now)
    except Refused as refusal:
        return _refused(request, form, onward, refusal, now)
    auth.login(request, user)
    accounts.begin_session(request.session, now)
    return _remember_device(redirect(onward), caller)


@require_POST
def logout(request):
    """End the session; only by POST, so that no link or picture can do it."""
    audit.record(request.user, "logout", request.user, at=timezone.now())
    auth.logout(request)
    return redirect(settings.LOGIN_URL)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password_change(request):
    """Change one's own password; all other sessions of the account end with it."""
    form = PasswordForm(request.user, request.POST or None)
    if request.method != "POST":
        return TemplateResponse(request, "crm/password.html", {"form": form})
    caller, now = _caller(request, request.user.get_username()), timezone.now()
    try:
        accounts.take_try(caller, now)
    except accounts.LockedOut as refusal:
        context = {"form": PasswordForm(request.user), "refusal": refusal}
        return TemplateResponse(request, "crm/password.html", context, status=refusal.status)
    if not form.is_valid():
        if "old_password" not in form.errors:
            accounts.forgive(caller)
        return TemplateResponse(request, "crm/password.html", {"form": form}, status=400)
    _change_password(request, form, caller, now)
    messages.success(request, "密码已修改，其他设备上的登录已全部退出。")
    return redirect("home")


def _change_password(request, form, caller, now):
    with transaction.atomic():
        form.save()
        accounts.forgive(caller)
        audit.record(request.user, "password_changed", request.user, at=now)
    auth.update_session_auth_hash(request, form.user)


def _caller(request, account):
    device = request.get_signed_cookie(
        DEVICE_COOKIE, default="", salt=_salt(account), max_age=DEVICE_DAYS * 86400
    )
    return accounts.Caller(account, request.client_ip, device)


def _remember_device(response, caller):
    """A signed mark, good for this account only: this browser was let in."""
    response.set_signed_cookie(
        DEVICE_COOKIE,
        caller.device or secrets.token_hex(16),
        salt=_salt(caller.account),
        max_age=DEVICE_DAYS * 86400,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def _salt(account):
    return f"device:{account}"


def _own_page(request):
    target = request.POST.get("next") or request.GET.get("next") or ""
    own = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if own else "/"


def _refused(request, form, onward, refusal, now):
    form.add_error(None, refusal.detail)
    response = _login_page(request, form, onward, status=refusal.status)
    if isinstance(refusal, accounts.LockedOut):
        response.headers["Retry-After"] = str(math.ceil((refusal.until - now).total_seconds()))
    return response


def _login_page(request, form, onward, status=200):
    return TemplateResponse(request, "login.html", {"form": form, "next": onward}, status=status)
