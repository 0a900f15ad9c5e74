"""Invented people, firms and histories that look like 拱墅: for a first look, never for production."""

from django.conf import settings
from django.core.management.base import CommandError


def refuse_production():
    """Invented people with passwords everybody knows, and invented records among real ones: CommandError."""
    if settings.PRODUCTION:
        raise CommandError("生产环境不写入演示数据：演示账号和编造的记录只用于试用（MODE=local）。")
