"""Where a request comes from. A forwarded address is believed only when a proxy of ours says it."""

from functools import lru_cache
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import QueryDict

UNKNOWN = "0.0.0.0"  # noqa: S104 (stands for "no address", nothing listens there)


def client_ip(request):
    """The address of the client as text.

    X-Forwarded-For is read from the right, and only as far as settings.TRUSTED_PROXIES (a list of
    networks, empty by default) vouches for it: what a client writes there itself is never used.
    """
    address = _parsed(request.META.get("REMOTE_ADDR", ""))
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while address and hops and _is_ours(address):
        address = _parsed(hops.pop()) or address
    return str(address) if address else UNKNOWN


def query_of(address):
    """The query of the page a request says it comes from; empty when it is no address of ours."""
    try:
        return QueryDict(urlsplit(address).query)
    except (ValueError, TooManyFieldsSent):
        return QueryDict()


def _is_ours(address):
    return any(address in network for network in _networks(tuple(settings.TRUSTED_PROXIES)))


@lru_cache(maxsize=8)
def _networks(cidrs):
    return [ip_network(cidr) for cidr in cidrs]


def _parsed(text):
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
