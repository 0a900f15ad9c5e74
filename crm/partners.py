"""Partner systems at the door: what a token may open, how it is issued, recognised, counted and revoked."""

import hashlib
import hmac
import ipaddress
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from django.contrib.postgres.expressions import ArraySubquery
from django.db import OperationalError, connection
from django.db.models import OuterRef

from crm import roles
from crm.errors import Refused
from crm.models import IdempotencyKey, PartnerToken, Unit
from crm.numbers import number

SCOPES = {
    "leads:read": "读取本伙伴推送的线索",
    "leads:write": "推送线索，修改本伙伴推送且尚待接收的线索（并可读取本伙伴推送的线索）",
    "projects:read": "读取由本伙伴线索形成的项目及其基金匹配，读取基金目录",
    "projects:read_all": "读取全部项目及其基金匹配，读取基金目录",
    "contacts:read": "读取完整的联系人姓名、电话、邮箱（不授权则一律遮蔽）",
}
TOKEN = re.compile(r"gs_([0-9a-f]{8})_[0-9a-f]{64}")
WINDOW = timedelta(minutes=1)
COUNT_CALL = """
UPDATE crm_partnertoken
   SET last_used_at = %(at)s,
       window_calls = CASE WHEN window_at = %(window)s THEN LEAST(window_calls, 2000000000) + 1 ELSE 1 END,
       window_at = %(window)s
 WHERE id = %(id)s
RETURNING window_calls
"""


class TokenInvalid(Refused):
    """The token opens nothing: unknown, expired or revoked."""

    code = "token_invalid"
    status = 401


class WrongNetwork(Refused):
    """The token is good but may not be used from this address."""

    code = "token_network"
    status = 403


class TooManyCalls(Refused):
    """The token's calls of this minute are used up; `wait` says for how many seconds."""

    code = "too_many_calls"
    status = 429

    def __init__(self, wait):
        super().__init__(f"调用过于频繁，请在 {wait} 秒后重试。")
        self.wait = wait


class IssueRefused(Refused):
    """A token cannot be issued as asked; the sentence says why."""

    code = "invalid"


@dataclass(frozen=True)
class Principal:
    """The partner behind a request, in the place of a user: its role decides what it sees and may do.

    Tokens of one name are one partner: `token_ids` are all of them, so that a new token sees what the
    old one sent.
    """

    token_id: int
    token_ids: frozenset
    name: str
    scopes: frozenset
    unit: Unit
    role = roles.PARTNER
    pk = id = None
    is_authenticated = is_active = True
    is_anonymous = is_staff = is_superuser = False

    @property
    def unit_id(self):
        return self.unit.pk

    def __str__(self):
        return self.name

    def get_username(self):
        return f"partner:{self.token_id}"


def issue(name, scopes, *, unit, at, lifetime=None, cidr=""):
    """Make a token and return (row, text). The text is shown once: only its SHA-256 is kept.

    Raises IssueRefused for a name without letters, no or unknown scopes, or a network that is none.
    """
    name, scopes = name.strip(), list(dict.fromkeys(scopes))
    if not name:
        raise IssueRefused("请写明伙伴名称。")
    _check_scopes(scopes)
    prefix = secrets.token_hex(4)
    text = f"gs_{prefix}_{secrets.token_hex(32)}"
    row = PartnerToken.objects.create(
        name=name[:60],
        prefix=prefix,
        digest=_digest(text),
        scopes=scopes,
        cidr=_network(cidr),
        unit=unit,
        created_at=at,
        expires_at=at + lifetime if lifetime else None,
    )
    return row, text


def revoke(name_or_prefix, *, at):
    """End every living token of this name or prefix at once; returns how many."""
    living = PartnerToken.objects.filter(revoked_at=None)
    rows = living.filter(name=name_or_prefix) | living.filter(prefix=name_or_prefix)
    return rows.update(revoked_at=at)


def recognise(text, *, address, at):
    """The token row behind `text` sent from `address`.

    Raises TokenInvalid for what is unknown, expired or revoked, WrongNetwork for a foreign address.
    """
    shape = TOKEN.fullmatch(text)
    digest = _digest(text)
    rows = _candidates(shape[1]) if shape else []
    row = next((row for row in rows if hmac.compare_digest(row.digest, digest)), None)
    if row is None:
        raise TokenInvalid("令牌无效，请检查 Authorization 头。")
    if row.revoked_at:
        raise TokenInvalid("令牌已撤销，请联系区投促局重新签发。", code="token_revoked")
    if row.expires_at and row.expires_at <= at:
        raise TokenInvalid("令牌已过期，请联系区投促局重新签发。", code="token_expired")
    if row.cidr and not _lies_in(address, row.cidr):
        raise WrongNetwork("这个令牌只能在登记的网段内使用。")
    return row


def principal(row):
    """Who a recognised token is."""
    return Principal(row.pk, frozenset(row.family), row.name, frozenset(row.scopes), row.unit)


def count_call(row, *, at):
    """Count one call in the running minute, in one statement that holds under any parallelism.

    Raises TooManyCalls above the limit, and when the counter itself cannot be written: never open.
    """
    window = at.replace(second=0, microsecond=0)
    wait = ceil((window + WINDOW - at).total_seconds())
    try:
        with connection.cursor() as cursor:
            cursor.execute(COUNT_CALL, {"at": at, "window": window, "id": row.pk})
            calls = cursor.fetchone()[0]
    except OperationalError as error:
        raise TooManyCalls(wait) from error
    if calls > number("api_calls_per_minute"):
        raise TooManyCalls(wait)


def forget_answers(at):
    """Drop the remembered answers to idempotent writes that need not be kept; returns how many."""
    return IdempotencyKey.objects.forgettable(at).delete()[0]


def _check_scopes(scopes):
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise IssueRefused(
            f"没有这样的权限范围：{'、'.join(unknown) or '（空）'}。可以用的是：{'、'.join(SCOPES)}。"
        )


def _network(cidr):
    if not cidr:
        return ""
    try:
        return str(ipaddress.ip_network(cidr, strict=False))
    except ValueError as error:
        raise IssueRefused(f"「{cidr}」不是网段，请写成 10.0.0.0/8 这样。") from error


def _candidates(prefix):
    family = PartnerToken.objects.filter(name=OuterRef("name")).values("pk")
    rows = PartnerToken.objects.filter(prefix=prefix).select_related("unit")
    return rows.annotate(family=ArraySubquery(family))


def _lies_in(address, cidr):
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    plain = getattr(found, "ipv4_mapped", None) or found
    return plain in ipaddress.ip_network(cidr)


def _digest(text):
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
