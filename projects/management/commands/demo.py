"""Fill an empty database with the demo: `manage.py demo`. Refuses where real people already work."""

from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from crm.models import FieldChange, User
from crm.workdays import shanghai_day
from projects.demo import refuse_production
from projects.demo.doubts import Doubts
from projects.demo.learning import learn
from projects.demo.people import make_people
from projects.demo.premises import Premises
from projects.demo.referrals import Referrals
from projects.demo.story import Story
from projects.matching import match
from projects.models import Project
from projects.offers import offers
from projects.seeding import load_funds, load_policies

HALF_AN_HOUR = timedelta(minutes=30)


class Command(BaseCommand):
    help = "向空数据库写入演示数据（人员、行程、线索、项目、基金、政策）"

    def add_arguments(self, parser):
        parser.add_argument("--password", required=True, help="演示账号的密码")

    @transaction.atomic
    def handle(self, *, password, **options):
        refuse_production()
        if User.objects.exists():
            raise CommandError("数据库里已有人员，演示数据只写入空数据库。")
        now = timezone.now()
        make_people(password)
        load_funds(at=now)
        load_policies(at=now)
        self._appoint_fund_manager()
        Story(now).tell()
        Referrals(now, User.objects.order_by("pk")).tell()
        Premises(now, User.objects.order_by("pk")).tell()
        Doubts(now, User.objects.order_by("pk")).tell()
        before = now - HALF_AN_HOUR
        among = offers(shanghai_day(before))
        for project in Project.objects.order_by("pk"):
            match(project, at=before, among=among)
        learn(now)
        self._forget_the_writing()

    def _appoint_fund_manager(self):
        manager = User.objects.get(username="fund")
        manager.funds.add(*manager.funds.model.objects.filter(code="qizhen"))

    def _forget_the_writing(self):
        """A year written within seconds is no history of fields; nobody has worked here before."""
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {FieldChange._meta.db_table}")
