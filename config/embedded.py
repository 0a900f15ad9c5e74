"""The embedded PostgreSQL for development and tests."""

from pathlib import Path


class CannotStart(Exception):
    """The embedded server cannot be had; the message says why and what to do."""


def start(home: Path, *, throw_away: bool = False) -> str:
    raise CannotStart("嵌入式数据库尚未就绪，请先设置 DATABASE_URL。")
