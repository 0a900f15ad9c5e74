"""Callers of the API: a partner with a token, a person with a session; answers as status, body, headers."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from crm import partners
from tests import make
from tests.conftest import logged_in

ROOT = "/api/v1/"


class Caller:
    """Speaks JSON to the API with the same headers every time."""

    def __init__(self, headers=None, client=None, token=None):
        self.client = client or Client()
        self.headers = headers or {}
        self.token = token

    def get(self, path, query=None, **headers):
        return self._send("get", path, query, headers)

    def post(self, path, body=None, **headers):
        return self._send("post", path, {} if body is None else body, headers)

    def patch(self, path, body=None, **headers):
        return self._send("patch", path, {} if body is None else body, headers)

    def send(self, method, path, text, **headers):
        """A request with exactly this body."""
        headers = {**self.headers, **_names(headers)}
        kind = headers.pop("Content-Type", "application/json")
        return self.client.generic(method, _address(path), text, content_type=kind, headers=headers)

    def _send(self, method, path, data, headers):
        more = {} if method == "get" else {"content_type": "application/json"}
        call = getattr(self.client, method)
        return call(_address(path), data, headers={**self.headers, **_names(headers)}, **more)


def _address(path):
    return path if path.startswith(("/", "http")) else ROOT + path


def _names(headers):
    return {name.replace("_", "-"): value for name, value in headers.items()}


def partner(name="伙伴甲", scopes="leads:write projects:read", unit=None, at=None, lifetime=None, cidr=""):
    """A partner system with a fresh token."""
    unit = unit or make.unit("bureau", "区投促局", "bureau")
    row, text = partners.issue(
        name, scopes.split(), unit=unit, at=at or timezone.now(), lifetime=lifetime, cidr=cidr
    )
    return Caller({"Authorization": f"Bearer {text}"}, token=row)


def person(user):
    """Somebody logged in to the site."""
    return Caller(client=logged_in(Client(), user))


def a_month():
    return timedelta(days=30)
