"""Brings a database up to date before the site starts: migrations, checks, demo data on the first start."""

import io
import json
import os
import sys
import time
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from config import environment

TOO_OLD = (
    "数据库是 2026 年 11 月 27 日以前的程序建的，还差几步更新。"
    "先用那天的程序（提交 fbaa275）启动一次，再启动现在的程序；数据不会丢失"
)
DEMO_ACCOUNTS = ("officer", "officer2", "station", "head", "manager", "leader")
DEMO_ACCOUNTS += ("reviewer", "fund", "auditor", "admin")


def main(accounts_file):
    """Prepare the database and write what the demo accounts are; 1 after saying what failed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
        password = bring_up_to_date()
    except DatabaseError as error:
        return _failed(error, "检查环境变量 DATABASE_URL 指向的数据库是否在运行、账号能否登录、库是否已建立")
    except CommandError as error:
        return _failed(error, "按提示更正后重新运行")
    Path(accounts_file).write_text(json.dumps(_accounts(password)), encoding="utf-8")
    return 0


def bring_up_to_date():
    """Migrate, check, and write the demo into an empty database that is no production one; returns what is
    known of the password of its accounts (`_demo`)."""
    _step("更新数据库结构", migrate)
    call_command("check", databases=["default"], stdout=io.StringIO())
    return _demo()


def migrate():
    """Bring the tables up to date; CommandError with the way to go if the database stopped between the steps
    that were drawn together into one on 27 November 2026."""
    drawn = MigrationLoader(None).replacements.values()
    former = {one for step in drawn for one in step.replaces if one[0] in {"crm", "leads", "projects"}}
    done = former & MigrationRecorder(connection).applied_migrations().keys()
    if done and done != former:
        raise CommandError(TOO_OLD)
    call_command("migrate", interactive=False, verbosity=0)


def _step(title, work, *args, **options):
    started = time.monotonic()
    print(f"· {title} …", flush=True)
    work(*args, **options)
    print(f"  完成（{time.monotonic() - started:.1f} 秒）", flush=True)


def _failed(error, remedy):
    cause = " ".join(str(error).split())
    print(f"✗ 准备数据库失败\n  原因：{cause}\n  办法：{remedy}", file=sys.stderr)
    return 1


def _demo():
    """The password of the demo accounts, None when nobody here knows it; empty when the database holds real
    people or is a production one."""
    people = apps.get_model(settings.AUTH_USER_MODEL).objects
    if settings.PRODUCTION or "demo" not in get_commands():
        return ""
    wished = settings.DEMO_PASSWORD
    if not people.exists():
        password = wished or _kept_password()
        _step("写入演示数据", call_command, "demo", password=password, verbosity=0)
        return password
    if wished:
        _renew(people.filter(username__in=DEMO_ACCOUNTS), wished)
        return wished
    return _password_of(people.filter(username__in=DEMO_ACCOUNTS).first())


def _password_of(person):
    """The kept password if it opens the account of `person`. Another start, or another folder on the same
    database, may have given another one: what does not open an account is not told."""
    password = _kept_password()
    return password if person and person.check_password(password) else None


def _kept_password():
    """Made once: long, and of every kind of character the rules for passwords ask for."""
    return "Gs7-" + environment.kept_secret(settings.DATA_DIR / "demo_password", 12)


def _renew(people, password):
    for user in people:
        if not user.check_password(password):
            user.set_password(password)
            user.save(update_fields=["password"])


def _accounts(password):
    """What the person at the keyboard needs to log in: account, role, name, unit, password if known."""
    if password == "":
        return {}
    people = apps.get_model(settings.AUTH_USER_MODEL).objects.select_related("unit")
    found = {user.username: user for user in people.filter(username__in=DEMO_ACCOUNTS, is_active=True)}
    rows = [
        [name, found[name].get_role_display(), str(found[name]), str(found[name].unit or "")]
        for name in DEMO_ACCOUNTS
        if name in found
    ]
    return {"password": password, "rows": rows} if rows else {}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
