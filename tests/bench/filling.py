"""Fills an empty database for the bench: `python -m tests.bench.filling 100000` with DATABASE_URL set."""

import sys

import django
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

django.setup()

from projects.demo.bulk import make_leads  # noqa: E402 (models need a set-up Django)
from projects.demo.people import make_people  # noqa: E402
from projects.seeding import load_funds  # noqa: E402


def fill(size, at):
    """Structure, people, funds, `size` leads with everything behind them, and the planner's statistics."""
    call_command("migrate", verbosity=0)
    make_people(None)
    load_funds(at=at)
    make_leads(size, now=at)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    fill(int(sys.argv[1]), timezone.now())
