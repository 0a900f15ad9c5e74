"""Make many leads for measuring: `manage.py bulk_demo --leads 100000`."""

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from crm.models import User
from projects.demo import refuse_production
from projects.demo.bulk import make_leads
from projects.demo.people import make_people


class Command(BaseCommand):
    help = "用 COPY 快速写入 N 条线索、N/5 个项目及其历史，用于测速"

    def add_arguments(self, parser):
        parser.add_argument("--leads", type=int, required=True, help="线索条数")

    def handle(self, *, leads, **options):
        refuse_production()
        if leads < 1:
            raise CommandError("--leads 要大于 0。")
        if not User.objects.exists():
            make_people(None)
        for table, count in make_leads(leads, now=timezone.now()).items():
            self.stdout.write(f"{table}：{count:,} 行")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
