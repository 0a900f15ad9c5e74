"""The first account of a new installation: `manage.py create_admin NAME`; others are made in /admin/."""

from getpass import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from crm import audit, roles
from crm.models import User


class Command(BaseCommand):
    help = "建立系统管理员账号（密码从键盘或标准输入读取，不出现在命令行里）"

    def add_arguments(self, parser):
        parser.add_argument("username", help="账号")

    @transaction.atomic
    def handle(self, *, username, **options):
        username = User.normalize_username(username)
        if User.objects.filter(username__iexact=username).exists():
            raise CommandError(f"账号「{username}」已经存在。")
        user = User(username=username, name="系统管理员", role=roles.ADMIN, is_staff=True)
        password = getpass("密码：")
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user.set_password(password)
        user.save()
        audit.record(None, "admin_add", user, detail={"account": username}, at=timezone.now())
        self.stdout.write(f"管理员「{username}」已建立，请登录 /admin/ 建立单位和人员。")
