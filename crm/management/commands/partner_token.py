"""Issue or revoke a partner's token: `manage.py partner_token NAME --scopes leads:write,projects:read`."""

import re
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from crm import audit, partners
from crm.errors import Refused
from crm.models import PartnerToken, Unit

LIFETIME = re.compile(r"(\d{1,4})d")


class Command(BaseCommand):
    help = "签发伙伴令牌（只显示一次），或用 --revoke 撤销"

    def add_arguments(self, parser):
        parser.add_argument("name", help="伙伴名称；撤销时也可以写令牌前缀")
        parser.add_argument("--scopes", default="", help="权限范围，逗号分隔：" + ",".join(partners.SCOPES))
        parser.add_argument("--expires", default="", help="有效期，例如 90d；不写则不过期")
        parser.add_argument("--cidr", default="", help="只允许从这个网段使用，例如 10.0.0.0/8")
        parser.add_argument("--unit", default="", help="推送的线索归哪个单位（代码）；不写则归区投促局")
        parser.add_argument("--revoke", action="store_true", help="撤销这个伙伴（或前缀）的全部令牌")

    def handle(self, *args, **options):
        try:
            with transaction.atomic():
                self._revoke(options["name"]) if options["revoke"] else self._issue(options)
        except Refused as refusal:
            raise CommandError(refusal.detail) from refusal

    def _revoke(self, name):
        now = timezone.now()
        count = partners.revoke(name, at=now)
        if not count:
            raise CommandError(f"没有叫「{name}」的有效令牌。")
        audit.record(None, "token_revoked", detail={"partner": name, "count": count}, at=now)
        self.stdout.write(f"已撤销 {count} 个令牌，立即生效。")

    def _issue(self, options):
        now, name = timezone.now(), options["name"].strip()
        siblings = PartnerToken.objects.filter(name=name, revoked_at=None).count()
        row, text = partners.issue(
            name,
            [scope.strip() for scope in options["scopes"].split(",") if scope.strip()],
            unit=_unit(options["unit"]),
            at=now,
            lifetime=_lifetime(options["expires"]),
            cidr=options["cidr"],
        )
        audit.record(None, "token_issued", row, detail={"partner": name, "scopes": row.scopes}, at=now)
        if siblings:
            self.stderr.write(f"「{name}」已有 {siblings} 个有效令牌，新令牌与它们视为同一伙伴。")
        self.stderr.write(
            f"伙伴「{row.name}」，归口{row.unit}，权限 {','.join(row.scopes)}。令牌只显示这一次："
        )
        self.stdout.write(text)


def _lifetime(text):
    if not text:
        return None
    found = LIFETIME.fullmatch(text)
    if not found or not int(found[1]):
        raise CommandError(f"「{text}」不是有效期，请写成 90d（天数）。")
    return timedelta(days=int(found[1]))


def _unit(code):
    if not code:
        found = Unit.objects.filter(kind=Unit.Kind.BUREAU, is_active=True).first()
        if found is None:
            raise CommandError("还没有区投促局这个单位，请用 --unit 写明归口单位的代码。")
        return found
    found = Unit.objects.filter(code=code, is_active=True).first()
    if found is None:
        known = "、".join(Unit.objects.filter(is_active=True).values_list("code", flat=True))
        raise CommandError(f"没有代码为「{code}」的单位。可以用的是：{known or '（还没有单位）'}。")
    return found
