"""Who calls: a partner's token or a person's session, and whether the token's scopes open the door."""

import re

from rest_framework import authentication
from rest_framework.permissions import BasePermission

from django.utils import timezone

from crm import authorship, partners, roles
from crm.addresses import client_ip
from crm.api.problems import Problem
from crm.partners import SCOPES

BEARER = re.compile(r"Bearer +(\S+)", re.IGNORECASE)


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer TOKEN`: recognises the partner and counts the call."""

    def authenticate(self, request):
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header.strip():
            return None
        bearer = BEARER.fullmatch(header.strip())
        if not bearer:
            raise partners.TokenInvalid("Authorization 头要写成：Bearer 令牌。")
        now = timezone.now()
        row = partners.recognise(bearer[1], address=client_ip(request), at=now)
        partners.count_call(row, at=now)
        found = partners.principal(row)
        authorship.signed_by(found)
        return found, row

    def authenticate_header(self, request):
        return 'Bearer realm="gongshu-crm"'


class SessionAuthentication(authentication.SessionAuthentication):
    """A person logged in to the site; writing needs the CSRF token."""

    def enforce_csrf(self, request):
        reason = authentication.CSRFCheck(lambda _: None)
        reason.process_request(request)
        if reason.process_view(request, None, (), {}):
            raise Problem(403, "csrf", "会话已过期或缺少 CSRF 令牌，请刷新页面后重试。")


class HasScope(BasePermission):
    """A token needs one of the scopes the view names for its action; people are judged by their role."""

    def has_permission(self, request, view):
        if request.user.role != roles.PARTNER or view.action not in view.action_map.values():
            return True  # a person; or a method the view does not have, which is a 405
        wanted = view.scopes[view.action]
        if wanted and not request.user.scopes.intersection(wanted):
            raise Problem(403, "scope", _closed(wanted))
        return True


def _closed(wanted):
    """Why a token does not open a door, and what to do about it."""
    if not SCOPES.keys() & set(wanted):
        return "这个接口只给登录的人用，任何令牌都不能调用。"
    return f"这个令牌没有所需的权限范围（{' 或 '.join(wanted)}），请联系区投促局。"
